"""Reads the events of any file that holds a capture, recognised by content, then by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from cookietrace.errors import CaptureError, CookietraceError, FormatError
from cookietrace.events import Event
from cookietrace.formats import foreign
from cookietrace.formats.format import Format, Lost
from cookietrace.formats.packing import Beginning, beginning, is_packed, members
from cookietrace.formats.registry import FORMATS, readable, writable
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
from cookietrace.stores.own_file import refuse_special
from cookietrace.stores.redis_streams.address import parse_redis_url

_START = 4096
"""The number of bytes that a format is recognised by."""


def read_capture(
    path: Path | str,
    *,
    lenient: bool = False,
    lost: Lost | None = None,
    formats: Mapping[str, Format] = FORMATS,
) -> Iterator[Event]:
    """Return the events of a capture in a file of any format, its ``capture`` event first.

    ``lenient`` skips unreadable parts and, while reading, reports each to ``lost`` in one
    line. Raises ``CaptureError`` if the file does not exist or cannot be opened,
    ``SchemaError`` if a newer version wrote it, and ``FormatError`` if its format is unknown
    or, while reading, if the file is not valid.
    """
    report = (lost or _ignore) if lenient else None
    if isinstance(path, str) and is_redis_url(path):
        return checked(_published(path), _shown(path), report, live=True)
    path = Path(path)
    if _is_store(path):
        events = _explained(path, salvage(path, report) if report is not None else _stored(path))
    else:
        reads = _format_of(path, formats).reads
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
            raise _foreign_database(path) or error from None
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
        raise _foreign_database(path) or error from None


def _foreign_database(path: Path) -> FormatError | None:
    """Return what to say of another program's database; None if the program is not known."""
    try:
        kind = foreign.by_content(_start_of(path)) if is_sqlite(path) else None
    except CookietraceError:
        return None
    return _refusal(safe(str(path)), kind) if kind is not None else None


def _start_of(path: Path) -> bytes:
    """Return the first bytes of a file, as many as any format needs. Raises ``CaptureError``."""
    name = safe(str(path))
    refuse_special(path)
    try:
        with path.open("rb") as file:
            return file.read(foreign.START)
    except FileNotFoundError as error:
        raise CaptureError(f"there is no capture at {name}") from error
    except OSError as error:
        raise CaptureError(f"{name} cannot be opened: {error.strerror}") from error


def _format_of(path: Path, formats: Mapping[str, Format]) -> Format:
    """Return the format of a file that is not a store."""
    name = safe(str(path))
    start = _start_of(path)
    if not start:
        raise FormatError(f"{name} is empty")
    known = readable(formats)
    found = _recognised(start, known)
    if found is not None:
        return found
    suffix = path.suffix.lower()
    for each in known:
        if each.recognises is None and suffix in each.suffixes:
            return each
    if is_packed(start):
        return _packed_format(path, known)
    kind = foreign.by_content(start)
    if kind is None:
        for each in known:
            if suffix in each.suffixes:
                return each
        kind = foreign.by_suffix(path.name)
    if kind is not None:
        raise _refusal(name, kind)
    names = ", ".join(each.name for each in known)
    for each in (known for known in writable(formats) if not known.is_jar):
        if suffix in each.suffixes:
            raise FormatError(
                f"{name}: cookietrace writes {each.name}, but cannot read it; give it the "
                f"capture, or a file in one of these formats: {names}"
            )
    raise FormatError(f"{name} is neither a capture nor in a known format ({names})")


def _packed_format(path: Path, known: Sequence[Format]) -> Format:
    """Return the format of what a file packs by gzip or zip."""
    name = safe(str(path))
    try:
        kind = foreign.by_content(b"", members(path)) or foreign.by_suffix(path.name)
        if kind is not None:
            raise _refusal(name, kind)
        inside = beginning(path, foreign.START)
    except OSError as error:
        raise CaptureError(f"{name} cannot be read: {error.strerror}") from error
    if not inside.start:
        raise FormatError(f"{name} is empty once it is unpacked")
    found = _recognised(inside.start, known) or _named(inside, known)
    if found is not None and found.unpacks:
        return found
    if found is not None or is_packed(inside.start) or inside.start.startswith(b"SQLite format 3"):
        raise FormatError(
            f"{name} is compressed: unpack it first, then read the file that was in it"
        )
    kind = foreign.by_content(inside.start) or foreign.by_suffix(inside.name)
    if kind is not None:
        raise _refusal(name, kind)
    names = ", ".join(each.name for each in known if each.unpacks)
    raise FormatError(f"{name} holds no file in a format that can be read compressed ({names})")


def _recognised(start: bytes, known: Sequence[Format]) -> Format | None:
    start = start[:_START]
    return next((each for each in known if each.recognises and each.recognises(start)), None)


def _named(inside: Beginning, known: Sequence[Format]) -> Format | None:
    """Return the format that the name of a packed file stands for, unless its content differs."""
    if foreign.by_content(inside.start) is not None:
        return None
    suffix = Path(inside.name).suffix.lower()
    return next((each for each in known if suffix in each.suffixes), None)


def _refusal(name: str, kind: foreign.Foreign) -> FormatError:
    return FormatError(f"{name} is {kind.what}, which cookietrace does not read: {kind.advice}")


def _reported(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events; raise ``CaptureError`` for a system error."""
    try:
        yield from events
    except OSError as error:
        raise CaptureError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
