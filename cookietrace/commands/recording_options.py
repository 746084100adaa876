"""The options that demo, watch and proxy share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.addresses import Address, parse_address, parse_host
from cookietrace.commands.publishing_options import (
    chosen_publishing,
    destination,
    publishing_options,
)
from cookietrace.cutting.amounts import AGE_EXPECTED, SIZE_EXPECTED, age_of, size_of
from cookietrace.cutting.limits import Limits
from cookietrace.edits import HandEdit
from cookietrace.errors import LaunchError
from cookietrace.jar_files import read_jar
from cookietrace.protocol import UPSTREAM_VARIABLE
from cookietrace.safe_text import safe
from cookietrace.settings import NO_BROWSER, Settings
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.supervision.browsers import kinds
from cookietrace.supervision.devtools_address import ATTACH_FLAG
from cookietrace.supervision.publishing import Destination
from cookietrace.supervision.recording import (
    DEFAULT_LISTEN,
    DEFAULT_REVERSE_LISTEN,
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
)
from cookietrace.whole_file import read_whole

Command = TypeVar("Command", bound=Callable[..., Any])
_LONGEST_URL = 4096
BLOCK_FLAG = "--block-third-party-cookies"
WATCH_FLAG = "--watch-scripts"
LISTEN_BROWSER_FLAG = "--listen-browser"
SIZE_FLAG, AGE_FLAG = "--max-size", "--max-age"
PUBLISH_FLAG = "--publish"

_LISTEN = click.option(
    LISTEN_FLAG,
    metavar="HOST:PORT",
    help=f"Where the proxy listens [default: {DEFAULT_LISTEN}, or the next free port].",
)
_REVERSE = click.option(
    REVERSE_FLAG,
    metavar="HOST:PORT",
    help="Where to open your app through the proxy, in a browser without any settings "
    f"[default: {DEFAULT_REVERSE_LISTEN}, or the next free port].",
)
_BROWSER = click.option(
    "--browser",
    type=click.Choice([*kinds(), NO_BROWSER]),
    help="Open this browser with a new profile that uses the proxy, also for localhost "
    "[default: none].",
)
_ATTACH = click.option(
    ATTACH_FLAG,
    metavar="HOST:PORT",
    help="Listen to your own Chrome, at its --remote-debugging-port. It needs a --user-data-dir of "
    "its own, and this proxy: --proxy-server=http://127.0.0.1:8080.",
)
HEADLESS_FLAG = "--headless"
_HEADLESS = click.option(
    HEADLESS_FLAG,
    is_flag=True,
    help="With --browser: open it without a window, on the URL if you give one: for CI, a "
    "container or a machine without a display.",
)
EDIT_FLAG = "--edit"

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
_MAX_SIZE = click.option(
    SIZE_FLAG,
    metavar="SIZE",
    help="Keep the capture to this size, such as 500MB: the oldest exchanges are removed "
    "[default: no limit].",
)
_MAX_AGE = click.option(
    AGE_FLAG,
    metavar="AGE",
    help="Remove exchanges that are older than this, such as 7d or 12h [default: none].",
)

_OPTIONS = (
    _LISTEN,
    _REVERSE,
    click.option(
        "--capture",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Record into this file; if it is a capture, add to it "
        "[default: a new file in your data folder].",
    ),
    _BROWSER,
    click.option(
        BLOCK_FLAG,
        is_flag=True,
        help="Block third-party cookies in that browser, to see how your site copes.",
    ),
    click.option(
        WATCH_FLAG,
        is_flag=True,
        help="Show which script writes a cookie, and on which line. It puts a small script into "
        "every page of that browser, which a page can notice (Chromium).",
    ),
    click.option(
        LISTEN_BROWSER_FLAG,
        is_flag=True,
        help="Listen to a Firefox over a port on loopback in place of its log: it then names more "
        "reasons, but pages can tell (navigator.webdriver).",
    ),
    _ATTACH,
    _ONLY,
    _IGNORE,
    click.option(
        "--upstream",
        metavar="PROXY",
        help="Forward all traffic to this proxy, for example http://proxy.example:3128. If it "
        f"needs a login, set {UPSTREAM_VARIABLE} to its URL, or use @FILE: a file with the URL.",
    ),
    click.option(
        "--confdir",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="Folder of the proxy's CA [default: mitmproxy's, ~/.mitmproxy].",
    ),
    click.option(
        "--start-from",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Cookies that your browser holds already: cookies.txt, Playwright's storage state, "
        "DevTools' JSON, or a curl command. They are the first client's.",
    ),
    click.option(
        EDIT_FLAG,
        metavar="HOST",
        multiple=True,
        help="Allow changes of cookies on the wire, by hand, to and from this host (and port): E "
        "on the screen, or the options below. Each change is recorded (can be repeated).",
    ),
    click.option(
        "--edit-set",
        metavar="CHANGE",
        multiple=True,
        help="Change a cookie that the host sets: 'NAME: Attribute=Value; Attribute; -Attribute', "
        "or -NAME to leave it out.",
    ),
    click.option(
        "--edit-send",
        metavar="COOKIE",
        multiple=True,
        help="Change a cookie that is sent to the host: NAME=VALUE, or -NAME to leave it out.",
    ),
    click.option("--no-bodies", is_flag=True, help="Do not record request and response bodies."),
)


def _known_before(file: Path | None) -> Path | None:
    """Return the file of cookies; its unreadable parts are said. Raises ``FormatError``."""
    if file is not None:
        read_jar(file, time.time(), lambda line: click.echo(f"cookietrace: {line}", err=True))
        return file.absolute()
    return None


def _upstream(given: str | None) -> str | None:
    """Return the URL of the proxy behind ours: as given, in the file given, or in the environment.

    Every user of a machine can read the arguments of its processes, so they must not hold a
    login. Raises ``LaunchError`` if they do, or if the file cannot be read.
    """
    if given is None:
        return os.environ.get(UPSTREAM_VARIABLE) or None
    if given.startswith("@"):
        return _first_line(Path(given[1:]))
    if "@" in given.partition("://")[2].partition("/")[0] or "@" in given.partition("/")[0]:
        raise LaunchError(
            "--upstream: every user of this machine could read the login there: set "
            f"{UPSTREAM_VARIABLE} to the URL, or write it into a file and give --upstream @FILE"
        )
    return given


def _first_line(path: Path) -> str:
    """Return the first line of a file. Raises ``LaunchError`` if there is none."""
    try:
        text = read_whole(path, _LONGEST_URL).decode()
    except FileNotFoundError as error:
        raise LaunchError(f"--upstream: there is no file {safe(str(path))}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise LaunchError(f"--upstream: cannot read {safe(str(path))}: {why}") from error
    line = text.partition("\n")[0].strip()
    if not line:
        raise LaunchError(f"--upstream: write the proxy's URL into {safe(str(path))}")
    return line


def chosen_limits(size: str | None, age: str | None) -> Limits:
    """Return the limits that a size and an age mean. Raises ``LaunchError`` if one is not valid."""
    try:
        most_bytes = None if size is None else size_of(size)
    except ValueError:
        raise _not_valid(SIZE_FLAG, SIZE_EXPECTED, size) from None
    try:
        return Limits(most_bytes, None if age is None else age_of(age))
    except ValueError:
        raise _not_valid(AGE_FLAG, AGE_EXPECTED, age) from None


def _not_valid(flag: str, expected: str, text: str | None) -> LaunchError:
    return LaunchError(f"{flag} must be {expected}, not {safe(text or '')!r}")


def recording_options(command: Command) -> Command:
    """Add the shared options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_PUBLISH = click.option(
    PUBLISH_FLAG,
    metavar="URL",
    help="Publish the capture to this Redis server while it is recorded, for viewers elsewhere: "
    "redis://HOST:6379/0?capture=NAME.",
)


