"""A late response to an older request that undoes a newer cookie."""

from __future__ import annotations

from array import array

import pytest

from cookietrace.cookies import StoreResult
from cookietrace.fold.jar_history import StoredChanges
from cookietrace.fold.overtaking import overtaken
from cookietrace.trace import Trace
from tests.story import Story

NOTHING = StoredChanges([], array("I"), array("Q"))
SCRIPT = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)


def stored(trace: Trace, result: StoreResult) -> StoredChanges:
    """Return the changes in which the cookie that a result replaced was stored."""
    before = result.previous or result.cookie
    return trace.stored("c1", before.key) if before is not None else NOTHING


@pytest.mark.parametrize(
    ("late_lines", "between", "expected"),
    [
        (("sid=; Max-Age=0; Path=/",), ("sid=new; Path=/",), ["x2"]),
        (("sid=old; Path=/",), ("sid=new; Path=/",), ["x2"]),
        (("sid=new; Path=/",), ("sid=new; Path=/",), [None]),
        (("sid=; Max-Age=0; Path=/",), ("other=1",), [None]),
        (("sid=a; Path=/", "sid=b; Path=/"), (), [None, None]),
        (("sid=a; Domain=other.test",), ("sid=new; Path=/",), [None]),
        (("fresh=1; Path=/",), ("sid=new; Path=/",), [None]),
    ],
    ids=["deleted", "replaced", "the same", "another", "its own", "refused", "created"],
)
def test_the_newer_cookie_is_named(
    late_lines: tuple[str, ...], between: tuple[str, ...], expected: list[str | None]
) -> None:
    """It was set after the request of the response that undid it."""
    story = Story("https://shop.test")
    story.visit("/", None, "sid=first; Path=/")
    first = story.ask("/refresh", "sid=first", headers=SCRIPT)
    late = story.ask("/refresh", "sid=first", headers=SCRIPT, after=0.1)
    story.respond(first, *between)
    story.respond(late, *late_lines, after=0.3)
    trace = story.trace()
    exchange = trace.exchange(late)
    assert exchange.response is not None
    found = [
        overtaken(stored(trace, result), exchange, result)
        for result in exchange.response.set_cookies
    ]
    assert found == expected


def test_an_unconfirmed_effect_undoes_nothing() -> None:
    """Nobody knows whether it took place until a request shows it."""
    story = Story("https://shop.test")
    late = story.ask("/refresh", headers=SCRIPT)
    story.visit("/", None, "sid=new; Path=/")
    story.respond(late, "sid=; Max-Age=0; Path=/")
    found = []
    for _ in range(2):
        trace = story.trace()
        exchange = trace.exchange(late)
        assert exchange.response is not None
        (result,) = exchange.response.set_cookies
        found.append(overtaken(stored(trace, result), exchange, result))
        waiting = story.ask("/")
    assert found == [None, "x2"]
    trace = story.trace()
    assert overtaken(stored(trace, result), trace.exchange(waiting), result) is None
