"""What a file format is: its name and title, and how it is recognised, written and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cookietrace.events import Event
from cookietrace.follow import folded
from cookietrace.formats.jar_options import JarOptions
from cookietrace.formats.page_options import PageOptions
from cookietrace.lesson.focus import Focus
from cookietrace.stores import ImportedStore, StoredEvents
from cookietrace.trace import Trace

if TYPE_CHECKING:
    from cookietrace.lesson.table import Table


class Export:
    """What a format writes: the events of one capture, and their trace.

    If values must not be shown, the events already carry tokens: a format never sees
    the real values.
    """

    def __init__(
        self,
        events: Iterable[Event],
        focus: Focus | None = None,
        browser: str = "auto",
        page: PageOptions | None = None,
        jar: JarOptions | None = None,
    ) -> None:
        self._events = events
        self._browser = browser
        self._open = ExitStack()
        self.focus = focus
        """What the user chose to see; None for everything."""
        self.page = page if page is not None else PageOptions()
        """The user's choices for a lesson page."""
        self.jar = jar if jar is not None else JarOptions()
        """The user's choice of a jar."""

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event, in order."""
        return tuple(self._events)

    def stream(self) -> Iterator[Event]:
        """Return every event without keeping it, for a format that needs nothing else.

        Call it at most once. Afterwards ``events``, ``trace`` and ``table`` are empty, unless
        they were used before.
        """
        return iter(self.events) if "events" in self.__dict__ else iter(self._events)

    @cached_property
    def trace(self) -> Trace:
        """The fold of all events."""
        if "events" in self.__dict__:
            return folded(self.events, self._browser)
        if isinstance(self._events, Iterator):  # read once, and kept where it can be read again
            stored = StoredEvents(ImportedStore(self._events, at_once=True))
            self._open.callback(stored.close)
            self._events = stored
        return folded(self._events, self._browser)

    def close(self) -> None:
        """Remove what was kept to be read again; nothing else can be used afterwards."""
        self._open.close()

    @cached_property
    def table(self) -> Table:
        """The execution table in the chosen focus."""
        from cookietrace.lesson.table import Table  # not all formats have one

        return Table(self.trace, self.focus)


Write = Callable[[Export], Iterable[bytes]]
"""Yields a file's bytes piece by piece. Raises ``FormatError``."""

Lost = Callable[[str], None]
"""Receives one line, starting with the file's name, for each part that could not be read."""

Read = Callable[[Path, Lost | None], Iterable[Event]]
"""Yields the events of a file, the ``capture`` event first.

If the second argument is not None, unreadable parts are skipped and reported to it.
Otherwise they raise ``FormatError``, which names the line; so does a file in which nothing
can be read. Raises ``SchemaError`` for a file from a newer version.
"""

Recognise = Callable[[bytes], bool]
"""Returns whether a file has the format, given its first 4096 bytes. Raises nothing."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``FORMATS``."""

    name: str
    """The name for ``--format``."""
    title: str
    """A few words for a menu."""
    suffixes: tuple[str, ...]
    """File name suffixes with their dot, the usual one first."""
    writes: Write | None = None
    """None if the format can only be read."""
    reads: Read | None = None
    """None if the format can only be written."""
    recognises: Recognise | None = None
    """None if only the suffix identifies the format."""
    is_jar: bool = False
    """Whether it is one jar that is written, and not the capture."""
    unpacks: bool = False
    """Whether ``reads`` opens the file by ``packing.opened``, so that it may be packed by gzip
    or zip. ``recognises`` is then given the first bytes inside."""
