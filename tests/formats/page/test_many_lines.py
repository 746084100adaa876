"""A page is made in time linear in the lines of a response, and so is its size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from cookietrace.events import Event
from cookietrace.formats import export, markdown
from cookietrace.formats.page import content
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.story import TYPED, Story
from tests.work import lines_run


def refused(lines: int, name: str = "c") -> list[Event]:
    """A request with as many cookies, whose response sets this many that are all refused."""
    story = Story()
    pairs = "; ".join(f"d{number}=value" for number in range(lines))
    exchange = story.ask("/", pairs, headers=TYPED)
    story.respond(
        exchange, *(f"{name.format(number)}=v; Domain=other.test" for number in range(lines))
    )
    return story.events


def pictures(events: list[Event]) -> None:
    """Draw every step."""
    table = Table(fold(events))
    board = FlowBoard(table)
    for step in range(1, len(table) + 1):
        board.flow(step)


def page(events: list[Event]) -> None:
    """Write the lesson page."""
    b"".join(export(events, "html"))


@pytest.mark.parametrize(("write", "lines"), [(pictures, 40), (page, 20)])
def test_each_refused_line_adds_the_same_work(
    write: Callable[[list[Event]], None], lines: int
) -> None:
    """What all steps of a response show is worked out once, not once for each of them."""
    write(refused(20))  # what is cached for good
    few, many = (lines_run(partial(write, refused(each))) for each in (lines, 4 * lines))
    assert many <= 4.4 * few


@pytest.mark.parametrize(
    ("format_name", "bound"),
    [("html", (content, "MOST_CELLS")), ("markdown", (markdown, "ROOM_FOR_TRACKER"))],
)
def test_the_tracker_is_bounded(
    format_name: str, bound: tuple[object, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many variables in many steps, the first are there, and the rest is counted."""
    monkeypatch.setattr(*bound, 1_000)
    few, many = (b"".join(export(refused(lines, "c{}"), format_name)) for lines in (15, 60))
    assert len(many) <= 5 * len(few)
    assert b"more variables" in many
    assert b"more variable" not in few
