"""Decodes content codings piece by piece, with bounded memory whatever the input."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

PIECE = 64 * 1024
"""About how many decoded bytes are produced at a time."""

_BROTLI_SLICE = 8
_ZSTD_SLICE = 256
"""How many bytes to feed at a time to a decoder that cannot limit its output: about 13 bytes of
brotli may stand for 16 MiB (RFC 7932, 9.2), four of zstd for 128 KiB (RFC 8878, 3.1.1.2).

So a slice of brotli holds one such block at most. In slices of 64 bytes it takes a quarter of the
time, and five times the memory."""

_ZSTD_WINDOW = 8 * 1024 * 1024
"""The window that every decoder must support (RFC 8878, 3.1.1.1.2); larger ones are refused."""


class Decoder(Protocol):
    """Decodes one content coding."""

    def __call__(self, data: bytes) -> Iterable[bytes]:
        """Yield the decoded pieces of ``data`` lazily; raises ``ValueError`` if it is damaged."""


def undecoded(data: bytes) -> Iterable[bytes]:
    """Return the bytes as they are."""
    return (data,)


class _Zlib:
    """``gzip`` with any number of members, and ``deflate`` with or without its header."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflater = zlib.decompressobj(window)
        self._started = False
        self._seen = b""
        """The input before the first output."""

    def __call__(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                piece = self._inflater.decompress(data, PIECE)
            except zlib.error as error:
                if self._started or self._window != zlib.MAX_WBITS:
                    raise ValueError(str(error)) from error
                # Some servers send "deflate" without the zlib wrapper (RFC 9110, 8.4.1.2).
                self._window = -zlib.MAX_WBITS
                self._inflater = zlib.decompressobj(self._window)
                data, self._seen = self._seen + data, b""
                continue
            if piece:
                self._started, self._seen = True, b""
            elif not self._started:
                self._seen += data
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(self._window)
            if piece:
                yield piece


class _Sliced:
    """A decoder that returns all output at once, so it is fed small slices."""

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
    """``br`` with a decoder that can limit its output (brotli 1.2)."""

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
    "": lambda: undecoded,
    "identity": lambda: undecoded,
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _brotli,
    "zstd": _zstd,
}


def decoder_for(content_encoding: str | None) -> Decoder | None:
    """Return a decoder for a value of Content-Encoding; None for unsupported codings."""
    make = _DECODERS.get((content_encoding or "").strip().lower())
    return make() if make is not None else None
