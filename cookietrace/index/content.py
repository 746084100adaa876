"""What an index holds."""

from __future__ import annotations

import msgspec

from cookietrace.archive import FileBlocks
from cookietrace.lesson.problems import ProblemBoard
from cookietrace.trace import Trace


class Content(msgspec.Struct, frozen=True):
    """A trace, and the problems in its default focus; made with ``content_of``."""

    trace: Trace
    problems: ProblemBoard
    position: str
    """The position in the store after the last event of the trace."""
    place: int
    """The place of that event."""
    first: str
    """The position of the first event in the store when the trace was begun."""
    blocks: FileBlocks
    """The packed blocks of the trace."""
    version: tuple[object, ...]
    """The versions of trace and problems when this was made."""

    @property
    def is_unchanged(self) -> bool:
        """Whether trace and problems are as they were when this was made."""
        return self.version == _version(self.trace, self.problems)


def content_of(
    trace: Trace, problems: ProblemBoard, position: str, place: int, first: str, blocks: FileBlocks
) -> Content:
    """Return a content of what nothing changes just now."""
    return Content(trace, problems, position, place, first, blocks, _version(trace, problems))


def _version(trace: Trace, problems: ProblemBoard) -> tuple[object, ...]:
    return trace.position, len(trace.notes), problems.version
