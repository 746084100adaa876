"""What an index holds."""

from __future__ import annotations

import msgspec

from cookietrace.archive import FileBlocks
from cookietrace.lesson.problems import ProblemBoard
from cookietrace.trace import Trace


class Content(msgspec.Struct, frozen=True):
    """A trace, and the problems in its default focus."""

    trace: Trace
    problems: ProblemBoard
    position: str
    """The position in the store after the last event of the trace."""
    place: int
    """The place of that event."""
    blocks: FileBlocks
    """The packed blocks of the trace."""
