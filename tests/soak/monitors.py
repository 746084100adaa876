"""Watches the memory and the descriptors of processes, and says whether they are flat."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Self

import msgspec

from tests.soak.finding import Finding

MEGABYTE = 1_000_000
WARM_UP = 0.3
"""The share of the samples that does not count: what a process needs once."""

_PAGE = os.sysconf("SC_PAGE_SIZE")
_FITTED = 120
"""Most samples that a slope is fitted to."""


class Sample(msgspec.Struct, frozen=True):
    """One look at a process."""

    at: float
    megabytes: float
    """Of resident memory."""
    descriptors: int


def sample(pid: int) -> Sample | None:
    """Look at a process; None if it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        descriptors = len(os.listdir(folder / "fd"))  # noqa: PTH208 (only their number)
    except (OSError, IndexError):
        return None
    return Sample(time.monotonic(), pages * _PAGE / MEGABYTE, descriptors)


def has_work(pid: int) -> bool:
    """Return whether a thread of a process runs, or would if a processor were free."""
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = stat.read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if state in "RD":
            return True
    return False


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much y grows for 1 of x: the median of the slopes between any two points.

    A few points far off, such as a collection of garbage that is due, do not change it.
    """
    step = -(-len(points) // _FITTED) or 1
    chosen = points[::step]
    slopes = [
        (second[1] - first[1]) / (second[0] - first[0])
        for first, second in combinations(chosen, 2)
        if second[0] != first[0]
    ]
    return statistics.median(slopes) if slopes else 0.0


class Growth(msgspec.Struct, frozen=True):
    """How a figure went, after the warm-up."""

    first: float
    last: float
    highest: float
    fitted: float
    """By how much it grew in that time, by the fitted slope."""
    seconds: float

    @property
    def grown(self) -> float:
        """By how much it grew in any case.

        What grows fast and then slower is less than its slope says; a few points that are far off
        at one end are what they are, but do not change the slope.
        """
        return min(self.fitted, self.last - self.first)


def growth(points: Sequence[tuple[float, float]], warm_up: float = WARM_UP) -> Growth | None:
    """Fit points of time and value; None if there are too few after the warm-up."""
    kept = points[int(len(points) * warm_up) :]
    if len(kept) < 5:
        return None
    seconds = kept[-1][0] - kept[0][0]
    return Growth(
        first=kept[0][1],
        last=kept[-1][1],
        highest=max(value for _, value in kept),
        fitted=slope(kept) * seconds,
        seconds=seconds,
    )


class Monitors:
    """Looks at processes once a second, on a thread of its own, while the block runs."""

    def __init__(self, pids: Mapping[str, int], every: float = 1.0) -> None:
        """``pids`` by the name of the process."""
        self._pids = dict(pids)
        self._every = every
        self._samples: dict[str, list[Sample]] = {name: [] for name in pids}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            for name, pid in self._pids.items():
                seen = sample(pid)
                if seen is not None:
                    self._samples[name].append(seen)
            self._over.wait(self._every)

    def memory(
        self,
        name: str,
        most: float,
        *,
        when: str = "",
        highest: float | None = None,
        warm_up: float = WARM_UP,
    ) -> Finding:
        """Return whether memory grew by at most ``most`` MB, and stayed under ``highest``.

        ``warm_up`` is the share of the samples that does not count.
        """
        grown = growth([(each.at, each.megabytes) for each in self._samples[name]], warm_up)
        promised = f"memory of the {name} is flat{when}"
        if grown is None:
            return Finding(promised, "it was not there long enough", kept=False)
        figure = (
            f"first {grown.first:.1f}, last {grown.last:.1f}, highest {grown.highest:.1f} MB; "
            f"fitted growth {grown.fitted:+.1f} MB in {grown.seconds:.0f} s (at most {most:g})"
        )
        kept = grown.grown <= most and (highest is None or grown.highest <= highest)
        return Finding(promised, figure, kept)

    def descriptors(self, name: str, most: float) -> Finding:
        """Return whether the number of open descriptors grew by at most ``most``."""
        grown = growth([(each.at, float(each.descriptors)) for each in self._samples[name]])
        promised = f"descriptors of the {name} are flat"
        if grown is None:
            return Finding(promised, "it was not there long enough", kept=False)
        figure = (
            f"first {grown.first:.0f}, last {grown.last:.0f}, highest {grown.highest:.0f}; "
            f"fitted growth {grown.fitted:+.1f} (at most {most:g})"
        )
        return Finding(promised, figure, grown.fitted <= most)


def no_larger(name: str, stayed: Sample | None, newcomer: Sample | None, most: float) -> Finding:
    """Return whether a process that stayed has at most ``most`` times the memory of a new one."""
    promised = f"a {name} that stays is about as large as one that is opened now"
    if stayed is None or newcomer is None:
        return Finding(promised, "it was not there", kept=False)
    figure = (
        f"{stayed.megabytes:.1f} MB beside {newcomer.megabytes:.1f} MB of the new one: "
        f"{stayed.megabytes / newcomer.megabytes:.2f} times as much (at most {most:g})"
    )
    return Finding(promised, figure, stayed.megabytes <= newcomer.megabytes * most)


def given_back(name: str, before: Sample | None, after: Sample | None, most: int = 2) -> Finding:
    """Return whether a process has no more descriptors than before, once its work is done."""
    promised = f"the {name} gives its descriptors back"
    if before is None or after is None:
        return Finding(promised, "it was not there", kept=False)
    figure = f"{before.descriptors} before any client, {after.descriptors} after the last"
    return Finding(promised, figure, after.descriptors <= before.descriptors + most)
