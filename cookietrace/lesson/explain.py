"""What ``cookietrace explain --json`` prints: one object per exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from cookietrace.cookies import Cookie, RequestContext, StoreResult, Withheld
from cookietrace.events import Browser, BrowserChange
from cookietrace.fold.browser_word import BrowserWord
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
from cookietrace.lesson.browser_says import Word, script_of, statements, word_of
from cookietrace.lesson.explained import (
    Absent,
    ByHand,
    ByScript,
    Context,
    Explained,
    Failed,
    Gone,
    InJar,
    NotSent,
    Omitted,
    OwnVerdict,
    OwnWord,
    Sent,
    SetLine,
)
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.trace import Trace

Printed = dict[str, Any]
"""What is printed of one exchange: only plain values, lists and dictionaries."""

Hide = Callable[[Explained], None]
"""Replaces what may not leave the machine, in place."""

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
        self, exchange: Exchange, *, jar: bool = False, all_withheld: bool = False
    ) -> Printed:
        """Return what ``explained`` does, as plain values."""
        return plain(self.explained(exchange, jar=jar, all_withheld=all_withheld))

    def explained(
        self,
        exchange: Exchange,
        *,
        jar: bool = False,
        all_withheld: bool = False,
        hide: Hide | None = None,
    ) -> Explained:
        """Return one exchange, ready for JSON; with ``jar``, the client's jar after it as well.

        With ``all_withheld``, ``withheld`` also has the cookies that ``withheld_elsewhere``
        counts, after the others, and is never shortened.

        A large jar stands there again and again, so what an exchange repeats of it is limited
        (``MOST_ENTRIES``, ``MOST_TEXT``); ``omitted`` says how many cookies are left out, and is
        there only if some are. ``set_cookies`` always has every cookie that was set.
        """
        part, response = exchange.request, exchange.response
        printed = whole_explanation(exchange, self._trace.browser)
        if jar:
            after = response.position if response is not None else part.position
            printed.jar = [_in_jar(cookie) for cookie in self._trace.jar_at(part.client_id, after)]
        if all_withheld:
            printed.withheld += map(_withheld, self._siblings.of(exchange))
        if hide is not None:
            hide(printed)
        shorten(printed, all_withheld=all_withheld)
        return printed


def plain(printed: Explained) -> Printed:
    """Return what is printed as plain values, lists and dictionaries."""
    built: Printed = msgspec.to_builtins(printed)
    return built


def whole_explanation(exchange: Exchange, word: BrowserWord) -> Explained:
    """Return the verdicts on one exchange, with all that it repeats of the jar."""
    part = exchange.request
    wrote = scripts_of(exchange, word)
    sent = sent_of(part.cookies) if wrote is None else sent_with(part, word)
    explained = Explained(*fields_of(exchange, context_of(part.context), sent))
    add_rare(exchange, explained, wrote)
    return explained


def scripts_of(exchange: Exchange, word: BrowserWord) -> list[ByScript] | None:
    """Return what scripts wrote before a request; None if no browser says that of any cookie."""
    if not word.said_by:
        return None
    part = exchange.request
    found = [
        _by_script(written.change, stored=True)
        for carried in part.cookies
        if (written := script_of(word, part, carried)) is not None
    ]
    found += [_by_script(each.change, stored=False) for each in word.attempts(exchange.exchange_id)]
    return found or None


def _by_script(change: BrowserChange, *, stored: bool) -> ByScript:
    return ByScript(
        change.name,
        change.domain,
        change.path,
        stored,
        change.source,
        change.line,
        None if stored else change.cause,
    )


def sent_with(part: RequestPart, word: BrowserWord) -> list[Sent]:
    """Return ``sent_of``, with the cookies that scripts wrote."""
    sent = sent_of(part.cookies)
    for carried, printed in zip(part.cookies, sent, strict=True):
        if script_of(word, part, carried) is not None:
            printed.status = "script"
    return sent


def fields_of(exchange: Exchange, context: Any, request_cookies: Any) -> tuple[Any, ...]:
    """Return what ``whole_explanation`` says about an exchange, field by field and in their order.

    ``context`` and ``request_cookies`` are the two fields that most exchanges have in common.
    Each field is written out: a capture has a million of them, and what goes through all fields
    of a struct takes several times as long.
    """
    part, response, failure = exchange.request, exchange.response, exchange.failure
    event = part.event
    return (
        exchange.number,
        exchange.row.step,
        event.exchange_id,
        event.client_id,
        event.at,
        event.method,
        event.url,
        response.event.status_code if response is not None else None,
        Failed(failure.kind, failure.message) if failure else None,
        part.profile,
        context,
        part.observed,
        part.expected,
        request_cookies,
        [_withheld(withheld) for withheld in part.withheld] if part.withheld else [],
        [_missing(missing) for missing in part.missing] if part.missing else [],
        _removed(part, response),
        part.withheld_elsewhere,
        [_set(result) for result in response.set_cookies]
        if response is not None and response.set_cookies
        else [],
    )


def add_rare(exchange: Exchange, explained: Any, wrote: list[ByScript] | None) -> None:
    """Add to what is explained of an exchange the three fields that few exchanges have."""
    if wrote is not None:
        explained.scripts = wrote
    if exchange.edited:
        explained.edited = [
            ByHand(each.of, each.name, each.after is None) for each in exchange.edited
        ]
    if exchange.browser is not None:
        explained.browser = _own_word(exchange, exchange.browser)


def _own_word(exchange: Exchange, said: Browser) -> OwnWord:
    return OwnWord(
        said.said_by,
        word_of(exchange) or Word.PREDICTED,
        said.credentials,
        said.initiator,
        said.site_for_cookies,
        [
            OwnVerdict(
                each.of,
                each.name,
                each.domain,
                each.path,
                each.line,
                each.word,
                each.ours,
                list(each.our_reasons),
                each.theirs,
                list(each.their_reasons),
                each.guess,
            )
            for each in statements(exchange)
        ],
    )


def context_of(context: RequestContext) -> Context:
    """Return what is printed of the context of a request."""
    return Context(
        context.site,
        context.top_level,
        context.unsafe,
        context.credentials,
        context.storage_access,
        context.top_level_site,
        context.certain,
        list(context.sources),
    )


def sent_of(cookies: Iterable[RequestCookie]) -> list[Sent]:
    """Return what is printed of the cookies of a Cookie header."""
    return [_sent(cookie) for cookie in cookies]


def _sent(cookie: RequestCookie) -> Sent:
    status = cookie.status
    return Sent(
        cookie.name,
        cookie.value,
        cookie.domain,
        cookie.path,
        "sent"
        if status is CookieStatus.SENT
        else "unexplained"
        if status is CookieStatus.UNEXPLAINED
        else "overlapping",
    )


def _withheld(withheld: Withheld) -> NotSent:
    cookie = withheld.cookie
    reasons = [finding.code for finding in withheld.reasons]
    return NotSent(cookie.name, cookie.value, cookie.domain, cookie.path, reasons)


def _missing(missing: MissingCookie) -> Absent:
    cookie = missing.cookie
    return Absent(
        cookie.name,
        cookie.value,
        cookie.domain,
        cookie.path,
        "missing" if missing.status is CookieStatus.MISSING else "overlapping",
        [finding.code for finding in missing.reasons],
    )


def _removed(part: RequestPart, response: ResponsePart | None) -> list[Gone]:
    removed = [_gone(entry.cookie, expired=entry.reason == "expired") for entry in part.removed]
    if response is not None:
        for result in response.set_cookies:
            if result.evicted:
                removed += [_gone(cookie, expired=False) for cookie in result.evicted]
    return removed


def _gone(cookie: Cookie, *, expired: bool) -> Gone:
    return Gone(cookie.name, cookie.domain, cookie.path, "expired" if expired else "evicted")


def _set(result: StoreResult) -> SetLine:
    return SetLine(
        result.raw,
        result.name,
        result.value,
        result.outcome,
        [finding.code for finding in result.reasons],
        [finding.code for finding in result.warnings],
        result.standing,
        result.settled_by,
    )


def _in_jar(cookie: Cookie) -> InJar:
    return InJar(
        name=cookie.name,
        value=cookie.value,
        domain=cookie.domain,
        host_only=cookie.host_only,
        path=cookie.path,
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=cookie.same_site,
        expires_at=cookie.expires_at,
        partition_key=cookie.partition_key,
        inferred=cookie.inferred,
        doubtful=cookie.doubtful,
    )


def shorten(printed: Explained, *, all_withheld: bool = False) -> None:
    """Limit what an exchange repeats of the jar."""
    if (
        not (printed.withheld or printed.missing or printed.jar)
        and printed.browser is UNSET
        and len(printed.expected_cookie_header) <= MOST_TEXT
    ):
        return  # most repeat nothing of it
    omitted = Omitted()
    if printed.withheld and not all_withheld:
        fits = _fitting(printed.withheld)
        omitted.withheld = len(printed.withheld) - fits
        del printed.withheld[fits:]
    if printed.missing:
        fits = _fitting(printed.missing)
        omitted.missing = len(printed.missing) - fits
        del printed.missing[fits:]
    if printed.jar:
        fits = _fitting(printed.jar)
        omitted.jar = len(printed.jar) - fits
        del printed.jar[fits:]
    said = printed.browser
    if said is not UNSET and len(said.verdicts) > MOST_ENTRIES:
        omitted.browser = len(said.verdicts) - MOST_ENTRIES
        del said.verdicts[MOST_ENTRIES:]
    expected = printed.expected_cookie_header
    if len(expected) > MOST_TEXT:
        most = max(MOST_TEXT, len(printed.observed_cookie_header))
        if len(expected) > most:
            printed.expected_cookie_header = f"{expected[:most]}…"
    if omitted.withheld or omitted.missing or omitted.jar or omitted.browser:
        printed.omitted = omitted


def _fitting(entries: Sequence[NotSent | Absent | InJar]) -> int:
    """Return how many entries of a list are printed."""
    room = MOST_TEXT
    for number, entry in enumerate(entries[:MOST_ENTRIES]):
        room -= len(entry.name) + len(entry.value) + len(entry.path)
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
