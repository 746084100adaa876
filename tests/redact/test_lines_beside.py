"""What ``explain --json`` prints is the same if another process does half of the work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace.commands import beside as beside_module
from cookietrace.commands.beside import Here, beside
from cookietrace.errors import CaptureError, CookietraceError, EndedError
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


class Killed(Here):
    """A process that the kernel ends before it has done so many things."""

    def __init__(self, make: Callable[[], object], after: int) -> None:
        super().__init__(make)
        self._left = after

    def ready(self) -> None:
        """Make the object."""
        self._live()
        super().ready()

    def call(self, name: str, *arguments: object) -> object:
        """Return what a method returns."""
        self._live()
        return super().call(name, *arguments)

    def _live(self) -> None:
        if not self._left:
            raise EndedError("killed")
        self._left -= 1


class KilledLate(Here):
    """A process that is ended once it has said what it learned."""

    _said = False

    def call(self, name: str, *arguments: object) -> object:
        """Return what a method returns."""
        if self._said:
            raise EndedError("killed")
        self._said = name == "learned"
        return super().call(name, *arguments)


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


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 5, 6])
def test_a_process_that_is_killed(name: str, after: int) -> None:
    """The other one does what is left, also in the middle of the output: no line is there twice."""
    events = list(LONG[name]())
    alone = b"".join(outgoing_explanations(stored(events)))
    other = Killed(lambda: LineMaker(stored(events)), after)
    assert b"".join(outgoing_explanations(stored(events), other=other)) == alone


def test_a_process_that_is_killed_while_the_capture_is_cut() -> None:
    """Nothing is printed with what was learned from other events than those that were read."""
    events = list(ordinary(600))
    read = stored(events)
    lines = lines_beside(read, KilledLate(lambda: LineMaker(stored(events))))
    assert lines is not None
    read._store = MemoryStore([events[0], *events[4:]])
    with pytest.raises(CaptureError, match="changed while it was being read"):
        list(lines)


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
import errno, os, signal, sys
from cookietrace.commands.beside import beside
from cookietrace.errors import CookietraceError

def fails():
    {0}

with beside(fails) as other:
    try:
        other.ready()
    except CookietraceError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "EndedError a second process, which did half "),
        ("raise MemoryError", "EndedError a second process, which did half of the work, was ki"),
        ("raise OSError(errno.ENOMEM, '')", "EndedError a second process, which did half of the"),
    ],
)
def test_a_process_without_memory(fails: str, said: str) -> None:
    """It is told from one that failed, be it that the kernel ends it or that it gets none."""
    program = WRONG.format(fails)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith(said)
    assert done.stderr == ""


@pytest.mark.parametrize("mistake", ["ValueError('on purpose')", "OSError(28, 'on purpose')"])
def test_a_mistake_in_it(mistake: str) -> None:
    """It is not lost: the process says what it was, and the other one that it failed."""
    program = WRONG.format(f"raise {mistake}")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("CookietraceError a second process, which did half of the work,")
    assert done.stderr.endswith(" on purpose\n")


@pytest.mark.parametrize("what", ["os.fork", "os.pipe", "multiprocessing.Pipe"])
def test_no_second_process(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """If there can be none, this one does all of it."""

    def none_left() -> int:
        raise BlockingIOError("no more")

    monkeypatch.setattr(beside_module, "_alone", lambda: True)
    monkeypatch.setattr(what, none_left)
    with beside(lambda: "made here") as other:
        other.ready()
        assert other.call("upper") == "MADE HERE"
