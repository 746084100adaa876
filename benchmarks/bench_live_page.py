"""Measures the live page in Chromium: from a committed exchange to its row, and the tab's memory.

    python -m benchmarks.bench_live_page [--seconds N] [--rate N] [--history N] [--first]

A capture gets ``--rate`` exchanges a second for ``--seconds``, one at a time, while the page
follows the newest step. An exchange has arrived when a row at or below its own is drawn. Then
every row is looked at, from the first to the last, and none may be missing.

For the memory of the tab, ``--history`` more rows come as fast as the page takes them, with a look
at all of them on the way: its JavaScript heap after a collection, and its elements, before and
after. Times are wall-clock times of one machine; the browser draws without a graphics card here.
``--first`` has the system run all of it before other programs; Linux lets root do so.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Page, sync_playwright

from benchmarks.bench_live import run_first
from benchmarks.figures import Figure, figure
from cookietrace.supervision.browsers import find_browser
from tests.tui import captures
from tests.web.page_process import PageProcess
from tests.web.traffic import RATE, Traffic

_PATIENCE = 120_000.0
_BATCH = 1_000

_WATCH = """() => {
  window.arrivals = [];
  const body = document.querySelector("tbody.rows");
  let newest = 0;
  new MutationObserver(() => {
    let row = body.lastElementChild;
    while (row && !row.dataset.step) row = row.previousElementSibling;
    const last = Number(row?.dataset.step);
    if (last > newest) arrivals.push([newest = last, performance.timeOrigin + performance.now()]);
  }).observe(body, { childList: true });
}"""

_LOOK = """async (last) => {
  const found = new Set();
  scrollTo({ top: 0, behavior: "instant" });
  for (let idle = 0; found.size < last && idle < 200; ) {
    const before = found.size;
    for (const row of document.querySelectorAll("tr[data-step]")) found.add(row.dataset.step);
    if (document.querySelector("tr.waiting") || found.size === before) idle += 1;
    else {
      idle = 0;
      scrollBy({ top: innerHeight, behavior: "instant" });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return found.size;
}"""


class Measured(msgspec.Struct, frozen=True):
    """What one run showed."""

    exchanges: int
    missed: int
    median_ms: float
    p99_ms: float
    heap_before: int
    """Bytes, at the end of the traffic."""
    heap_after: int
    """Bytes, after the history."""
    history: int
    elements: int
    """In the document, after the history."""


def measure(seconds: float, rate: int, history: int) -> Measured:
    """Open the page of a new capture, and let traffic flow."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "live.cookietrace"
        store = captures.write(path, [captures.started(), captures.client()])
        with PageProcess(path) as process, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_browser("chromium").path,
                args=["--no-sandbox"] if os.geteuid() == 0 else [],
            )
            page = browser.new_page()
            page.set_default_timeout(_PATIENCE)
            page.goto(process.viewer)
            page.wait_for_function("!document.querySelector('#waiting').hidden")
            page.evaluate(_WATCH)
            traffic, sent = Traffic(store), list[tuple[int, float]]()
            thread = threading.Thread(target=_flow, args=(traffic, seconds, rate, sent))
            thread.start()
            while thread.is_alive():
                page.wait_for_timeout(200)
            steps = sent[-1][0]
            _until_newest(page, steps)
            waits = _waits(sent, page.evaluate("arrivals"))
            missed = steps - page.evaluate(_LOOK, steps)
            before = _heap(page)
            _add_history(page, traffic, history)
            made = Measured(
                exchanges=len(sent),
                missed=missed,
                median_ms=statistics.median(waits) * 1000,
                p99_ms=statistics.quantiles(waits, n=100)[98] * 1000,
                heap_before=before,
                heap_after=_heap(page),
                history=history,
                elements=page.evaluate("document.querySelectorAll('*').length"),
            )
            browser.close()
        store.close()
    return made


def _flow(traffic: Traffic, seconds: float, rate: int, sent: list[tuple[int, float]]) -> None:
    begun = time.monotonic()
    pause = threading.Event()
    for number in range(round(seconds * rate)):
        late = begun + number / rate - time.monotonic()
        if late > 0:
            pause.wait(late)
        traffic.add(1)
        sent.append((traffic.steps, time.time()))


def _waits(sent: list[tuple[int, float]], arrivals: list[tuple[int, float]]) -> list[float]:
    """Return the seconds from each exchange to the first newest row that is its own or later."""
    waits, at = [], 0
    for step, when in sent:
        while arrivals[at][0] < step:
            at += 1
        waits.append(arrivals[at][1] / 1000 - when)
    return waits


def _until_newest(page: Page, step: int) -> None:
    page.wait_for_selector(f"tr[data-step='{step}']")


def _add_history(page: Page, traffic: Traffic, history: int) -> None:
    page.keyboard.press("End")
    for _ in range(history // _BATCH):
        traffic.add(_BATCH)
        _until_newest(page, traffic.steps)
    if history:
        page.evaluate(_LOOK, 3_000)
        page.keyboard.press("End")
        _until_newest(page, traffic.steps)


def _heap(page: Page) -> int:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = session.send("Runtime.getHeapUsage")
    session.detach()
    return int(found["usedSize"])


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the time to a row, and how much the tab's heap grows with its history."""
    for size in sizes:
        made = measure(seconds=20, rate=RATE, history=size)
        yield figure("to a row of the live page, 99 of 100: wall-clock", size, made.p99_ms, "ms")
        growth = max(0, made.heap_after - made.heap_before)
        yield figure("the live page's heap grows over more exchanges by", size, growth / 1e6, "MB")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_live_page")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--history", type=int, default=50_000)
    parser.add_argument("--first", action="store_true")
    given = parser.parse_args(arguments)
    if given.first and not run_first():
        parser.error("--first needs root on Linux")
    made = measure(given.seconds, given.rate, given.history)
    print(f"{made.exchanges} exchanges at {given.rate} a second: {made.missed} rows missed")
    print(f"to the row: {made.median_ms:.0f} ms in the median, {made.p99_ms:.0f} ms for 99 of 100")
    print(
        f"heap: {made.heap_before / 1e6:.1f} MB, after {made.history} more exchanges "
        f"{made.heap_after / 1e6:.1f} MB, with {made.elements} elements"
    )


if __name__ == "__main__":
    main()
