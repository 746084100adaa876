"""The texts of a report, hidden in another process while this one finds out what to report.

The other process reads the capture too, and learns what is secret in it. Only there is what
redacts needed, which this file does not import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cookietrace.errors import EndedError
from cookietrace.events import Event

if TYPE_CHECKING:
    from cookietrace.redact.outgoing import Outgoing


class Other(Protocol):
    """The other process, in which a ``TextMaker`` has the methods that are called by name."""

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns. Raises ``EndedError`` if the process was ended."""


class TextsBeside:
    """An ``Outgoing`` whose secrets are known to another process, as long as that lives."""

    def __init__(self, other: Other, alone: Outgoing) -> None:
        """``other`` has learned from all events of the capture.

        If it is ended, ``alone`` continues, and does all again that was not done.
        """
        self._other = other
        self._alone = alone
        self._ended = False

    def learning(self, events: Iterable[Event], /) -> Iterator[Event]:
        """Pass the events on."""
        return iter(events)

    def mask(self, value: str) -> str:
        """Return the token for a value."""
        return str(self._call("mask", value))

    def text(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a text with the secrets in it replaced."""
        return str(self._call("text", text, names))

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return texts with the secrets in them replaced."""
        return list(self._call("texts", texts))

    def name(self, name: str) -> str:
        """Return a cookie's name as display text."""
        return str(self._call("name", name))

    def _call(self, name: str, *arguments: object) -> Any:
        if not self._ended:
            try:
                return self._other.call(name, *arguments)
            except EndedError:
                self._ended = True
        return getattr(self._alone, name)(*arguments)
