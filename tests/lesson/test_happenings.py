"""What happened in a row, in a few words: what a request sent that the jar did not predict."""

from __future__ import annotations

import pytest

from cookietrace.lesson.happenings import everything, of_request, of_row
from cookietrace.lesson.row_marks import Mark
from tests.lesson.visits import Visit, story_of


@pytest.mark.parametrize(
    ("visits", "text"),
    [
        ((Visit(cookie="sid=1"),), "'sid' sent, but never seen being set"),
        (
            (Visit(sets=("sid=1",)), Visit(cookie="sid=2")),
            "'sid' sent, but with another value than the jar held",
        ),
        (
            (Visit(sets=("sid=1; Domain=other.test",)), Visit(cookie="sid=1")),
            "'sid' sent, but should have been refused",
        ),
        (
            (Visit(sets=("sid=1",)), Visit(sets=("sid=; Max-Age=0",)), Visit(cookie="sid=1")),
            "'sid' sent, but no longer in the jar",
        ),
    ],
)
def test_an_unexplained_cookie(visits: tuple[Visit, ...], text: str) -> None:
    """It says what is odd, as the details do."""
    trace = story_of(*visits).trace()
    (happening,) = (
        each
        for each in of_request(trace.exchanges[-1].request, everything)
        if each.mark is Mark.UNEXPLAINED
    )
    assert happening.text == text


def test_a_predicted_cookie_is_just_sent() -> None:
    """Nothing is odd about a cookie that the jar held, and only cookies of interest are named."""
    trace = story_of(Visit(sets=("a=1", "b=2")), Visit(cookie="a=1; b=2")).trace()
    row, exchange = trace.rows[-1], trace.exchanges[-1]
    (both,) = of_row(row, exchange, everything)
    assert (both.text, both.mark) == ("'a' and 'b' sent", Mark.SENT)
    (one,) = of_row(row, exchange, lambda name: name == "b")
    assert one.text == "'b' sent"
