"""The folder of indexes: one file per capture, in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import platformdirs

from cookietrace.archive import FileBlocks
from cookietrace.errors import CookietraceError
from cookietrace.index.content import Content
from cookietrace.index.identity import identity_of
from cookietrace.index.index_file import read_index, write_index
from cookietrace.index.snapshot import dump, load
from cookietrace.stores import CaptureStore

MOST_INDEXES = 20
"""How many are kept; those that were not used for longest are deleted."""

_SUFFIX = ".index"
_DRAFT_SECONDS = 3600.0
"""How old a file is that nobody is writing any more."""


def indexes_folder() -> Path:
    """Return the folder for indexes in the user's cache folder; it may not exist yet."""
    return platformdirs.user_cache_path("cookietrace", appauthor=False) / "indexes"


def load_index(store: CaptureStore, browser: str) -> tuple[Content | None, str | None]:
    """Return what an earlier run made of a capture; None if there is nothing that fits.

    The second result says in one line why an index that is there cannot be used; None if there is
    nothing to say: an index of another state of the capture is no fault.
    """
    path: Path | None = None
    try:
        path = _path_of(store)
        found = read_index(path)
        with found.content:
            identity = found.identity
            now = identity_of(store, browser, identity.place)
            if identity != now:
                if now is None or identity.first != now.first:
                    path.unlink()  # it holds what was deleted from the capture
                return None, None
            content = load(found.content, store.events_at, FileBlocks(first=found.blocks))
        with suppress(OSError):
            os.utime(path)  # it was used just now
    except FileNotFoundError:
        return None, None
    except (OSError, CookietraceError) as error:
        if path is not None:
            with suppress(OSError):
                path.unlink()
        return (
            None,
            f"the index of this capture cannot be used ({_reason(error)}): a new one is made",
        )
    return content, None


def save_index(store: CaptureStore, browser: str, content: Content) -> str | None:
    """Keep what was made of a capture. Return why that is not possible in one line, or None.

    If the content or the beginning of the capture has changed meanwhile, no index is kept.
    """
    folder = indexes_folder()
    try:
        identity = identity_of(store, browser, content.place)
        if identity is None or store.first() != content.first:
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            dump(content, store.events_at, file)
            write_index(_path_of(store), identity, file, content.blocks)
        _delete_oldest(folder)
    except RuntimeError:
        return None
    except (OSError, CookietraceError) as error:
        return f"no index of this capture was saved: {_reason(error)}"
    return None


def delete_index(capture_id: str) -> None:
    """Delete the index of a capture, if there is one."""
    with suppress(OSError):
        (indexes_folder() / _name(capture_id)).unlink()


def _path_of(store: CaptureStore) -> Path:
    return indexes_folder() / _name(store.info.capture_id)


def _name(capture_id: str) -> str:
    """Return the name of a capture's index; the id comes from a file and may be anything."""
    digest = hashlib.blake2b(capture_id.encode("utf-8", "surrogatepass"), digest_size=16)
    return f"{digest.hexdigest()}{_SUFFIX}"


def _delete_oldest(folder: Path) -> None:
    """Delete the indexes beyond the most that are kept, and what a killed writer left behind."""
    for draft in folder.glob(".cookietrace-*"):
        if 0 < _used_at(draft) < time.time() - _DRAFT_SECONDS:
            draft.unlink(missing_ok=True)
    found = sorted(folder.glob(f"*{_SUFFIX}"), key=_used_at)
    for path in found[:-MOST_INDEXES]:
        path.unlink(missing_ok=True)


def _used_at(path: Path) -> float:
    """Return when a file was used last; 0 if another process has deleted it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
