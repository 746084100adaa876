"""Content codings undone piece by piece, within a bound whatever the octets claim to be."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

PIECE = 64 * 1024
"""About how many octets come out at a time."""

_SLICE = 256
"""How many octets go in at a time where a decoder cannot bound what comes out."""

_ZSTD_WINDOW = 8 * 1024 * 1024
"""The window that a decoder has to support (RFC 8878, 3.1.1.1.2); no more is taken."""


class Decoder(Protocol):
    """Undoes one content coding."""

    def __call__(self, data: bytes) -> Iterable[bytes]:
        """Give what ``data`` stands for, lazily; raises ``ValueError`` where it is damaged."""


def as_it_is(data: bytes) -> Iterable[bytes]:
    """Return the octets undecoded."""
    return (data,)


class _Zlib:
    """``gzip`` with any number of members, and ``deflate`` with or without its header."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflater = zlib.decompressobj(window)
        self._begun = False

    def __call__(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                piece = self._inflater.decompress(data, PIECE)
            except zlib.error as error:
                if self._begun or self._window != zlib.MAX_WBITS:
                    raise ValueError(str(error)) from error
                # Some servers mean the bare algorithm by "deflate" (RFC 9110, 8.4.1.2).
                self._window = -zlib.MAX_WBITS
                self._inflater = zlib.decompressobj(self._window)
                continue
            self._begun = True
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(self._window)
            if piece:
                yield piece


class _Sliced:
    """A decoder that is fed in small slices, since it gives all it has at once."""

    def __init__(self, decode: Callable[[bytes], bytes], error: type[Exception]) -> None:
        self._decode = decode
        self._error = error

    def __call__(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SLICE):
            try:
                piece = self._decode(data[start : start + _SLICE])
            except self._error as error:
                raise ValueError(str(error)) from error
            if piece:
                yield piece


def _brotli() -> Decoder:
    """Return a decoder for ``br``."""
    return _Sliced(brotli.Decompressor().process, brotli.error)


def _zstd() -> Decoder:
    """Return a decoder for ``zstd``."""
    stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    return _Sliced(stream.decompress, zstandard.ZstdError)


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "": lambda: as_it_is,
    "identity": lambda: as_it_is,
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _brotli,
    "zstd": _zstd,
}


def decoder_for(content_encoding: str | None) -> Decoder | None:
    """Return a decoder for the value of Content-Encoding; None for codings we cannot undo."""
    make = _DECODERS.get((content_encoding or "").strip().lower())
    return make() if make is not None else None
