"""What ``cookietrace explain --json`` prints: one object per exchange."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cookietrace.fold.exchange import Exchange, JarChange, NoteKind
from cookietrace.fold.swaps import two_jars_message
from cookietrace.fold.verdict_record import VerdictRecord, explained, jar_entry, record_of
from cookietrace.lesson.focus import Focus
from cookietrace.trace import Trace


class Explainer:
    """Makes the verdict records of one trace, which must not grow any more.

    Values are as on the wire: what leaves the machine goes through ``cookietrace.redact``.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._changes: defaultdict[int, list[JarChange]] = defaultdict(list)
        for client in trace.clients:
            for change in trace.jar_changes(client.client_id):
                self._changes[change.position].append(change)
        self._two_jars = {
            note.position: note.message == two_jars_message(on_other_connections=True)
            for note in trace.notes
            if note.kind is NoteKind.TWO_JARS
        }

    def record(self, exchange: Exchange) -> VerdictRecord:
        """Return all verdicts on one exchange, and what happened in the jar."""
        response = exchange.response
        return record_of(
            exchange,
            self._changes.get(exchange.request.position, ()),
            self._changes.get(response.position, ()) if response is not None else (),
            self._two_jars.get(exchange.request.position),
        )

    def explanation(self, exchange: Exchange, *, jar: bool = False) -> dict[str, Any]:
        """Return one exchange, ready for JSON; with ``jar``, the client's jar after it as well."""
        part, response = exchange.request, exchange.response
        printed = explained(self.record(exchange))
        if jar:
            after = response.position if response is not None else part.position
            printed["jar"] = [
                jar_entry(cookie) for cookie in self._trace.jar_at(part.client_id, after)
            ]
        return printed


def explanations(
    trace: Trace, *, jar: bool = False, focus: Focus | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one JSON-ready object per exchange (in ``focus``), in the order of the requests."""
    explainer = Explainer(trace)
    for exchange in trace.exchanges:
        if focus is None or focus.place(exchange) is not None:
            yield explainer.explanation(exchange, jar=jar)
