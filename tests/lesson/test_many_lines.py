"""A response with very many lines is read by every mode in time linear in their number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.same_object import remembered
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraphs
from cookietrace.trace import Trace
from tests.story import Story
from tests.work import lines_run

READERS: dict[str, Callable[[Trace], object]] = {
    "moments": lambda trace: key_moments(Table(trace)),
    "transcript": lambda trace: list(paragraphs(trace)),
}


def trace_of(lines: int) -> Trace:
    """A page that sets this many cookies, and the next request."""
    story = Story()
    story.respond(story.ask(), *(f"c{number}=v" for number in range(lines)))
    story.ask("/next")
    return story.trace()


@pytest.mark.parametrize("name", sorted(READERS))
def test_four_times_the_lines_are_at_most_four_times_the_work(name: str) -> None:
    """The headers of the response are not read again for each of its lines."""
    READERS[name](trace_of(100))  # what is cached for good
    traces = [trace_of(300), trace_of(1200)]
    few, many = (lines_run(partial(READERS[name], trace)) for trace in traces)
    assert many <= 4.4 * few


def test_what_is_remembered_is_of_the_same_object() -> None:
    """An equal object is another one: it is worked out again."""
    seen: list[list[int]] = []

    def count(items: list[int]) -> int:
        seen.append(items)
        return len(items)

    one, equal = [1], [1]
    counted = remembered(count)
    assert [counted(each) for each in (one, one, equal, one)] == [1, 1, 1, 1]
    assert list(map(id, seen)) == [id(one), id(equal), id(one)]
