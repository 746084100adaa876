"""Compares the fold's verdicts with what a browser did: counts agreements, names differences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Finding,
    Outcome,
    Standing,
    StoreResult,
    parse_cookie_header,
)
from cookietrace.fold.exchange import CookieStatus, Exchange, ResponsePart
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.trace import Trace
from tests.judge.browser import Blocked, JarCookie, Noted
from tests.judge.runner import Report, Run, Snapshot
from tests.judge.server import SERIAL
from tests.judge.variants import VARIANTS

_WRITES = (Outcome.CREATED, Outcome.REPLACED, Outcome.REJECTED)
"""Outcomes of which a write is reported if the cookie was stored; the last one if refuted."""

_SAME_MOMENT = 3.0
"""Seconds within which two expiry dates count as equal: each side reads its own clock."""

_RUN = re.compile(r"(.)\1{20,}")
"""Many times the same character: values that are about sizes."""


class Difference(msgspec.Struct, frozen=True):
    """One point on which the fold and a browser disagree."""

    where: str
    what: str
    ours: str
    theirs: str
    browser: str

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}: ours {self.ours!r}, {self.browser} {self.theirs!r}"
        return _RUN.sub(r"\1…", text)


class Tally(msgspec.Struct):
    """How much of one kind was compared, and how much agreed."""

    compared: int = 0
    agreed: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally."""
        self.compared += other.compared
        self.agreed += other.agreed

    def count(self, agreed: bool) -> bool:
        """Count one comparison, and return its outcome."""
        self.compared += 1
        self.agreed += agreed
        return agreed

    def __str__(self) -> str:
        return f"{self.agreed}/{self.compared}"


class Reasons(msgspec.Struct):
    """How well our reasons agree with those that a browser gave."""

    exact: int = 0
    """The same set."""
    partly: int = 0
    """At least one in common."""
    wrong: int = 0
    """None in common."""

    def add(self, other: Reasons) -> None:
        """Add other counts."""
        self.exact += other.exact
        self.partly += other.partly
        self.wrong += other.wrong

    def count(
        self,
        theirs: Iterable[str],
        ours: Iterable[Finding],
        table: Mapping[str, frozenset[Code]],
    ) -> bool:
        """Compare the reasons of one cookie; return whether any agrees."""
        codes = {finding.code for finding in ours}
        meanings = [table.get(reason, frozenset()) for reason in theirs]
        if not any(codes & meaning for meaning in meanings):
            self.wrong += 1
            return False
        if all(codes & meaning for meaning in meanings) and codes <= frozenset().union(*meanings):
            self.exact += 1
        else:
            self.partly += 1
        return True

    def __str__(self) -> str:
        return f"{self.exact} exact, {self.partly} partly, {self.wrong} wrong"


class Score(msgspec.Struct):
    """The outcome of one scenario, or of several."""

    certain: Tally = msgspec.field(default_factory=Tally)
    """Exchanges whose context is certain: expected and observed Cookie header."""
    uncertain: Tally = msgspec.field(default_factory=Tally)
    """Exchanges that the headers alone cannot decide."""
    lines: Tally = msgspec.field(default_factory=Tally)
    """Set-Cookie lines of certain exchanges: blocked and kept."""
    uncertain_lines: Tally = msgspec.field(default_factory=Tally)
    silent: int = 0
    """Lines that we reject and that the browser drops silently, as its jar shows."""
    withheld: Tally = msgspec.field(default_factory=Tally)
    """Cookies reported as withheld from a certain exchange: our reasons and the browser's."""
    reasons: Reasons = msgspec.field(default_factory=Reasons)
    """The reasons of refused and withheld cookies, if fold and browser both gave some."""
    jars: Tally = msgspec.field(default_factory=Tally)
    """Whole jars compared, after each step."""
    differences: list[Difference] = msgspec.field(default_factory=list)
    """Everything that counts as wrong."""
    doubts: list[Difference] = msgspec.field(default_factory=list)
    """Differences in uncertain exchanges."""

    def add(self, other: Score) -> None:
        """Add another score."""
        for mine, theirs in (
            (self.certain, other.certain),
            (self.uncertain, other.uncertain),
            (self.lines, other.lines),
            (self.uncertain_lines, other.uncertain_lines),
            (self.withheld, other.withheld),
            (self.jars, other.jars),
        ):
            mine.add(theirs)
        self.silent += other.silent
        self.reasons.add(other.reasons)
        self.differences += other.differences
        self.doubts += other.doubts

    @property
    def share_uncertain(self) -> float:
        """The uncertain exchanges among all, from 0 to 1."""
        return self.uncertain.compared / max(1, self.uncertain.compared + self.certain.compared)


