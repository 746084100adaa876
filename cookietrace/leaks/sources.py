"""What there is to look through in a file: its bytes, what is packed in it, and its events."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from cookietrace.errors import FormatError
from cookietrace.events import encode
from cookietrace.formats.packing import DAMAGE, LIMIT, is_packed, members
from cookietrace.safe_text import safe
from cookietrace.stores import is_sqlite, open_store
from cookietrace.stores.own_file import kind_of

WINDOW = 2 * 1024 * 1024
"""The number of bytes that are decoded at once."""
OVERLAP = 256 * 1024
"""How many of them are looked at again with the next ones: what is longer may be cut."""
_READ = 64 * 1024


class Window(NamedTuple):
    """A piece of a source."""

    text: str
    """Its bytes as latin-1."""
    offset: int
    """Where it begins in the source."""
    line: int
    """The number of its first line, from 1."""


class Source(NamedTuple):
    """Something to look through."""

    name: str
    """What it is called beside the file; empty for the file itself."""
    unit: str
    """What its lines are."""
    windows: Iterator[Window]


def sources(path: Path) -> Iterator[Source]:
    """Yield everything that there is to look through in a file.

    Raises ``FormatError`` if it is not a regular file, cannot be unpacked, or is too large; and so
    does reading the windows. Raises ``OSError``.
    """
    what = kind_of(path.stat().st_mode)
    if what is not None:
        raise FormatError(f"{safe(str(path))} is {what}, not a file that can be shared")
    with path.open("rb") as file:
        start = file.read(16)
    if is_packed(start):
        yield from _unpacked(path)
        return
    with path.open("rb") as file:
        yield Source("", "line", _windows(_pieces(file, path)))
    if is_sqlite(path):
        yield Source("events", "event", _windows(_events(path)))


def _unpacked(path: Path) -> Iterator[Source]:
    """Yield what is in a packed file."""
    if not members(path):
        with gzip.open(path) as file:
            yield Source("unpacked", "line", _windows(_pieces(file, path)))
        return
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            try:
                member = archive.open(info)
            except DAMAGE as error:
                raise _not_unpacked(path) from error
            with member:
                yield Source(info.filename, "line", _windows(_pieces(member, path)))


def _pieces(file: IO[bytes] | gzip.GzipFile, path: Path) -> Iterator[bytes]:
    size = 0
    while True:
        try:
            piece = file.read(_READ)
        except DAMAGE as error:
            raise _not_unpacked(path) from error
        if not piece:
            return
        size += len(piece)
        if size > LIMIT:
            raise FormatError(
                f"{safe(str(path))} has more than {LIMIT // 1024**2} MiB: split it first"
            )
        yield piece


def _not_unpacked(path: Path) -> FormatError:
    return FormatError(
        f"{safe(str(path))} is damaged, encrypted or compressed in an unsupported way: unpack it "
        "with another tool, and check what was in it"
    )


def _events(path: Path) -> Iterator[bytes]:
    """Yield the events of a capture, one per line."""
    store = open_store(path)
    try:
        position = ""
        while (batch := store.read(position)).events:
            for event in batch.events:
                yield encode(event) + b"\n"
            position = batch.position
    finally:
        store.close()


def _windows(pieces: Iterable[bytes]) -> Iterator[Window]:
    """Yield pieces that overlap, so that what lies across a border is whole in one of them."""
    held = bytearray()
    offset, line = 0, 1
    for piece in pieces:
        held += piece
        while len(held) >= WINDOW:
            yield Window(held[:WINDOW].decode("latin-1"), offset, line)
            gone = WINDOW - OVERLAP
            line += held.count(b"\n", 0, gone)
            offset += gone
            del held[:gone]
    if held:
        yield Window(held.decode("latin-1"), offset, line)
