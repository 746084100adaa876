"""``python -m tui.changes A B``: two captures side by side."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cookietrace.cookies import PROFILES
from cookietrace.errors import CookietraceError
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.follow import judged
from cookietrace.lesson.changes import TraceJourney, compare_journeys
from cookietrace.recorders import place_events
from cookietrace.settings import THEMES
from cookietrace.stores import is_redis_url
from cookietrace.trace import Trace
from tui.__main__ import check_keys, check_terminal
from tui.app.themes import theme_name
from tui.changes.app import ChangesApp, Compared

_WHOLE: Final = 50_000
"""How many exchanges stay in memory: to pack and unpack them takes as long as the fold."""


def _place(text: str) -> Path | str:
    return text if is_redis_url(text) else Path(text)


def _host_pair(text: str) -> tuple[str, str]:
    mine, _, theirs = text.partition("=")
    return mine, theirs


def read(
    places: Sequence[Path | str],
    browser: str,
    hosts: Mapping[str, str],
    *,
    lenient: bool,
    opened: ExitStack,
) -> Compared:
    """Read two captures, which stay ``opened``, and compare them. Raises as reading them does."""
    journeys = []
    for place in places:
        events = opened.enter_context(place_events(place, lenient=lenient, lost=lambda _: None))
        journeys.append(TraceJourney(judged(events, _nothing, browser, whole=_WHOLE)))
    before, after = journeys
    return Compared(before, after, compare_journeys(before, after, hosts))


def _nothing(trace: Trace, update: TraceUpdate) -> None:
    del trace, update


def main(arguments: Sequence[str] | None = None) -> int:
    """Show two captures until the user quits; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tui.changes", description=__doc__)
    parser.add_argument("captures", type=_place, nargs=2, metavar="CAPTURE")
    parser.add_argument("--map", dest="hosts", type=_host_pair, action="append", default=[])
    parser.add_argument("--browser-profile", default="auto", choices=["auto", *sorted(PROFILES)])
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0])
    given = parser.parse_args(arguments)
    try:
        check_terminal()
        check_keys()
    except CookietraceError as error:
        sys.stderr.write(f"cookietrace: {error}\n")
        return error.exit_status
    if os.isatty(1) and not os.isatty(2):
        os.dup2(1, 2)  # Textual draws on stderr, which may be redirected to a log
    hosts = dict(given.hosts)
    one, other = map(str, given.captures)
    with ExitStack() as opened:
        app = ChangesApp(
            (one, other),
            lambda: read(
                given.captures, given.browser_profile, hosts, lenient=given.lenient, opened=opened
            ),
            theme_name(given.theme),
        )
        app.run()
    if app.failed is not None:
        sys.stderr.write(f"cookietrace: {app.failed}\n")
        return app.failed.exit_status
    return int(app.compared is not None and app.compared.found.differs)


if __name__ == "__main__":
    sys.exit(main())
