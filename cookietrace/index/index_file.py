"""The file of an index: what it is of, its content, its blocks, and a digest of all that."""

from __future__ import annotations

import hashlib
import os
import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from cookietrace.archive import Blocks
from cookietrace.errors import FormatError
from cookietrace.index.identity import Identity
from cookietrace.whole_file import write_whole

_MAGIC = b"cktrindex\x01"
_HEAD = struct.Struct("<10sIQQQ")
"""Magic, then the lengths of identity, content, ends of blocks, and blocks."""
_DIGEST = 32
_PIECE = 1 << 20


class FixedBlocks:
    """The blocks of an open index, which gets no more."""

    def __init__(self, descriptor: int, start: int, ends: array[int]) -> None:
        self._descriptor = descriptor
        self._start = start
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, data: bytes) -> int:  # noqa: ARG002
        """Refuse: raises ``TypeError``."""
        raise TypeError("an index gets no more blocks")

    def read(self, number: int) -> bytes:
        """Return a block. Raises ``IndexError`` if there is none."""
        end = self._ends[number]
        start = self._ends[number - 1] if number else 0
        return os.pread(self._descriptor, end - start, self._start + start)

    def __del__(self) -> None:
        os.close(self._descriptor)


class IndexFile(msgspec.Struct, frozen=True):
    """An index that was read."""

    identity: Identity
    content: IO[bytes]
    """Open at the beginning of the content; to be closed by who reads it."""
    blocks: FixedBlocks


def write_index(path: Path, identity: Identity, content: IO[bytes], blocks: Blocks) -> None:
    """Write an index for its owner only, instead of one that is there. Raises ``OSError``."""
    write_whole(path, _with_digest(_pieces(identity, content, blocks)), replace=True)


def _pieces(identity: Identity, content: IO[bytes], blocks: Blocks) -> Iterator[bytes]:
    named = msgspec.json.encode(identity)
    count, ends, total = len(blocks), array("Q"), 0
    for number in range(count):
        total += len(blocks.read(number))
        ends.append(total)
    yield _HEAD.pack(_MAGIC, len(named), content.seek(0, os.SEEK_END), 8 * count, total)
    yield named
    content.seek(0)
    while piece := content.read(_PIECE):
        yield piece
    yield ends.tobytes()
    for number in range(count):
        yield blocks.read(number)


def _with_digest(pieces: Iterator[bytes]) -> Iterator[bytes]:
    found = hashlib.blake2b(digest_size=_DIGEST)
    for piece in pieces:
        found.update(piece)
        yield piece
    yield found.digest()


def read_index(path: Path) -> IndexFile:
    """Read an index, and check all of it.

    Raises ``OSError``, and ``FormatError`` if it is damaged or of another version.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        head = os.pread(descriptor, _HEAD.size, 0)
        if len(head) < _HEAD.size:
            raise FormatError("it is not an index")
        magic, of_identity, of_content, of_ends, of_blocks = _HEAD.unpack(head)
        start = _HEAD.size + of_identity + of_content + of_ends
        if magic != _MAGIC or of_ends % 8 or size != start + of_blocks + _DIGEST:
            raise FormatError("it is not an index, or one of another version")
        if _digest_of(descriptor, size - _DIGEST) != os.pread(descriptor, _DIGEST, size - _DIGEST):
            raise FormatError("it is damaged")
        at = _HEAD.size
        try:
            named = os.pread(descriptor, of_identity, at)
            identity = msgspec.json.decode(named, type=Identity)
        except msgspec.DecodeError as error:
            raise FormatError("it is damaged") from error
        ends = array("Q")
        ends.frombytes(os.pread(descriptor, of_ends, at + of_identity + of_content))
    except BaseException:
        os.close(descriptor)
        raise
    blocks = FixedBlocks(descriptor, start, ends)
    content = os.fdopen(os.dup(descriptor), "rb")
    content.seek(at + of_identity)
    return IndexFile(identity, content, blocks)


def _digest_of(descriptor: int, size: int) -> bytes:
    found, at = hashlib.blake2b(digest_size=_DIGEST), 0
    while at < size:
        piece = os.pread(descriptor, min(_PIECE, size - at), at)
        if not piece:
            break
        found.update(piece)
        at += len(piece)
    return found.digest()
