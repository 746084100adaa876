"""Measures the live page: from the commit of an exchange to its row in a browser.

    python -m benchmarks.bench_web [--rate N] [--seconds N] [--readers N] [--first]

This process writes exchanges into a capture as a recorder does, one transaction for each at a
steady rate. The real page serves it, and a reader in a process of its own takes the stream and
fetches the rows that it names. The peer is a follower of the capture in this process, which only
reads and decodes. ``--first`` has the system run all of it before other programs, as on a machine
without any; Linux lets root do so. Times are wall-clock times of one machine; status 1 if a row is
missing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from benchmarks.bench_live import percentile, processor_seconds, run_first
from benchmarks.captures import ordinary
from benchmarks.figures import Figure, figure, own_home
from cookietrace.events import Body, Capture, Event, Response
from cookietrace.follow import follow
from cookietrace.stores import Batch, create_capture, open_store
from cookietrace.supervision.web_listening import WebAddress
from cookietrace.supervision.web_page import WebPage
from cookietrace.web.options import PageOptions

RATE, SECONDS = 200.0, 20.0
READERS = (1, 16)
TARGET_MILLISECONDS = 150.0
"""For the 99th percentile from the commit to the row."""


class Measured(msgspec.Struct, frozen=True):
    """One measure; times are in seconds."""

    to_row: tuple[float, ...]
    to_follower: tuple[float, ...]
    missing: int
    """How many exchanges never had a row."""
    processor: float
    """The share of one core that the page's process took."""


def measure(rate: float = RATE, seconds: float = SECONDS, readers: int = 1) -> Measured:
    """Write exchanges for a while, and see when their rows are in the readers' hands."""
    count = round(rate * seconds)
    events = ordinary(count)
    info = next(events)
    assert isinstance(info, Capture)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / "page.cookietrace"
        store = create_capture(path, info=info)
        stack.callback(store.close)
        page = stack.enter_context(WebPage(WebAddress()))
        page.load()
        page.serve(PageOptions(capture=str(path)))
        reader = stack.enter_context(_reader(page, count, readers))  # waits until it has ended
        stack.callback(reader.kill)
        followed, follower = _follower(path, count)
        begun, spent = time.monotonic(), processor_seconds({"page": page.child.process.pid})["page"]
        committed = _write(store.append, _exchanges(events), rate)
        took = time.monotonic() - begun
        spent = processor_seconds({"page": page.child.process.pid})["page"] - spent
        assert reader.stdout is not None
        received: dict[str, float] = json.loads(reader.stdout.readline())
        follower.join()
    return Measured(
        to_row=tuple(received[name] - at for name, at in committed.items() if name in received),
        to_follower=tuple(followed[name] - at for name, at in committed.items()),
        missing=len(committed.keys() - received.keys()),
        processor=spent / took,
    )


def _exchanges(events: Iterator[Event]) -> Iterator[list[Event]]:
    """Yield the events of one exchange after the other."""
    some: list[Event] = []
    for event in events:
        some.append(event)
        if isinstance(event, Body):
            yield some
            some = []


def _write(
    append: Callable[[list[Event]], object], exchanges: Iterator[list[Event]], rate: float
) -> dict[str, float]:
    """Append exchanges at a rate; return when each was committed."""
    committed: dict[str, float] = {}
    begun = time.monotonic()
    for number, events in enumerate(exchanges):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        append(events)
        name = next(event.exchange_id for event in events if isinstance(event, Response))
        committed[name] = time.monotonic()
    return committed


def _follower(path: Path, count: int) -> tuple[dict[str, float], threading.Thread]:
    """Follow the capture on a thread, until it has had so many responses."""
    found: dict[str, float] = {}
    stop = threading.Event()

    def take(batch: Batch) -> None:
        now = time.monotonic()
        for event in batch.events:
            if isinstance(event, Response):
                found[event.exchange_id] = now
        if len(found) >= count:
            stop.set()

    def run() -> None:
        store = open_store(path)
        try:
            follow(store, stop=stop, take=take)
        finally:
            store.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return found, thread


def _reader(page: WebPage, count: int, readers: int) -> subprocess.Popen[bytes]:
    """Start the readers, and wait until the one that is timed is connected."""
    where, _, token = page.address.partition("/#token=")
    port = where.rpartition(":")[2]
    command = [sys.executable, "-m", "benchmarks.web_reader", port, token, str(count), str(readers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    return process


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield how late the rows are for so many exchanges, and what the page's process takes."""
    for size in sizes:
        for readers in READERS:
            with own_home():
                found = measure(RATE, size / RATE, readers)
            of = f"{readers} reader{'s' if readers > 1 else ''}"
            for share in (50, 95, 99):
                yield figure(
                    f"commit to row, {of}, p{share}: wall-clock",
                    size,
                    percentile(found.to_row, share) or statistics.fmean(found.to_row) * 1000,
                    "ms",
                    peer="a follower of the capture",
                    peer_value=percentile(found.to_follower, share),
                )
            yield figure(f"the page, {of}: CPU", size, found.processor * 100, "% of a core")
            yield figure(f"rows missing, {of}", size, float(found.missing), "rows")


def main() -> int:
    """Measure and print; return 0 unless a row is missing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=RATE, help="exchanges/s")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--readers", type=int, default=1)
    parser.add_argument("--first", action="store_true", help="before other programs, if allowed")
    given = parser.parse_args()
    if given.first and not run_first():
        parser.error("--first: the system does not allow it")
    with own_home():
        found = measure(given.rate, given.seconds, given.readers)
    print(f"{len(found.to_row)} rows at {given.rate:.0f}/s, {given.readers} readers")
    for name, values in (("the row", found.to_row), ("a follower", found.to_follower)):
        at = ", ".join(f"p{each} {percentile(values, each):.1f} ms" for each in (50, 95, 99))
        print(f"  from the commit to {name}: {at}, most {max(values) * 1000:.1f} ms")
    print(f"  the page took {found.processor:.1%} of a core; {found.missing} rows missing")
    print(f"  target: p99 to the row {TARGET_MILLISECONDS:.0f} ms")
    return 1 if found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