def publish_options(command: Command) -> Command:
    """Add the options that publish a recording."""
    return _PUBLISH(publishing_options(command))


def chosen_destination(options: Mapping[str, Any], settings: Settings) -> Destination | None:
    """Return where the user wants a recording to be published; None if nowhere.

    Raises ``LaunchError`` and ``CaptureError``.
    """
    url = options.get("publish")
    if url is None:
        return None
    chosen = chosen_publishing(options, settings.names)
    capture = options["capture"]
    if parse_redis_url(url).capture is None and capture is None:
        raise LaunchError(f"{PUBLISH_FLAG}: add ?capture=NAME to the URL, or give --capture FILE")
    return Destination(destination(url, capture)[1], chosen)


def limit_options(command: Command) -> Command:
    """Add the limits of a capture to a command that records for a long time."""
    for option in (_MAX_AGE, _MAX_SIZE):
        command = option(command)
    return command


def headless_option(command: Command) -> Command:
    """Add the option for a browser without a window to a command that opens one for the user."""
    return _HEADLESS(command)


def setting_options(command: Command) -> Command:
    """Add those of the shared options that can also be a setting."""
    for option in (_MAX_AGE, _MAX_SIZE, _IGNORE, _ONLY, _ATTACH, _BROWSER, _REVERSE, _LISTEN):
        command = option(command)
    return command


