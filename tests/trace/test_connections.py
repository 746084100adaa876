"""The client's connections: whose requests they are, and whether those have credentials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.cookies import Credentials
from cookietrace.fold.connections import REMEMBERED, Connections
from cookietrace.fold.exchange import NoteKind
from tests.story import Story
from tests.trace.test_standing import OWN, PAGE, PREFLIGHT, SHARED, fetch, standings

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


def of_a_navigation(story: Story) -> None:
    """A script's request on the connection of a navigation has credentials."""
    story.respond(story.ask("/", connection="n"))
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1")


def of_a_cookie(story: Story) -> None:
    """The same on a connection that carried a cookie."""
    story.respond(story.ask("/x", "b=1", headers=OWN, connection="n"))
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1")


def of_a_preflight(story: Story) -> None:
    """None has credentials on the connection of a preflight."""
    story.respond(story.ask("/x", method="OPTIONS", headers=PREFLIGHT, connection="n"))
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1")


def of_both(story: Story) -> None:
    """A connection that carried both shows nothing."""
    story.respond(story.ask("/x", method="OPTIONS", headers=PREFLIGHT, connection="n"))
    story.respond(story.ask("/x", connection="n"))
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1")


def of_another(story: Story) -> None:
    """Another connection shows nothing."""
    story.respond(story.ask("/", connection="n"))
    story.respond(story.ask("/x", headers=OWN, connection="m"), "a=1")


def later_navigation(story: Story) -> None:
    """If a connection shows it later, that settles it."""
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1; Path=/deep")
    story.respond(story.ask("/", connection="n"))


def later_preflight(story: Story) -> None:
    """The same for a preflight."""
    story.respond(story.ask("/x", headers=OWN, connection="n"), "a=1; Path=/deep")
    story.ask("/", method="OPTIONS", headers=PREFLIGHT, connection="n")


def while_under_way(story: Story) -> None:
    """Or before the response is there."""
    slow = story.ask("/x", headers=OWN, connection="n")
    story.respond(story.ask("/", connection="n"))
    story.respond(slow, "a=1")


def one_for_all(story: Story) -> None:
    """What settles one response settles the others of its connection."""
    fetch(story, "b=1; Path=/never", connection="n")
    fetch(story, f"a=1{SHARED}", connection="n")
    story.ask("/", "a=1", connection="m")


@pytest.mark.parametrize(
    ("make", "chromium", "firefox"),
    [
        (of_a_navigation, "x2 a created certain", "x2 a created unconfirmed"),
        (of_a_cookie, "x2 a created certain", "x2 a created unconfirmed"),
        (of_a_preflight, "x2 a rejected certain", "x2 a created unconfirmed"),
        (of_both, "x3 a created unconfirmed", "x3 a created unconfirmed"),
        (of_another, "x2 a created unconfirmed", "x2 a created unconfirmed"),
        (later_navigation, "x1 a created confirmed x2", "x1 a created unconfirmed"),
        (later_preflight, "x1 a created refuted x2", "x1 a created unconfirmed"),
        (while_under_way, "x1 a created certain", "x1 a created unconfirmed"),
        (
            one_for_all,
            "x1 b created confirmed x3; x2 a created confirmed x3",
            "x1 b created unconfirmed; x2 a created confirmed x3",
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_connection_shows_credentials(
    make: Callable[[Story], None], chromium: str, firefox: str
) -> None:
    """Chromium sends requests without credentials on connections of their own."""
    story = Story(PAGE)
    make(story)
    assert standings(story.trace()) == chromium
    assert standings(story.trace("firefox")) == firefox


def test_a_known_connection_makes_the_context_certain() -> None:
    """The prediction for a script's request is then as certain as any other."""
    story = Story(PAGE)
    story.respond(story.ask("/", connection="n"))
    script = story.ask("/x", headers=OWN, connection="n")
    context = story.trace().exchange(script).request.context
    assert (context.credentials, context.certain) == (Credentials.INCLUDE, True)


def test_a_lacking_cookie_on_a_known_connection_is_missing() -> None:
    """If the connection shows credentials, a request without a header lacks its cookies."""
    story = Story(PAGE)
    story.respond(story.ask("/", connection="n"), "a=1; Path=/")
    script = story.ask("/x", headers=OWN, connection="n")
    part = story.trace().exchange(script).request
    assert [absent.cookie.name for absent in part.missing] == ["a"]
    assert part.withheld == ()


def swaps(*connections: str | None) -> Story:
    """Requests with ``a=1`` and ``a=2`` in turn, each on the next connection."""
    story = Story(PAGE)
    story.respond(story.ask("/", connection=connections[0]), "a=1")
    story.ask("/", "a=1", connection=connections[0])
    for turn, connection in enumerate(connections[1:]):
        value = f"a={2 - turn % 2}"
        story.ask("/", value, connection=connection)
        story.ask("/", value, connection=connection)
    return story


def flickers(*connections: str | None) -> Story:
    """A cookie that every second request lacks."""
    story = Story(PAGE)
    story.respond(story.ask("/", connection=connections[0]), "a=1")
    for turn, connection in enumerate(connections):
        story.ask("/", None if turn % 2 else "a=1", connection=connection)
    return story


@pytest.mark.parametrize(
    ("story", "noticed"),
    [
        (swaps(None, None, None, None), "a private window or a second profile?"),
        (swaps("1", "2", "1", "2"), "came on another connection"),
        (swaps("1", "1", "1", "1", "1"), None),
        (flickers(None, None, None, None, None), "a private window or a second profile?"),
        (flickers("1", "2", "1", "2", "1"), "came on another connection"),
        (flickers("1", "1", "1", "1", "1"), None),
    ],
    ids=["unknown", "own", "shared", "unknown, lacking", "own, lacking", "shared, lacking"],
)
def test_requests_on_one_connection_have_one_jar(story: Story, noticed: str | None) -> None:
    """Differences on a connection that carried the jar's own cookies are no second jar."""
    notes = [note.message for note in story.trace().notes if note.kind is NoteKind.TWO_JARS]
    assert len(notes) == (noticed is not None)
    assert noticed is None or noticed in notes[0]


def test_the_latest_connections_are_remembered() -> None:
    """A long capture has many; the oldest are forgotten."""
    connections = Connections("chromium")
    for number in range(REMEMBERED + 1):
        assert connections.carried(str(number), Credentials.INCLUDE)
    assert connections.credentials("0") is Credentials.UNKNOWN
    assert connections.credentials("1") is Credentials.INCLUDE
