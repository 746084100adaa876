"""The options that demo, watch and proxy share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.errors import LaunchError
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
BLOCK_FLAG = "--block-third-party-cookies"

_OPTIONS = (
    click.option(
        LISTEN_FLAG,
        metavar="HOST:PORT",
        help=f"Where the proxy listens [default: {DEFAULT_LISTEN}, or the next free port].",
    ),
    click.option(
        REVERSE_FLAG,
        metavar="HOST:PORT",
        help="Where your app is reachable through the proxy, with no proxy set in the browser "
        f"[default: {DEFAULT_REVERSE_LISTEN}, or the next free port].",
    ),
    click.option(
        "--capture",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Record into this file [default: a new one in your data folder].",
    ),
    click.option(
        "--browser",
        type=click.Choice([*kinds(), NO_BROWSER]),
        help="Open this browser with a new profile that uses the proxy, also for localhost "
        "[default: none].",
    ),
    click.option(
        BLOCK_FLAG,
        is_flag=True,
        help="Let that browser block third-party cookies, to see what your site does then.",
    ),
    click.option(
        "--only",
        metavar="HOST",
        multiple=True,
        help="Record only this host and its subdomains (can be repeated).",
    ),
    click.option(
        "--ignore",
        metavar="HOST",
        multiple=True,
        help="Pass this host (a bank, for example) through without decrypting or recording it "
        "(can be repeated).",
    ),
    click.option(
        "--upstream",
        metavar="PROXY",
        help="Forward all traffic to this proxy, for example http://proxy.example:3128.",
    ),
    click.option(
        "--confdir",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="Folder of the proxy's CA [default: mitmproxy's, ~/.mitmproxy].",
    ),
    click.option("--no-bodies", is_flag=True, help="Do not record request and response bodies."),
)


def recording_options(command: Command) -> Command:
    """Add the shared options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def requested(
    options: Mapping[str, Any], *, target: str | None = None, demo: bool = False
) -> RecordingOptions:
    """Return what the user asked for with the shared options.

    Raises ``LaunchError`` for options that need another one.
    """
    browser = None if options["browser"] == NO_BROWSER else options["browser"]
    blocks = options["block_third_party_cookies"]
    if blocks and browser is None:
        raise LaunchError(f"{BLOCK_FLAG} is for a browser that cookietrace opens: add --browser")
    return RecordingOptions(
        listen=options["listen"],
        reverse_listen=options["reverse_listen"],
        target=target,
        capture=options["capture"],
        browser=browser,
        block_third_party_cookies=blocks,
        only=options["only"],
        ignore=options["ignore"],
        upstream=options["upstream"],
        confdir=options["confdir"],
        bodies=not options["no_bodies"],
        demo=demo,
    )
