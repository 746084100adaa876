"""Reads the events of any file that holds a capture, recognised by content, then by name."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import Event
from cookietrace.formats.format import Format, Lost
from cookietrace.formats.registry import FORMATS, readable
from cookietrace.formats.verdict_check import checked
from cookietrace.safe_text import safe
from cookietrace.stores import (
    SUFFIX,
    CaptureStore,
    MemoryStore,
    events_of,
    is_sqlite,
    open_store,
    salvage,
)

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
    path = Path(path)
    report = (lost or _ignore) if lenient else None
    if _is_store(path):
        events = salvage(path, report) if report is not None else _stored(path)
    else:
        reads = _format_of(path, formats).reads
        assert reads is not None
        events = _reported(path, iter(reads(path, report)))
    return checked(events, safe(str(path)), report)


def open_capture(
    path: Path | str, *, lenient: bool = False, lost: Lost | None = None
) -> CaptureStore:
    """Open any file that holds a capture, for viewing.

    A capture is followed while it is being recorded. Any other file is read into memory, and
    so is a capture if ``lenient``. Raises as ``read_capture`` does.
    """
    path = Path(path)
    if _is_store(path) and not lenient:
        return open_store(path)
    return MemoryStore(read_capture(path, lenient=lenient, lost=lost))


def _ignore(_line: str) -> None:
    """Report nothing."""


def _is_store(path: Path) -> bool:
    return path.suffix == SUFFIX or is_sqlite(path)


def _stored(path: Path) -> Iterator[Event]:
    with closing(open_store(path)) as store:
        yield from events_of(store)


def _format_of(path: Path, formats: Mapping[str, Format]) -> Format:
    """Return the format of a file that is not a store."""
    name = safe(str(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CaptureError(f"{name} is a folder or a device, not a capture")
        with path.open("rb") as file:
            start = file.read(_START)
    except FileNotFoundError as error:
        raise CaptureError(f"there is no capture at {name}") from error
    except OSError as error:
        raise CaptureError(f"{name} cannot be opened: {error.strerror}") from error
    if not start:
        raise FormatError(f"{name} is empty")
    known = readable(formats)
    for each in known:
        if each.recognises is not None and each.recognises(start):
            return each
    for each in known:
        if path.suffix.lower() in each.suffixes:
            return each
    names = ", ".join(each.name for each in known)
    raise FormatError(f"{name} is neither a capture nor in a known format ({names})")


def _reported(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events; raise ``CaptureError`` for a system error."""
    try:
        yield from events
    except OSError as error:
        raise CaptureError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
