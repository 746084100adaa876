"""The options that demo, watch and proxy share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.errors import LaunchError
from cookietrace.settings import NO_BROWSER, Settings
from cookietrace.supervision.browsers import kinds
from cookietrace.supervision.recording import (
    DEFAULT_LISTEN,
    DEFAULT_REVERSE_LISTEN,
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
)

Command = TypeVar("Command", bound=Callable[..., Any])
BLOCK_FLAG = "--block-third-party-cookies"

_LISTEN = click.option(
    LISTEN_FLAG,
    metavar="HOST:PORT",
    help=f"Where the proxy listens [default: {DEFAULT_LISTEN}, or the next free port].",
)
_REVERSE = click.option(
    REVERSE_FLAG,
    metavar="HOST:PORT",
    help="Where your app is reachable through the proxy, with no proxy set in the browser "
    f"[default: {DEFAULT_REVERSE_LISTEN}, or the next free port].",
)
_BROWSER = click.option(
    "--browser",
    type=click.Choice([*kinds(), NO_BROWSER]),
    help="Open this browser with a new profile that uses the proxy, also for localhost "
    "[default: none].",
)
_ONLY = click.option(
    "--only",
    metavar="HOST",
    multiple=True,
    help="Record only this host and its subdomains (can be repeated).",
)
_IGNORE = click.option(
    "--ignore",
    metavar="HOST",
    multiple=True,
    help="Pass this host (a bank, for example) through without decrypting or recording it "
    "(can be repeated).",
)

_OPTIONS = (
    _LISTEN,
    _REVERSE,
    click.option(
        "--capture",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Record into this file [default: a new one in your data folder].",
    ),
    _BROWSER,
    click.option(
        BLOCK_FLAG,
        is_flag=True,
        help="Let that browser block third-party cookies, to see what your site does then.",
    ),
    _ONLY,
    _IGNORE,
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


def setting_options(command: Command) -> Command:
    """Add those of the shared options that can also be a setting."""
    for option in (_IGNORE, _ONLY, _BROWSER, _REVERSE, _LISTEN):
        command = option(command)
    return command


def requested(
    options: Mapping[str, Any],
    settings: Settings,
    *,
    target: str | None = None,
    demo: bool = False,
) -> RecordingOptions:
    """Return what the user asked for with the shared options, and otherwise in the settings.

    The hosts of the settings do not apply to the demo, which has its own, nor does their reverse
    listener without an app to reach. Raises ``LaunchError`` for options that need another one.
    """
    browser = options["browser"] or settings.browser
    browser = None if browser == NO_BROWSER else browser
    reverse = settings.reverse_listen if demo or target is not None else None
    only, ignore = ((), ()) if demo else (settings.only, settings.ignore)
    blocks = options["block_third_party_cookies"]
    if blocks and browser is None:
        raise LaunchError(f"{BLOCK_FLAG} is for a browser that cookietrace opens: add --browser")
    return RecordingOptions(
        listen=options["listen"] or settings.listen,
        reverse_listen=options["reverse_listen"] or reverse,
        target=target,
        capture=options["capture"],
        browser=browser,
        block_third_party_cookies=blocks,
        only=options["only"] or only,
        ignore=options["ignore"] or ignore,
        upstream=options["upstream"],
        confdir=options["confdir"],
        bodies=not options["no_bodies"],
        demo=demo,
    )
