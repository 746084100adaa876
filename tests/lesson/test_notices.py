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
    """``a1``: client c1 does not reach a.test; ``a1!``: now it does; ``gap``: events were lost."""
    story = Story()
    for word in happenings.split():
        if word == "gap":
            story.events.append(ev.Recorder(at=story.now, state="gap", message=LOST))
            continue
        name, client_id = word.rstrip("!")[:-1], f"c{word.rstrip('!')[-1]}"
        if word.endswith("!"):
            story.ask(f"https://{name}.test/", client_id=client_id)
        else:
            story.events.append(
                ev.Failure(
                    client_id=client_id,
                    at=story.now,
                    host=f"{name}.test",
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
        ("a1", ["a.test: no trust"], []),
        ("a1 a1", ["a.test: no trust (2 times)"], []),
        ("a1 b1", ["b.test: no trust", "a.test: no trust"], []),
        ("a1 b1 a1", ["a.test: no trust (2 times)", "b.test: no trust"], []),
        ("a1! a1 gap a1! a1", ["a.test: no trust (2 times)", LOST], []),
        ("gap a1 a1!", [LOST], ["a.test: no trust"]),
        ("a1 a1 b1 b1! a1! gap", [LOST], ["b.test: no trust", "a.test: no trust (2 times)"]),
        ("a1 a1! a1! b1", ["b.test: no trust"], ["a.test: no trust"]),
        ("a1 a2 a1!", ["a.test: no trust (2 times)"], []),
        ("a1 a2 a1! a2!", [], ["a.test: no trust (2 times)"]),
        ("\x1b[2J1", ["\\x1b[2J.test: no trust"], []),
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


def test_what_could_not_be_read_stays_in_the_list() -> None:
    """Lines on what a file lacked hold for good, older than all that the trace tells."""
    trace = Trace()
    board = NoticeBoard(trace, ["line 5: cut off \x1b[2J", "line 9: no event"])
    assert len(board) == 2
    assert board.newest is not None
    assert board.newest.line == "Not all was read: line 9: no event"
    for event in told("a1"):
        trace.apply(event)
    board.update()
    assert [notice.line for notice in board.all()] == [
        "a.test: no trust",
        "Not all was read: line 9: no event",
        "Not all was read: line 5: cut off \\x1b[2J",
    ]
