"""The notices of a trace."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.trace import Trace
from tests.story import Story

LOST = "2 events were not recorded"
OVER = " · over: requests succeeded since"


def events_of(script: str) -> list[ev.Event]:
    """``a1``: client c1 cannot reach a.test; ``a1!``: now it can; ``gap``: events were lost."""
    story = Story()
    for word in script.split():
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
    ("script", "holding", "over"),
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
def test_equal_notes_are_one_notice(script: str, holding: list[str], over: list[str]) -> None:
    """Current notices come before those that are over, newest first, whenever they are read."""
    trace = Trace()
    watching, late = NoticeBoard(trace), NoticeBoard(trace)
    for event in events_of(script):
        trace.apply(event)
        watching.update()
    late.update()
    assert [notice.line for notice in late.all()] == [*holding, *(f"{one}{OVER}" for one in over)]
    assert len(late) == len(holding) + len(over)
    assert late.newest == (late.all()[0] if holding else None)
    assert (watching.all(), watching.newest) == (late.all(), late.newest)


def test_what_could_not_be_read_stays_in_the_list() -> None:
    """Lines about unreadable parts of a file always hold, and are older than the trace's notes."""
    trace = Trace()
    board = NoticeBoard(trace, ["line 5: cut off \x1b[2J", "line 9: no event"])
    assert len(board) == 2
    assert board.newest is not None
    assert board.newest.line == "Not everything could be read: line 9: no event"
    for event in events_of("a1"):
        trace.apply(event)
    board.update()
    assert [notice.line for notice in board.all()] == [
        "a.test: no trust",
        "Not everything could be read: line 9: no event",
        "Not everything could be read: line 5: cut off \\x1b[2J",
    ]


def test_hosts_of_the_browser_itself_are_only_listed() -> None:
    """That a browser cannot reach its maker's hosts is no news; the app's hosts are."""
    trace = Trace()
    board = NoticeBoard(trace)
    own, apps = "accounts.google.com", "a.test"
    for host, newest in ((own, None), (apps, apps), (own, apps)):
        trace.apply(
            ev.Failure(client_id=None, at=0.0, host=host, kind="tls-client", message="no trust")
        )
        board.update()
        assert (board.newest and board.newest.text) == (newest and f"{newest}: no trust")
    assert len(board) == 2


def test_what_is_told_of_recorders_holds_until_it_is_not_told() -> None:
    """A line that stays is told once; one that is gone is over, and may come again."""
    board = NoticeBoard(Trace())
    for lines in (("a is silent", "b is gone"), ("a is silent", "b is gone"), ("b is gone",)):
        board.tell(lines)
    assert [notice.line for notice in board.all()] == [
        "b is gone",
        "a is silent · over: no longer so",
    ]
    board.tell(("a is silent",))
    assert board.newest is not None
    assert board.newest.line == "a is silent (2 times)"
    assert len(board) == 2
