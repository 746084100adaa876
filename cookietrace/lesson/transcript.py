"""Mode 8, the transcript: the whole trace in plain prose, one paragraph per exchange.

Effects are told in the order in which they took place. If a response that sets cookies came
after further requests of its client, it has a paragraph of its own, after theirs.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Finding,
    Outcome,
    Site,
    StoreResult,
    Withheld,
)
from cookietrace.events import Browser
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestCookie, RequestPart, Row
from cookietrace.fold.headers import header
from cookietrace.fold.housekeeping import is_of_doctor
from cookietrace.lesson.accidents import (
    LOOPBACK,
    accidents_told,
    kept_by_accident,
    sent_by_accident,
)
from cookietrace.lesson.browser_says import settled
from cookietrace.lesson.browser_says.wording import attempt_sentences, restarted, written
from cookietrace.lesson.browser_says.wording import sentence as own_word_sentence
from cookietrace.lesson.content import TOLD_BY_CONTENT, response_content, status_text
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import (
    authority,
    capitalized,
    clip,
    listed,
    plural,
    shown,
    some,
    times,
)
from cookietrace.lesson.edits import edit_texts
from cookietrace.lesson.expired_lines import TOLD_WITH_FIX, is_deletion, joined_before, warning_of
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import client_name
from cookietrace.lesson.guesses import guess
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.host_hops import host_hop
from cookietrace.lesson.late_responses import is_late, late_before, late_fix, late_text, newer_lost
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.misread_same_site import taken_for_strict
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.notices import in_order
from cookietrace.lesson.prose import (
    RULES_IN_SHORT,
    VALUE_CELLS,
    guards_of,
    hosts_of,
    life_of,
    maker_of,
    named,
    page,
    paths_of,
    reason,
    remedy,
    scope_of,
    steps_in_words,
    valued,
    with_value,
    withheld_reason,
)
from cookietrace.lesson.refused_headers import refused_header
from cookietrace.lesson.server_prose import server_sentences
from cookietrace.lesson.session_names import is_session_like
from cookietrace.lesson.shared_caches import cache_risk
from cookietrace.lesson.sibling_cookies import SiblingCookies, elsewhere_text
from cookietrace.lesson.standing import (
    asks_to_delete,
    is_wrong,
    proviso,
    refuted_fix,
    refuted_verb,
    refuted_why,
)
from cookietrace.lesson.stripped_cookies import may_be_stripped
from cookietrace.safe_text import safe
from cookietrace.trace import Trace

WIDTH = 78
"""The width, in characters, to which ``transcript`` breaks its lines."""

_TOGETHER = 64
"""How many exchanges are read together."""

SILENT = frozenset({Code.SAME_SITE_DEFAULTED, Code.SAME_SITE_UNKNOWN})
"""Warnings that concern nearly every cookie; the detail pane and the key moments show them."""


def transcript(
    trace: Trace,
    mask: Mask = unmasked,
    focus: Focus | None = None,
    siblings: SiblingCookies | None = None,
) -> Iterator[str]:
    """Yield the lines of a trace's transcript: paragraphs, each followed by a blank line.

    Every line is display text and at most about ``WIDTH`` characters long. With ``focus``, only
    the exchanges in it are told. Notes on the trace as a whole appear where they were made.
    ``siblings`` lists the cookies of other hosts, which are counted without it.
    """
    for paragraph in paragraphs(trace, mask, focus, siblings):
        yield from textwrap.wrap(
            paragraph, WIDTH, break_long_words=False, break_on_hyphens=False
        ) or [""]
        yield ""


def paragraphs(
    trace: Trace,
    mask: Mask = unmasked,
    focus: Focus | None = None,
    siblings: SiblingCookies | None = None,
) -> Iterator[str]:
    """Yield the paragraphs of the transcript: an opening, the exchanges in order, notes between."""
    yield Opening(trace, focus).text()
    told = story_paragraphs(trace, mask=mask, focus=focus, siblings=siblings)
    yield from (part.text for part in told)


class StoryParagraph(msgspec.Struct, frozen=True):
    """One paragraph of the transcript; display text."""

    number: int
    """The number of the exchange that it describes; 0 for a note on the trace."""
    text: str
    continued: bool = False
    """True for what a late response did, if that is told apart from its request."""


def story_paragraphs(
    trace: Trace,
    first: int = 1,
    last: int | None = None,
    mask: Mask = unmasked,
    focus: Focus | None = None,
    siblings: SiblingCookies | None = None,
) -> Iterator[StoryParagraph]:
    """Yield the paragraphs of the exchanges from ``first`` to ``last`` (None: the last one).

    A note comes before the exchange that it was made before; notes made after the
    trace's last exchange come at the end. What responses did to cookies is told in the order in
    which they were committed: if a later request was made before that, a response has a paragraph
    of its own. Automatic requests, such as for an icon, are
    skipped if they do nothing to a cookie; with ``focus``, so is what is not in it.
    """
    exchanges = trace.exchanges
    end = len(exchanges) if last is None else min(last, len(exchanges))
    notes = in_order(trace.notes)
    at = 0
    if first > 1:
        before = exchanges[first - 2].request.position
        at = bisect_left(notes, before, key=lambda note: note.position)
    for exchange in _in_turn(exchanges, first - 1, end):
        while at < len(notes) and notes[at].position < exchange.request.position:
            yield StoryParagraph(0, f"Note: {shown(notes[at].message)}")
            at += 1
        yield from _late(trace, exchange.number, mask, focus)
        if _is_told(exchange, focus):
            yield StoryParagraph(exchange.number, paragraph(trace, exchange, mask, siblings))
    if end == len(exchanges):
        yield from _late(trace, end + 1, mask, focus)
        yield from (StoryParagraph(0, f"Note: {shown(note.message)}") for note in notes[at:])


def _in_turn(exchanges: Sequence[Exchange], start: int, end: int) -> Iterator[Exchange]:
    """Yield exchanges, which are read some at a time."""
    for at in range(start, end, _TOGETHER):
        yield from exchanges[at : min(at + _TOGETHER, end)]


def _late(trace: Trace, number: int, mask: Mask, focus: Focus | None) -> Iterator[StoryParagraph]:
    """Yield what the late responses before a request did."""
    for exchange in late_before(trace, number):
        if _is_told(exchange, focus):
            yield StoryParagraph(exchange.number, late_paragraph(trace, exchange, mask), True)


def _is_told(exchange: Exchange, focus: Focus | None) -> bool:
    """Return whether an exchange is told: in focus, and no housekeeping that left the jar alone.

    What our own doctor requested is told only if the focus asks for it.
    """
    if focus is not None:
        return focus.place(exchange) is not None
    part, response = exchange.request, exchange.response
    if is_of_doctor(part.event):
        return False
    return not (
        part.housekeeping
        and not (part.removed or part.missing)
        and all(carried.status is CookieStatus.SENT for carried in part.cookies)
        and (response is None or not response.set_cookies)
    )


class Opening:
    """The opening sentence of a growing transcript; each call reads only the new exchanges."""

    def __init__(self, trace: Trace, focus: Focus | None = None) -> None:
        self._trace = trace
        self._focus = focus if focus is not None else Focus()
        self._seen = 0
        self._count = 0
        self._hosts: set[str] = set()
        self._clients: set[str] = set()

    def update(self, limit: int | None = None) -> bool:
        """Read at most ``limit`` new exchanges; return True if none is left."""
        exchanges = self._trace.exchanges
        end = len(exchanges) if limit is None else min(len(exchanges), self._seen + limit)
        # What the server read and wrote, which may bring a cookie into focus, is no verdict.
        every = _in_turn(exchanges, self._seen, end) if self._focus.cookies else None
        while self._seen < end:
            self._seen += 1
            exchange = exchanges.verdicts(self._seen) if every is None else next(every)
            if self._focus.place(exchange) is not None:
                self._hosts.add(authority(exchange.request.target))
                self._clients.add(exchange.request.client_id)
                self._count += 1
        return end == len(exchanges)

    def text(self) -> str:
        """Return the sentence for the trace as it is now."""
        trace = self._trace
        self.update()
        if not self._count and self._focus != Focus() and trace.exchanges:
            return "No request matches this focus."
        if not self._count:
            return "Nothing has happened yet. The transcript starts with the first request."
        hosts = self._hosts
        where = f"{len(hosts)} hosts" if len(hosts) > 1 else next(iter(hosts))
        return (
            f"This transcript covers {plural(self._count, 'request')} "
            f"from {plural(len(self._clients), 'client')} to {where}."
        )


def opening(trace: Trace) -> str:
    """Return the opening sentence for the trace as it is now; a screen keeps an ``Opening``."""
    return Opening(trace).text()


def paragraph(
    trace: Trace,
    exchange: Exchange,
    mask: Mask = unmasked,
    siblings: SiblingCookies | None = None,
) -> str:
    """Return one exchange in prose: the request, the server, the response, what the client did.

    A late response is left to ``late_paragraph``.
    """
    prose = _ExchangeProse(trace, exchange, mask, siblings)
    position = exchange.request.position
    rows = _rows_at(trace, position)
    if exchange.response is not None and not is_late(trace, exchange):
        rows += _rows_at(trace, exchange.response.position)
    return f"{capitalized(steps_in_words(rows))}. {' '.join(_fixes_once(prose.sentences()))}"


def late_paragraph(trace: Trace, exchange: Exchange, mask: Mask = unmasked) -> str:
    """Return what a late response said, and what the client did with it."""
    prose = _ExchangeProse(trace, exchange, mask)
    assert exchange.response is not None
    rows = _rows_at(trace, exchange.response.position)
    return f"{capitalized(steps_in_words(rows))}. {' '.join(_fixes_once(prose.late_sentences()))}"


def _rows_at(trace: Trace, position: int) -> list[Row]:
    """Return the rows that an event added."""
    rows = trace.rows
    return rows[rows.before(position) : rows.until(position)]


def _fixes_once(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a paragraph without a fix that it already has."""
    told = set()
    for sentence in sentences:
        if sentence.startswith("Fix: "):
            if sentence in told:
                continue
            told.add(sentence)
        yield sentence


