"""What was changed by hand on the wire: every format says so, and those that are read keep it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.archive import PackedShelf
from cookietrace.checking.checker import check
from cookietrace.formats import export, read_capture, writable, write_export
from cookietrace.lesson.detail import detail
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.redact import redacted
from cookietrace.stores import ImportedStore, StoredEvents
from cookietrace.trace import Trace, fold
from tests.story import Story

SECRET, CHANGED = "s3cret-8841-before", "s3cret-9952-after"


def story() -> Story:
    """A response whose line was changed by hand, and a request that the app got otherwise."""
    made = Story("https://shop.test")
    capture = made.events[0]
    assert isinstance(capture, ev.Capture)
    made.events[0] = msgspec.structs.replace(capture, sensitive=True)
    first = made.ask("/")
    made.events.append(
        ev.Edited(
            exchange_id=first, at=made.now, of="response", name="sid",
            before=f"sid={SECRET}; Path=/", after=f"sid={SECRET}; Path=/; Secure",
        )
    )  # fmt: skip
    made.respond(first, f"sid={SECRET}; Path=/; Secure")
    second = made.ask("/account", f"sid={SECRET}")
    made.events.append(
        ev.Edited(
            exchange_id=second, at=made.now, of="request", name="sid",
            before=f"sid={SECRET}", after=f"sid={CHANGED}",
        )
    )  # fmt: skip
    made.respond(second)
    return made


def test_a_check_says_it() -> None:
    """What is checked is not all the app's own work."""
    [remark] = check(story().events, source="x").remarks
    assert remark.startswith("Cookies of 2 requests were changed by hand")


SAYS = {
    "jsonl": '"type":"edited"', "har": '"_edited"', "markdown": " by hand: 'sid'",
    "html": "by hand", "flow": "edited",
}  # fmt: skip


@pytest.mark.parametrize("name", [each.name for each in writable() if each.name in SAYS])
def test_a_format_says_it_without_a_value(name: str) -> None:
    """No value from before or after the change leaves the machine unless asked for."""
    written = b"".join(export(story().events, name)).decode("latin-1")
    assert SAYS[name] in " ".join(written.split())
    assert SECRET not in written
    assert CHANGED not in written


@pytest.mark.parametrize("name", ["jsonl", "har", "flow"])
def test_it_is_read_again(name: str, tmp_path: Path) -> None:
    """What we write we can read again."""
    path = tmp_path / f"a.{name}"
    write_export(path, export(story().events, name, show_values=True))
    found = [
        (each.of, each.name, each.before, each.after)
        for exchange in fold(read_capture(path)).exchanges
        for each in exchange.edited
    ]
    assert found == [
        ("response", "sid", f"sid={SECRET}; Path=/", f"sid={SECRET}; Path=/; Secure"),
        ("request", "sid", f"sid={SECRET}", f"sid={CHANGED}"),
    ]


def test_it_changes_no_verdict() -> None:
    """The fold judges what the browser sent and got, which is what is recorded."""
    events = story().events
    without = fold(event for event in events if not isinstance(event, ev.Edited))
    for one, other in zip(fold(events).exchanges, without.exchanges, strict=True):
        assert one.request.cookies == other.request.cookies
        assert one.response is not None
        assert other.response is not None
        assert one.response.set_cookies == other.response.set_cookies


def test_a_packed_trace_keeps_it() -> None:
    """So does a redacted one, with tokens."""
    made = story()
    for _ in range(3):
        made.visit("/", f"sid={SECRET}")
    stored = StoredEvents(ImportedStore(redacted(made.events), at_once=True))
    try:
        trace = Trace(shelf=PackedShelf(stored.events_at, newest=1, block=1))
        for event, place in stored.placed():
            trace.apply(event, place)
        (first,), (second,) = trace.exchanges[0].edited, trace.exchanges[1].edited
        assert (first.name, first.after is not None) == ("sid", True)
        assert SECRET not in first.before
        assert first.before.partition(";")[0] == second.before
        assert second.after not in (None, second.before)
    finally:
        stored.close()


def test_the_details_of_each_row_say_it() -> None:
    """So they do below a problem, which takes the place of what happened."""
    trace = fold(story().events)
    table = Table(trace)
    (worst, *_) = problems(table)
    for step, problem in ((1, worst), (1, None), (2, None), (3, None)):
        sections = detail(table.exchange(step), table.trace_row(step), problem=problem)
        lines = [line.text for section in sections for line in section.lines]
        assert sum("by hand: 'sid'" in line.lower() for line in lines) == 1
