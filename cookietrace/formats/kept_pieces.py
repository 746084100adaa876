"""Pieces of bytes that are kept in a file that no one else can read, instead of in memory."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Sequence

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe

_IN_MEMORY = 4 * 1024 * 1024
"""Up to how many bytes there is no file."""


class KeptPieces:
    """Pieces that are added once and can then be read in any order.

    The file is the owner's alone and has no name (where the system cannot make such a file, it
    has one for an instant), so that it is gone however the process ends. Add every piece before
    reading one. Adding raises ``CaptureError`` if the disk is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="cookietrace-")  # noqa: SIM115
        self._ends = array("q")
        self._size = 0

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, piece: bytes) -> None:
        """Add a piece; its number is how many there were before."""
        try:
            self._file.write(piece)
        except OSError as error:
            folder = safe(tempfile.gettempdir())
            raise CaptureError(
                f"{folder} has no room for what is being read ({error.strerror}): "
                "TMPDIR can name another folder"
            ) from error
        self._size += len(piece)
        self._ends.append(self._size)

    def piece(self, number: int) -> bytes:
        """Return a piece by its number, from 0."""
        start = self._ends[number - 1] if number else 0
        self._file.seek(start)
        return self._file.read(self._ends[number] - start)

    def clear(self) -> None:
        """Forget every piece."""
        self._file.seek(0)
        self._file.truncate()
        del self._ends[:]
        self._size = 0

    def close(self) -> None:
        """Remove what was kept; a second call does nothing."""
        self._file.close()


def by_time(times: Sequence[float]) -> Sequence[int]:
    """Return the indices of times in their order; equal ones stay in the order in which they are.

    Most files are in order already, and then nothing is made.
    """
    if all(map(float.__le__, times, times[1:])):
        return range(len(times))
    return array("q", sorted(range(len(times)), key=times.__getitem__))
