"""The texts of a report, hidden in another process while this one finds out what to report.

The other process reads the capture too, and learns what is secret in it. Only there is what
redacts needed, which this file does not import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from cookietrace.events import Event


class Other(Protocol):
    """The other process, in which a ``TextMaker`` has the methods that are called by name."""

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns."""


class TextsBeside:
    """An ``Outgoing`` whose secrets are known to another process."""

    def __init__(self, other: Other) -> None:
        """``other`` has learned from all events of the capture."""
        self._other = other

    def learning(self, events: Iterable[Event], /) -> Iterator[Event]:
        """Pass the events on."""
        return iter(events)

    def mask(self, value: str) -> str:
        """Return the token for a value."""
        return str(self._other.call("mask", value))

    def text(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a text with the secrets in it replaced."""
        return str(self._other.call("text", text, names))

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return texts with the secrets in them replaced."""
        return list(self._other.call("texts", texts))

    def name(self, name: str) -> str:
        """Return a cookie's name as display text."""
        return str(self._other.call("name", name))
