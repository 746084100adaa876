"""The DevTools pipe: a visit is over when its own page has loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools import DevTools


class Played:
    """A browser that says what it was told to say, and then ends."""

    def __init__(self) -> None:
        self.devtools = DevTools()

    def says(self, *messages: dict[str, Any]) -> None:
        """Put all that it says into the pipe, and its end behind it."""
        for message in messages:
            os.write(self.devtools.browser_out, msgspec.json.encode(message) + b"\0")
        os.close(self.devtools.browser_out)

    def close(self) -> None:
        """Leave no pipe open."""
        with suppress(OSError):
            os.close(self.devtools.browser_in)
        self.devtools.close()


@pytest.fixture
def played() -> Iterator[Played]:
    """A browser to be played."""
    browser = Played()
    yield browser
    browser.close()


def loaded(loader: str) -> tuple[dict[str, Any], ...]:
    """Return how Chromium says that a page has loaded."""
    event = {"frameId": "f", "loaderId": loader, "name": "load", "timestamp": 1.0}
    return (
        {"method": "Page.loadEventFired", "params": {"timestamp": 1.0}, "sessionId": "s"},
        {"method": "Page.lifecycleEvent", "params": event, "sessionId": "s"},
    )


ANSWER = {"id": 1, "result": {"frameId": "f", "loaderId": "new"}, "sessionId": "s"}


@pytest.mark.parametrize(
    "messages",
    [
        (ANSWER, *loaded("new")),
        (*loaded("old"), ANSWER, *loaded("new")),
        (*loaded("new"), ANSWER),
        ({"id": 1, "result": {"frameId": "f"}, "sessionId": "s"},),
    ],
    ids=["as usual", "late", "early", "within the page"],
)
def test_a_visit_ends_with_the_load_of_its_page(
    played: Played, messages: tuple[dict[str, Any], ...]
) -> None:
    """Whenever that is told, and whatever else is told before."""
    played.says(*messages)
    played.devtools.visit("http://shop.test/", "s")


@pytest.mark.parametrize(
    "messages",
    [(*loaded("old"), ANSWER), (ANSWER, *loaded("old"))],
    ids=["before the answer", "after the answer"],
)
def test_the_load_of_the_page_before_does_not_end_a_visit(
    played: Played, messages: tuple[dict[str, Any], ...]
) -> None:
    """The empty page that a visit begins in may tell of its own load only now."""
    played.says(*messages)
    with pytest.raises(LaunchError, match="the browser has ended"):
        played.devtools.visit("http://shop.test/", "s")
