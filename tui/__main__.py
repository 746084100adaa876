"""``python -m tui CAPTURE``: show a capture, live while it is being recorded."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from cookietrace.cookies import PROFILES
from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.new_sessions import first_requests
from cookietrace.lesson.numbered_client import numbered_client
from cookietrace.recorders import open_place, place_of
from cookietrace.settings import THEMES, read_settings
from cookietrace.stores import events_of, is_redis_url
from tui.app.app import CookietraceApp, Options
from tui.app.themes import theme_name
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH

_SWITCH_SECONDS = 0.001
"""For how long the threads that read keys and write to the terminal may have to wait.

They have next to nothing to do, so the app loses no time by letting them go first.
"""

YOUNG_OBJECTS = 20_000
"""How many more objects there must be before the garbage collector looks at the new ones."""

_EVERYTHING = 2
"""The oldest generation of the garbage collector, whose collection looks at all memory."""


def _capture(text: str) -> Path | str:
    """Return the path of a capture; a URL stays as it is."""
    return text if is_redis_url(text) else Path(text)


def options(arguments: Sequence[str] | None = None) -> Options:
    """Parse the command line; exits with status 2 if it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tui", description=__doc__)
    parser.add_argument("captures", type=_capture, nargs="+", metavar="CAPTURE")
    parser.add_argument("--reports-fd", type=int, metavar="N", help="JSON lines from the proxy")
    parser.add_argument("--commands-fd", type=int, metavar="M", help="JSON lines to the proxy")
    parser.add_argument(
        "--edit", metavar="HOST", action="append", default=[], help="whose cookies may be changed"
    )
    parser.add_argument("--focus-host", metavar="HOST")
    parser.add_argument(
        "--focus-path", metavar="PATH", help="/x exactly, or /x/* for everything below it"
    )
    parser.add_argument("--focus-cookie", metavar="NAME", action="append", default=[])
    parser.add_argument("--focus-client", type=int, metavar="N")
    parser.add_argument("--focus-recorder", metavar="NAME")
    parser.add_argument(
        "--focus-opens",
        action="store_true",
        help="show everything as soon as a request is out of focus",
    )
    parser.add_argument(
        "--browser-profile", default="auto", choices=["auto", *sorted(PROFILES)], metavar="PROFILE"
    )
    parser.add_argument(
        "--new-session",
        type=int,
        metavar="STEP",
        action="append",
        default=[],
        help="a fresh browser begins with this step's request (can be repeated)",
    )
    parser.add_argument("--lenient", action="store_true", help="skip unreadable parts")
    parser.add_argument(
        "--hints-file",
        type=Path,
        metavar="FILE",
        help="show hints for newcomers unless FILE exists; hiding the hints creates it",
    )
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0], metavar="THEME")
    parser.add_argument("--hide-values", action="store_true", help="start with values hidden")
    parser.add_argument(
        "--values-stay-hidden", action="store_true", help="hide values, and show none by any key"
    )
    parser.add_argument(
        "--in-tab",
        action="store_true",
        help="in a browser tab: no key writes a file or opens a browser",
    )
    parser.add_argument(
        "--settings-file", type=Path, metavar="FILE", help="remember the theme in FILE"
    )
    given = parser.parse_args(arguments)
    return Options(
        capture=place_of(given.captures),
        focus=Focus(
            host=given.focus_host,
            path=given.focus_path,
            cookies=tuple(given.focus_cookie),
            recorder=given.focus_recorder,
        ),
        focus_client=given.focus_client,
        focus_opens=given.focus_opens,
        browser_profile=given.browser_profile,
        reports_fd=given.reports_fd,
        commands_fd=given.commands_fd,
        lenient=given.lenient,
        new_sessions=tuple(given.new_session),
        hints_file=given.hints_file,
        theme=theme_name(given.theme),
        hide_values=given.hide_values,
        values_stay_hidden=given.values_stay_hidden,
        edit=tuple(given.edit),
        in_tab=given.in_tab,
        settings_file=given.settings_file,
    )


def with_names(given: Options) -> Options:
    """Return the options with the names of secrets in the settings file; raises ``FormatError``."""
    if given.settings_file is None:
        return given
    return msgspec.structs.replace(given, names=read_settings(given.settings_file).names)


def check_terminal() -> None:
    """Raise ``LaunchError`` if the terminal is too small.

    If it becomes too small later, the screen says so instead, and nothing is lost.
    """
    try:
        width, height = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except OSError:
        return
    if 0 < width < MIN_WIDTH or 0 < height < MIN_HEIGHT:
        raise LaunchError(
            f"this terminal has {width}×{height} cells and cookietrace needs "
            f"{MIN_WIDTH}×{MIN_HEIGHT}: make it larger and start again"
        )


def check_keys() -> None:
    """Raise ``LaunchError`` if no key can be read: what is on stdin is no terminal."""
    if sys.__stdin__ is None or not sys.__stdin__.isatty():
        raise LaunchError("the screen reads keys from stdin, which is not a terminal")


def _collect_garbage_rarely() -> None:
    """Keep the garbage collector from delaying a key press or a new row.

    Objects of the imported libraries live until the end, so they are frozen. Drawing
    creates thousands of objects per second that need no collector; with the default
    thresholds the collector still scanned all memory every second, for up to 0.1 s. A batch
    of events is thousands of objects, too, which live until they are folded: looking at them
    again and again took a fifteenth of the time of loading (``benchmarks.bench_loading``). What
    survives a collection of all memory is frozen as well, so that the next one takes no
    longer although a capture may have grown.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    gc.callbacks.append(_freeze_survivors)


def _freeze_survivors(phase: str, info: Mapping[str, int]) -> None:
    if phase == "stop" and info["generation"] == _EVERYTHING:
        gc.freeze()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until the user quits; return the exit status."""
    given = options(arguments)
    lost: list[str] = []
    begun: frozenset[str] = frozenset()
    try:
        given = with_names(given)
        check_terminal()
        store = open_place(given.capture, lenient=given.lenient, lost=lost.append)
        try:
            if given.focus_client is not None:
                client_id = numbered_client(events_of(store), given.focus_client)
                focus = msgspec.structs.replace(given.focus, client_id=client_id)
                given = msgspec.structs.replace(given, focus=focus)
            if given.new_sessions:
                events = events_of(store)
                begun = first_requests(events, given.new_sessions, given.browser_profile)
            if not given.in_tab:
                check_keys()
        except BaseException:
            store.close()
            raise
    except CookietraceError as error:
        sys.stderr.write(f"cookietrace: {error}\n")
        return error.exit_status
    if os.isatty(1) and not os.isatty(2):
        os.dup2(1, 2)  # Textual draws on stderr, which may be redirected to a log
    app = CookietraceApp(store, given, lost, begun)
    _collect_garbage_rarely()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        app.run()
    finally:
        store.close()
        for line in lost:
            sys.stderr.write(f"cookietrace: {line}\n")
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
