"""What a file format is: a name, a title, how it is recognised, written and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, fold


class Export:
    """What a format writes from: the events of one capture, and the trace of them.

    Where the capture holds secrets the events carry tokens already; a format never
    sees the true values.
    """

    def __init__(
        self, events: Iterable[Event], focus: Focus | None = None, browser: str = "auto"
    ) -> None:
        self._events = events
        self._browser = browser
        self.focus = focus
        """What the user chose to see; None where nothing was chosen."""

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event, in order."""
        return tuple(self._events)

    def stream(self) -> Iterator[Event]:
        """Return every event without keeping them, for a format that needs nothing else.

        Call it once, and before ``events``, ``trace`` and ``table``: those then have none.
        """
        return iter(self.events) if "events" in self.__dict__ else iter(self._events)

    @cached_property
    def trace(self) -> Trace:
        """The fold of all events."""
        return fold(self.events, self._browser)

    @cached_property
    def table(self) -> Table:
        """The execution table in the chosen focus."""
        return Table(self.trace, self.focus)


Write = Callable[[Export], Iterable[bytes]]
"""Yields a file's octets piece by piece. Raises ``FormatError``."""

Lost = Callable[[str], None]
"""Is told, in a line that begins with the file's name, what of a file could not be read."""

Read = Callable[[Path, Lost | None], Iterable[Event]]
"""Yields the events of a file, the ``capture`` event first.

The second argument is None, or else what cannot be read is passed over, and told to
it. Raises ``FormatError``, naming the line, where there is none or nothing at all can
be read, and ``SchemaError`` for a file from a newer version.
"""

Recognise = Callable[[bytes], bool]
"""Tells from a file's first 4096 octets whether it is of the format. Raises nothing."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``FORMATS``."""

    name: str
    """What follows ``--format``."""
    title: str
    """A few words for a menu."""
    suffixes: tuple[str, ...]
    """File name endings, the usual one first, each with its dot."""
    writes: Write | None = None
    """None where the format is only read."""
    reads: Read | None = None
    """None where the format is only written."""
    recognises: Recognise | None = None
    """None where only the suffix tells."""
