"""The events of the capture that a command reads, and warnings about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from cookietrace.events import Capture, Event
from cookietrace.lesson.focus import Focus
from cookietrace.recorders import Place, place_events
from cookietrace.redact import needs_redaction
from cookietrace.safe_text import safe
from cookietrace.stores import ImportedStore, StoredEvents

WHAT_IS_THERE = "`cookietrace explain FILE` shows what it contains"
"""What to do if a focus matches nothing."""

WHY_NOTHING = "`cookietrace doctor` says why traffic is missing."
"""What to do if nothing was recorded."""


def chosen_capture(
    file: Place, *, lenient: bool, new_sessions: Sequence[int], browser: str
) -> Iterable[Event]:
    """Return the events of a place, with a fresh browser from each of these steps on.

    They can be read several times, until the command ends. With ``lenient``, what cannot be read is
    reported to stderr. Raises as ``place_events`` and ``with_new_sessions`` do.
    """
    events = place_events(file, lenient=lenient, lost=warn)
    click.get_current_context().call_on_close(events.close)
    if not new_sessions:
        return events
    from cookietrace.lesson.new_sessions import with_new_sessions  # with all that makes a table

    return with_new_sessions(events, new_sessions, browser)


def kept(events: Iterable[Event]) -> StoredEvents:
    """Return events that can be read several times, until the command ends, and are not in memory.

    Raises as reading them does.
    """
    if isinstance(events, StoredEvents):
        return events
    stored = StoredEvents(ImportedStore(events, at_once=True))
    click.get_current_context().call_on_close(stored.close)
    return stored


def warn(line: str) -> None:
    """Print a line to stderr."""
    click.echo(f"cookietrace: {line}", err=True)


def has_secrets(events: Iterable[Event]) -> bool:
    """Return whether what the events hold is secret; the first one says so."""
    first = next(iter(events), None)
    return isinstance(first, Capture) and needs_redaction(first)


def no_match(file: Place, focus: Focus) -> str:
    """Return what to say if a focus matches nothing in a capture."""
    return f"nothing in {safe(str(file))} matches {safe(focus.describe())}: {WHAT_IS_THERE}"
