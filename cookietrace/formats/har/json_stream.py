"""Reads JSON from a stream of bytes one value at a time, so that the whole is never in memory."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from cookietrace.formats.har.surrogates import without_lone_surrogates

PIECE = 1024 * 1024
"""How many bytes are read at a time; more for a value that is larger."""

LIMIT = 512 * 1024 * 1024
"""The most bytes of one value: it is held as a whole."""

_MARGIN = 64
"""An error this near the end of what was read may be only that a token is not all there."""

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_POSITION = re.compile(r"\(byte (\d+)\)")

_skipper = msgspec.json.Decoder(msgspec.Raw)
"""Finds the end of a value without making objects of it."""


class DamageError(Exception):
    """The stream is not JSON from some byte on."""

    def __init__(self, position: int | None = None, *, nested: bool = False) -> None:
        """``position`` is None if the stream ends too early or is ``nested`` too deeply."""
        super().__init__(position)
        self.position = position
        self.nested = nested


class TooLargeError(Exception):
    """A value is larger than ``LIMIT``."""


class JsonStream:
    """A cursor in a stream of JSON. Every method may raise ``DamageError``, or ``OSError``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        """Where the cursor is in the buffer."""
        self._passed = 0
        """How many bytes of the stream come before the buffer."""
        self._ended = False
        self._digest = hashlib.sha256()
        self._more()
        if self._buffer.startswith(_BOM):
            self._at = len(_BOM)

    def digest(self) -> str:
        """Return the SHA-256 of the whole stream, in hexadecimal; reads it to its end."""
        self._at = len(self._buffer)
        while self._more():
            self._at = len(self._buffer)
        return self._digest.hexdigest()

    def next(self) -> bytes:
        """Return the first byte of the next token, and stay before it; no byte at the end."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space is not None
            self._at = space.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def members(self) -> Iterator[str]:
        """Pass an object: yield the name of each member. The caller passes its value."""
        self._pass(b"{")
        if self.next() == b"}":
            self._at += 1
            return
        while True:
            if self.next() != b'"':
                raise self._wrong()
            try:
                name = msgspec.json.decode(self.value(), type=str)
            except (msgspec.DecodeError, UnicodeDecodeError):
                name = ""
            self._pass(b":")
            yield name
            if self._passed_last(b"}"):
                return

    def elements(self) -> Iterator[memoryview]:
        """Pass an array: yield the bytes of each element."""
        self._pass(b"[")
        if self.next() == b"]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self._passed_last(b"]"):
                return

    def value(self) -> memoryview:
        """Pass a value and return its bytes, with white space around them.

        They are JSON in form; whether their text is UTF-8 and their numbers have a range is not
        known. Raises ``TooLargeError``.
        """
        while True:
            rest = memoryview(self._buffer)[self._at :]
            try:
                _skipper.decode(rest)
            except RecursionError as error:
                raise DamageError(nested=True) from error
            except msgspec.DecodeError as error:
                position = _position(error)
                if position is not None and "trailing characters" in str(error):
                    # The position is that of the byte after the next token's first.
                    self._at += position - 1
                    return rest[: position - 1]
                near = position is None or position > len(rest) - _MARGIN
                if self._mended() or (near and self._more()) or (self._ended and self._mended()):
                    continue
                where = None if position is None else self._passed + self._at + position
                raise DamageError(where) from error
            if self._more():
                continue  # a number may continue in the next piece
            self._at = len(self._buffer)
            return rest

    def end(self) -> None:
        """Raise ``DamageError`` unless nothing but white space is left."""
        if self.next():
            raise self._wrong()

    def _pass(self, byte: bytes) -> None:
        if self.next() != byte:
            raise self._wrong()
        self._at += 1

    def _passed_last(self, closing: bytes) -> bool:
        """Pass the byte after a member or an element; return whether that was the last one."""
        found = self.next()
        if found not in (b",", closing) or not found:
            raise self._wrong()
        self._at += 1
        return found == closing

    def _wrong(self) -> DamageError:
        """Return the error for a byte that cannot be where the cursor is."""
        return DamageError(self._passed + self._at if self._at < len(self._buffer) else None)

    def _mended(self) -> bool:
        """Replace unpaired surrogates in the escapes ahead; return whether there were any."""
        ahead = self._buffer[self._at :]
        mended = without_lone_surrogates(ahead, cut=not self._ended)
        self._buffer = self._buffer[: self._at] + mended
        return mended != ahead

    def _more(self) -> bool:
        """Read on; return whether there was anything."""
        if self._ended:
            return False
        left = len(self._buffer) - self._at
        if left > LIMIT:
            raise TooLargeError
        piece = self._file.read(max(PIECE, left))
        self._digest.update(piece)
        self._ended = not piece
        self._passed += self._at
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)


def _position(error: msgspec.DecodeError) -> int | None:
    """Return the byte that an error names; None if the JSON ends too early."""
    found = _POSITION.search(str(error))
    return int(found[1]) if found else None
