"""Fresh browsers that a reader adds to a capture, named by steps of its table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, fold

REPLAYED = "the verdicts of a redacted capture cannot be computed again: use the original file"
"""Why a redacted capture takes no new sessions."""


def with_new_sessions(
    events: Iterable[Event], steps: Sequence[int], browser: str = "auto"
) -> Iterable[Event]:
    """Return events in which a fresh browser begins with the request of each of these steps.

    The steps are those of the default focus, as they are without any of them. ``browser`` is as
    for ``Trace``. Raises ``FormatError`` if there is no such step or the capture is redacted.
    """
    if not steps:
        return events
    events = tuple(events)
    return tuple(NewSessions(first_requests(events, steps, browser)).all(events))


def first_requests(
    events: Iterable[Event], steps: Sequence[int], browser: str = "auto"
) -> frozenset[str]:
    """Return the exchanges of these steps; arguments and errors as above."""
    trace = fold(events, browser)
    if is_replayed(trace.capture):
        raise FormatError(f"--new-session: {REPLAYED}")
    table = Table(trace)
    begun = set()
    for number in steps:
        step = table.nearest(number)
        if not step or table.trace_row(step).number != number:
            lowest, highest = table.numbers
            have = f"its steps are {lowest} to {highest}" if highest else "it has no steps"
            raise FormatError(f"--new-session: there is no step {number} in this capture: {have}")
        begun.add(table.exchange(step).exchange_id)
    return frozenset(begun)


def is_replayed(capture: Capture | None) -> bool:
    """Return whether the verdicts of a capture are replayed, so that none can change."""
    return capture is not None and capture.redacted


def begins_client(trace: Trace, exchange_id: str) -> bool:
    """Return whether an exchange is the first one of its client, whose jar is empty anyway."""
    client_id = trace.exchange(exchange_id).request.client_id
    first = next(each for each in trace.exchanges if each.request.client_id == client_id)
    return first.exchange_id == exchange_id
