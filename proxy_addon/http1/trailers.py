"""Trailers after a chunked body over HTTP/1.1: left out, where mitmproxy ends in an error.

A recipient may discard trailers (RFC 9110 section 6.5.1), and browsers store no cookie from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MakeReader = Callable[[int | None], Any]


class _WithoutTrailers:
    """Reads a body as ``reader`` does, and ends it without trailers."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __call__(self, buffer: Any) -> Any:
        """Return the next part of the body, or its end; None if more must arrive first."""
        part = self._reader(buffer)
        # Only the end of a message has headers: its trailers.
        return type(part)() if getattr(part, "headers", None) else part

    def read_eof(self) -> Any:
        """Return what the end of the connection means."""
        return self._reader.read_eof()


def without_trailers(original: MakeReader) -> MakeReader:
    """Return a ``make_body_reader`` whose readers of chunked bodies leave out trailers."""

    def make_body_reader(expected_size: int | None) -> Any:
        reader = original(expected_size)
        return _WithoutTrailers(reader) if expected_size is None else reader

    return make_body_reader