def scores(run: Run) -> dict[str, dict[str, Score]]:
    """Return the score of each scenario of a run, by browser."""
    exchanges: dict[str, list[Exchange]] = {one.key: [] for one in run.reports}
    labels = {state.client_id: state.label or "" for state in run.trace.clients}
    siblings = SiblingCookies(run.trace)
    for exchange in run.trace.exchanges:
        key = labels[exchange.request.client_id].partition("#")[0]
        if key in exchanges and not exchange.request.housekeeping:
            exchanges[key].append(exchange)
    found: dict[str, dict[str, Score]] = {one.browser: {} for one in run.reports}
    for report in run.reports:
        scoring = _Scoring(report, exchanges[report.key], run.trace, labels, siblings)
        found[report.browser][report.scenario.name] = scoring.score()
    return found


def total(scored: Iterable[Score]) -> Score:
    """Return the sum of several scores."""
    result = Score()
    for score in scored:
        result.add(score)
    return result


class _Scoring:
    """One scenario while it is scored."""

    def __init__(
        self,
        report: Report,
        exchanges: list[Exchange],
        trace: Trace,
        labels: Mapping[str, str],
        siblings: SiblingCookies,
    ) -> None:
        self._told = report
        self._variant = VARIANTS[report.browser]
        self._exchanges = exchanges
        self._trace = trace
        self._siblings = siblings
        self._clients = {label: client_id for client_id, label in labels.items()}
        self._by_script = report.scenario.by_script
        self._shared = {f"{report.key}#{window}" for window in report.scenario.beside.values()}
        """Listeners of several windows: no jar of the fold is like any of theirs."""
        self._uncertain_names: set[str] = set()
        self._jar_sides: dict[str, tuple[str, str]] = {}
        """What differed in each jar after the step before: not told again."""
        self._score = Score()

    def score(self) -> Score:
        """Compare all exchanges and all jars."""
        if self._told.error is not None:
            self._differ("the scenario", "did not finish", "", self._told.error)
        for exchange in self._exchanges:
            self._exchange(exchange)
        for snapshot in self._told.snapshots:
            if snapshot.label not in self._shared:
                self._jar(snapshot)
        return self._score

    def _differ(
        self, where: str, what: str, ours: str, theirs: str, *, certain: bool = True
    ) -> None:
        found = self._score.differences if certain else self._score.doubts
        found.append(Difference(where, what, ours, theirs, self._variant.shown_as))

    # --- exchanges

    def _certain(self, exchange: Exchange) -> bool:
        """Return whether the headers alone decide which cookies an exchange sends."""
        part = exchange.request
        statuses = [one.status for one in part.cookies] + [one.status for one in part.missing]
        if CookieStatus.OVERLAPPING in statuses or not part.context.certain:
            return False
        names = {
            name
            for header in (part.observed, part.expected)
            for name, _ in parse_cookie_header(header)
        }
        doubtful = {
            cookie.name
            for cookie in self._trace.jar_at(part.client_id, part.position - 1)
            if cookie.unconfirmed
        }
        return not names & (self._by_script | doubtful)

    def _exchange(self, exchange: Exchange) -> None:
        part, certain = exchange.request, self._certain(exchange)
        where = f"{exchange.number} {part.method} {part.url}"
        lines = exchange.response.set_cookies if exchange.response is not None else ()
        unsettled = any(one.standing is Standing.UNCONFIRMED for one in lines)
        tally = self._score.certain if certain and not unsettled else self._score.uncertain
        if not tally.count(part.expected == part.observed):
            self._differ(where, "Cookie", part.expected, part.observed, certain=certain)
        response = exchange.response
        if response is None:
            return
        serial = next((int(value) for name, value in response.headers if name == SERIAL), 0)
        noted = self._told.notes.get(serial, Noted())
        for result in response.set_cookies:
            if not exchange.request.context.certain or result.standing is not Standing.CERTAIN:
                self._uncertain_names.add(result.name)
        self._lines(where, exchange, response, noted)
        if certain:
            self._withheld(where, exchange, noted.withheld or ())

    def _certain_line(self, exchange: Exchange, result: StoreResult) -> bool:
        """Return whether the fold says for certain what became of a Set-Cookie line."""
        if result.standing is Standing.CERTAIN:
            return exchange.request.context.certain
        return result.standing is not Standing.UNCONFIRMED

    def _lines(self, where: str, exchange: Exchange, response: ResponsePart, noted: Noted) -> None:
        """Compare the outcome of each Set-Cookie line."""
        shown = self._variant.shown
        refused: dict[str, list[tuple[str, ...]]] = {}
        for one in noted.blocked or ():
            refused.setdefault(one.line, []).append(one.reasons)
        written = None if noted.written is None else list(noted.written)
        for result in response.set_cookies:
            certain = self._certain_line(exchange, result)
            tally = self._score.lines if certain else self._score.uncertain_lines
            ours = _codes(result.reasons)
            reasons = refused.get(self._variant.key(result), [])
            if not reasons and not _is_utf8(result.raw):
                # DevTools garbles such lines, but not their ASCII beginnings.
                start = f"{result.name}="
                reasons = next((refused[line] for line in refused if line.startswith(start)), [])
            line = f"Set-Cookie {shown(result.raw)[:80]!r}"
            if result.standing is not Standing.CERTAIN:
                line += f" ({result.standing})"
            # A line that was refuted had the opposite of its outcome.
            refuted = result.standing is Standing.REFUTED
            rejected = (result.outcome is Outcome.REJECTED) is not refuted
            if reasons:
                theirs = reasons.pop(0)
                right = rejected and (
                    refuted
                    or self._score.reasons.count(theirs, result.reasons, self._variant.refused)
                )
                said = ", ".join(theirs)
            elif rejected:
                kept = (
                    self._kept(exchange, result, response.at)
                    if written is None
                    else self._wrote(result, written)
                )
                self._score.silent += not kept
                right, said = not kept, "kept"
            elif written is not None and result.outcome in _WRITES:
                right, said = self._wrote(result, written), "not stored"
            else:
                right, said = True, ""
            if not tally.count(right):
                self._differ(where, line, ours or result.outcome, said, certain=certain)
        for line, left in refused.items():
            for theirs in left:
                self._differ(where, f"blocked {line[:80]!r}", "no such line", ", ".join(theirs))

    def _wrote(self, result: StoreResult, written: list[tuple[str, str]]) -> bool:
        """Return whether the browser reports that it stored that cookie, and take the report."""
        shown = self._variant.shown
        cookie = (shown(result.name), shown(result.value))
        if cookie in written:
            written.remove(cookie)
            return True
        return False

    def _kept(self, exchange: Exchange, result: StoreResult, at: float) -> bool:
        """Return whether the browser's jar held that cookie, for that host, after the step."""
        shown, host = self._variant.shown, exchange.request.target.host or ""
        for snapshot in self._told.snapshots:
            if snapshot.at >= at:
                return any(
                    (one.name, one.value) == (shown(result.name), shown(result.value))
                    and _covers(one.domain, host)
                    for one in snapshot.cookies
                )
        return False

    def _withheld(self, where: str, exchange: Exchange, withheld: Iterable[Blocked]) -> None:
        """Compare the reasons for which cookies were withheld."""
        ours: dict[tuple[str, str, str], list[tuple[Finding, ...]]] = {}
        for held in (*exchange.request.withheld, *self._siblings.of(exchange)):
            cookie, shown = held.cookie, self._variant.shown
            place = (shown(cookie.name), cookie.domain, shown(cookie.path))
            ours.setdefault(place, []).append(held.reasons)
        table = self._variant.withheld
        for one in withheld:
            name, domain, path = one.line.split("\0")
            if name in self._by_script or not set(one.reasons) & table.keys():
                continue
            reasons = _closest(ours.get((name, domain.removeprefix("."), path)), one.reasons, table)
            if not self._score.withheld.count(
                self._score.reasons.count(one.reasons, reasons, table)
            ):
                what = f"withheld {name} of {domain}{path}"
                self._differ(where, what, _codes(reasons), ", ".join(one.reasons))

    # --- jars

    def _jar(self, snapshot: Snapshot) -> None:
        """Compare a whole jar, except for cookies that scripts changed."""
        client_id = self._clients.get(snapshot.label)
        ours = Counter(self._ours(client_id, snapshot.at)) if client_id is not None else Counter()
        theirs = Counter(
            _their_traits(one)
            for one in snapshot.cookies
            if one.name not in self._by_script
            and (one.expires is None or one.expires > snapshot.at + _SAME_MOMENT)
        )
        theirs = _aligned(theirs, ours)
        unlike = (ours - theirs) + (theirs - ours)
        certain = not {name for name, *_ in unlike} <= self._uncertain_names if unlike else True
        if not unlike:
            self._score.jars.count(True)
            return
        if certain:
            self._score.jars.count(False)
        sides = (
            str(sorted((ours - theirs).elements(), key=str)),
            str(sorted((theirs - ours).elements(), key=str)),
        )
        if self._jar_sides.get(snapshot.label) != sides:
            self._jar_sides[snapshot.label] = sides
            where = f"jar of {snapshot.label}, step {snapshot.step}"
            self._differ(where, "cookies that only one side has", *sides, certain=certain)

    def _ours(self, client_id: str, at: float) -> Iterator[tuple[object, ...]]:
        position = 0
        for exchange in self._exchanges:
            if exchange.request.client_id != client_id:
                continue
            for part in (exchange.request, exchange.response):
                if part is not None and part.at <= at:
                    position = max(position, part.position)
        for cookie in self._trace.jar_at(client_id, position):
            due = cookie.expires_at is not None and cookie.expires_at <= at + _SAME_MOMENT
            if not (cookie.inferred or due or cookie.name in self._by_script):
                yield _our_traits(cookie, self._variant.shown)


