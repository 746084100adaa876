"""Fresh browsers that a reader adds: the same trace as if the recorder had been told."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import client_name, client_text
from cookietrace.lesson.moments import Severity, key_moments
from cookietrace.lesson.new_sessions import with_new_sessions
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from cookietrace.redact import redacted
from cookietrace.trace import fold
from tests.story import Story


def private_window() -> Story:
    """A window with a cookie, then a private one; the first one's last request is in progress."""
    story = Story("https://shop.test", user_agent="A")
    story.visit("/", None, "a=1; Path=/")
    slow = story.ask("/slow", "a=1")
    story.visit("/private", None, "a=2; Path=/")
    story.respond(slow, "b=1; Path=/")
    story.visit("/private", "a=2")
    story.visit("/other-private")
    return story


def test_it_is_as_if_the_recorder_had_been_told() -> None:
    """The client, the session event, and the requests from there on are those of a recording."""
    story = private_window()
    told = private_window()
    at = [isinstance(event, ev.Request) for event in told.events]
    position = [index for index, is_request in enumerate(at) if is_request][2]
    asked = told.events[position]
    assert isinstance(asked, ev.Request)
    client = next(event for event in told.events if isinstance(event, ev.Client))
    name = "c1-session-2"
    told.events[position:position] = [
        msgspec.structs.replace(client, client_id=name, at=asked.at),
        ev.Session(client_id=name, at=asked.at, follows="c1"),
    ]
    told.events = [
        msgspec.structs.replace(event, client_id=name)
        if isinstance(event, ev.Request) and event.at >= asked.at
        else event
        for event in told.events
    ]
    read = list(with_new_sessions(story.events, [4]))
    assert read == told.events
    assert list(explanations(fold(read), jar=True)) == list(explanations(told.trace(), jar=True))


def test_several_steps() -> None:
    """Each begins a fresh browser instead of the one before; a row of storing is its request's."""
    trace = fold(with_new_sessions(private_window().events, [4, 8]))
    assert [(state.client_id, state.follows) for state in trace.clients] == [
        ("c1", None),
        ("c1-session-2", "c1"),
        ("c1-session-3", "c1-session-2"),
    ]
    assert all(each.request.expected == each.request.observed for each in trace.exchanges)
    assert [note.kind for note in trace.notes] == [NoteKind.FRESH_BROWSER] * 2


def test_at_its_clients_first_request_it_changes_nothing() -> None:
    """The jar is empty there anyway."""
    events = private_window().events
    assert list(with_new_sessions(events, [1])) == events
    assert list(with_new_sessions(events, [4, 4])) == list(with_new_sessions(events, [4]))


def test_the_schema_of_an_older_capture_is_raised() -> None:
    """An older version must not read what it cannot continue."""
    story = private_window()
    story.events[0] = ev.Capture(capture_id="old", schema=1, at=1.0, producer="older")
    first, *_ = with_new_sessions(story.events, [4])
    assert isinstance(first, ev.Capture)
    assert first.schema == ev.SCHEMA


def test_sessions_and_failures_of_the_capture_stay_consistent() -> None:
    """A session of the recording follows the latest one; a failure belongs to its request."""
    story = Story("https://shop.test")
    story.visit("/")
    story.visit("/again")
    lost = story.ask("/lost")
    story.fresh("c2")
    for exchange_id in (lost, None):
        story.events.append(
            ev.Failure(
                exchange_id=exchange_id, client_id="c1", at=story.now, kind="upstream", message="no"
            )
        )
    story.visit("/")
    events = list(with_new_sessions(story.events, [2]))
    assert [e.follows for e in events if isinstance(e, ev.Session)] == ["c1", "c1-session-2"]
    assert [e.client_id for e in events if isinstance(e, ev.Failure)] == ["c1-session-2"] * 2
    assert [e.client_id for e in events if isinstance(e, ev.Request)] == [
        "c1",
        *["c1-session-2"] * 3,
    ]


@pytest.mark.parametrize("step", [0, 10, 99])
def test_a_step_that_is_not_there(step: int) -> None:
    """One line says which steps there are."""
    with pytest.raises(FormatError, match=f"there is no step {step} .*its steps are 1 to 8"):
        with_new_sessions(private_window().events, [1, step])


def test_a_capture_without_steps() -> None:
    """One line says so."""
    with pytest.raises(FormatError, match="it has no steps"):
        with_new_sessions(Story().events, [1])


def test_a_redacted_capture_takes_none() -> None:
    """Its verdicts are those on the true values, which are gone."""
    events = list(redacted(private_window().events, key=b"k" * 32))
    assert list(with_new_sessions(events, [])) == events
    with pytest.raises(FormatError, match="use the original file"):
        with_new_sessions(events, [4])


def test_texts_name_the_fresh_browser() -> None:
    """The table says where it begins, prose and choices which client it is; no notice stays."""
    trace = fold(with_new_sessions(private_window().events, [4]))
    actions = [row.action for row in map(Table(trace).row, range(1, 9))]
    assert actions[3] == "Client 2: GET /private (first request of a fresh browser)"
    assert [action for action in actions if "fresh" in action] == [actions[3]]
    pinned = Table(trace, Focus(path="/private"))
    assert pinned.row(1).action == "Client 2 sends first request of a fresh browser"
    assert client_text(trace.clients[1]) == "2 · A · fresh browser · 127.0.0.1"
    assert [client_name(state) for state in trace.clients] == ["Client 1", "Client 2"]
    labelled = msgspec.structs.replace(trace.clients[1], label="chromium")
    assert client_name(labelled) == "Chromium (client 2)"
    assert "Note: A fresh browser from here on" in "\n".join(transcript(trace))
    board = NoticeBoard(trace)
    board.update()
    assert (len(board), board.newest) == (1, None)


def test_a_browser_that_is_still_in_use() -> None:
    """Its cookies in the fresh browser's place are explained, and are no warning."""
    story = Story("https://shop.test")
    safe = "; Path=/; HttpOnly; Secure; SameSite=Lax"
    story.visit("/", None, f"sid=the-first-value{safe}")
    for name, follows in (("c2", "c1"), ("c3", "c2")):
        story.fresh(name, follows)
        story.respond(story.ask("/", None, client_id=name), f"sid=the-value-of-{name}{safe}")
    story.ask("/", "sid=the-first-value", client_id="c3")
    table = Table(story.trace())
    (moment,) = [each for each in key_moments(table) if each.rule == "value-of-another-client"]
    assert moment.severity is Severity.NOTE
    assert "that one is still in use" in moment.answer
    assert not problems(table)
