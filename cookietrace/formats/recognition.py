"""Which format a file that is no capture of ours has: by its content, then by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cookietrace.errors import CaptureError, CookietraceError, FormatError
from cookietrace.formats import foreign
from cookietrace.formats.format import Format
from cookietrace.formats.packing import Beginning, beginning, is_packed, members
from cookietrace.formats.registry import FORMATS, readable, writable
from cookietrace.safe_text import safe
from cookietrace.stores import is_sqlite
from cookietrace.stores.own_file import refuse_special

_START = 4096
"""The number of bytes that a format is recognised by."""


def foreign_database(path: Path) -> FormatError | None:
    """Return what to say about another program's database; None if the program is not known."""
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


def format_of(path: Path, formats: Mapping[str, Format] | None = None) -> Format:
    """Return the format of a file that is not a store, out of ``formats`` or of all.

    Raises ``CaptureError`` if the file cannot be read, and ``FormatError`` if it has none of them.
    """
    formats = FORMATS if formats is None else formats
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
