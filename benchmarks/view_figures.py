"""The viewer over a big capture, as figures: see ``bench_view`` for how it is measured.

The peer is mitmproxy's reading of the same exchanges, which shows nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.bench_view import Viewed, measure
from benchmarks.captures import ordinary, write_capture
from benchmarks.figures import Figure, figure, own_home
from benchmarks.mitmproxy_peer import READING, read_seconds, write_flow_file
from benchmarks.runner import main

REACTIONS = ("newest step", "find: everywhere", "find: nowhere", "focus: one path")


def _alone(viewed: Viewed) -> Iterator[tuple[str, float, str]]:
    """Yield what has no peer."""
    median, almost_all, _ = viewed.keys
    yield "first row: wall-clock", viewed.first_row, "s"
    yield "a key while it loads, p50: wall-clock", median * 1000, "ms"
    yield "a key while it loads, p99: wall-clock", almost_all * 1000, "ms"
    for name in REACTIONS:
        reaction = viewed.reactions[name]
        if reaction.first is not None:
            yield f"{name}: wall-clock", reaction.first * 1000, "ms"
    median, almost_all, _ = viewed.keys_at_rest
    yield "a key at rest, p50: wall-clock", median * 1000, "ms"
    yield "a key at rest, p99: wall-clock", almost_all * 1000, "ms"
    yield "peak memory", viewed.peak_memory / 1e6, "MB"
    yield "at rest", viewed.idle * 100, "% of a core"


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what viewing a capture takes, and viewing it again with what the first run kept."""
    for size in sizes:
        with own_home(), tempfile.TemporaryDirectory() as name:
            capture, flows = Path(name, "bench.cookietrace"), Path(name, "bench.flow")
            write_capture(capture, ordinary(size))
            write_flow_file(flows, ordinary(size))
            viewed, theirs = measure(capture, size), read_seconds(flows)
            for what, taken in (
                ("view", (viewed.loaded, viewed.processor)),
                ("view again", (viewed.again, viewed.again_processor)),
            ):
                for kind, value, their in zip(("wall-clock", "CPU"), taken, theirs, strict=True):
                    name_of_it = f"{what}, all of it: {kind}"
                    yield figure(name_of_it, size, value, "s", peer=READING, peer_value=their)
            for told, value, unit in _alone(viewed):
                yield figure(f"view, {told}", size, value, unit)


if __name__ == "__main__":
    sys.exit(main(["view", *sys.argv[1:]]))
