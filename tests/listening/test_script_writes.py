"""A script's write is found among the changes of the cookie store, or it was not stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import pytest

from cookietrace.listening.said import Change, StoreEntry
from cookietrace.listening.script_reports import Write
from cookietrace.listening.script_writes import AGAIN, HOLD, LATE, Refused, ScriptWrites

AT = 1_800_000_000.0
NONE: deque[StoreEntry] = deque()


def write(
    line: int,
    name: str = "a",
    value: str = "1",
    *,
    after: float = 0.0,
    domain: str = "shop.example",
    path: str | None = "/",
    deletes: bool = False,
) -> Write:
    """Return a write of a script."""
    return Write(
        at=AT + after,
        host="shop.example",
        name=name,
        value=value,
        domain=domain,
        path=path,
        deletes=deletes,
        source="https://shop.example/app.js",
        line=line,
    )


def change(
    name: str = "a",
    value: str = "1",
    *,
    after: float = 0.05,
    domain: str = "shop.example",
    path: str = "/",
    cause: str | None = None,
) -> Change:
    """Return a change of the store; with a cause, it is a deletion."""
    return Change(
        at=AT + after,
        kind="added" if cause is None else "deleted",
        name=name,
        value=value,
        domain=domain,
        path=path,
        cause=cause,
        script=True,
    )


def entry(value: str = "1", *, after: float = 0.05, rejected: str | None = None) -> StoreEntry:
    """Return an entry of the log on the store."""
    return StoreEntry(AT + after, "a", value, "shop.example", "/", rejected)


def matched(
    writes: Sequence[Write],
    changes: Sequence[Change] = (),
    entries: Sequence[StoreEntry] = (),
    *,
    read: float = 0.1,
    last: bool = False,
) -> tuple[list[int | None], list[tuple[int | None, str | None]]]:
    """Return the lines of the changes, and the lines of what was refused, with the causes."""
    found = ScriptWrites()
    for each in writes:
        found.reported(each)
    for one in changes:
        found.changed(one, 0.0)
    told = list(found.take(HOLD, AT + read, deque(entries), last=last))
    return (
        [one.line for one in told if isinstance(one, Change)],
        [(one.write.line, one.cause) for one in told if isinstance(one, Refused)],
    )


@pytest.mark.parametrize(
    ("writes", "changes", "lines"),
    [
        ([write(1)], [change()], [1]),
        ([write(1), write(2)], [change(), change()], [1, 2]),
        ([write(1, "b"), write(2)], [change(), change("b")], [2, 1]),
        ([write(1)], [change("b")], [None]),
        ([write(1)], [change(value="2")], [None]),
        ([write(1, value="2"), write(2)], [change()], [2]),
        ([write(1)], [change(domain=".shop.example")], [1]),
        ([write(1, domain="example")], [change(domain=".example")], [1]),
        ([write(1, domain="example")], [change(domain="shop.example")], [None]),
        ([write(1, path="/x")], [change(path="/")], [None]),
        ([write(1, path="/x")], [change(path="/x/")], [1]),
        ([write(1, path=None)], [change(path="/anything")], [1]),
        ([write(1, deletes=True)], [change(value="old", cause="expired_overwrite")], [1]),
        ([write(1, deletes=True)], [change(value="old", cause="explicit")], [None]),
        ([write(1)], [change(cause="expired_overwrite")], [None]),
        ([write(1, deletes=True)], [change()], [None]),
        ([write(1, after=-LATE - 1), write(2)], [change()], [2]),
        ([write(1, after=1.0)], [change()], [None]),
        ([write(1, after=0.2)], [change()], [1]),
        ([write(1, name="Ã¤")], [change("Ã¤")], [1]),
        ([write(1)], [change(), change()], [1, None]),
    ],
    ids=[
        "equal",
        "two equal ones, in their order",
        "another order",
        "another name",
        "another value",
        "the other value was not stored",
        "a domain cookie",
        "of a parent",
        "another domain",
        "another path",
        "a slash that cookieStore adds",
        "an unknown path",
        "a deletion",
        "a deletion by something else",
        "no deletion",
        "a deletion that stores nothing",
        "long before",
        "after",
        "two clocks",
        "not ASCII",
        "one of two",
    ],
)
def test_the_line_of_a_change(
    writes: list[Write], changes: list[Change], lines: list[int | None]
) -> None:
    """By name, value, domain, path and time; each write has made one change."""
    assert matched(writes, changes)[0] == lines


@pytest.mark.parametrize(
    ("writes", "entries", "read", "refused"),
    [
        ([write(1)], [], 1.0, []),
        ([write(1)], [], LATE + 0.1, [(1, None)]),
        ([write(1)], [entry()], LATE + 0.1, []),
        ([write(1)], [entry("2")], LATE + 0.1, [(1, None)]),
        ([write(1)], [entry(after=-5.0)], LATE + 0.1, [(1, None)]),
        ([write(1, deletes=True)], [], LATE + 0.1, []),
        ([write(1)], [entry(rejected="REJECTED_HTTPONLY")], 0.1, [(1, "REJECTED_HTTPONLY")]),
        ([write(1)], [entry("2", rejected="REJECTED_HTTPONLY")], 0.1, []),
        ([write(1), write(1)], [], LATE + 0.1, [(1, None)]),
        ([write(1), write(2)], [], LATE + 0.1, [(1, None), (2, None)]),
        ([write(1), write(1, after=AGAIN)], [], AGAIN + 5, [(1, None), (1, None)]),
    ],
    ids=[
        "not read so far",
        "not stored",
        "stored, perhaps by a response",
        "another value was",
        "stored before",
        "a deletion that finds nothing",
        "rejected",
        "another one was rejected",
        "the same again",
        "another line",
        "the same much later",
    ],
)
def test_what_was_not_stored(
    writes: list[Write],
    entries: list[StoreEntry],
    read: float,
    refused: list[tuple[int | None, str | None]],
) -> None:
    """It is told once the log has gone on, and only if nothing like it was stored."""
    assert matched(writes, (), entries, read=read) == ([], refused)


def test_nothing_is_said_at_the_end() -> None:
    """Of a write that the log has not reached, nothing is known."""
    assert matched([write(1)], [change("b")], last=True) == ([None], [])


def test_a_change_waits_for_its_report() -> None:
    """A change without one holds up no other, and is passed on in the end."""
    found = ScriptWrites()
    found.changed(change(), 0.0)
    found.changed(change("b"), 0.0)
    found.reported(write(2, "b"))
    told = list(found.take(0.1, AT + 0.1, NONE))
    found.reported(write(1))
    told += found.take(0.2, AT + 0.1, NONE)
    assert [one.line for one in told if isinstance(one, Change)] == [2, 1]
    found.changed(change("c"), 1.0)
    assert list(found.take(1.5, AT + 0.1, NONE)) == []
    [late] = found.take(1.0 + HOLD, AT + 0.1, NONE)
    assert late == change("c")


def test_a_part_of_the_log_that_was_lost() -> None:
    """Nothing is known about what was written before: no refusal is claimed."""
    found = ScriptWrites()
    found.reported(write(1))
    found.forget()
    assert list(found.take(9.0, AT + 60, NONE)) == []


def test_a_log_that_has_gone_on_for_long() -> None:
    """If the entries since a write are not kept any more, no refusal is claimed."""
    found = ScriptWrites()
    found.reported(write(1, after=-9.0))
    found.reported(write(2, "b", after=-2.0))
    full = deque([entry("2", after=-5.0)] * 3, maxlen=3)
    [refused] = found.take(9.0, AT + 60, full)
    assert isinstance(refused, Refused)
    assert refused.write.line == 2


def test_a_page_whose_clock_is_wrong() -> None:
    """The time of its report is taken, as after a night in which the machine slept."""
    found = ScriptWrites()
    found.reported(write(1, after=8 * 3600.0), AT)
    found.reported(write(2, "b"), AT + 0.5)
    found.changed(change(), 0.0)
    found.changed(change("b"), 0.0)
    told = list(found.take(HOLD, AT + 0.1, NONE))
    assert [one.line for one in told if isinstance(one, Change)] == [1, 2]


def test_what_waits_is_bounded() -> None:
    """A page that writes without end costs a bounded amount."""
    found = ScriptWrites()
    for number in range(5000):
        found.reported(write(number, f"n{number}"))
        found.changed(change(f"m{number}"), 0.0)
    told = list(found.take(0.0, AT, NONE))
    assert 0 < 5000 - len(told) < 1100
    refused = list(found.take(0.0, AT + 60, NONE))
    assert 0 < len(refused) < 1100
