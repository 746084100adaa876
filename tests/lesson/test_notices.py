"""The notes on a trace as people read them."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.trace import Trace
from tests.story import Story

LOST = "2 events were not recorded"
OVER = " · over: it came through since"


def told(happenings: str) -> list[ev.Event]:
    """``a``: c1 does not reach a.test; ``a!``: now it does; ``gap``: events were lost."""
    story = Story()
    for word in happenings.split():
        if word == "gap":
            story.events.append(ev.Recorder(at=story.now, state="gap", message=LOST))
        elif word.endswith("!"):
            story.ask(f"https://{word[:-1]}.test/")
        else:
            story.events.append(
                ev.Failure(
                    client_id="c1",
                    at=story.now,
                    host=f"{word}.test",
                    kind="tls-client",
                    message="no trust",
                )
            )
    return story.events


@pytest.mark.parametrize(
    ("happenings", "holding", "over"),
    [
        ("", [], []),
        ("gap", [LOST], []),
        ("a", ["a.test: no trust"], []),
        ("a a", ["a.test: no trust (2 times)"], []),
        ("a b", ["b.test: no trust", "a.test: no trust"], []),
        ("a b a", ["a.test: no trust (2 times)", "b.test: no trust"], []),
        ("a! a gap a! a", ["a.test: no trust (2 times)", LOST], []),
        ("gap a a!", [LOST], ["a.test: no trust"]),
        ("a a b b! a! gap", [LOST], ["b.test: no trust", "a.test: no trust (2 times)"]),
        ("a a! a! b", ["b.test: no trust"], ["a.test: no trust"]),
        ("\x1b[2J", ["\\x1b[2J.test: no trust"], []),
    ],
)
def test_each_thing_once(happenings: str, holding: list[str], over: list[str]) -> None:
    """What holds before what is over, the newest first, equal notes one; whenever it is asked."""
    trace = Trace()
    watching, late = NoticeBoard(trace), NoticeBoard(trace)
    for event in told(happenings):
        trace.apply(event)
        watching.update()
    late.update()
    assert [notice.line for notice in late.all()] == [*holding, *(f"{one}{OVER}" for one in over)]
    assert len(late) == len(holding) + len(over)
    assert late.newest == (late.all()[0] if holding else None)
    assert (watching.all(), watching.newest) == (late.all(), late.newest)