def _chosen_browser(
    options: Mapping[str, Any], settings: Settings, *, demo: bool
) -> tuple[str | None, Address | None]:
    """Return the browser to open, or where the DevTools of the one to attach to are.

    Any browser of the command line, also none, takes the place of those in the settings. Raises
    ``LaunchError`` if there are two.
    """
    opened, own = options["browser"], options["attach"]
    if own is not None and opened not in (None, NO_BROWSER):
        raise LaunchError(f"{ATTACH_FLAG} and --browser name two browsers: give only one of them")
    if own is None and opened is None:
        opened, own = settings.browser, None if demo else settings.attach
        if own is not None and opened is not None:
            raise LaunchError(
                "attach and browser in your settings name two browsers: remove one of them, or "
                f"give --browser or {ATTACH_FLAG}"
            )
    if own is not None:
        return None, parse_address(own, ATTACH_FLAG)
    return None if opened == NO_BROWSER else opened, None


def requested(
    options: Mapping[str, Any],
    settings: Settings,
    *,
    target: str | None = None,
    demo: bool = False,
) -> RecordingOptions:
    """Return what the user asked for with the shared options, and otherwise in the settings.

    The hosts of the settings do not apply to the demo, which has its own, and neither does their
    ``attach``; nor does their reverse listener without an app to reach. Raises ``LaunchError`` for
    options that need another one.
    """
    browser, attach = _chosen_browser(options, settings, demo=demo)
    reverse = settings.reverse_listen if demo or target is not None else None
    only, ignore = ((), ()) if demo else (settings.only, settings.ignore)
    headless = bool(options.get("headless"))
    if headless and browser is None:
        raise LaunchError(f"{HEADLESS_FLAG} is for a browser that cookietrace opens: add --browser")
    blocks = options["block_third_party_cookies"]
    if blocks and browser is None:
        raise LaunchError(f"{BLOCK_FLAG} is for a browser that cookietrace opens: add --browser")
    watches = options["watch_scripts"]
    if watches and attach is not None:
        raise LaunchError(
            f"{WATCH_FLAG} would change the pages of your own browser, and its DevTools do not say "
            "what a script stored: open one with --browser chromium instead of attaching"
        )
    if watches and browser != "chromium":
        raise LaunchError(
            f"{WATCH_FLAG} is for a Chromium that cookietrace opens: add --browser chromium"
        )
    if options["listen_browser"] and browser is None:
        raise LaunchError(
            f"{LISTEN_BROWSER_FLAG} is for a browser that cookietrace opens: add --browser"
        )
    if any(host.strip().startswith(("*", ".")) for host in options["edit"]):
        raise LaunchError(f"{EDIT_FLAG}: name each host in full, without *")
    edit = tuple([parse_host(host, EDIT_FLAG) for host in options["edit"]])
    edit_responses, edit_requests = tuple(options["edit_set"]), tuple(options["edit_send"])
    if (edit_responses or edit_requests) and not edit:
        raise LaunchError(
            f"--edit-set and --edit-send need {EDIT_FLAG} HOST: the host whose cookies to change"
        )
    for text in edit_responses:
        HandEdit.parse(text, "response")
    for text in edit_requests:
        HandEdit.parse(text, "request")
    return RecordingOptions(
        listen=options["listen"] or settings.listen,
        reverse_listen=options["reverse_listen"] or reverse,
        target=target,
        capture=options["capture"],
        browser=browser,
        headless=headless,
        attach=attach,
        block_third_party_cookies=blocks,
        watch_scripts=watches,
        listen_browser=options["listen_browser"],
        only=tuple([parse_host(host, "--only") for host in options["only"]]) or only,
        ignore=tuple([parse_host(host, "--ignore") for host in options["ignore"]]) or ignore,
        upstream=_upstream(options["upstream"]),
        confdir=options["confdir"],
        edit=edit,
        edit_responses=edit_responses,
        edit_requests=edit_requests,
        start_from=_known_before(options["start_from"]),
        bodies=not options["no_bodies"],
        publish=chosen_destination(options, settings),
        limits=Limits()
        if demo
        else chosen_limits(
            options.get("max_size") or settings.max_size,
            options.get("max_age") or settings.max_age,
        ),
        demo=demo,
    )
