"""What one can focus on: the choices, their counts and labels, and their effect."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace.events import CookieRead
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import (
    Choice,
    Kind,
    browser_name,
    choices,
    client_name,
    client_text,
)
from tests.lesson.visits import Visit, story_of
from tests.story import CHROMIUM, Story, witness

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_everything_to_focus_on_is_counted() -> None:
    """Choices by kind, the most frequent first, including the folders above each path."""
    trace = story_of(
        Visit("/a/b", sets=("x=1", "y=2")),
        Visit("/a/c", cookie="x=1; y=2"),
        Visit("https://other.test/", cookie="z=1"),
    ).trace()
    assert [(one.kind, one.label, one.count) for one in choices(trace)] == [
        ("cookie", "x", 2),
        ("cookie", "y", 2),
        ("cookie", "z", 1),
        ("host", "shop.test", 2),
        ("host", "other.test", 1),
        ("path", "/a/*", 2),
        ("path", "/", 1),
        ("path", "/a/b", 1),
        ("path", "/a/c", 1),
        ("client", "1 · Chrome 156 · 127.0.0.1", 3),
    ]


@pytest.mark.parametrize(
    ("value", "where", "listed"),
    [(None, "session", False), (None, "view", True), ("abc", "session", True)],
)
def test_a_session_that_never_existed_is_not_offered(
    value: str | None, where: str, listed: bool
) -> None:
    """A session cookie that a framework only looked for is not a choice."""
    reads = (CookieRead(name="session", value=value, where=where),)
    story = Story()
    asked = story.ask()
    server = msgspec.structs.replace(witness(asked, None), reads=reads, writes=(), locals=())
    story.respond(asked, server=server)
    offered = {choice.value for choice in choices(story.trace()) if choice.kind == "cookie"}
    assert ("session" in offered) is listed


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (None, "Client 1"),
        ("chromium", "Chromium"),
        ("firefox 2 (over a port)", "Firefox 2 (over a port)"),
        ("chromium (scripts watched)", "Chromium (scripts watched)"),
    ],
)
def test_what_a_client_is_called(label: str | None, name: str) -> None:
    """A browser that was opened has its name, as a sentence begins with it, and so in lists."""
    (client,) = story_of(Visit("/")).trace().clients
    labelled = msgspec.structs.replace(client, label=label)
    assert client_name(labelled) == name
    assert client_text(labelled) == f"1 · {name if label else 'Chrome 156'} · 127.0.0.1"


@pytest.mark.parametrize(
    ("kind", "value", "focus"),
    [
        ("cookie", "x", Focus(cookies=("a", "x"))),
        ("host", "shop.test", Focus(cookies=("a",), host="shop.test")),
        ("path", "/", Focus(cookies=("a",), path="/")),
        ("client", "c1", Focus(cookies=("a",), client_id="c1")),
        ("housekeeping", "", Focus(cookies=("a",), housekeeping=True)),
    ],
)
def test_choosing_adds_and_choosing_again_removes(kind: Kind, value: str, focus: Focus) -> None:
    """Each kind has its own field of the focus, and leaves the others alone."""
    choice, before = Choice(kind, value, value, 1), Focus(cookies=("a",))
    assert not choice.chosen(before)
    assert choice.toggled(before) == focus
    assert choice.chosen(focus)
    assert choice.toggled(focus) == before


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (None, "no User-Agent"),
        (CHROMIUM, "Chrome 156"),
        (CHROMIUM.replace("Chrome/", "HeadlessChrome/"), "headless Chrome 156"),
        (f"{CHROMIUM} Edg/140.0.1", "Edge 140"),
        (FIREFOX, "Firefox 140"),
        ("curl/8.5.0 (x)", "curl/8.5.0"),
    ],
)
def test_browser_name(user_agent: str | None, name: str) -> None:
    """The browser that a User-Agent most likely means, with its major version."""
    assert browser_name(user_agent) == name
