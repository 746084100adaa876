"""Where the time of loading a capture into the viewer goes, step by step, without the screen.

An ``ordinary`` capture of ``benchmarks.captures`` is read, folded and packed, its rows are placed,
its histories corrected and its problems looked for, as the viewer does it in its turns; what is
only needed in some modes is left out until one is opened. Each step is
timed in pieces of some dozen events, and of each piece the shortest of several rounds counts: what
other programs do to the caches of the processor meanwhile is left out. The peer is folding the
same events in memory.

Last comes what the garbage collector takes of that with the viewer's thresholds, beside the
thresholds that it had before: a batch of events is thousands of new objects.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.captures import ordinary, write_capture
from benchmarks.figures import Figure, figure, fold_seconds, only_its_own_garbage, own_home, rounds
from benchmarks.runner import main
from cookietrace.archive import PackedShelf
from cookietrace.follow import BATCH, apply_batch
from cookietrace.lesson.live.boards import Boards
from cookietrace.lesson.table import Table
from cookietrace.stores import START, open_store
from cookietrace.trace import Trace, merge_updates
from tui.__main__ import YOUNG_OBJECTS

PIECE = 8
"""How many updates are made between two looks at the clock."""

BEFORE = 5_000
"""How many more objects there had to be before the collector looked, in earlier versions."""

Pieces = Mapping[str, Sequence[float]]
"""The CPU seconds of each piece, by the name of the step."""


def load(capture: Path) -> Pieces:
    """Load a capture as the viewer does, and return what each step took."""
    taken: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def step(name: str) -> Iterator[None]:
        begun = time.process_time()
        yield
        taken[name].append(time.process_time() - begun)

    with closing(open_store(capture)) as store:
        trace = Trace(shelf=PackedShelf(store.events_at))
        table = Table(trace)
        boards, position = Boards(table), START
        while True:
            with step("reading and decoding"):
                batch = store.read(position, BATCH)
            if not batch.events:
                return taken
            position, left = batch.position, apply_batch(trace, batch)
            while True:
                with step("folding and packing"):
                    updates = list(islice(left, PIECE))
                if not updates:
                    break
                with step("rows"):
                    update = merge_updates(updates)
                    table.update(update)
                with step("histories"):
                    boards.add_update(update)
                with step("problems"):
                    boards.problems.catch_up(None)


@contextmanager
def collector(young: int) -> Iterator[list[float]]:
    """Collect garbage as the viewer does, with this threshold; the list gets the seconds."""
    seconds, begun = [0.0], [0.0]

    def watch(phase: str, info: Mapping[str, int]) -> None:
        if phase == "start":
            begun[0] = time.process_time()
            return
        seconds[0] += time.process_time() - begun[0]
        if info["generation"] == 2:
            gc.freeze()

    before = gc.get_threshold()
    with only_its_own_garbage():
        gc.set_threshold(young, 10, 10)
        gc.callbacks.append(watch)
        try:
            yield seconds
        finally:
            gc.callbacks.remove(watch)
            gc.set_threshold(*before)


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what each step takes per exchange, and the garbage collector."""
    for size in sizes:
        with own_home(), tempfile.TemporaryDirectory() as name:
            capture = Path(name, "bench.cookietrace")
            write_capture(capture, ordinary(size))
            folded = min(fold_seconds(ordinary(size)) for _ in range(rounds(size))) / size * 1e6
            with collector(YOUNG_OBJECTS):
                every = [load(capture) for _ in range(rounds(size))]
            for step in every[0]:
                pieces = zip(*[each[step] for each in every], strict=True)
                yield figure(
                    f"{step}: CPU",
                    size,
                    sum(map(min, pieces)) / size * 1e6,
                    "µs/exchange",
                    peer="folding the same in memory",
                    peer_value=folded,
                )
            taken = {}
            for young in (YOUNG_OBJECTS, BEFORE):
                with collector(young) as seconds:
                    load(capture)
                taken[young] = seconds[0] / size * 1e6
            yield figure(
                "collecting garbage: CPU",
                size,
                taken[YOUNG_OBJECTS],
                "µs/exchange",
                peer=f"a look per {BEFORE:,} objects",
                peer_value=taken[BEFORE],
            )


if __name__ == "__main__":
    sys.exit(main(["loading", *sys.argv[1:]]))
