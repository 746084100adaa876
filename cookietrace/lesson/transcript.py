"""Mode 8, the transcript: the whole story in plain prose, one paragraph an exchange."""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import Code, Cookie, Finding, Outcome, Site, StoreResult, Withheld
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestCookie
from cookietrace.fold.headers import header
from cookietrace.lesson.content import response_content
from cookietrace.lesson.lives import ACCEPTED
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.near_miss import near_miss
from cookietrace.lesson.phrases import (
    RULES_IN_SHORT,
    VALUE_CELLS,
    guards_of,
    hosts_of,
    life_of,
    named,
    page,
    paths_of,
    reason,
    remedy,
    scope_of,
    some,
    times,
    valued,
)
from cookietrace.lesson.served import served
from cookietrace.lesson.words import authority, clip, plural, shown
from cookietrace.safe_text import safe
from cookietrace.trace import Trace

WIDTH = 78
"""The width, in characters, to which ``transcript`` breaks its lines."""

SILENT = frozenset({Code.SAME_SITE_DEFAULTED, Code.SAME_SITE_UNKNOWN})
"""Remarks that concern nearly every cookie: the jar and the moments tell them."""


def transcript(trace: Trace, mask: Mask = unmasked) -> Iterator[str]:
    """Yield the lines of the story of a trace: paragraphs, a blank line after each.

    Every line is display text and at most about ``WIDTH`` characters long.
    Notes on the trace as a whole stand where they came up.
    """
    for paragraph in paragraphs(trace, mask):
        yield from textwrap.wrap(
            paragraph, WIDTH, break_long_words=False, break_on_hyphens=False
        ) or [""]
        yield ""


def paragraphs(trace: Trace, mask: Mask = unmasked) -> Iterator[str]:
    """Yield the paragraphs of the story: an opening, the exchanges in order, the notes between."""
    yield opening(trace)
    yield from (telling.text for telling in tellings(trace, mask=mask))


class Telling(msgspec.Struct, frozen=True):
    """One paragraph of the story; display text."""

    number: int
    """The exchange that it tells; 0 for a note on the trace."""
    text: str


def tellings(
    trace: Trace, first: int = 1, last: int | None = None, mask: Mask = unmasked
) -> Iterator[Telling]:
    """Yield the paragraphs of the exchanges from ``first`` to ``last`` (None: the last one).

    A note stands before the exchange that it came before; what was noted after
    the last exchange of all stands at the end. What a browser asks for on its own
    account, such as an icon, is passed over where it does nothing to a cookie.
    """
    exchanges = trace.exchanges
    end = len(exchanges) if last is None else min(last, len(exchanges))
    notes = sorted(trace.notes, key=lambda note: note.position)
    at = 0
    if first > 1:
        before = exchanges[first - 2].request.position
        at = bisect_left(notes, before, key=lambda note: note.position)
    for index in range(first - 1, end):
        exchange = exchanges[index]
        while at < len(notes) and notes[at].position < exchange.request.position:
            yield Telling(0, f"Note: {shown(notes[at].message)}")
            at += 1
        if not _is_aside(exchange):
            yield Telling(exchange.number, paragraph(trace, exchange, mask))
    if end == len(exchanges):
        yield from (Telling(0, f"Note: {shown(note.message)}") for note in notes[at:])


def _is_aside(exchange: Exchange) -> bool:
    """Say whether an exchange is none of the story's: housekeeping that left the jar alone."""
    part, response = exchange.request, exchange.response
    return (
        part.housekeeping
        and not (part.removed or part.missing)
        and all(told.status is CookieStatus.SENT for told in part.cookies)
        and (response is None or not response.set_cookies)
    )


