"""The DevTools pipe: a visit ends when its own page has loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools import DevTools


class FakeBrowser:
    """A browser that sends given messages, and then ends."""

    def __init__(self) -> None:
        self.devtools = DevTools()

    def send(self, *messages: dict[str, Any]) -> None:
        """Write the messages into the pipe, and close it."""
        for message in messages:
            os.write(self.devtools.browser_out, msgspec.json.encode(message) + b"\0")
        os.close(self.devtools.browser_out)

    def close(self) -> None:
        """Close all pipes."""
        with suppress(OSError):
            os.close(self.devtools.browser_in)
        self.devtools.close()


@pytest.fixture
def browser() -> Iterator[FakeBrowser]:
    """A fake browser."""
    fake = FakeBrowser()
    yield fake
    fake.close()


def loaded(loader: str) -> tuple[dict[str, Any], ...]:
    """Return Chromium's messages for a loaded page."""
    event = {"frameId": "f", "loaderId": loader, "name": "load", "timestamp": 1.0}
    return (
        {"method": "Page.loadEventFired", "params": {"timestamp": 1.0}, "sessionId": "s"},
        {"method": "Page.lifecycleEvent", "params": event, "sessionId": "s"},
    )


RESPONSE = {"id": 1, "result": {"frameId": "f", "loaderId": "new"}, "sessionId": "s"}


@pytest.mark.parametrize(
    "messages",
    [
        (RESPONSE, *loaded("new")),
        (*loaded("old"), RESPONSE, *loaded("new")),
        (*loaded("new"), RESPONSE),
        ({"id": 1, "result": {"frameId": "f"}, "sessionId": "s"},),
    ],
    ids=["as usual", "late", "early", "within the page"],
)
def test_a_visit_ends_with_the_load_of_its_page(
    browser: FakeBrowser, messages: tuple[dict[str, Any], ...]
) -> None:
    """Whenever that event arrives, and whatever arrives before it."""
    browser.send(*messages)
    browser.devtools.visit("http://shop.test/", "s")


@pytest.mark.parametrize(
    "messages",
    [(*loaded("old"), RESPONSE), (RESPONSE, *loaded("old"))],
    ids=["before the response", "after the response"],
)
def test_the_load_of_the_previous_page_does_not_end_a_visit(
    browser: FakeBrowser, messages: tuple[dict[str, Any], ...]
) -> None:
    """The load event of the initial empty page may arrive late."""
    browser.send(*messages)
    with pytest.raises(LaunchError, match="the browser has ended"):
        browser.devtools.visit("http://shop.test/", "s")
