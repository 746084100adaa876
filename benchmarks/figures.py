"""What every benchmark yields, and how often it measures.

A benchmark is a function ``figures(sizes)`` that yields a ``Figure`` for each thing that it
measures, at each size. Less is better in every unit, so a ratio below 1 is less than the peer's.
"""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from cookietrace import events as ev
from cookietrace.trace import Trace

ANY_SIZE = 0
"""The size of a figure that does not depend on one."""

SLICE = 2_000
"""How many items are made at a time, so that a long run is measured without holding them all."""


class Figure(msgspec.Struct, frozen=True):
    """One thing measured at one size, beside the same of a peer if there is one."""

    name: str
    """What was measured: the same words at every size."""
    size: int
    """How many exchanges, rows or cookies, as the name says; ``ANY_SIZE`` if that is all one."""
    value: float
    unit: str
    peer: str | None = None
    """What it is compared with."""
    peer_value: float | None = None
    """The same of the peer, in the same unit and in the same run."""
    ratio: float | None = None
    """The value divided by the peer's."""


Benchmark = Callable[[Sequence[int]], Iterator[Figure]]


def figure(
    name: str,
    size: int,
    value: float,
    unit: str,
    *,
    peer: str | None = None,
    peer_value: float | None = None,
) -> Figure:
    """Return a figure with its ratio; without a peer's value, it has neither peer nor ratio."""
    if not peer_value:
        return Figure(name, size, value, unit)
    return Figure(name, size, value, unit, peer, peer_value, value / peer_value)


def rounds(size: int) -> int:
    """Return how often something of a size is measured; the figure is the median.

    Below 1,000 it only shows that the benchmark works.
    """
    if size < 1_000:
        return 1
    return 5 if size <= 20_000 else 3 if size <= 100_000 else 1


def medians(measure: Iterable[Sequence[float]]) -> list[float]:
    """Return the median of each column of what the rounds measured."""
    return [statistics.median(column) for column in zip(*measure, strict=True)]


def seconds(run: Callable[[], object]) -> float:
    """Return the CPU seconds that a call takes, in all threads of this process."""
    start = time.process_time()
    run()
    return time.process_time() - start


@contextmanager
def only_its_own_garbage() -> Iterator[None]:
    """Keep what was made before the block out of the garbage collections in it."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def own_home() -> Iterator[None]:
    """Give our own data, settings and indexes a folder of their own for the block.

    Otherwise they would be the user's, and what an earlier run left there.
    """
    names = [f"XDG_{each}_HOME" for each in ("DATA", "CONFIG", "CACHE", "STATE")]
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({name: str(Path(folder, name)) for name in names})
        try:
            yield
        finally:
            for name in names:
                del os.environ[name]
            os.environ.update(before)


_T = TypeVar("_T")


def sliced(items: Iterator[_T]) -> Iterator[list[_T]]:
    """Yield the items in slices, each made when it is asked for."""
    while batch := list(islice(items, SLICE)):
        yield batch


def fold_seconds(events: Iterator[ev.Event]) -> float:
    """Return the CPU seconds of folding events, without those of making them."""
    trace, spent = Trace(), 0.0
    for batch in sliced(events):
        start = time.process_time()
        for event in batch:
            trace.apply(event)
        spent += time.process_time() - start
    return spent