class Opening:
    """The sentence that opens a growing story, at the cost of what came since it was asked for."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._seen = 0
        self._count = 0
        self._hosts: set[str] = set()

    def text(self) -> str:
        """Return the sentence for the trace as it is now."""
        trace = self._trace
        for index in range(self._seen, len(trace.exchanges)):
            part = trace.exchanges[index].request
            if not part.housekeeping:
                self._hosts.add(authority(part.target))
                self._count += 1
            self._seen = index + 1
        if not self._count:
            return "Nothing has happened yet: the story begins with the first request."
        hosts = self._hosts
        where = f"{len(hosts)} hosts" if len(hosts) > 1 else next(iter(hosts))
        return (
            f"This is the story of {plural(self._count, 'request')} "
            f"from {plural(len(trace.clients), 'client')} to {where}."
        )


def opening(trace: Trace) -> str:
    """Return the sentence that opens the story as it is now; a screen keeps an ``Opening``."""
    return Opening(trace).text()


def paragraph(trace: Trace, exchange: Exchange, mask: Mask = unmasked) -> str:
    """Return one exchange in prose: the request, the server, the answer, what the client did."""
    teller = _Teller(trace, exchange, mask)
    return f"{exchange.number}. {' '.join(teller.sentences())}"


class _Teller:
    """One exchange, sentence by sentence."""

    def __init__(self, trace: Trace, exchange: Exchange, mask: Mask) -> None:
        self._trace = trace
        self._exchange = exchange
        self._part = exchange.request
        self._mask = mask
        state = trace.client(self._part.client_id)
        self._who = (
            "The client"
            if len(trace.clients) == 1
            else shown(state.label)
            if state.label
            else f"Client {state.ordinal}"
        )

    def sentences(self) -> Iterator[str]:
        """Yield the sentences in the order of events."""
        yield from self._gone()
        yield self._asks()
        yield from self._doubts()
        yield from self._held_back()
        yield from self._missing()
        if self._exchange.server is not None:
            yield from served(self._exchange.server, self._mask)
        yield self._answered()
        if self._exchange.response is not None:
            for result in self._exchange.response.set_cookies:
                yield from self._kept(result, self._exchange.response.at)

    def _gone(self) -> Iterator[str]:
        names = [named(removed.cookie.name) for removed in self._part.removed]
        if names:
            has, them = ("has", "it") if len(names) == 1 else ("have", "them")
            yield f"By now the time of {some(names)} {has} run out, and the jar lets go of {them}."

    def _asks(self) -> str:
        part = self._part
        path = clip(shown(part.target.path), VALUE_CELLS)
        told = f"{self._who} asks {authority(part.target)} for {path}"
        if part.method != "GET":
            told = f"{self._who} sends a {shown(part.method)} request to {page(self._exchange)}"
        if part.context.site is Site.CROSS:
            told += f" on behalf of another site{self._by_scheme_alone()}"
        if not part.pairs:
            return f"{told} and brings no cookie."
        pairs = [f"{named(name)} with {self._value(value)}" for name, value in part.pairs]
        if len(pairs) == 1:
            ((name, value),) = part.pairs
            value = self._value(value)
            return f"{told} and brings the cookie {named(name)} with the value {value}."
        return f"{told} and brings {len(pairs)} cookies: {some(pairs)}."

    def _by_scheme_alone(self) -> str:
        """Explain that a page of this very host is another site where its scheme is another."""
        told = header(self._part.headers, "referer") or header(self._part.headers, "origin")
        scheme, _, rest = (told or "").partition("://")
        host = rest.partition("/")[0]
        target = self._part.target
        if scheme == target.scheme or not host or host != authority(target):
            return ""
        return f" ({shown(scheme)}, which is not the same site as {target.scheme})"

    def _doubts(self) -> Iterator[str]:
        names = Counter(told.name for told in self._part.cookies)
        for name, count in names.items():
            if count > 1:
                yield f"{_capital(named(name))} stands there {times(count)}."
        for told in self._part.cookies:
            if told.status is CookieStatus.UNEXPLAINED:
                yield self._unexplained(told)
            elif told.status is CookieStatus.OVERLAPPING:
                yield (
                    f"Whether {named(told.name)} is right cannot be said: an answer that changes "
                    "it was on its way just then."
                )

    def _unexplained(self, told: RequestCookie) -> str:
        if told.replaces is not None:
            return (
                f"The jar held {self._value(told.replaces.value)} for {named(told.name)}, so a "
                "script, or something else unseen, has changed it."
            )
        if told.refused_in is not None:
            before = self._trace.exchange(told.refused_in)
            return (
                f"Answer {before.number} set {named(told.name)}, which by the rules is to be "
                "refused. This client kept it all the same: not every one goes by these rules."
            )
        return (
            f"No answer here ever set {named(told.name)}: it was set before the recording began, "
            "or by a script."
        )

    def _held_back(self) -> Iterator[str]:
        gone = {removed.cookie.key for removed in self._part.removed}
        withheld = [held for held in self._part.withheld if held.cookie.key not in gone]
        if not withheld:
            return
        count = "One cookie stays" if len(withheld) == 1 else f"{len(withheld)} cookies stay"
        alike: dict[Code, list[Withheld]] = defaultdict(list)
        for held in withheld:
            alike[held.reasons[0].code].append(held)
        verb = "" if len(alike) == 1 else " stay"
        told = " ".join(_stay(code, every, verb) for code, every in alike.items())
        yield f"{count} behind: {told}"

    def _missing(self) -> Iterator[str]:
        for absent in self._part.missing:
            if absent.status is not CookieStatus.MISSING:
                continue
            yield f"{_capital(named(absent.cookie.name))} is missing: {_why(absent.reasons)}"
            if absent.dropped:
                yield "It is missing for the second time, so it must have left the jar unseen."

    def _answered(self) -> str:
        response, failure = self._exchange.response, self._exchange.failure
        if failure is not None:
            why = safe(failure.message).rstrip(".")
            return f"The request fails: {why}{'' if why.endswith('?') else '.'}"
        if response is None:
            return "There is no answer yet."
        location = header(response.headers, "location")
        if 300 <= response.status_code < 400 and location is not None:
            return f"The answer, {response.status_code}, sends the client on to {shown(location)}."
        content = response_content(self._exchange)
        if content.startswith("[") and content.endswith("]"):
            content = content[1:-1]
        else:
            content = f"“{content}”"
        status = str(response.status_code)
        return f"The answer is {status}." if content == status else f"The answer: {content}."

    def _kept(self, result: StoreResult, at: float) -> Iterator[str]:
        """Tell what became of one Set-Cookie."""
        name, value = named(result.name), self._value(result.value)
        cookie, before = result.cookie, result.previous
        if result.outcome is Outcome.REJECTED:
            what = f"to delete {name}" if _deletes(result, at) else f"{name} with {value}"
            yield f"The client refuses {what}: {_why(result.reasons)}"
            yield from (f"To mend it: {remedy(finding)}" for finding in result.reasons[:1])
        elif result.outcome is Outcome.IGNORED:
            missed = near_miss(result)
            if missed is None:
                yield f"The answer asks to delete {name}, but the client holds no such cookie."
            else:
                yield f"The answer asks to delete {name}, and misses it. {missed.sentence}"
                yield missed.fix
        elif result.outcome is Outcome.DELETED:
            yield f"The client deletes {self._which(result)}, as the answer asks."
        elif cookie is None:
            return
        elif result.outcome is Outcome.CREATED:
            told = f"{name} with the value {value}" if result.value else f"{name} with {value}"
            yield f"The client stores {told}, {scope_of(cookie, at)}{_guards(result)}."
        elif result.outcome is Outcome.REFRESHED:
            yield (
                f"The answer sets {name} once more, with the same value, and the client keeps it "
                f"{life_of(cookie, at)}."
            )
        elif before is not None and before.value != cookie.value:
            yield (
                f"The client puts {value} in place of {self._value(before.value)} as the value of "
                f"{name}, {scope_of(cookie, at)}{_guards(result)}."
            )
        else:
            yield (
                f"The client keeps {name} with the same value, but from now on "
                f"{scope_of(cookie, at)}{_guards(result)}."
            )
        if result.outcome is not Outcome.REFRESHED and cookie is not None:
            yield from self._default_path(result, cookie)
        yield from (reason(found) for found in result.warnings if found.code not in SILENT)
        pushed = [named(evicted.name) for evicted in result.evicted]
        if pushed:
            yield f"To make room, the jar gives up {some(pushed)}."

    def _default_path(self, result: StoreResult, cookie: Cookie) -> Iterator[str]:
        given = result.parsed.path is not None or cookie.path == "/"
        if not given and result.outcome in ACCEPTED:
            yield (
                f"The answer names no Path for {named(result.name)}, so the folder of its own "
                "address counts."
            )

    def _which(self, result: StoreResult) -> str:
        """Name a cookie; with its place where the answer speaks of several of that name."""
        response, cookie = self._exchange.response, result.cookie
        same = sum(1 for r in response.set_cookies if r.name == result.name) if response else 0
        if same < 2 or cookie is None:
            return named(result.name)
        which = f"the {named(result.name)}" if result.name else named(result.name)
        return f"{which} of {hosts_of(cookie)}, {paths_of(cookie)}"

    def _value(self, value: str) -> str:
        return valued(value, self._mask)


def _stay(code: Code, withheld: list[Withheld], verb: str) -> str:
    """Say why some cookies stay behind for one reason: each for itself where they are few."""
    sentences = dict.fromkeys(reason(held.reasons[0]) for held in withheld)
    if len(sentences) <= 2:
        return " ".join(sentences)
    names = Counter(named(held.cookie.name) for held in withheld)
    counted = (name if n == 1 else f"{name} ({times(n)})" for name, n in names.items())
    return f"{_capital(some(counted))}{verb}, each because {RULES_IN_SHORT[code]}."


def _deletes(result: StoreResult, at: float) -> bool:
    """Say whether a Set-Cookie was meant as a deletion: empty, with its end in the past."""
    parsed = result.parsed
    if parsed.max_age is not None:
        return not result.value and parsed.max_age <= 0
    return not result.value and parsed.expires is not None and parsed.expires <= at


def _why(findings: Iterable[Finding]) -> str:
    """Return reasons as what follows a colon."""
    told = " ".join(reason(finding) for finding in findings)
    return f"{told[:1].lower()}{told[1:]}" if told else "by a rule of its own."


def _guards(result: StoreResult) -> str:
    words = guards_of(result.cookie) if result.cookie is not None else ""
    return f" ({words})" if words else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
