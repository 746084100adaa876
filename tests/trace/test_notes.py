"""Notes that a connection failed: over as soon as the client gets through to the host."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from tests.story import Story


def failed(story: Story, host: str | None = "bank.test", client_id: str = "c1") -> None:
    """A client would not speak TLS with the proxy."""
    story.events.append(
        ev.Failure(
            client_id=client_id, at=story.now, host=host, kind="tls-client", message="no trust"
        )
    )


@pytest.mark.parametrize(
    ("url", "over"),
    [
        ("https://bank.test/", True),
        ("https://bank.test:8443/pay", True),
        ("wss://bank.test/live", True),
        ("http://bank.test/", False),
        ("https://www.bank.test/", False),
        ("https://shop.test/", False),
    ],
)
def test_what_shows_that_a_failure_is_over(url: str, over: bool) -> None:
    """Only a request over TLS to the very host does."""
    story = Story()
    failed(story)
    failed(story)
    story.ask(url)
    trace = story.trace()
    ended = trace.position if over else None
    assert [note.over_at for note in trace.notes] == [ended, ended]
    assert trace.notes_ended == (2 if over else 0)


def test_another_client_gets_through() -> None:
    """That one client trusts the proxy says nothing of the other."""
    story = Story()
    failed(story, client_id="c2")
    story.ask("https://bank.test/")
    assert [note.over_at for note in story.trace().notes] == [None]


def test_it_fails_again() -> None:
    """A failure after a request that came through holds, until the next one comes."""
    story = Story()
    failed(story)
    story.ask("https://bank.test/")
    failed(story)
    first, second = story.trace().notes
    assert first.over_at is not None
    assert second.over_at is None
    story.ask("https://bank.test/")
    assert [note.over_at for note in story.trace().notes] == [first.over_at, story.trace().position]


def test_a_failure_without_a_host() -> None:
    """Where the client did not even say whom it wanted, no request ends it."""
    story = Story()
    failed(story, host=None)
    story.ask("https://bank.test/")
    assert [note.over_at for note in story.trace().notes] == [None]
