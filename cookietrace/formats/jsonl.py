"""JSON Lines: the events of a capture, one per line, exactly as the store holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cookietrace.errors import FormatError, SchemaError
from cookietrace.events import LONGEST, SCHEMA, Capture, Event, Unknown, decode, encode, schema_of
from cookietrace.formats.format import Export, Format, Lost
from cookietrace.formats.packing import opened
from cookietrace.json_text import inert
from cookietrace.safe_text import safe


def write_jsonl(export: Export) -> Iterator[bytes]:
    """Yield one line per event."""
    for event in export.stream():
        line = inert(encode(event))
        if isinstance(event, Unknown):  # may have been written over several lines
            line = line.replace(b"\n", b" ").replace(b"\r", b" ")
        yield line + b"\n"


def read_jsonl(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the events of a file; with ``lost``, unreadable lines are skipped and reported.

    Raises ``FormatError``, which names the line, and ``SchemaError`` if a newer version
    wrote the file.
    """
    name = safe(str(path))
    with opened(path, lost) as file:
        first = True
        read, bad, cut = 0, [], None
        for number, line in enumerate(_lines(file), 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            try:
                if len(line) > LONGEST:
                    raise FormatError("longer than any event")
                event = decode(text.rstrip(b"\r\n"))
            except FormatError as error:
                if first:
                    _refuse_newer(schema_of(text), name)
                if lost is not None:
                    if line.endswith(b"\n") or len(line) > LONGEST:
                        bad.append(number)
                    else:
                        cut = number
                    continue
                raise FormatError(_complaint(name, number, line, error)) from error
            read += 1
            if first:
                first = False
                yield from _checked(event, name, number, lost)
            else:
                yield event
    if first:
        raise FormatError(f"{name} contains no events")
    if lost is not None and bad:
        many = "1 line" if len(bad) == 1 else f"{len(bad)} lines"
        lost(f"{name}: {many} could not be read (line {bad[0]}{' first' if bad[1:] else ''})")
    if lost is not None and cut is not None:
        lost(
            f"{name}, line {cut}: the file was cut off here; everything after event {read} is lost"
        )


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is longer than any event, only the beginning."""
    while line := file.readline(LONGEST + 1):
        yield line
        while len(line) > LONGEST and not line.endswith(b"\n"):
            line = file.readline(LONGEST + 1)


def _checked(event: Event, name: str, number: int, lost: Lost | None) -> Iterable[Event]:
    """Return the first event, with a ``capture`` event before it if it is not one itself."""
    if isinstance(event, Capture):
        _refuse_newer(event.schema, name)
        return (event,)
    if lost is None:
        raise FormatError(
            f"{name}, line {number}: the first event must be a capture event "
            "(--lenient reads the file anyway)"
        )
    lost(f"{name}, line {number}: the first event is not a capture event; the beginning is lost")
    at = getattr(event, "at", None)
    stand_in = Capture(
        capture_id="unknown", schema=SCHEMA, at=at if at is not None else 0.0, producer="unknown"
    )
    return (stand_in, event)


def _refuse_newer(schema: int, name: str) -> None:
    if schema > SCHEMA:
        raise SchemaError(
            f"{name} was written by a newer cookietrace "
            f"(schema {schema}; this version reads up to {SCHEMA}): upgrade cookietrace"
        )


def _complaint(name: str, number: int, line: bytes, error: FormatError) -> str:
    if not line.endswith(b"\n") and len(line) <= LONGEST:
        return (
            f"{name}, line {number}: the file was cut off here "
            f"(--lenient reads the lines before it)"
        )
    return f"{name}, line {number}: {safe(str(error))} (--lenient skips such lines)"


def is_jsonl(start: bytes) -> bool:
    """Return whether a file begins with an event."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith((b'{"type":', b'{"type" :'))


FORMAT = Format(
    name="jsonl",
    title="JSON Lines: every event, readable by cookietrace",
    suffixes=(".jsonl", ".ndjson"),
    writes=write_jsonl,
    reads=read_jsonl,
    recognises=is_jsonl,
    unpacks=True,
)
