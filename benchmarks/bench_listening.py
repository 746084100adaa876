"""Measures what listening costs a browser: its CPU time to load the demo's pages, with and without.

    python -m benchmarks.bench_listening [--sizes N]

A Chromium opens the demo's pages one after the other, N in all, through a real proxy. Its time is
the processor time of all its processes between the first of these pages and the last; what listens
to it is a thread of their keeper, and is counted as its. Heard and unheard browsers take turns, and
the least of several rounds counts: whatever else runs on the machine only adds to it. Target:
listening costs less than 5 % of what the browser takes by itself.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Figure, figure
from benchmarks.runner import main
from cookietrace.supervision.browsers import Listening, find_browser, launch
from cookietrace.supervision.devtools import DevTools
from cookietrace.supervision.proxy import ProxyOptions, RunningDemoApp, RunningProxy
from demo_app.lessons import LESSONS

COST, UNIT = "a browser that is listened to: CPU", "ms/page"
UNHEARD = "the same browser by itself"
TARGET = 1.05

WARM_UP = 2
"""How often each page is opened before: the first time, everything is compiled."""

_ROUNDS = 5
_TICKS = os.sysconf("SC_CLK_TCK")


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the time of a page with somebody listening, beside that without."""
    for pages in sizes:
        heard, unheard = [], []
        for _ in range(1 if pages < len(LESSONS) else _ROUNDS):
            heard.append(page_seconds(pages, heard=True))
            unheard.append(page_seconds(pages, heard=False))
        yield figure(
            COST, pages, 1000 * min(heard), UNIT, peer=UNHEARD, peer_value=1000 * min(unheard)
        )


def page_seconds(pages: int, *, heard: bool) -> float:
    """Return the processor time of a page in a fresh browser."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        app = RunningDemoApp.start()
        stack.callback(app.stop)
        url = app.wait_until_listening()
        capture = Path(folder) / "heard.cookietrace"
        options = ProxyOptions(
            capture=capture,
            modes=["regular@127.0.0.1:0"],
            demo_app=url,
            confdir=Path(folder) / "ca",
        )
        proxy = RunningProxy.start(options)
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        devtools = DevTools()
        stack.callback(devtools.close)
        launched = stack.enter_context(
            launch(
                find_browser("chromium"),
                proxy=proxy.listen("chromium").address,
                ca=proxy.ca,
                headless=True,
                devtools=devtools,
                listening=Listening(capture, proxy.commands_fd, print) if heard else None,
            )
        )
        session = devtools.open_page()
        urls = [f"http://shop.test{lesson.path}" for lesson in LESSONS]
        for number in range(WARM_UP * len(urls) if pages >= len(urls) else 1):
            devtools.visit(urls[number % len(urls)], session)
        before = session_seconds(launched.keeper_pid)
        for number in range(pages):
            devtools.visit(urls[number % len(urls)], session)
        return (session_seconds(launched.keeper_pid) - before) / pages


def session_seconds(leader: int) -> float:
    """Return the processor time of a keeper's session: the browser, what it started, and itself."""
    ticks = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == leader:
            ticks += sum(map(int, fields[11:15]))  # its own, and that of children that have ended
    return ticks / _TICKS


if __name__ == "__main__":
    sys.exit(main(["listening", *sys.argv[1:]]))
