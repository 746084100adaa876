"""The captures of several recorders as one story: found by a pattern, and read as one store."""

from __future__ import annotations

from cookietrace.recorders.joined_store import JoinedStore
from cookietrace.recorders.source import MOST_CAPTURES, Sighting, Source
from cookietrace.recorders.state import Life, RecorderState

__all__ = [
    "MOST_CAPTURES",
    "JoinedStore",
    "Life",
    "RecorderState",
    "Sighting",
    "Source",
]
