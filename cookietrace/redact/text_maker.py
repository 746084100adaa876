"""Hides the secrets in texts in the other process: see ``texts_beside``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cookietrace.events import Event, Request
from cookietrace.redact.outgoing import Learning
from cookietrace.redact.passed import Passed
from cookietrace.secret_names import TABLE_ONLY, Names

_MOST: Final = 100_000
"""How many texts are made ready at most."""


class TextMaker:
    """Hides secrets in the other process."""

    def __init__(
        self, events: Iterable[Event], names: Names = TABLE_ONLY, *, requests: bool = False
    ) -> None:
        """Learn what is secret in the events. Raises as reading them does.

        ``requests`` makes their ids and URLs ready: for a report with most of them.
        """
        passed, learning = Passed(), Learning(show_values=False, names=names)
        asked: dict[str, None] = {}
        for event in learning.passing(passed.passing(events)):
            if requests and isinstance(event, Request) and len(asked) < _MOST:
                asked[event.exchange_id] = asked[event.url] = None
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
