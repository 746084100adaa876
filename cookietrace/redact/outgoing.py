"""The texts of a report as they may leave the machine: tokens instead of cookie values.

A check writes a few texts about a long capture, so the texts are redacted and not the capture.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from cookietrace.events import Capture, Event
from cookietrace.lesson.display_text import quoted, shown
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.redact import needs_redaction
from cookietrace.secret_names import TABLE_ONLY, Names

if TYPE_CHECKING:  # they are imported where secrets are replaced, which another process may do
    from cookietrace.redact.redactor import Redactor

_CUT = re.compile(r"(?<=…)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


class Outgoing(Protocol):
    """Makes texts fit to leave the machine."""

    @property
    def mask(self) -> Mask:
        """For the table in which the texts are written."""

    def learning(self, events: Iterable[Event], /) -> Iterator[Event]:
        """Pass all events of the capture on: then they are not read once more for the texts."""

    def text(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a display text in which the cookies with these names (as on the wire) occur."""

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return display texts as ``text`` does."""

    def name(self, name: str) -> str:
        """Return a cookie's name, as on the wire, as display text."""


class Shown:
    """Leaves every text as it is."""

    def __init__(self) -> None:
        self.mask: Mask = unmasked

    def learning(self, events: Iterable[Event], /) -> Iterator[Event]:
        """Pass the events on."""
        return iter(events)

    def text(self, text: str, names: Sequence[str] = ()) -> str:
        """Return the text."""
        del names
        return text

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts."""
        return list(texts)

    def name(self, name: str) -> str:
        """Return the name."""
        return shown(name)


class Redacted:
    """Replaces the values of one capture's cookies by the tokens that its exports have."""

    def __init__(
        self,
        events: Iterable[Event],
        capture_id: str,
        names: Names,
        redactor: Redactor | None = None,
    ) -> None:
        """``redactor`` has learned the events already; otherwise they are read when needed."""
        self._learned = redactor
        self._events = events
        self._names = names
        self._capture_id = capture_id

    @cached_property
    def _key(self) -> bytes:
        from cookietrace.redact.key import redaction_key

        return redaction_key(self._capture_id)

    @cached_property
    def _maker(self) -> Redactor:
        """Makes tokens without having learned anything: those of whole values need no more."""
        from cookietrace.redact.redactor import Redactor

        return Redactor(self._key)

    @cached_property
    def _redactor(self) -> Redactor:
        """Knows every secret; made for the first text, since a clean capture has none."""
        from cookietrace.redact.redactor import learned

        if self._learned is not None:
            self._learned.key = self._key
            return self._learned
        return learned(self._events, self._key, self._names)

    def learning(self, events: Iterable[Event], /) -> Iterator[Event]:
        """Pass the events on and learn their secrets, so that they need not be read for that."""
        from cookietrace.redact.redactor import Redactor

        redactor = Redactor(self._key, self._names)
        yield from redactor.learning(events)
        self._redactor = redactor

    def mask(self, value: str) -> str:
        """Return the token for a value."""
        return self._maker.value(value)

    def text(self, text: str, names: Sequence[str] = ()) -> str:
        """Return a text with the secrets in it replaced, also where a long one was cut short.

        In a URL, as in exports, so are the user, the password, and parameters of any length.
        """
        for name in names:
            token = self._redactor.name(name)
            if token != name:
                text = text.replace(quoted(name), quoted(token))
        redactor = self._redactor
        hidden = redactor.field if _URL.fullmatch(text) else redactor.text
        return "".join(hidden(piece, cut=piece.endswith("…")) for piece in _CUT.split(text))

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return texts with the secrets in them replaced."""
        return list(map(self.text, texts))

    def name(self, name: str) -> str:
        """Return the name; a token if it is a value that was set without a name."""
        return shown(self._redactor.name(name))


def outgoing_texts(
    events: Iterable[Event], *, show_values: bool, names: Names = TABLE_ONLY
) -> Outgoing:
    """Return what makes the texts about a capture fit to leave the machine.

    ``events`` can be read several times. Values are shown if the user asked for that, or if the
    capture says that it holds no secrets.
    """
    first = next(iter(events), None)
    if show_values or (isinstance(first, Capture) and not needs_redaction(first)):
        return Shown()
    return Redacted(events, first.capture_id if isinstance(first, Capture) else "", names)


class Learning:
    """Learns what to hide while the events go by once, to something else that reads them."""

    def __init__(self, *, show_values: bool, names: Names = TABLE_ONLY) -> None:
        self._show_values = show_values
        self._names = names
        from cookietrace.redact.redactor import Redactor

        self._redactor = Redactor(b"", names)
        self._first: Event | None = None

    def passing(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield each event once its secrets have been learned."""
        events = iter(events)
        self._first = next(events, None)
        if self._first is None:
            return
        all_of_them = itertools.chain([self._first], events)
        yield from all_of_them if self._shows else self._redactor.learning(all_of_them)

    @property
    def outgoing(self) -> Outgoing:
        """What makes texts about these events fit to leave the machine, as ``outgoing_texts``."""
        if self._shows:
            return Shown()
        capture_id = self._first.capture_id if isinstance(self._first, Capture) else ""
        return Redacted((), capture_id, self._names, self._redactor)

    @property
    def _shows(self) -> bool:
        info = self._first
        return self._show_values or (isinstance(info, Capture) and not needs_redaction(info))
