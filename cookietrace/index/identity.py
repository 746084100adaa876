"""What an index is of: it is used only if all of this is the same."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import msgspec

import cookietrace
from cookietrace import __version__
from cookietrace.cookies.suffixes import SUFFIX_FILE
from cookietrace.events import encode
from cookietrace.stores import CaptureStore


class Identity(msgspec.Struct, frozen=True):
    """A capture up to a position, and how it was read."""

    capture_id: str
    engine: str
    """The version of this package and of the public suffix list; an edited file is another one."""
    browser: str
    """The profile that was asked for."""
    place: int
    """The place of the last event that was read."""
    first: str
    """A digest of the first event and its place: another one if the oldest were deleted."""
    last: str
    """A digest of that event."""


def identity_of(store: CaptureStore, browser: str, place: int) -> Identity | None:
    """Return the identity of a store up to a place; None if there is no such event any more.

    Raises ``CaptureError`` if the store cannot be read.
    """
    beginning = store.read(limit=2)
    end = store.events_at([place])
    if not end:
        return None
    first = b"\n".join(map(encode, beginning.events))
    return Identity(
        capture_id=store.info.capture_id,
        engine=engine(),
        browser=browser,
        place=place,
        first=_digest(first + repr(beginning.places).encode()),
        last=_digest(encode(end[-1])),
    )


@cache
def engine() -> str:
    """Return what distinguishes versions of the engine, by version, size and time of its files.

    The order of bytes in a number is part of it.
    """
    root = Path(cookietrace.__file__).parent
    found = hashlib.blake2b(f"{__version__} {sys.byteorder}".encode(), digest_size=16)
    for file in (*sorted(root.rglob("*.py")), SUFFIX_FILE):
        status = file.stat()
        found.update(f"{file.name} {status.st_size} {status.st_mtime_ns};".encode())
    return found.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
