"""The folder of captures: names for new ones, the listing, and deletion."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec
import platformdirs

from cookietrace.errors import CaptureError
from cookietrace.events import Capture, Client, Recorder, Session
from cookietrace.safe_text import safe
from cookietrace.stores.connection import capture_errors, side_file
from cookietrace.stores.own_file import SIDE_FILES, refuse_special
from cookietrace.stores.sqlite import SUFFIX, create_private_folder, open_sqlite
from cookietrace.stores.writer_lock import WriterLock, is_live

_SAMPLE = 100
"""More events than any capture without traffic has."""

_NOT_TRAFFIC = (Capture, Recorder, Client, Session)


class CaptureFile(msgspec.Struct, frozen=True, gc=False):
    """One capture in the listing."""

    path: Path
    info: Capture | None
    """None if the file cannot be read."""
    events: int
    size: int
    """Bytes on disk, including the log."""
    first_at: float | None
    """When it was started, in Unix time."""
    last_at: float | None
    """The time of its last event, in Unix time."""
    live: bool
    """Whether it is being recorded now."""
    trouble: str | None = None
    """Why the file cannot be read."""


def captures_folder() -> Path:
    """Return the folder for captures in the user's data folder; it may not exist yet."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "captures"


def reserve_capture_path(now: float) -> Path:
    """Return the path for a capture started at ``now`` (Unix time), which nobody else gets.

    An empty file is there, which counts as missing: see ``give_up_capture_path``. Raises
    ``CaptureError``.
    """
    name = datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = captures_folder()
    try:
        create_private_folder(folder)
        for number in count(2):
            path = folder / f"{name}{SUFFIX}"
            if _made(path):
                return path
            name = f"{name.split('_')[0]}_{number}"
    except OSError as error:
        raise CaptureError(
            f"cannot make a capture in {safe(str(folder))} ({error.strerror}): make it writable, "
            "or set XDG_DATA_HOME to a folder that is, or give --capture a file"
        ) from error
    raise AssertionError("count() has no end")


def _made(path: Path) -> bool:
    """Make an empty file for its owner; return False if there is one. Raises ``OSError``."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    return True


def give_up_capture_path(path: Path) -> None:
    """Delete the file at a path that was reserved, if nothing was recorded into it."""
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()


def capture_named(text: str) -> Path | None:
    """Return the capture at a path, or of a name from the listing, with or without suffix.

    An existing file takes precedence over a capture of that name. Returns None if a bare
    name is neither; a path with a folder is returned whether it exists or not.
    """
    given = Path(text)
    if given.name != text or _exists(given):
        return given
    named = captures_folder() / (text if text.endswith(SUFFIX) else text + SUFFIX)
    return named if _exists(named) else None


def list_captures(folder: Path | None = None) -> tuple[CaptureFile, ...]:
    """Return the captures of a folder, sorted by name (oldest first); none without a folder.

    A file that cannot be read is listed with the reason. Raises ``CaptureError`` if the
    folder itself cannot be read.
    """
    folder = folder or captures_folder()
    with capture_errors(folder):
        if not folder.exists():
            return ()
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    return tuple(_described(path) for path in paths)


def delete_capture(path: Path) -> None:
    """Delete a capture and its side files.

    Raises ``CaptureError`` if there is none, if it is being recorded, if the file is not a
    capture (a damaged file with the suffix of captures counts as one), and if it cannot
    be deleted.
    """
    refuse_special(path)
    with capture_errors(path):
        path = path.resolve()
        if not path.exists():
            raise CaptureError(f"there is no capture at {safe(str(path))}")
    if path.suffix != SUFFIX:
        open_sqlite(path).close()
    if is_live(path):
        raise CaptureError(f"{safe(str(path))} is being recorded: stop the recorder first")
    lock = WriterLock(path)
    try:
        with suppress(OSError):  # if we may not write to it, we do not record into it either
            lock.hold()
        with capture_errors(path):
            for ending in SIDE_FILES:
                side_file(path, ending).unlink(missing_ok=True)
            path.unlink()
    finally:
        lock.release()


def is_bare(path: Path) -> bool:
    """Return whether a capture is without any traffic; False if that is not certain.

    Failures count as traffic: a browser tried.
    """
    try:
        with closing(open_sqlite(path)) as store:
            events = store.read(limit=_SAMPLE).events
    except CaptureError:
        return False
    return len(events) < _SAMPLE and all(isinstance(event, _NOT_TRAFFIC) for event in events)


def delete_if_bare(path: Path) -> bool:
    """Delete a capture without any traffic; return whether it was deleted.

    Never raises: in doubt the file stays.
    """
    try:
        if not is_bare(path):
            return False
        delete_capture(path)
    except CaptureError:
        return False
    return True


def _described(path: Path) -> CaptureFile:
    """Return a file's entry in the listing, whatever state it is in."""
    size = sum(_size(file) for file in (path, side_file(path, "-wal"), side_file(path, "-journal")))
    try:
        with closing(open_sqlite(path)) as store:
            events, last_at = store.extent()
            info = store.info
    except (CaptureError, sqlite3.Error) as error:
        return CaptureFile(path, None, 0, size, None, None, is_live(path), str(error))
    return CaptureFile(path, info, events, size, info.at, last_at, is_live(path))


def _exists(path: Path) -> bool:
    """Return whether a path exists; False if it cannot be looked up."""
    try:
        return path.exists()
    except OSError:
        return False


def _size(path: Path) -> int:
    """Return a file's size in bytes, 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
