"""Notes on failed connections: they end as soon as the client reaches the host."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from tests.story import Story


def failed(story: Story, host: str | None = "bank.test", client_id: str | None = "c1") -> None:
    """Add a failed TLS handshake between a client and the proxy."""
    story.events.append(
        ev.Failure(
            client_id=client_id, at=story.now, host=host, kind="tls-client", message="no trust"
        )
    )


@pytest.mark.parametrize(
    ("host", "url", "ends"),
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
def test_which_requests_end_a_failure(host: str | None, url: str, ends: bool) -> None:
    """Only a request over TLS to the same host does; a failure without a host never ends."""
    story = Story()
    failed(story, host)
    failed(story, host)
    story.ask(url)
    trace = story.trace()
    assert len(trace.notes) == 2
    assert list(trace.notes_ended) == ([0, 1] if ends else [])


@pytest.mark.parametrize("client_id", ["c2", None])
def test_another_client_connects(client_id: str | None) -> None:
    """A success of one client does not end the failure of another or of an unknown one."""
    story = Story()
    failed(story, client_id=client_id)
    story.ask("https://bank.test/")
    assert list(story.trace().notes_ended) == []


def test_it_fails_again() -> None:
    """A failure after a success holds until the next success."""
    story = Story()
    failed(story)
    story.ask("https://bank.test/")
    failed(story)
    assert list(story.trace().notes_ended) == [0]
    story.ask("https://bank.test/")
    assert list(story.trace().notes_ended) == [0, 1]
