"""What a place is called, and whether it is being recorded."""

from __future__ import annotations

from pathlib import Path

from cookietrace.recorders.opening import Place, Several
from cookietrace.stores import CaptureStore, Remote, is_live, is_redis_url


def capture_title(capture: Place) -> str:
    """Return what the screen calls a capture: its file's name, or its name in Redis.

    Several have the title that their source gives them.
    """
    if isinstance(capture, Several):
        if len(capture.words) == 1 and is_redis_url(capture.words[0]):
            return capture_title(capture.words[0])
        return str(capture)
    if isinstance(capture, str):
        return capture.partition("capture=")[2].partition("&")[0] or capture
    return capture.name


def is_recorded(store: CaptureStore, capture: Place) -> bool:
    """Return whether a capture is being recorded now; of a server, as far as is known here."""
    if isinstance(store, Remote):
        return store.is_live
    return isinstance(capture, Path) and is_live(capture)
