"""What leaves the machine: tokens in place of cookie values, the verdicts kept (DESIGN 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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
    read: Callable[[], Iterable[Event]], *, browser: str = "auto", key: bytes | None = None
) -> Iterator[Event]:
    """Yield the events of a capture as they may leave the machine, verdicts included.

    ``read`` yields the same events each time it is called. Each request is followed by
    the ``verdicts`` that a fold of the true values gave it (``browser`` as for
    ``Trace``), since folding tokens again would change sizes and prefixes. The same
    capture gives the same tokens; ``key`` overrides where they come from.
    """
    trace = fold(read(), browser)
    if key is None:
        key = redaction_key(trace.capture.capture_id if trace.capture is not None else "")
    redactor = learned(read(), key)
    verdicts = VerdictRedactor(trace, redactor)
    seen: set[str] = set()
    for event in read():
        replaced = redactor.event(event)
        if replaced is None:
            continue
        yield replaced
        if isinstance(event, Request) and event.exchange_id not in seen:
            seen.add(event.exchange_id)
            yield verdicts.verdicts(event.exchange_id)
