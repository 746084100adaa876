"""Content codings undone piece by piece, within a bound whatever the octets claim to be."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

PIECE = 64 * 1024
"""About how many octets come out at a time."""

_BROTLI_SLICE = 64
_ZSTD_SLICE = 256
"""How many octets go in at a time where a decoder cannot bound what comes out: a few octets
of brotli may stand for 16 MiB (RFC 7932, 9.2), four of zstd for 128 KiB (RFC 8878, 3.1.1.2)."""

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
        self._seen = b""
        """What went in before anything came out."""

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
                data, self._seen = self._seen + data, b""
                continue
            if piece:
                self._begun, self._seen = True, b""
            elif not self._begun:
                self._seen += data
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(self._window)
            if piece:
                yield piece


class _Sliced:
    """A decoder that is fed in small slices, since it gives all it has at once."""

    def __init__(
        self, decode: Callable[[bytes], bytes], error: type[Exception], slice_: int
    ) -> None:
        self._decode = decode
        self._error = error
        self._slice = slice_

    def __call__(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), self._slice):
            try:
                piece = self._decode(data[start : start + self._slice])
            except self._error as error:
                raise ValueError(str(error)) from error
            if piece:
                yield piece


class _Brotli:
    """``br`` where the decoder can bound what comes out (brotli 1.2)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def __call__(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._stream.process(data, output_buffer_limit=PIECE)
            while piece or not self._stream.can_accept_more_data():
                yield piece
                piece = self._stream.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise ValueError(str(error)) from error


def _brotli() -> Decoder:
    """Return a decoder for ``br``."""
    if hasattr(brotli.Decompressor, "can_accept_more_data"):
        return _Brotli()
    return _Sliced(brotli.Decompressor().process, brotli.error, _BROTLI_SLICE)


def _zstd() -> Decoder:
    """Return a decoder for ``zstd``."""
    stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    return _Sliced(stream.decompress, zstandard.ZstdError, _ZSTD_SLICE)


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
