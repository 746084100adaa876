"""What a report format is: a name, a title, and how it writes a report."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookietrace.checking.report import CheckReport
from cookietrace.lesson.moments.grades import Severity

Write = Callable[[CheckReport, Severity], str]
"""Returns a report's text, which ends in a line feed, given the severity that fails the check."""


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``REPORTERS``."""

    name: str
    """The name for ``--format``."""
    title: str
    """A few words for the help."""
    write: Write
