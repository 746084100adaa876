"""The folder of captures: where a new one goes, what is there by which name, and its end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec
import platformdirs

from cookietrace.errors import CaptureError
from cookietrace.events import Capture, Client, Recorder
from cookietrace.safe_text import safe
from cookietrace.stores.connection import SIDE_FILES, reported, side_file
from cookietrace.stores.sqlite import SUFFIX, open_sqlite
from cookietrace.stores.writer_lock import WriterLock, is_live

_SOME = 100
"""More events than a capture without traffic ever has."""

_BARE = (Capture, Recorder, Client)


class CaptureFile(msgspec.Struct, frozen=True, gc=False):
    """One capture as a listing shows it."""

    path: Path
    info: Capture | None
    """None where the file cannot be read; ``trouble`` then says why."""
    events: int
    size: int
    """Octets on disk, the log that is not yet in the file included."""
    first_at: float | None
    """When it was begun, in Unix time."""
    last_at: float | None
    """The time of its last event, in Unix time."""
    live: bool
    """Whether it is being recorded at this moment."""
    trouble: str | None = None


def captures_folder() -> Path:
    """Return the folder for captures in the user's data folder; it may not exist yet."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "captures"


def default_capture_path(now: float) -> Path:
    """Return where a capture begun at ``now`` (Unix time) goes; no file has that name yet."""
    name = datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = captures_folder()
    for number in count(2):
        path = folder / f"{name}{SUFFIX}"
        if not path.exists():
            return path
        name = f"{name.split('_')[0]}_{number}"
    raise AssertionError("count() has no end")


def capture_named(text: str) -> Path | None:
    """Return the file that a path means, or else a name from the listing, with or without ending.

    A file of that path goes before a capture of that name. None where a name without
    any folder is neither; a path with a folder comes back whether it is there or not.
    """
    given = Path(text)
    if given.name != text or _exists(given):
        return given
    named = captures_folder() / (text if text.endswith(SUFFIX) else text + SUFFIX)
    return named if _exists(named) else None


def list_captures(folder: Path | None = None) -> tuple[CaptureFile, ...]:
    """Return the captures of a folder, oldest name first; none where there is no folder.

    A file that cannot be read is listed with the reason. Raises ``CaptureError``
    where the folder itself cannot be read.
    """
    folder = folder or captures_folder()
    with reported(folder):
        if not folder.exists():
            return ()
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    return tuple(_described(path) for path in paths)


def delete_capture(path: Path) -> None:
    """Delete a capture and everything that belongs to it.

    Raises ``CaptureError`` where there is none, where it is being recorded, where
    the file is no capture at all (a damaged one that is named like a capture is), and
    where it may not be deleted.
    """
    with reported(path):
        path = path.resolve()
        if path.is_dir() or not path.exists():
            raise CaptureError(f"there is no capture at {safe(str(path))}")
    if path.suffix != SUFFIX:
        open_sqlite(path).close()
    if is_live(path):
        raise CaptureError(f"{safe(str(path))} is being recorded: stop the recorder first")
    lock = WriterLock(path)
    try:
        with reported(path):
            for ending in SIDE_FILES:
                side_file(path, ending).unlink(missing_ok=True)
            path.unlink()
    finally:
        lock.release()


def delete_if_bare(path: Path) -> bool:
    """Delete a capture that holds no traffic at all; tell whether it was deleted.

    Failures are traffic: a browser tried. Raises nothing: in doubt the file stays.
    """
    try:
        with closing(open_sqlite(path)) as store:
            events = store.read(limit=_SOME).events
        if len(events) == _SOME or any(not isinstance(event, _BARE) for event in events):
            return False
        delete_capture(path)
    except CaptureError:
        return False
    return True


def _described(path: Path) -> CaptureFile:
    """Return one line of the listing, whatever state the file is in."""
    size = sum(_size(file) for file in (path, side_file(path, "-wal"), side_file(path, "-journal")))
    try:
        with closing(open_sqlite(path)) as store:
            events, last_at = store.extent()
            info = store.info
    except (CaptureError, sqlite3.Error) as error:
        return CaptureFile(path, None, 0, size, None, None, is_live(path), str(error))
    return CaptureFile(path, info, events, size, info.at, last_at, is_live(path))


def _exists(path: Path) -> bool:
    """Tell whether a path leads anywhere; one that cannot be looked up does not."""
    try:
        return path.exists()
    except OSError:
        return False


def _size(path: Path) -> int:
    """Return a file's size in octets, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
