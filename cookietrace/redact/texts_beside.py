"""The texts of a report, hidden in another process while this one finds out what to report.

The other process reads the capture too, and learns what is secret in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from cookietrace.errors import EndedError
from cookietrace.events import Event, Request
from cookietrace.redact.outgoing import Learning, Outgoing
from cookietrace.redact.passed import Passed
from cookietrace.secret_names import TABLE_ONLY, Names

_MOST: Final = 50_000
"""How many URLs are made ready at most."""


class TextMaker:
    """Hides secrets in the other process."""

    def __init__(
        self, events: Iterable[Event], names: Names = TABLE_ONLY, *, urls: bool = False
    ) -> None:
        """Learn what is secret in the events. Raises as reading them does.

        ``urls`` makes those of the requests ready: for a report with most of them.
        """
        passed, learning = Passed(), Learning(show_values=False, names=names)
        asked: dict[str, None] = {}
        for event in learning.passing(passed.passing(events)):
            if urls and isinstance(event, Request) and len(asked) < _MOST:
                asked[event.url] = None
        self._learned = passed.all
        self._outgoing = learning.outgoing
        self._ready = dict(zip(asked, self._outgoing.texts(list(asked)), strict=True))

    def learned(self) -> tuple[int, list[Event]]:
        """Return how many events there were, and some of them."""
        return self._learned

    def text(self, text: str, names: Sequence[str]) -> str:
        """Return a text as it may leave the machine."""
        return self._outgoing.text(text, names)

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return texts as they may leave the machine."""
        hide, ready = self._outgoing.text, self._ready
        return [ready.get(text) or hide(text) for text in texts]

    def mask(self, value: str) -> str:
        """Return the token for a value."""
        return self._outgoing.mask(value)

    def name(self, name: str) -> str:
        """Return a cookie's name as display text."""
        return self._outgoing.name(name)


class Other(Protocol):
    """The other process, in which a ``TextMaker`` has the methods that are called by name."""

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns. Raises ``EndedError`` if the process was ended."""


class TextsBeside:
    """An ``Outgoing`` whose secrets are known to another process, as long as that lives."""

    def __init__(self, other: Other, alone: Outgoing) -> None:
        """``other`` has learned from all events of the capture.

        If it is ended, ``alone`` goes on, and does all again that was not done.
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
