"""How a recording ended: where its capture is now, and what is missing in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from cookietrace.supervision.reports import Reports

_OPEN_FILES = Path("/proc/self/fd")
"""Where Linux says what an open file is called now."""


class RecordingEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said about a recording that is over."""

    recorded_as: Path
    """The path that it was recorded into."""
    place: Path | None
    """Where the capture is now; None if it was deleted, or if that is not known."""
    deleted: bool
    """Whether it was certainly deleted."""
    missing: str | None
    """One line that says what was not recorded; None if the capture is complete."""

    @property
    def whole(self) -> bool:
        """Whether the capture is complete, and where it was recorded."""
        return self.place == self.recorded_as and self.missing is None


class CaptureInUse:
    """A capture while it is being recorded: keeps hold of the file, whatever it is called.

    Close it before this process opens the capture: closing a descriptor of an SQLite database
    releases the locks that the process has on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._given = path
        self._descriptor: int | None = None
        with contextlib.suppress(OSError):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def end(self, reports: Reports) -> RecordingEnd:
        """Close it, and say how the recording ended. Call this once the proxy has ended."""
        descriptor, self._descriptor = self._descriptor, None
        place: Path | None = self._given if self._given.exists() else None
        deleted = False
        if descriptor is not None:
            place = self._place(descriptor)
            deleted = os.fstat(descriptor).st_nlink == 0
            os.close(descriptor)
        return RecordingEnd(
            recorded_as=self._given, place=place, deleted=deleted, missing=reports.missing()
        )

    def _place(self, descriptor: int) -> Path | None:
        """Return where the open file is: where it was, or where Linux says that it is now."""
        if _is_at(descriptor, self._path):
            return self._given
        try:
            called = (_OPEN_FILES / str(descriptor)).readlink()
        except OSError:
            return None
        return called if _is_at(descriptor, called) else None


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file is at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
