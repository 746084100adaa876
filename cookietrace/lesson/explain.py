"""What ``cookietrace explain --json`` prints: one object per exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from cookietrace.cookies import Cookie, Finding, RequestContext, StoreResult, Withheld
from cookietrace.cookies.codes import Code
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    MissingCookie,
    NoteKind,
    RequestCookie,
    RequestPart,
    ResponsePart,
)
from cookietrace.fold.swaps import two_jars_message
from cookietrace.fold.verdict_record import AS_IT_IS, AsItIs, VerdictRecord, record_of
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.trace import Trace

Printed = dict[str, Any]
"""What is printed of one exchange: only plain values, lists and dictionaries."""

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

    def record(self, exchange: Exchange, write: AsItIs = AS_IT_IS) -> VerdictRecord:
        """Return all verdicts on one exchange, and what happened in the jar.

        ``write`` makes each field that may hold a secret.
        """
        part, response = exchange.request, exchange.response
        changes_at = self._trace.changes_at
        return record_of(
            exchange,
            changes_at(part.client_id, part.position),
            changes_at(part.client_id, response.position) if response is not None else (),
            self._two_jars.get(exchange.request.position),
            write,
        )

    def explanation(
        self,
        exchange: Exchange,
        *,
        jar: bool = False,
        all_withheld: bool = False,
        hide: Callable[[Printed], None] | None = None,
    ) -> Printed:
        """Return one exchange, ready for JSON; with ``jar``, the client's jar after it as well.

        ``hide`` replaces what may not leave the machine, in place.

        With ``all_withheld``, ``withheld`` also has the cookies that ``withheld_elsewhere``
        counts, after the others, and is never shortened.

        A large jar stands there again and again, so what an exchange repeats of it is limited
        (``MOST_ENTRIES``, ``MOST_TEXT``); ``omitted`` says how many cookies are left out, and is
        there only if some are. ``set_cookies`` always has every cookie that was set.
        """
        part, response = exchange.request, exchange.response
        printed = _explained(exchange)
        if jar:
            after = response.position if response is not None else part.position
            printed["jar"] = [
                _in_jar(cookie) for cookie in self._trace.jar_at(part.client_id, after)
            ]
        if all_withheld:
            printed["withheld"] += map(_withheld, self._siblings.of(exchange))
        if hide is not None:
            hide(printed)
        _shorten(printed, ("missing", "jar") if all_withheld else ("withheld", "missing", "jar"))
        return printed


def _explained(exchange: Exchange) -> Printed:
    """Return the verdicts on one exchange.

    Each entry is written out: a capture has a million of them, and what goes through all fields
    of a struct takes several times as long.
    """
    part, response, failure = exchange.request, exchange.response, exchange.failure
    event = part.event
    printed: Printed = {
        "number": exchange.number,
        "step": exchange.row.step,
        "exchange_id": event.exchange_id,
        "client_id": event.client_id,
        "at": event.at,
        "method": event.method,
        "url": event.url,
        "status_code": response.event.status_code if response is not None else None,
        "failure": {"kind": failure.kind, "message": failure.message} if failure else None,
        "profile": part.profile,
        "context": {**_context(part.context), "from": list(part.context.sources)},
        "observed_cookie_header": part.observed,
        "expected_cookie_header": part.expected,
        "request_cookies": [_sent(cookie) for cookie in part.cookies],
        "withheld": [_withheld(withheld) for withheld in part.withheld],
        "missing": [_missing(missing) for missing in part.missing],
        "removed": _removed(part, response),
        "withheld_elsewhere": part.withheld_elsewhere,
        "set_cookies": [_set(result) for result in response.set_cookies] if response else [],
    }
    return printed


@lru_cache(1024)
def _context(context: RequestContext) -> Printed:
    """Return the context of a request without its sources; most requests have one of a few."""
    access = context.storage_access
    return {
        "site": context.site.value,
        "top_level": context.top_level,
        "unsafe": context.unsafe,
        "credentials": context.credentials.value,
        "storage_access": access.value if access is not None else None,
        "top_level_site": context.top_level_site,
        "certain": context.certain,
    }


def _sent(cookie: RequestCookie) -> Printed:
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "path": cookie.path,
        "status": _STATUSES[cookie.status],
    }


def _withheld(withheld: Withheld) -> Printed:
    cookie = withheld.cookie
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "path": cookie.path,
        "reasons": _codes(withheld.reasons),
    }


def _missing(missing: MissingCookie) -> Printed:
    cookie = missing.cookie
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "path": cookie.path,
        "status": "missing" if missing.status is CookieStatus.MISSING else "overlapping",
        "reasons": _codes(missing.reasons),
    }


def _removed(part: RequestPart, response: ResponsePart | None) -> list[Printed]:
    removed = [(entry.cookie, entry.reason == "expired") for entry in part.removed]
    if response is not None:
        removed += [(cookie, False) for result in response.set_cookies for cookie in result.evicted]
    return [
        {
            "name": cookie.name,
            "domain": cookie.domain,
            "path": cookie.path,
            "reason": "expired" if expired else "evicted",
        }
        for cookie, expired in removed
    ]


def _set(result: StoreResult) -> Printed:
    return {
        "raw": result.raw,
        "name": result.name,
        "value": result.value,
        "outcome": result.outcome.value,
        "reasons": _codes(result.reasons),
        "warnings": _codes(result.warnings),
        "standing": result.standing.value,
        "settled_by": result.settled_by,
    }


def _in_jar(cookie: Cookie) -> Printed:
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "host_only": cookie.host_only,
        "path": cookie.path,
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": cookie.same_site.value,
        "expires_at": cookie.expires_at,
        "partition_key": cookie.partition_key,
        "inferred": cookie.inferred,
        "doubtful": cookie.doubtful,
    }


def _codes(findings: Iterable[Finding]) -> list[str]:
    return [_CODES[finding.code] for finding in findings]


_CODES = {code: code.value for code in Code}
_STATUSES = {
    status: status.value
    if status in (CookieStatus.SENT, CookieStatus.UNEXPLAINED)
    else CookieStatus.OVERLAPPING.value
    for status in CookieStatus
}


def _shorten(printed: Printed, lists: Iterable[str]) -> None:
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


def _fitting(entries: Sequence[Printed]) -> int:
    """Return how many entries of a list are printed."""
    room = MOST_TEXT
    for number, entry in enumerate(entries[:MOST_ENTRIES]):
        room -= len(entry["name"]) + len(entry["value"]) + len(entry["path"])
        if room < 0:
            return number
    return min(len(entries), MOST_ENTRIES)


def explanations(
    trace: Trace, *, jar: bool = False, all_withheld: bool = False, focus: Focus | None = None
) -> Iterator[Printed]:
    """Yield one JSON-ready object per exchange (in ``focus``), in the order of the requests."""
    explainer = Explainer(trace)
    for exchange in trace.exchanges:
        if focus is None or focus.place(exchange) is not None:
            yield explainer.explanation(exchange, jar=jar, all_withheld=all_withheld)
