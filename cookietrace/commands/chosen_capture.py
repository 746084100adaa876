"""The events of the capture that a command reads, and warnings about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from cookietrace.events import Event
from cookietrace.formats import read_capture
from cookietrace.lesson.new_sessions import with_new_sessions

WHAT_IS_THERE = "`cookietrace explain FILE` shows what it contains"
"""What to do if a focus matches nothing."""


def chosen_capture(
    file: Path, *, lenient: bool, new_sessions: Sequence[int], browser: str
) -> Iterable[Event]:
    """Return the events of a file, with a fresh browser from each of these steps on.

    With ``lenient``, what cannot be read is reported to stderr. Raises as ``read_capture`` and
    ``with_new_sessions`` do.
    """
    events = read_capture(file, lenient=lenient, lost=warn)
    return with_new_sessions(events, new_sessions, browser)


def warn(line: str) -> None:
    """Print a line to stderr."""
    click.echo(f"cookietrace: {line}", err=True)
