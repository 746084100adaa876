"""What leaves the machine: tokens in place of cookie values, the verdicts kept (DESIGN 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.events import Capture, Event, Request
from cookietrace.redact.key import redaction_key
from cookietrace.redact.redactor import PREFIX, Redactor, learned
from cookietrace.redact.verdicts import VerdictRedactor
from cookietrace.trace import fold

__all__ = ["PREFIX", "Redactor", "learned", "needs_redaction", "redacted", "redaction_key"]


def needs_redaction(info: Capture) -> bool:
    """Return whether a capture holds somebody's true secrets."""
    return info.sensitive and not info.redacted


def redacted(
    events: Iterable[Event], *, browser: str = "auto", key: bytes | None = None
) -> Iterator[Event]:
    """Yield the events of a capture as they may leave the machine, verdicts included.

    Each request is followed by the ``verdicts`` that a fold of the true values gave it
    (``browser`` as for ``Trace``), since folding tokens again would change sizes and
    prefixes. Events of unknown types are left out: nobody can say where their secrets
    are. The same capture gives the same tokens; ``key`` overrides where they come from.
    """
    events = list(events)
    trace = fold(events, browser)
    if key is None:
        key = redaction_key(trace.capture.capture_id if trace.capture is not None else "")
    redactor = learned(events, key)
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
