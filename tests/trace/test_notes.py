"""Notes that a connection failed: over as soon as the client gets through to the host."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from tests.story import Story


def failed(story: Story, host: str | None = "bank.test", client_id: str | None = "c1") -> None:
    """A client would not speak TLS with the proxy."""
    story.events.append(
        ev.Failure(
            client_id=client_id, at=story.now, host=host, kind="tls-client", message="no trust"
        )
    )


@pytest.mark.parametrize(
    ("host", "url", "over"),
    [
        ("bank.test", "https://bank.test/", True),
        ("bank.test", "https://bank.test:8443/pay", True),
        ("bank.test", "wss://bank.test/live", True),
        ("Bank.test", "https://bank.TEST/", True),
        ("::1", "https://[::1]:8443/", True),
        ("127.0.0.1", "https://127.0.0.1/", True),
        ("bank.test", "http://bank.test/", False),
        ("bank.test", "https://www.bank.test/", False),
        ("bank.test", "https://shop.test/", False),
        (None, "https://bank.test/", False),
        ("", "https:///", False),
    ],
)
def test_what_shows_that_a_failure_is_over(host: str | None, url: str, over: bool) -> None:
    """Only a request over TLS to the very host does; nothing where none was named."""
    story = Story()
    failed(story, host)
    failed(story, host)
    story.ask(url)
    trace = story.trace()
    assert len(trace.notes) == 2
    assert list(trace.notes_ended) == ([0, 1] if over else [])


@pytest.mark.parametrize("client_id", ["c2", None])
def test_another_client_gets_through(client_id: str | None) -> None:
    """That one client trusts the proxy says nothing of another, or of one that is unknown."""
    story = Story()
    failed(story, client_id=client_id)
    story.ask("https://bank.test/")
    assert list(story.trace().notes_ended) == []


def test_it_fails_again() -> None:
    """A failure after a request that came through holds, until the next one comes."""
    story = Story()
    failed(story)
    story.ask("https://bank.test/")
    failed(story)
    assert list(story.trace().notes_ended) == [0]
    story.ask("https://bank.test/")
    assert list(story.trace().notes_ended) == [0, 1]
