"""What a command reads while the garbage collector does not look."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator

import pytest

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace import cli
from cookietrace.commands.compared_side import Side
from cookietrace.commands.unhindered import left_to_the_system, unhindered
from cookietrace.edits import LineChange
from cookietrace.events import Event
from cookietrace.formats import outgoing_explanations
from cookietrace.lesson.changes import compare_journeys
from cookietrace.lesson.what_if import Scenario, retold, what_if_entry
from cookietrace.redact import needs_redaction
from cookietrace.secret_names import TABLE_ONLY
from cookietrace.stores import MemoryStore, StoredEvents

FEW, MANY = 60, 180


def stored(events: list[Event]) -> StoredEvents:
    """Return events as a command reads them."""
    return StoredEvents(MemoryStore(events))


def explained(events: list[Event]) -> object:
    """Read as ``explain --json`` does, with values shown and not."""
    lines = [outgoing_explanations(stored(events), show_values=shown) for shown in (True, False)]
    return lines, [next(each) for each in lines]


def imagined(events: list[Event]) -> object:
    """Read as ``whatif --json`` does."""
    drop = Scenario(changes=(LineChange("session", drop=True),))
    told = [retold(stored(events), each) for each in (drop, Scenario(browser="safari"))]
    return told, [what_if_entry(each) for each in told]


def compared(events: list[Event]) -> object:
    """Read as ``diff`` does."""
    sides = [
        Side(stored(each), "auto", {}, show_values=False, names=TABLE_ONLY)
        for each in (events, events[:-9])
    ]
    return sides, compare_journeys(sides[0], sides[1], {})


def garbage(read: Callable[[list[Event]], object], events: list[Event]) -> int:
    """Return how many objects only the collector can remove when a reading is done."""
    gc.collect()
    with unhindered():
        kept = read(events)
        found = gc.collect()
        del kept
        return found


@pytest.mark.parametrize("shape", [ordinary, siblings, doubtful])
@pytest.mark.parametrize("read", [explained, imagined, compared])
def test_a_reading_leaves_no_cycles(
    read: Callable[[list[Event]], object], shape: Callable[[int], Iterator[Event]]
) -> None:
    """Memory does not grow with what the collector would have had to remove."""
    few, many = list(shape(FEW)), list(shape(MANY))
    assert needs_redaction(few[0])  # type: ignore[arg-type]
    read(few)  # what is made once is made
    assert garbage(read, many) <= garbage(read, few) + 50


def test_the_collector_goes_on() -> None:
    """Afterwards it looks again, unless it did not before."""
    with unhindered():
        assert not gc.isenabled()
        with unhindered():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_a_command_imports_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector passes over it from then on, and works again if it cannot be imported."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    before = gc.get_freeze_count()
    try:
        assert cli._imported("colorsys").__name__ == "colorsys"
        assert gc.get_freeze_count() > before
        with pytest.raises(ModuleNotFoundError):
            cli._imported("cookietrace.commands.none")
        assert gc.isenabled()
    finally:
        gc.unfreeze()


def test_what_is_left_to_the_system_is_never_freed() -> None:
    """Not even when the collector looks again: the process is about to end."""

    class Read:
        """Something large."""

    with unhindered():
        read = Read()
        left = weakref.ref(read)
        left_to_the_system(read)
        del read
    gc.collect()
    assert left() is not None
