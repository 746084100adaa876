"""Divides a log that grows into its lines, of which none is too long."""

from __future__ import annotations

from collections.abc import Iterator


class LogLines:
    """Takes a log piece by piece; lines that are too long are passed over."""

    def __init__(self, longest: int) -> None:
        """``longest`` is the most bytes of a line."""
        self._longest = longest
        self._rest = bytearray()
        self._skipping = False
        self.passed_over = 0
        """How many lines were too long."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes, and yield the lines that they complete, without their ends."""
        self._rest += data
        start = 0
        while (end := self._rest.find(b"\n", start)) >= 0:
            first, start = start, end + 1
            if self._skipping:
                self._skipping = False
            elif end - first > self._longest:
                self.passed_over += 1
            else:
                yield bytes(memoryview(self._rest)[first:end])
        del self._rest[:start]
        if len(self._rest) > self._longest:
            self.passed_over += not self._skipping
            self._rest.clear()
            self._skipping = True

    def end(self) -> bytes:
        """Return the last line, which has no end; empty if there is none."""
        line = b"" if self._skipping else bytes(self._rest)
        self._rest.clear()
        return line
