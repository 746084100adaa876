"""A client by the number that texts give it."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.errors import FormatError
from cookietrace.lesson.numbered_client import numbered_client
from cookietrace.trace import fold
from tests.story import Story


def several() -> list[ev.Event]:
    """Return traffic of clients of which some are never introduced."""
    story = Story("https://shop.test")
    story.ask("/", client_id="c1")
    story.ask("/", client_id="lost")
    story.client("c2")
    story.ask("/", client_id="c2")
    story.fresh("c3", "c2")
    return story.events


def test_numbers_are_those_of_the_trace() -> None:
    """Also if a client event was lost."""
    events = several()
    clients = fold(events).clients
    assert len(clients) == 4
    for state in clients:
        assert numbered_client(events, state.ordinal) == state.client_id


@pytest.mark.parametrize(
    ("count", "error"), [(None, "they are 1 to 4"), (1, "there is no client 9.*: there is none")]
)
def test_one_that_is_not_there(count: int | None, error: str) -> None:
    """The error says which there are."""
    with pytest.raises(FormatError, match=error):
        numbered_client(several()[:count], 9)
