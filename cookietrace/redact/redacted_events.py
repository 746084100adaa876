"""The events of a capture as they may leave the machine, with their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.events import Body, Event, Request
from cookietrace.follow import folded
from cookietrace.redact.key import redaction_key
from cookietrace.redact.redactor import Redactor
from cookietrace.redact.verdicts import VerdictRedactor
from cookietrace.secret_names import TABLE_ONLY, Names


def redacted(
    events: Iterable[Event],
    *,
    browser: str = "auto",
    key: bytes | None = None,
    names: Names = TABLE_ONLY,
    bodies: bool = True,
) -> Iterator[Event]:
    """Yield the events of a capture as they may leave the machine, with their verdicts.

    Each request is followed by a ``verdicts`` event from the fold of the real values
    (``browser`` as for ``Trace``), since tokens have other sizes and prefixes. Events of
    unknown types are left out, since no one knows where their secrets are. The same capture
    always gets the same tokens; ``key`` replaces the key that they are made from, and ``names``
    changes which names are those of secrets. Without ``bodies``, those are left out: to search them
    takes most of the time. Events that can only be read once are held in memory.
    """
    if isinstance(events, Iterator):
        events = list(events)
    redactor = Redactor(b"", names)
    trace = folded(events, browser, redactor.learning)
    if key is None:
        key = redaction_key(trace.capture.capture_id if trace.capture is not None else "")
    redactor.key = key
    verdicts = VerdictRedactor(trace, redactor)
    exchanges = iter(trace.exchanges)  # one after the other is read from a packed trace fastest
    exchange = next(exchanges, None)
    for event in events:
        if not bodies and isinstance(event, Body):
            continue
        replaced = redactor.event(event)
        if replaced is None:
            continue
        yield replaced
        if (
            exchange is not None
            and isinstance(event, Request)
            and event.exchange_id == exchange.exchange_id
        ):
            yield verdicts.verdicts(exchange)
            exchange = next(exchanges, None)
