"""A response with very many lines is read by every mode in time linear in their number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problems import problems
from cookietrace.lesson.same_object import remembered
from cookietrace.lesson.snapshot import snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraphs
from cookietrace.trace import Trace
from tests.story import TYPED, Story
from tests.work import lines_run

FETCH = (("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"))
"""The headers of a script's request: its response may not be taken."""

READERS: dict[str, Callable[[Trace], object]] = {
    "moments": lambda trace: key_moments(Table(trace)),
    "problems": lambda trace: problems(Table(trace)),
    "snapshot": lambda trace: snapshot(Table(trace)),
    "transcript": lambda trace: list(paragraphs(trace)),
}
LINES = {
    "stored": ("c{}=v", TYPED),
    "unconfirmed": ("c{}=v", FETCH),
    "refused": ("c{}=v; Domain=other.test", TYPED),
}
"""A line for each number, and the headers of the request."""


def trace_of(kind: str, lines: int) -> Trace:
    """A page that sets this many cookies, and a request that carries as many others."""
    line, headers = LINES[kind]
    story = Story()
    story.respond(story.ask(headers=headers), *map(line.format, range(lines)))
    story.ask("/next", "; ".join(f"d{number}=v" for number in range(lines)))
    return story.trace()


CASES = [(kind, name) for kind in sorted(LINES) for name in sorted(READERS)]
CASES.remove(("stored", "problems"))  # there is nothing to look at until cookies are evicted


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_four_times_the_lines_are_at_most_four_times_the_work(kind: str, name: str) -> None:
    """What concerns the whole response is not worked out again for each of its lines."""
    READERS[name](trace_of(kind, 10))  # what is cached for good
    traces = [trace_of(kind, 90), trace_of(kind, 360)]
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
