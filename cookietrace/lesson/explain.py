"""What ``cookietrace explain --json`` prints: one object per exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cookietrace.fold.exchange import Exchange, NoteKind
from cookietrace.fold.swaps import two_jars_message
from cookietrace.fold.verdict_record import (
    VerdictRecord,
    explained,
    jar_entry,
    record_of,
    withheld_entry,
)
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.trace import Trace

MOST_ENTRIES = 200
"""The most cookies of the jar that one list of an exchange names: more than one domain may have."""

MOST_TEXT = 16 * 1024
"""The most characters of names and values in one such list, and of a predicted header."""


class Explainer:
    """Makes the verdict records of one trace, which must not grow any more.

    Values are as on the wire: what leaves the machine goes through ``cookietrace.redact``.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._siblings = SiblingCookies(trace)
        self._two_jars = {
            note.position: note.message == two_jars_message(on_other_connections=True)
            for note in trace.notes
            if note.kind is NoteKind.TWO_JARS
        }

    def record(self, exchange: Exchange) -> VerdictRecord:
        """Return all verdicts on one exchange, and what happened in the jar."""
        part, response = exchange.request, exchange.response
        changes_at = self._trace.changes_at
        return record_of(
            exchange,
            changes_at(part.client_id, part.position),
            changes_at(part.client_id, response.position) if response is not None else (),
            self._two_jars.get(exchange.request.position),
        )

    def explanation(
        self, exchange: Exchange, *, jar: bool = False, all_withheld: bool = False
    ) -> dict[str, Any]:
        """Return one exchange, ready for JSON; with ``jar``, the client's jar after it as well.

        With ``all_withheld``, ``withheld`` also has the cookies that ``withheld_elsewhere``
        counts, after the others, and is never shortened.

        A large jar stands there again and again, so what an exchange repeats of it is limited
        (``MOST_ENTRIES``, ``MOST_TEXT``); ``omitted`` says how many cookies are left out, and is
        there only if some are. ``set_cookies`` always has every cookie that was set.
        """
        part, response = exchange.request, exchange.response
        printed = explained(self.record(exchange))
        if jar:
            after = response.position if response is not None else part.position
            printed["jar"] = [
                jar_entry(cookie) for cookie in self._trace.jar_at(part.client_id, after)
            ]
        if all_withheld:
            printed["withheld"] += map(withheld_entry, self._siblings.of(exchange))
        _shorten(printed, ("missing", "jar") if all_withheld else ("withheld", "missing", "jar"))
        return printed


def _shorten(printed: dict[str, Any], lists: Iterable[str]) -> None:
    """Limit what an exchange repeats of the jar in these lists."""
    omitted: dict[str, int] = {}
    for name in lists:
        entries = printed.get(name, ())
        fits = _fitting(entries)
        if fits < len(entries):
            omitted[name] = len(entries) - fits
            printed[name] = entries[:fits]
    expected = printed["expected_cookie_header"]
    most = max(MOST_TEXT, len(printed["observed_cookie_header"]))
    if len(expected) > most:
        printed["expected_cookie_header"] = f"{expected[:most]}…"
    if omitted:
        printed["omitted"] = omitted


def _fitting(entries: Sequence[dict[str, Any]]) -> int:
    """Return how many entries of a list are printed."""
    room = MOST_TEXT
    for number, entry in enumerate(entries[:MOST_ENTRIES]):
        room -= len(entry["name"]) + len(entry["value"]) + len(entry["path"])
        if room < 0:
            return number
    return min(len(entries), MOST_ENTRIES)


def explanations(
    trace: Trace, *, jar: bool = False, all_withheld: bool = False, focus: Focus | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one JSON-ready object per exchange (in ``focus``), in the order of the requests."""
    explainer = Explainer(trace)
    for exchange in trace.exchanges:
        if focus is None or focus.place(exchange) is not None:
            yield explainer.explanation(exchange, jar=jar, all_withheld=all_withheld)
