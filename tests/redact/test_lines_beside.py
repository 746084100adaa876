"""What ``explain --json`` prints is the same if another process does half of the work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace.commands.beside import Here, beside
from cookietrace.errors import CookietraceError
from cookietrace.events import Event
from cookietrace.formats import outgoing_explanations
from cookietrace.redact.line_maker import LineMaker
from cookietrace.redact.lines_beside import lines_beside
from cookietrace.stores import MemoryStore, StoredEvents
from tests.redact.test_explanations import CAPTURES

LONG = {
    "ordinary, long": lambda: ordinary(500),
    "siblings, long": lambda: siblings(400),
    "doubtful, long": lambda: doubtful(340),
}
"""Captures of which pages are made early, and some of those are made once more."""


class Slow(Here):
    """A process that is busy whenever it is asked whether it is done."""

    def answered(self) -> bool:
        """Return false: nothing is taken before the end."""
        return False


def stored(events: Sequence[Event]) -> StoredEvents:
    """Return events that can be read several times."""
    return StoredEvents(MemoryStore(events))


@pytest.mark.parametrize("name", [*CAPTURES, *LONG])
def test_the_lines_are_the_same(name: str) -> None:
    """Byte by byte, whether the other process keeps up or is late."""
    events = list((CAPTURES | LONG)[name]())
    alone = b"".join(outgoing_explanations(stored(events)))
    assert alone
    for kind in (Here, Slow):
        other = kind(lambda: LineMaker(stored(events)))
        assert b"".join(outgoing_explanations(stored(events), other=other)) == alone


def test_with_a_process() -> None:
    """The same with a process of its own, which ends with the block."""
    events = list(ordinary(400))
    alone = b"".join(outgoing_explanations(stored(events)))
    with beside(lambda: LineMaker(stored(events))) as other:
        assert b"".join(outgoing_explanations(stored(events), other=other)) == alone


_ALL = range(1_000)
_CUT = [*range(4), *range(8, 1_000)]
"""Without some of the oldest, as a recording that has reached its limit."""


@pytest.mark.parametrize(
    ("learned", "read"),
    [
        (range(3), _ALL),
        (_ALL, range(900)),
        (_ALL, _CUT),
        (_ALL, [*_CUT, *range(1_000, 1_004)]),  # as many
        (_ALL, [0, *range(2, 4), 1, *range(4, 1_000)]),  # as many, and the same last one
    ],
)
def test_a_capture_that_changes(learned: Sequence[int], read: Sequence[int]) -> None:
    """Nothing is printed by a process that has learned the secrets of other events."""
    events = list(ordinary(600))
    there = [events[at] for at in read]

    def make() -> LineMaker:
        return LineMaker(stored([events[at] for at in learned]))

    assert lines_beside(stored(there), Here(make)) is None
    alone = b"".join(outgoing_explanations(stored(there)))
    assert b"".join(outgoing_explanations(stored(there), other=Here(make))) == alone


def test_what_it_cannot_read() -> None:
    """An error there is one here."""

    def fails() -> LineMaker:
        raise CookietraceError("no such capture")

    with (
        beside(fails) as other,
        pytest.raises(CookietraceError, match="no such capture"),
    ):
        list(outgoing_explanations(stored(list(ordinary(400))), other=other))


WRONG = """
from cookietrace.commands.beside import beside
from cookietrace.errors import CookietraceError

def fails():
    raise ValueError("on purpose")

with beside(fails) as other:
    try:
        other.ready()
    except CookietraceError as error:
        print(error)
"""


def test_a_mistake_in_it() -> None:
    """It is not lost: the process says what it was, and the other one that it ended."""
    done = subprocess.run([sys.executable, "-c", WRONG], capture_output=True, text=True, check=True)
    assert "a process that did half of the work ended" in done.stdout
    assert done.stderr.endswith("ValueError: on purpose\n")
