"""JSON Lines: the events of a capture, one a line, exactly as the store holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cookietrace.errors import FormatError, SchemaError
from cookietrace.events import SCHEMA, Capture, Event, Unknown, decode, encode, schema_of
from cookietrace.formats.format import Export, Format
from cookietrace.safe_text import safe


def write_jsonl(export: Export) -> Iterator[bytes]:
    """Yield one line per event."""
    for event in export.stream():
        line = encode(event)
        if isinstance(event, Unknown):  # may come from a hand that likes line feeds
            line = line.replace(b"\n", b" ").replace(b"\r", b" ")
        yield line + b"\n"


def read_jsonl(path: Path, lenient: bool = False) -> Iterator[Event]:
    """Yield the events of a file; ``lenient`` passes over lines that are none.

    Raises ``FormatError`` with the number of the line, and ``SchemaError`` where a newer
    version wrote the file.
    """
    name = safe(str(path))
    with path.open("rb") as lines:
        first = True
        for number, line in enumerate(lines, 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            try:
                event = decode(text.rstrip(b"\r\n"))
            except FormatError as error:
                if first:
                    _refuse_newer(schema_of(text), name)
                if lenient:
                    continue
                raise FormatError(_complaint(name, number, line, error)) from error
            if first:
                first = False
                yield from _checked(event, name, number, lenient)
            else:
                yield event
    if first:
        raise FormatError(f"{name} holds no events")


def _checked(event: Event, name: str, number: int, lenient: bool) -> Iterable[Event]:
    """Return the first event, behind a ``capture`` event in any case."""
    if isinstance(event, Capture):
        _refuse_newer(event.schema, name)
        return (event,)
    if not lenient:
        raise FormatError(
            f"{name}, line {number}: a capture begins with a capture event, and this one does "
            "not (--lenient reads it all the same)"
        )
    at = getattr(event, "at", None)
    stand_in = Capture(
        capture_id="unknown", schema=SCHEMA, at=at if at is not None else 0.0, producer="unknown"
    )
    return (stand_in, event)


def _refuse_newer(schema: int, name: str) -> None:
    if schema > SCHEMA:
        raise SchemaError(
            f"{name} was written by a newer cookietrace "
            f"(schema {schema}, this one reads up to {SCHEMA}): upgrade cookietrace"
        )


def _complaint(name: str, number: int, line: bytes, error: FormatError) -> str:
    if not line.endswith(b"\n"):
        return (
            f"{name}, line {number}: the file was cut off here "
            f"(--lenient reads the lines before it)"
        )
    return f"{name}, line {number}: {safe(str(error))} (--lenient passes over such lines)"


def is_jsonl(start: bytes) -> bool:
    """Tell whether a file begins with an event."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith((b'{"type":', b'{"type" :'))


FORMAT = Format(
    name="jsonl",
    title="JSON Lines: every event, to be read again",
    suffixes=(".jsonl", ".ndjson"),
    writes=write_jsonl,
    reads=read_jsonl,
    recognises=is_jsonl,
)
