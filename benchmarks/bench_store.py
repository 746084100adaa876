"""A capture file: appending to it, following it, and reading it.

The peer is mitmproxy's own file of the same exchanges, which holds no more than they: what
appending costs us more pays for a file that can be followed, and that a killed process leaves
whole.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import quantiles

import msgspec

from benchmarks.captures import ordinary
from benchmarks.figures import ANY_SIZE, Figure, figure, medians, rounds, sliced
from benchmarks.mitmproxy_peer import (
    READING,
    WRITING,
    read_seconds,
    write_flow_file,
    write_seconds,
)
from benchmarks.runner import main
from cookietrace.events import Capture, Event, Request
from cookietrace.stores import create_capture, events_of, open_store

FOLLOWED = 500
PACE = 0.01
"""Seconds between two exchanges while following: a hundred per second."""

WAITS = 1_000

FOLLOWER = """
import sys, time
from cookietrace.stores import open_store
store = open_store(sys.argv[1])
position = store.read().position
print("ready", flush=True)
seen = 0
while seen < int(sys.argv[2]):
    store.wait(position, 10)
    batch = store.read(position)
    now = time.time()
    for event in batch.events:
        print(now - event.at)
        seen += 1
    position = batch.position
"""


def exchanges(events: Iterator[Event]) -> Iterator[list[Event]]:
    """Yield the events of each exchange, without what comes before the first."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, Request):
            if found:
                yield found
            found = []
        elif not found:
            continue
        found.append(event)
    yield found


def append_seconds(path: Path, size: int) -> tuple[float, float]:
    """Append exchanges, in two transactions each; return the wall-clock and the CPU seconds."""
    wall = cpu = 0.0
    events = ordinary(size)
    info = next(events)
    assert isinstance(info, Capture)
    with create_capture(path, info=info) as store:
        for batch in sliced(exchanges(events)):
            begun, used = time.perf_counter(), time.process_time()
            for request, *rest in batch:
                store.append([request])
                store.append(rest)
            wall += time.perf_counter() - begun
            cpu += time.process_time() - used
    return wall, cpu


def read_back_seconds(path: Path) -> tuple[float, float]:
    """Return the wall-clock and the CPU seconds of reading and decoding every event."""
    with closing(open_store(path)) as store:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in events_of(store):
            pass
        return time.perf_counter() - wall, time.process_time() - cpu


def wait_seconds(path: Path) -> float:
    """Return the CPU seconds that a follower takes to see that nothing is new."""
    with closing(open_store(path)) as store:
        position = store.read(limit=10**9).position
        begun = time.process_time()
        for _ in range(WAITS):
            store.wait(position, 0)
        return (time.process_time() - begun) / WAITS


def delays(path: Path) -> Iterator[float]:
    """Record at a steady pace while another process follows; yield each event's delay."""
    requests = (event for event in ordinary(FOLLOWED) if isinstance(event, Request))
    with create_capture(path) as store:
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, str(path), str(FOLLOWED)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert follower.stdout is not None
        follower.stdout.readline()
        for request in requests:
            store.append([msgspec.structs.replace(request, at=time.time())])
            time.sleep(PACE)
        with follower:
            yield from map(float, follower.stdout)


def _compared(size: int, folder: Path) -> Iterator[Figure]:
    flows = folder / "capture.flow"
    write_flow_file(flows, ordinary(size))
    measured = []
    for number in range(rounds(size)):
        path = folder / f"{number}.cookietrace"
        measured.append(
            (
                *append_seconds(path, size),
                *write_seconds(flows, folder / "again.flow"),
                *read_back_seconds(path),
                *read_seconds(flows),
            )
        )
        if number:
            path.unlink()
    each = [value / size * 1e6 for value in medians(measured)]
    for what, at, peer in (("append", 0, WRITING), ("read and decode", 4, READING)):
        for offset, measure in ((0, "wall-clock"), (1, "CPU")):
            yield figure(
                f"{what}: {measure}",
                size,
                each[at + offset],
                "µs/exchange",
                peer=peer,
                peer_value=each[at + 2 + offset],
            )
    ours, theirs = ((folder / name).stat().st_size / size for name in ("0.cookietrace", flows.name))
    yield figure("size on disk", size, ours, "bytes/exchange", peer=WRITING, peer_value=theirs)


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what appending and reading take per exchange, and how late a follower is."""
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            folder = Path(name, str(size))
            folder.mkdir()
            yield from _compared(size, folder)
        last = Path(name, str(sizes[-1]), "0.cookietrace")
        yield figure("wait, nothing new: CPU", ANY_SIZE, wait_seconds(last) * 1e6, "µs")
        cuts = quantiles(delays(Path(name, "follow.cookietrace")), n=100)
        for share in (50, 95, 99):
            what = f"from append to a follower, 100 per second: p{share}"
            yield figure(what, ANY_SIZE, cuts[share - 1] * 1000, "ms")


if __name__ == "__main__":
    sys.exit(main(["store", *sys.argv[1:]]))
