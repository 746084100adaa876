"""The ``jar`` event: a client's jar as it is at a place of a capture, whatever came before."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cookies import Cookie
from cookietrace.fold.exchange import NoteKind
from cookietrace.trace import fold
from tests.story import Story


def cut(story: Story) -> tuple[ev.Capture, ev.Client, ev.Jar]:
    """Return what a capture of the same clients begins with after the story."""
    (jar,) = story.trace().jars(ev.Removed(exchanges=1234, until=story.now, why="limited"))
    capture, client = story.events[:2]
    assert isinstance(capture, ev.Capture)
    assert isinstance(client, ev.Client)
    return capture, client, jar


def visited() -> Story:
    """A visit that leaves two cookies in the jar."""
    story = Story("https://shop.test")
    story.visit("/", None, "sid=1; Path=/; HttpOnly", "theme=dark; Max-Age=900")
    return story


def test_a_cookie_of_the_event_has_everything_that_the_engine_knows() -> None:
    """Its fields are those of the engine's cookie, with the same names."""
    fields = {field.name for field in msgspec.structs.fields(ev.JarCookie)}
    assert fields == {field.name for field in msgspec.structs.fields(Cookie)}


def test_the_jar_and_the_numbers_of_steps_go_on() -> None:
    """The first request after the event is judged by its jar, and has the next number."""
    story = visited()
    begun = cut(story)
    after = Story("https://shop.test")
    after.now = story.now
    after.visit("/", "sid=1; theme=dark")
    trace = fold([*begun, *after.events[2:]])
    (exchange,) = trace.exchanges
    assert exchange.request.expected == "sid=1; theme=dark"
    assert [cookie.status.value for cookie in exchange.request.cookies] == ["sent", "sent"]
    assert exchange.row.label == "3"
    assert [cookie.name for cookie in trace.jar_at("c1", 3)] == ["sid", "theme"]
    assert trace.jar_at("c1", 2) == ()


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        (
            ev.Removed(
                exchanges=1234, until=1_750_000_200.0, why="limited", most_bytes=500_000_000
            ),
            "1,234 exchanges up to 2025-06-15 15:10 UTC were removed from this capture: "
            "it is limited to 500 MB.",
        ),
        (
            ev.Removed(
                exchanges=1, until=1e30, why="limited", most_bytes=1_500_000, most_seconds=604800.0
            ),
            "1 exchange up to an unknown time was removed from this capture: "
            "it is limited to 1,500 kB and 7 days.",
        ),
        (
            ev.Removed(exchanges=2, until=0.0, why="left out"),
            "2 exchanges up to 1970-01-01 00:00 UTC were left out of this copy.",
        ),
        (
            ev.Removed(exchanges=2, until=0.0, why="compacted"),
            "2 exchanges up to 1970-01-01 00:00 UTC were removed from this capture.",
        ),
    ],
)
def test_what_is_missing_is_said_once(removed: ev.Removed, said: str) -> None:
    """The events of all clients say the same; of several cuts, only the latest note holds."""
    capture, client, jar = cut(visited())
    jars = [
        msgspec.structs.replace(jar, removed=removed, client_id=client_id)
        for client_id in ("c1", "c2")
    ]
    trace = fold([capture, client, *jars])
    assert [note.message for note in trace.notes if note.kind is NoteKind.REMOVED] == [said]
    more = msgspec.structs.replace(removed, exchanges=removed.exchanges + 5)
    trace.apply(msgspec.structs.replace(jar, removed=more))
    notes = [note for note in trace.notes if note.kind is NoteKind.REMOVED]
    assert len(notes) == 2
    assert [trace.notes[index] for index in trace.notes_ended] == notes[:1]


@pytest.mark.parametrize(
    "memory",
    [
        b'{"version":99}',
        b"[]",
        b'{"version":1}',
        b'{"version":1,"client":{"jar":{"cookies":[]},"doubts":{"links":[{"doubt":7,"key":'
        b'["a","b",true,"/"],"after":null,"assumed":true}]}}}',
    ],
)
def test_a_memory_that_cannot_be_used_costs_certainty_only(memory: bytes) -> None:
    """The jar holds its cookies anyway, and a note says what is not known."""
    capture, client, jar = cut(visited())
    jar = msgspec.structs.replace(jar, memory=msgspec.Raw(memory))
    trace = fold([capture, client, jar])
    assert [cookie.name for cookie in trace.jar_at("c1", 3)] == ["sid", "theme"]
    assert [note.kind for note in trace.notes if note.client_id] == [NoteKind.FORGOTTEN]


def test_numbers_from_a_hostile_file_are_harmless() -> None:
    """Numbers of rows below zero count as none, and a request that never follows is no row."""
    capture, client, jar = cut(visited())
    jar = msgspec.structs.replace(
        jar,
        step=-(2**53),
        aside=-1,
        open=(ev.OpenExchange(exchange_id="x9", step=-5, aside=-5),),
    )
    story = Story("https://shop.test")
    story.visit("/", "sid=1")
    trace = fold([capture, client, jar, *story.events[2:]])
    assert [row.label for row in trace.rows] == ["1"]
