"""The options that demo, watch and proxy share, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.supervision.browsers import kinds
from cookietrace.supervision.recording import (
    DEFAULT_LISTEN,
    DEFAULT_REVERSE_LISTEN,
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
)

Command = TypeVar("Command", bound=Callable[..., Any])
NO_BROWSER = "none"

_OPTIONS = (
    click.option(
        LISTEN_FLAG,
        metavar="HOST:PORT",
        help=f"Where the proxy listens [default: {DEFAULT_LISTEN}, or the next free port].",
    ),
    click.option(
        REVERSE_FLAG,
        metavar="HOST:PORT",
        help="Where the app can be reached through the proxy without any proxy setting "
        f"[default: {DEFAULT_REVERSE_LISTEN}, or the next free port].",
    ),
    click.option(
        "--capture",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The file to record into [default: a new one in your data folder].",
    ),
    click.option(
        "--browser",
        type=click.Choice([*kinds(), NO_BROWSER]),
        help="Open this browser with a fresh profile that goes through the proxy, "
        "loopback included [default: none].",
    ),
    click.option(
        "--only",
        metavar="HOST",
        multiple=True,
        help="Record this host and its subdomains only (may be repeated).",
    ),
    click.option(
        "--ignore",
        metavar="HOST",
        multiple=True,
        help="Tunnel this host untouched and unrecorded: banks, pinned apps (may be repeated).",
    ),
    click.option(
        "--upstream",
        metavar="PROXY",
        help="Send everything on through this proxy, as in http://proxy.example:3128.",
    ),
    click.option(
        "--confdir",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="Where the proxy's CA is [default: mitmproxy's own, ~/.mitmproxy].",
    ),
    click.option("--no-bodies", is_flag=True, help="Do not record bodies."),
)


def recording_options(command: Command) -> Command:
    """Give a command all of the shared options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wishes(
    options: Mapping[str, Any], *, target: str | None = None, demo: bool = False
) -> RecordingOptions:
    """Return what the shared options ask for."""
    browser = options["browser"]
    return RecordingOptions(
        listen=options["listen"],
        reverse_listen=options["reverse_listen"],
        target=target,
        capture=options["capture"],
        browser=None if browser == NO_BROWSER else browser,
        only=options["only"],
        ignore=options["ignore"],
        upstream=options["upstream"],
        confdir=options["confdir"],
        bodies=not options["no_bodies"],
        demo=demo,
    )
