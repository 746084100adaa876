"""Reads the events of any file that holds a capture, recognised by content, then by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import Event
from cookietrace.formats.format import Format, Lost
from cookietrace.formats.settled_verdicts import settled_events
from cookietrace.formats.verdict_check import checked
from cookietrace.safe_text import safe
from cookietrace.stores import (
    SUFFIX,
    CaptureStore,
    ImportedStore,
    StoredEvents,
    events_of,
    is_redis_url,
    is_sqlite,
    open_store,
    salvage,
)
from cookietrace.stores.redis_streams.address import parse_redis_url


def read_capture(
    path: Path | str,
    *,
    lenient: bool = False,
    lost: Lost | None = None,
    formats: Mapping[str, Format] | None = None,
) -> Iterator[Event]:
    """Return the events of a capture in a file of any format, its ``capture`` event first.

    ``lenient`` skips unreadable parts and, while reading, reports each to ``lost`` in one
    line. ``formats`` takes the place of all formats. Raises ``CaptureError`` if the file does not
    exist or cannot be opened, ``SchemaError`` if a newer version wrote it, and ``FormatError`` if
    its format is unknown or, while reading, if the file is not valid.
    """
    report = (lost or _ignore) if lenient else None
    if isinstance(path, str) and is_redis_url(path):
        return checked(_published(path), _shown(path), report, live=True)
    path = Path(path)
    if _is_store(path):
        events = _explained(path, salvage(path, report) if report is not None else _stored(path))
    else:
        # Imported here since most commands read a capture, which none of the formats is needed for.
        from cookietrace.formats.recognition import format_of

        reads = format_of(path, formats).reads
        assert reads is not None
        events = _reported(path, iter(reads(path, report)))
    return checked(events, safe(str(path)), report)


def open_capture(
    path: Path | str,
    *,
    lenient: bool = False,
    lost: Lost | None = None,
) -> CaptureStore:
    """Open any file that holds a capture, for viewing.

    A capture is followed while it is being recorded. Any other file is read once, as a stream, into
    a capture of its own that is gone when it is closed; it can be followed while it is being read.
    With ``lenient`` everything has been read, and what was lost reported, when this returns. Raises
    as ``read_capture`` does.
    """
    if isinstance(path, str) and is_redis_url(path):
        return open_store(path, patient=True)
    path = Path(path)
    if _is_store(path) and not lenient:
        try:
            return open_store(path)
        except CaptureError as error:
            raise _foreign(path) or error from None
    return ImportedStore(read_capture(path, lenient=lenient, lost=lost), at_once=lenient)


def stored_events(
    path: Path | str, *, lenient: bool = False, lost: Lost | None = None
) -> StoredEvents:
    """Return the events of a capture in a file of any format, for several passes.

    A file that is not a capture is read now, once, into a capture of its own. Arguments and errors
    are those of ``read_capture``.
    """
    published = isinstance(path, str) and is_redis_url(path)
    path = path if published else Path(path)
    if isinstance(path, str) or not _is_store(path) or lenient:
        events = read_capture(path, lenient=lenient, lost=lost)
        return StoredEvents(ImportedStore(events, at_once=True))
    store = open_capture(path)
    return StoredEvents(store, lambda events: checked(events, safe(str(path))))


def live_events(
    store: CaptureStore, name: str, *, lenient: bool = False, lost: Lost | None = None
) -> Iterator[Event]:
    """Return what a store holds now, as a file would have it, whether or not more is to come.

    ``name`` is what errors call it; the other arguments and errors are those of ``read_capture``.
    """
    report = (lost or _ignore) if lenient else None
    events = settled_events(store) if store.info.redacted else events_of(store)
    return checked(events, name, report, live=True)


def _ignore(_line: str) -> None:
    """Report nothing."""


def _is_store(path: Path) -> bool:
    return path.suffix == SUFFIX or is_sqlite(path)


def _published(url: str) -> Iterator[Event]:
    """Yield what a server holds of a capture now."""
    with closing(open_store(url)) as store:
        yield from settled_events(store)


def _shown(url: str) -> str:
    """Return a URL as messages show it: whatever may be secret in it is left out."""
    return str(parse_redis_url(url))


def _stored(path: Path) -> Iterator[Event]:
    with closing(open_store(path)) as store:
        yield from events_of(store)


def _explained(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events of a store; say what other database a file is that is none."""
    try:
        yield from events
    except CaptureError as error:
        raise _foreign(path) or error from None


def _foreign(path: Path) -> FormatError | None:
    """Return what to say about another program's database; None if the program is not known."""
    from cookietrace.formats.recognition import foreign_database

    return foreign_database(path)


def _reported(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events; raise ``CaptureError`` for a system error."""
    try:
        yield from events
    except OSError as error:
        raise CaptureError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
