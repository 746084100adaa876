"""mitmproxy as a peer: the same exchanges as a flow file, and what reading and writing it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from mitmproxy.flow import Flow
from mitmproxy.io import FlowReader, FlowWriter

from benchmarks.figures import sliced
from cookietrace import events as ev
from proxy_addon.flows.write_file import write_flows

READING = "mitmproxy's FlowReader"
WRITING = "mitmproxy's FlowWriter"

READ_PROGRAM = (
    "import sys\n"
    "from mitmproxy.io import FlowReader\n"
    "with open(sys.argv[1], 'rb') as file:\n"
    "    for flow in FlowReader(file).stream(): pass\n"
)
"""A program that reads a flow file and keeps nothing."""

BATCH = 1_000
"""How many exchanges are made into flows at a time."""


def write_flow_file(path: Path, events: Iterator[ev.Event]) -> None:
    """Write the exchanges of a capture's events, each complete before the next begins."""
    with path.open("wb") as file:
        batch: list[ev.Event] = []
        begun = 0
        for event in events:
            if isinstance(event, ev.Request):
                if begun == BATCH:
                    file.writelines(write_flows(batch))
                    batch.clear()
                    begun = 0
                begun += 1
            batch.append(event)
        file.writelines(write_flows(batch))


def _flows(path: Path) -> Iterator[Flow]:
    with path.open("rb") as file:
        yield from FlowReader(file).stream()


def read_seconds(path: Path) -> tuple[float, float]:
    """Return the wall-clock and the CPU seconds of reading a flow file."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in _flows(path):
        pass
    return time.perf_counter() - wall, time.process_time() - cpu


def write_seconds(path: Path, out: Path) -> tuple[float, float]:
    """Return the wall-clock and the CPU seconds of writing the flows again, each flushed.

    That is what mitmproxy's ``-w`` does with each flow.
    """
    wall = cpu = 0.0
    with out.open("wb") as file:
        writer = FlowWriter(file)  # type: ignore[no-untyped-call]
        for batch in sliced(_flows(path)):
            begun, used = time.perf_counter(), time.process_time()
            for flow in batch:
                writer.add(flow)
                file.flush()
            wall += time.perf_counter() - begun
            cpu += time.process_time() - used
    return wall, cpu
