"""Notes on redirects that lead away from a reverse listener."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.checking.checker import check
from cookietrace.fold.exchange import NoteKind
from tests.story import Story

REVERSE = ev.Listener(mode="reverse", address="127.0.0.1:8080", target="http://localhost:3000")
REGULAR = ev.Listener(mode="regular", address="127.0.0.1:8080")
OTHER = ev.Listener(mode="reverse", address="127.0.0.1:8082", target="http://localhost:4000")


def redirected(location: str, *listeners: ev.Listener, status: int = 302, often: int = 1) -> Story:
    """A browser at localhost:8080 is redirected."""
    story = Story("http://localhost:8080")
    story.events.append(ev.Recorder(at=story.now, state="started", listeners=listeners))
    for _ in range(often):
        story.respond(story.ask("/login"), status=status, headers=[("Location", location)])
    return story


@pytest.mark.parametrize(
    ("location", "origin"),
    [
        ("http://127.0.0.1:5051/authorize?x=1", "http://127.0.0.1:5051"),
        ("//sso.test/authorize", "http://sso.test"),
        ("https://sso.test", "https://sso.test"),
        ("http://localhost:3000/account", "http://localhost:3000"),
        ("/account", None),
        ("?step=2", None),
        ("http://localhost:8080/account", None),
        ("http://127.0.0.1:8080/account", None),
        ("http://localhost:8082/", None),
        ("myapp://done", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_where_a_redirect_leads(location: str, origin: str | None) -> None:
    """There is a note, once, if no reverse listener records what the browser does there."""
    trace = redirected(location, REVERSE, OTHER, often=2).trace()
    found = [note for note in trace.notes if note.kind is NoteKind.NOT_RECORDED]
    starts = [f"Step 1 sends the browser to {origin}, which the listener at 127.0.0.1:8080 does"]
    assert [note.message.partition(" not ")[0] for note in found] == (starts if origin else [])


@pytest.mark.parametrize(
    ("listeners", "status"),
    [((REGULAR,), 302), ((REGULAR, OTHER), 302), ((), 302), ((REVERSE,), 200)],
)
def test_what_is_recorded_anyway(listeners: tuple[ev.Listener, ...], status: int) -> None:
    """A proxy records every site, of a file nothing is known, and only a redirect leads away."""
    trace = redirected("http://sso.test/", *listeners, status=status).trace()
    assert not trace.notes


def test_a_check_says_so() -> None:
    """A check of such a capture may have missed what matters."""
    story = redirected("http://sso.test/", REVERSE)
    (remark,) = check(story.events, source="shop").remarks
    assert remark.startswith("Step 1 sends the browser to http://sso.test, which ")