def _our_traits(cookie: Cookie, shown: Callable[[str], str]) -> tuple[object, ...]:
    return (
        shown(cookie.name),
        shown(cookie.value),
        cookie.domain if cookie.host_only else f".{cookie.domain}",
        shown(cookie.path),
        "Secure" if cookie.secure else "",
        "HttpOnly" if cookie.http_only else "",
        cookie.same_site.value,
        cookie.partition_key,
        None if cookie.expires_at is None else float(cookie.expires_at),
    )


def _their_traits(one: JarCookie) -> tuple[object, ...]:
    return (
        one.name,
        one.value,
        one.domain,
        one.path,
        "Secure" if one.secure else "",
        "HttpOnly" if one.http_only else "",
        one.same_site,
        one.partition,
        None if one.expires is None else float(one.expires),
    )


def _aligned(
    theirs: Counter[tuple[object, ...]], ours: Counter[tuple[object, ...]]
) -> Counter[tuple[object, ...]]:
    """Return the browser's cookies with our expiry dates where those are the same moment."""
    dates: dict[tuple[object, ...], list[object]] = {}
    for *traits, expires in ours.elements():
        dates.setdefault(tuple(traits), []).append(expires)
    aligned = []
    for *traits, expires in theirs.elements():
        same = dates.get(tuple(traits), [])
        found = next((one for one in same if _same_moment(one, expires)), expires)
        aligned.append((*traits, found))
    return Counter(aligned)


def _same_moment(one: object, other: object) -> bool:
    """Return whether two expiry dates are equal, but for when each side read its clock."""
    if not (isinstance(one, float) and isinstance(other, float)):
        return one == other
    return abs(one - other) <= 10 * _SAME_MOMENT


def _covers(domain: str, host: str) -> bool:
    """Return whether a jar's cookie is for a host; a leading dot includes subdomains."""
    return host == domain or (domain.startswith(".") and f".{host}".endswith(domain))


def _closest(
    ours: list[tuple[Finding, ...]] | None,
    theirs: Iterable[str],
    table: Mapping[str, frozenset[Code]],
) -> tuple[Finding, ...]:
    """Return and take the reasons that agree best, of cookies that differ only in partition."""
    if not ours:
        return ()
    meant = frozenset().union(*(table.get(reason, frozenset()) for reason in theirs))
    best = max(ours, key=lambda reasons: sum(finding.code in meant for finding in reasons))
    ours.remove(best)
    return best


def _codes(reasons: Iterable[Finding]) -> str:
    return ", ".join(reason.code.value for reason in reasons)


def _is_utf8(wire: str) -> bool:
    try:
        wire.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
