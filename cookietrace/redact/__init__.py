"""Redaction of what leaves the machine: tokens replace cookie values, verdicts are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.events import Capture, Event, Request
from cookietrace.redact.explanations import redacted_explanations
from cookietrace.redact.key import redaction_key
from cookietrace.redact.redactor import PREFIX, Redactor, learned
from cookietrace.redact.verdicts import VerdictRedactor
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.trace import fold

__all__ = [
    "PREFIX",
    "Redactor",
    "learned",
    "needs_redaction",
    "redacted",
    "redacted_explanations",
    "redaction_key",
]


def needs_redaction(info: Capture) -> bool:
    """Return whether a capture holds real secrets."""
    return info.sensitive and not info.redacted


def redacted(
    events: Iterable[Event],
    *,
    browser: str = "auto",
    key: bytes | None = None,
    names: Names = TABLE_ONLY,
) -> Iterator[Event]:
    """Yield the events of a capture as they may leave the machine, with their verdicts.

    Each request is followed by a ``verdicts`` event from the fold of the real values
    (``browser`` as for ``Trace``), since tokens have other sizes and prefixes. Events of
    unknown types are left out, since no one knows where their secrets are. The same capture
    always gets the same tokens; ``key`` replaces the key that they are made from, and ``names``
    changes which names are those of secrets.
    """
    events = list(events)
    trace = fold(events, browser)
    if key is None:
        key = redaction_key(trace.capture.capture_id if trace.capture is not None else "")
    redactor = learned(events, key, names)
    verdicts = VerdictRedactor(trace, redactor)
    seen: set[str] = set()
    for event in events:
        replaced = redactor.event(event)
        if replaced is None:
            continue
        yield replaced
        if isinstance(event, Request) and event.exchange_id not in seen:
            seen.add(event.exchange_id)
            yield verdicts.verdicts(event.exchange_id)
