"""The capture that a recorder writes to: a new one, or one to go on with."""

from __future__ import annotations

from pathlib import Path

from cookietrace.stores import CaptureStore, create_capture, open_store


def open_capture(path: Path, *, sensitive: bool = True) -> CaptureStore:
    """Return the capture at ``path``, made where there is none or only an empty file.

    ``sensitive`` is for a new one. Raises ``CaptureError``.
    """
    if path.exists() and (path.is_dir() or path.stat().st_size):
        return open_store(path, write=True)
    return create_capture(path, sensitive=sensitive)
