"""Any file that holds a capture, read as events: by what is in it, then by its name."""

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
"""How many octets a format may look at to recognise its own."""


def read_capture(
    path: Path | str,
    *,
    lenient: bool = False,
    lost: Lost | None = None,
    formats: Mapping[str, Format] = FORMATS,
) -> Iterator[Event]:
    """Return the events of a capture, whatever kind of file it is, its ``capture`` event first.

    ``lenient`` passes over what cannot be read, and tells it to ``lost``, a line at a time,
    while reading. Raises ``CaptureError`` where there is no such file or it cannot be
    opened, ``SchemaError`` where a newer version wrote it, and ``FormatError`` where its
    format is not known, or (while reading) it is not what its format says.
    """
    path = Path(path)
    told = (lost or _untold) if lenient else None
    if _is_store(path):
        events = salvage(path, told) if told is not None else _stored(path)
    else:
        reads = _format_of(path, formats).reads
        assert reads is not None
        events = _reported(path, iter(reads(path, told)))
    return checked(events, safe(str(path)), told)


def open_capture(
    path: Path | str, *, lenient: bool = False, lost: Lost | None = None
) -> CaptureStore:
    """Open any file that holds a capture to be looked at.

    A capture is followed while it is recorded; any other file, and any that is to be read
    leniently, is read into memory. Raises as ``read_capture`` does.
    """
    path = Path(path)
    if _is_store(path) and not lenient:
        return open_store(path)
    return MemoryStore(read_capture(path, lenient=lenient, lost=lost))


def _untold(_line: str) -> None:
    """Tell nobody what is lost."""


def _is_store(path: Path) -> bool:
    return path.suffix == SUFFIX or is_sqlite(path)


def _stored(path: Path) -> Iterator[Event]:
    with closing(open_store(path)) as store:
        yield from events_of(store)


def _format_of(path: Path, formats: Mapping[str, Format]) -> Format:
    """Return the format of a file that is no store."""
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
    raise FormatError(f"{name} is neither a capture nor a file of a known format ({names})")


def _reported(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Turn a system error while reading into one line."""
    try:
        yield from events
    except OSError as error:
        raise CaptureError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
