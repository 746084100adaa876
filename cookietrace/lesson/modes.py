"""The nine modes: the key and the name of each, once for the screen and the pages."""

from __future__ import annotations

from typing import Final

import msgspec


class Mode(msgspec.Struct, frozen=True):
    """One way to look at a trace."""

    key: str
    """The number key that opens it."""
    title: str
    """Its name, the same on the screen, on the pages and in the docs."""

    @property
    def name(self) -> str:
        """The last word of its title, for where the title has no room."""
        return self.title.rpartition(" ")[2].capitalize()

    @property
    def slug(self) -> str:
        """Its name in a URL and in file names."""
        return self.name.lower()


FLOW: Final = Mode("1", "Concept flow")
SAMPLE: Final = Mode("2", "Execution sample")
TABLE: Final = Mode("3", "Execution table")
TRACKER: Final = Mode("4", "Variable tracker")
MOMENTS: Final = Mode("5", "Key moments")
QUIZ: Final = Mode("6", "Visual quiz")
SNAPSHOT: Final = Mode("7", "Concept snapshot")
TRANSCRIPT: Final = Mode("8", "Full transcript")
JAR: Final = Mode("9", "Cookie jar")

MODES: Final = (FLOW, SAMPLE, TABLE, TRACKER, MOMENTS, QUIZ, SNAPSHOT, TRANSCRIPT, JAR)
"""In the order of their keys."""