class _ExchangeProse:
    """One exchange, sentence by sentence."""

    def __init__(
        self,
        trace: Trace,
        exchange: Exchange,
        mask: Mask,
        siblings: SiblingCookies | None = None,
    ) -> None:
        self._trace = trace
        self._siblings = siblings
        self._exchange = exchange
        self._part = exchange.request
        self._mask = mask
        state = trace.client(self._part.client_id)
        alone = len(trace.clients) == 1 and state.ordinal
        self._who = "The client" if alone else client_name(state)

    def sentences(self) -> Iterator[str]:
        """Yield the sentences in the order of events."""
        yield from self._expired()
        yield self._request()
        yield from (f"Changed {text}." for text in edit_texts(self._exchange))
        yield from self._settled()
        yield from self._doubts()
        yield from attempt_sentences(self._trace.browser, self._exchange)
        yield from self._withheld()
        yield from self._missing()
        yield from self._left_behind()
        yield from self._sent_by_accident()
        if is_late(self._trace, self._exchange):
            yield "The response comes later."
            return
        yield from self._answered()

    def late_sentences(self) -> Iterator[str]:
        """Yield the sentences about a response that came after later requests."""
        yield (
            f"Only now does the response to the request for {page(self._exchange)} "
            f"(step {self._exchange.row.label}) arrive."
        )
        yield from self._answered()

    def _answered(self) -> Iterator[str]:
        """Yield the sentences from the server on."""
        if self._exchange.server is not None:
            yield from server_sentences(self._exchange.server, self._mask)
        yield self._response()
        refused = refused_header(self._exchange)
        if refused is not None:
            yield from (refused.sentence, refused.most, f"Fix: {refused.fix}")
        if self._exchange.response is not None:
            for result in settled(self._exchange):
                yield from self._outcome(result, self._exchange.response.at)
            yield from self._overtaken(self._exchange.response.set_cookies)
            yield from self._kept_by_accident(self._exchange.response.set_cookies)
        said = own_word_sentence(self._exchange)
        if said:
            yield said

    def _left_behind(self) -> Iterator[str]:
        """Tell which cookies stay at a host of the same app that shares no domain."""
        hop = host_hop(self._trace, self._exchange)
        if hop is not None:
            yield from (hop.sentence, f"Fix: {hop.fix}")

    def _sent_by_accident(self) -> Iterator[str]:
        found = (sent_by_accident(self._exchange, carried) for carried in self._part.cookies)
        told = [each for each in found if each is not None and each.kind != LOOPBACK]
        for sentence, fix in accidents_told(told):
            yield from (sentence, f"Fix: {fix}")

    def _overtaken(self, results: Iterable[StoreResult]) -> Iterator[str]:
        """Tell which newer cookies a late response undid."""
        undone: list[str] = []
        for result in results:
            newer = newer_lost(self._trace, self._exchange, result)
            if newer is None:
                continue
            if not undone:
                yield late_text(self._exchange, result, newer, self._at, self._mask)
            undone.append(named(result.name))
        if len(undone) > 1:
            yield f"The same happened to {listed(undone[1:])}."
        if undone:
            yield f"Fix: {late_fix(listed(undone))}"

    def _at(self, number: int) -> str:
        """Return what the transcript calls an exchange."""
        return f"step {self._trace.exchanges[number - 1].row.label}"

    def _kept_by_accident(self, results: Iterable[StoreResult]) -> Iterator[str]:
        changed = [r for r in results if r.outcome in (Outcome.CREATED, Outcome.REPLACED)]
        found = (kept_by_accident(self._exchange, result) for result in changed)
        for sentence, _ in accidents_told(each for each in found if each is not None):
            yield sentence
        for result in changed:
            risk = cache_risk(self._exchange, result)
            if risk is not None and (risk.handed_out or is_session_like(result.name)):
                yield from (risk.sentence, f"Fix: {risk.fix}")
                return

    def _expired(self) -> Iterator[str]:
        names = [named(removed.cookie.name) for removed in self._part.removed]
        if names:
            has, them = ("has", "it") if len(names) == 1 else ("have", "them")
            yield f"By now, {some(names)} {has} expired, and the jar drops {them}."

    def _request(self) -> str:
        part = self._part
        path = clip(shown(part.target.path), VALUE_CELLS)
        text = f"{self._who} requests {path} from {authority(part.target)}"
        if part.method != "GET":
            text = f"{self._who} makes a {shown(part.method)} request to {page(self._exchange)}"
        if part.context.site is Site.CROSS:
            text += f" on behalf of another site{self._by_scheme_alone()}"
        doubt = guess(part)
        if not part.pairs:
            stripped = ", as far as this file shows," if may_be_stripped(self._trace) else ""
            return f"{text} and{stripped} sends no cookies.{f' {doubt}' if doubt else ''}"
        pairs = [f"{named(name)} {with_value(value, self._mask)}" for name, value in part.pairs]
        if len(pairs) == 1:
            text += f" and sends the cookie {pairs[0]}."
        else:
            text += f" and sends {len(pairs)} cookies: {some(pairs)}."
        return f"{text} {doubt}" if doubt else text

    def _by_scheme_alone(self) -> str:
        """Explain that a page of the same host is another site if its scheme differs."""
        origin = header(self._part.headers, "referer") or header(self._part.headers, "origin")
        scheme, _, rest = (origin or "").partition("://")
        host = rest.partition("/")[0]
        target = self._part.target
        if scheme == target.scheme or not host or host != authority(target):
            return ""
        return f" ({shown(scheme)} and {target.scheme} count as different sites)"

    def _doubts(self) -> Iterator[str]:
        names = Counter(carried.name for carried in self._part.cookies)
        for name, count in names.items():
            if count > 1:
                yield f"The request contains {named(name)} {times(count)}."
        for carried in self._part.cookies:
            if carried.status is CookieStatus.UNEXPLAINED:
                yield self._unexplained(carried)
            elif carried.status is CookieStatus.OVERLAPPING:
                yield (
                    f"There is no verdict on {named(carried.name)}: a response that changes it "
                    "was in flight at that time."
                )

    def _settled(self) -> Iterator[str]:
        """Yield what the request shows about earlier responses."""
        for row in _rows_at(self._trace, self._part.position):
            if row.refutes is not None:
                yield from self._refuted(row.results, self._trace.exchange(row.refutes))

    def _refuted(self, results: Iterable[StoreResult], earlier: Exchange) -> Iterator[str]:
        at = earlier.response.at if earlier.response is not None else earlier.request.at
        verbs: defaultdict[str, list[str]] = defaultdict(list)
        fixes: dict[str, None] = {}
        why = ""
        for result in results:
            verbs[refuted_verb(result, at)].append(named(result.name))
            fixes.setdefault(refuted_fix(result))
            why = refuted_why(result)
        what = " and ".join(f"{verb} {some(names)}" for verb, names in verbs.items())
        yield (
            f"This shows that the client {what} after the response in "
            f"step {earlier.row.label}: {why}."
        )
        yield from (f"Fix: {text}" for text in fixes if text)

    def _unexplained(self, carried: RequestCookie) -> str:
        by = written(self._trace.browser, self._exchange, carried, self._mask)
        if by and carried.refused_in is None:
            held = (
                f"The jar held {self._value(carried.replaces.value)} for {named(carried.name)}, "
                "but this value was"
                if carried.replaces is not None
                else f"{capitalized(named(carried.name))} was"
            )
            return f"{held} {by}."
        if carried.set_in is not None and carried.set_in != carried.refused_in:
            before = self._trace.exchange(carried.set_in)
            held = (
                f"The jar held {self._value(carried.replaces.value)} for {named(carried.name)}, "
                f"but this value is"
                if carried.replaces is not None
                else f"The jar no longer held {named(carried.name)}, but this value is"
            )
            return (
                f"{held} the one that the response in step {before.row.label} set: the client "
                "kept it, or something that was not recorded has brought it back."
            )
        if carried.replaces is not None:
            return (
                f"The jar held {self._value(carried.replaces.value)} for {named(carried.name)}, "
                "so a script, or something else that was not recorded, has changed it."
            )
        if carried.refused_in is not None:
            before = self._trace.exchange(carried.refused_in)
            return (
                f"The response in step {before.row.label} set {named(carried.name)}, which should "
                "have been refused under the rules. This client kept it anyway: not all clients "
                "follow these rules."
            )
        joined = self._joined_before.get(carried.name)
        if joined is not None:
            return (
                f"The response in step {joined.row.label} has {named(carried.name)} in one line "
                "with another cookie. Since it came back, the client had received it on a line of "
                "its own: it was the recording that joined the lines."
            )
        return (
            f"No recorded response set {named(carried.name)}: it was set before the recording "
            "began, or by a script."
        )

    @cached_property
    def _joined_before(self) -> Mapping[str, Exchange]:
        """The earlier exchanges in whose joined lines a name stands."""
        return joined_before(self._trace, self._exchange)

    def _withheld(self) -> Iterator[str]:
        gone = {removed.cookie.key for removed in self._part.removed}
        withheld = [held for held in self._part.withheld if held.cookie.key not in gone]
        elsewhere = elsewhere_text(self._part)
        if self._siblings is not None:
            withheld += self._siblings.of(self._exchange)
            elsewhere = ""
        perhaps = [named(held.cookie.name) for held in withheld if held.cookie.unconfirmed]
        if perhaps:
            yield f"This request does not show whether the client holds {some(perhaps)}."
            withheld = [held for held in withheld if not held.cookie.unconfirmed]
        if not withheld:
            if elsewhere:
                yield f"{capitalized(elsewhere)} {_stay(self._part)}."
            return
        count = "One cookie is" if len(withheld) == 1 else f"{len(withheld)} cookies are"
        alike: dict[Code, list[Withheld]] = defaultdict(list)
        for held in withheld:
            alike[held.reasons[0].code].append(held)
        verb = "" if len(alike) == 1 else " are withheld"
        said = self._exchange.browser
        reasons = " ".join(
            _withheld_because(code, every, verb, said) for code, every in alike.items()
        )
        yield f"{count} withheld: {reasons[:1].lower()}{reasons[1:]}"
        if elsewhere:
            yield f"Besides, {elsewhere} {_stay(self._part)}."

    def _missing(self) -> Iterator[str]:
        for absent in self._part.missing:
            if absent.status is not CookieStatus.MISSING:
                yield (
                    f"{capitalized(named(absent.cookie.name))} is not sent, and there is no "
                    "verdict on that: a response that changes it was in flight at that time."
                )
                continue
            yield f"{capitalized(named(absent.cookie.name))} is missing: {_why(absent.reasons)}"
            if perhaps := restarted(self._trace.browser, self._part, absent.cookie):
                yield f"{capitalized(perhaps)}."
            if absent.dropped:
                yield "It is missing for the second time, so it must have left the jar unnoticed."

    def _response(self) -> str:
        response, failure = self._exchange.response, self._exchange.failure
        if failure is not None:
            why = safe(failure.message).rstrip(".")
            return f"The request fails: {why}{'' if why.endswith('?') else '.'}"
        if response is None:
            return "There is no response yet."
        location, hide = header(response.headers, "location"), Hiding(self._exchange, self._mask)
        if 300 <= response.status_code < 400 and location is not None:
            code = response.status_code
            return f"The response, {code}, redirects the client to {shown(hide(location))}."
        content = response_content(self._exchange, self._mask).removeprefix(
            f"{response.status_code}: "
        )
        if content.startswith("[") and content.endswith("]"):
            content = content[1:-1]
        else:
            content = f"“{content}”"
        if response.status_code in TOLD_BY_CONTENT:
            return f"The response is {content}."
        status = status_text(response)
        return f"The response is {status}{'' if content == status else f': {content}'}."

    def _outcome(self, result: StoreResult, at: float) -> Iterator[str]:
        """Yield what happens to one Set-Cookie."""
        name = named(result.name)
        cookie, before = result.cookie, result.previous
        condition = proviso((result,))
        if result.outcome is Outcome.REJECTED:
            value = with_value(result.value, self._mask)
            what = f"to delete {name}" if asks_to_delete(result, at) else f"{name} {value}"
            if condition:
                yield f"The client refuses {what}{condition}."
            else:
                yield f"The client refuses {what}: {_why(result.reasons)}"
            if not is_wrong(result):
                maker = maker_of(self._exchange.request)
                yield from (f"Fix: {remedy(each, maker=maker)}" for each in result.reasons[:1])
        elif not is_deletion(result) and result.outcome in (Outcome.IGNORED, Outcome.DELETED):
            value = with_value(result.value, self._mask)
            lost = (
                f", and drops {self._value(before.value)}, which it held"
                if before is not None
                else ""
            )
            told = warning_of(result, Code.BORN_EXPIRED) is not None
            at_once = "" if told else ", which expires at once"
            yield f"The client does not keep {name} {value}{at_once}{lost}."
        elif result.outcome is Outcome.IGNORED:
            missed = missed_deletion(result)
            if missed is None:
                yield f"The response asks to delete {name}, but the client has no such cookie."
            else:
                yield f"The response tries to delete {name} but misses it. {missed.sentence}"
                yield f"Fix: {missed.fix}"
        elif result.outcome is Outcome.DELETED:
            yield f"The client deletes {self._which(result)}, as the response asks{condition}."
        elif cookie is None:
            return
        elif result.outcome is Outcome.CREATED:
            stored = f"{name} {with_value(result.value, self._mask)}"
            yield (
                f"The client stores {stored}, {scope_of(cookie, at)}{_guards(result)}{condition}."
            )
        elif result.outcome is Outcome.REFRESHED:
            yield (
                f"The response sets {name} again with the same value, and the client keeps it "
                f"{life_of(cookie, at)}{condition}."
            )
        elif before is not None and before.value != cookie.value:
            yield (
                f"The client changes the value of {name} from {self._value(before.value)} to "
                f"{self._value(result.value)}, {scope_of(cookie, at)}{_guards(result)}{condition}."
            )
        else:
            yield (
                f"The client keeps {name} with the same value, but from now on "
                f"{scope_of(cookie, at)}{_guards(result)}{condition}."
            )
        if result.outcome is not Outcome.REFRESHED and cookie is not None:
            yield from self._default_path(result, cookie)
        for found in result.warnings:
            if found.code not in SILENT:
                yield reason(found)
            if found.code in TOLD_WITH_FIX or found is taken_for_strict(result):
                yield f"Fix: {remedy(found)}"
        evicted = [named(cookie.name) for cookie in result.evicted]
        if evicted:
            yield f"To make room, the jar evicts {some(evicted)}."

    def _default_path(self, result: StoreResult, cookie: Cookie) -> Iterator[str]:
        given = result.parsed.path is not None or cookie.path == "/"
        if not given and result.outcome in ACCEPTED:
            yield (
                f"The response gives no Path for {named(result.name)}, so the folder of the "
                "requested address applies."
            )

    def _which(self, result: StoreResult) -> str:
        """Name a cookie, with its place if the response sets several of that name."""
        response, cookie = self._exchange.response, result.cookie
        same = sum(1 for r in response.set_cookies if r.name == result.name) if response else 0
        if same < 2 or cookie is None:
            return named(result.name)
        which = f"the {named(result.name)}" if result.name else named(result.name)
        return f"{which} for {hosts_of(cookie)}, {paths_of(cookie)}"

    def _value(self, value: str) -> str:
        return valued(value, self._mask)


def _stay(part: RequestPart) -> str:
    return "stays in the jar" if part.withheld_elsewhere == 1 else "stay in the jar"


def _withheld_because(code: Code, withheld: list[Withheld], verb: str, said: Browser | None) -> str:
    """Return why some cookies are withheld for one reason: each in full if they are few."""
    sentences = dict.fromkeys(withheld_reason(held.reasons[0], said) for held in withheld)
    if len(sentences) <= 2:
        return " ".join(sentences)
    names = Counter(named(held.cookie.name) for held in withheld)
    counted = (name if n == 1 else f"{name} ({times(n)})" for name, n in names.items())
    return f"{capitalized(some(counted))}{verb}, each because {RULES_IN_SHORT[code]}."


def _why(findings: Iterable[Finding]) -> str:
    """Return the reasons as they follow a colon."""
    text = " ".join(reason(finding) for finding in findings)
    return f"{text[:1].lower()}{text[1:]}" if text else "by a rule of its own."


def _guards(result: StoreResult) -> str:
    words = guards_of(result.cookie) if result.cookie is not None else ""
    return f" ({words})" if words else ""
