"""Trailers after a chunked body over HTTP/1.1: left out, where mitmproxy ends in an error.

A recipient may discard trailers (RFC 9110 section 6.5.1), and browsers store no cookie from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proxy_addon.http1.informational import LARGEST

MakeReader = Callable[[int | None], Any]


class _WithoutTrailers:
    """Reads a body as ``reader`` does, and ends it without trailers."""

    def __init__(self, reader: Any, error: type[Exception]) -> None:
        self._reader = reader
        self._error = error

    def __call__(self, buffer: Any) -> Any:
        """Return the next part of the body, or its end; None if more must arrive first.

        Raises ``error`` if more than ``LARGEST`` bytes wait to be read: they are trailers, or the
        size of a chunk, without an end.
        """
        part = self._reader(buffer)
        if part is None and len(buffer) > LARGEST:
            raise self._error(f"trailers or a chunk's size of more than {LARGEST} bytes")
        # Only the end of a message has headers: its trailers.
        return type(part)() if getattr(part, "headers", None) else part

    def read_eof(self) -> Any:
        """Return what the end of the connection means."""
        return self._reader.read_eof()


def without_trailers(original: MakeReader, error: type[Exception]) -> MakeReader:
    """Return a ``make_body_reader`` whose readers of chunked bodies leave out trailers.

    ``error`` is what mitmproxy takes for an error of the protocol: it ends the connection.
    """

    def make_body_reader(expected_size: int | None) -> Any:
        reader = original(expected_size)
        return _WithoutTrailers(reader, error) if expected_size is None else reader

    return make_body_reader
