"""The nine modes: the key, names and title of each, once for the screen and the lesson page."""

from __future__ import annotations

from typing import Final

import msgspec


class Mode(msgspec.Struct, frozen=True):
    """One way to look at a trace."""

    key: str
    """The number key that opens it."""
    slug: str
    """Its name in a URL and in file names."""
    name: str
    """Its name in one short word."""
    title: str


FLOW: Final = Mode("1", "flow", "Flow", "Concept flow")
SAMPLE: Final = Mode("2", "sample", "Code", "Execution sample")
TABLE: Final = Mode("3", "table", "Table", "Execution table")
TRACKER: Final = Mode("4", "tracker", "Tracker", "Variable tracker")
MOMENTS: Final = Mode("5", "moments", "Moments", "Key moments")
QUIZ: Final = Mode("6", "quiz", "Quiz", "Visual quiz")
SNAPSHOT: Final = Mode("7", "snapshot", "Recap", "Concept snapshot")
TRANSCRIPT: Final = Mode("8", "transcript", "Story", "Full transcript")
JAR: Final = Mode("9", "jar", "Jar", "Cookie jar")

MODES: Final = (FLOW, SAMPLE, TABLE, TRACKER, MOMENTS, QUIZ, SNAPSHOT, TRANSCRIPT, JAR)
"""In the order of their keys."""
