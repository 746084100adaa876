"""The captures of several recorders as one story: found by a pattern, and read as one store."""

from __future__ import annotations

from cookietrace.recorders.joined_store import JoinedStore
from cookietrace.recorders.listing import HEADINGS, ListedRecorder, listed_recorders
from cookietrace.recorders.opening import (
    Place,
    Several,
    files_of,
    open_place,
    place_events,
    place_of,
)
from cookietrace.recorders.source import MOST_CAPTURES, Sighting, Source
from cookietrace.recorders.state import Life, RecorderState, brief_summary, summary
from cookietrace.recorders.titles import capture_title, is_recorded

__all__ = [
    "HEADINGS",
    "MOST_CAPTURES",
    "JoinedStore",
    "Life",
    "ListedRecorder",
    "Place",
    "RecorderState",
    "Several",
    "Sighting",
    "Source",
    "brief_summary",
    "capture_title",
    "files_of",
    "is_recorded",
    "listed_recorders",
    "open_place",
    "place_events",
    "place_of",
    "summary",
]
