"""``python -m tui CAPTURE``: the screen on one capture, live while it is being written."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cookietrace.cookies import PROFILES
from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.formats import open_capture
from cookietrace.lesson.focus import Focus
from tui.app.app import CookietraceApp
from tui.app.options import Options
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH


def options(arguments: Sequence[str] | None = None) -> Options:
    """Return what a command line asks for; exits with 2 where it makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m tui", description=__doc__)
    parser.add_argument("capture", type=Path, metavar="CAPTURE")
    parser.add_argument("--reports-fd", type=int, metavar="N", help="JSON lines from the proxy")
    parser.add_argument("--commands-fd", type=int, metavar="M", help="JSON lines to the proxy")
    parser.add_argument("--focus-host", metavar="HOST")
    parser.add_argument("--focus-path", metavar="PATH", help="/x exactly, or /x/* for all below")
    parser.add_argument("--focus-cookie", metavar="NAME", action="append", default=[])
    parser.add_argument(
        "--focus-opens",
        action="store_true",
        help="show everything once a request comes that is out of focus",
    )
    parser.add_argument(
        "--browser-profile", default="auto", choices=["auto", *sorted(PROFILES)], metavar="PROFILE"
    )
    parser.add_argument(
        "--lenient", action="store_true", help="pass over what cannot be read, and show the rest"
    )
    parser.add_argument(
        "--hints-file",
        type=Path,
        metavar="FILE",
        help="show hints for newcomers until FILE is there; hiding them creates it",
    )
    given = parser.parse_args(arguments)
    return Options(
        capture=given.capture,
        focus=Focus(
            host=given.focus_host, path=given.focus_path, cookies=tuple(given.focus_cookie)
        ),
        focus_opens=given.focus_opens,
        browser_profile=given.browser_profile,
        reports_fd=given.reports_fd,
        commands_fd=given.commands_fd,
        lenient=given.lenient,
        hints_file=given.hints_file,
    )


def check_terminal() -> None:
    """Raise ``LaunchError`` where the terminal is too small to begin in.

    One that becomes too small later is told so on the screen, and nothing is lost.
    """
    try:
        width, height = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except OSError:
        return
    if 0 < width < MIN_WIDTH or 0 < height < MIN_HEIGHT:
        raise LaunchError(
            f"this terminal has {width}×{height} cells and the screen needs "
            f"{MIN_WIDTH}×{MIN_HEIGHT}: make it larger and start again"
        )


def _search_for_garbage_seldom() -> None:
    """Keep the search for garbage from holding up a key, or a row that has come.

    What the libraries brought stays for good. The screen draws with thousands of
    objects a second that go by themselves: with the usual thresholds the whole
    memory was searched every second, for up to a tenth of it.
    """
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the screen until it is left; return the exit status."""
    given = options(arguments)
    lost: list[str] = []
    try:
        check_terminal()
        store = open_capture(given.capture, lenient=given.lenient, lost=lost.append)
    except CookietraceError as error:
        sys.stderr.write(f"cookietrace: {error}\n")
        return error.exit_status
    if os.isatty(1) and not os.isatty(2):
        os.dup2(1, 2)  # Textual draws on stderr; a log that it leads to is no terminal
    app = CookietraceApp(store, given, lost)
    _search_for_garbage_seldom()
    try:
        app.run()
    finally:
        store.close()
        for line in lost:
            sys.stderr.write(f"cookietrace: {line}\n")
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
