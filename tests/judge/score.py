"""Compares the fold's verdicts with what Chromium did: counts agreements, names differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cookietrace.cookies import Code, Cookie, Finding, Outcome, StoreResult, parse_cookie_header
from cookietrace.fold.exchange import CookieStatus, Exchange
from cookietrace.trace import Trace
from tests.judge.devtools import Json
from tests.judge.reasons import REFUSED, WITHHELD
from tests.judge.runner import Report, Run, Snapshot
from tests.judge.server import SERIAL
from tests.judge.windows import Blocked, Noted

_SAME_MOMENT = 3.0
"""Seconds within which two expiry dates count as equal: each side reads its own clock."""


class Difference(msgspec.Struct, frozen=True):
    """One point on which the fold and Chromium disagree."""

    where: str
    what: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: ours {self.ours!r}, Chromium {self.theirs!r}"


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


class Score(msgspec.Struct):
    """The outcome of one scenario, or of all."""

    certain: Tally = msgspec.field(default_factory=Tally)
    """Exchanges whose context is certain: expected and observed Cookie header."""
    uncertain: Tally = msgspec.field(default_factory=Tally)
    """Exchanges that the headers alone cannot decide."""
    lines: Tally = msgspec.field(default_factory=Tally)
    """Set-Cookie lines of certain exchanges: blocked and kept."""
    uncertain_lines: Tally = msgspec.field(default_factory=Tally)
    silent: int = 0
    """Lines that we reject and that Chromium drops silently, as its jar shows."""
    withheld: Tally = msgspec.field(default_factory=Tally)
    """Cookies that Chromium reports as withheld from a certain exchange: our reasons and its."""
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
        self.differences += other.differences
        self.doubts += other.doubts

    @property
    def share_uncertain(self) -> float:
        """The uncertain exchanges among all, from 0 to 1."""
        return self.uncertain.compared / max(1, self.uncertain.compared + self.certain.compared)


def scores(run: Run) -> dict[str, Score]:
    """Return the score of each scenario of a run."""
    by_scenario: dict[str, list[Exchange]] = {name: [] for name in run.report}
    labels = {state.client_id: state.label or "" for state in run.trace.clients}
    for exchange in run.trace.exchanges:
        name = labels[exchange.request.client_id].partition("#")[0]
        if name in by_scenario and not exchange.request.housekeeping:
            by_scenario[name].append(exchange)
    return {
        name: _Scoring(report, by_scenario[name], run.trace, labels).score()
        for name, report in run.report.items()
    }


class _Scoring:
    """One scenario while it is scored."""

    def __init__(
        self, report: Report, exchanges: list[Exchange], trace: Trace, labels: Mapping[str, str]
    ) -> None:
        self._told = report
        self._exchanges = exchanges
        self._trace = trace
        self._clients = {label: client_id for client_id, label in labels.items()}
        self._by_script = report.scenario.by_script
        self._uncertain_names: set[str] = set()
        self._score = Score()

    def score(self) -> Score:
        """Compare all exchanges and all jars."""
        if self._told.error is not None:
            self._differ("the scenario", "did not finish", "", self._told.error)
        for exchange in self._exchanges:
            self._exchange(exchange)
        for snapshot in self._told.snapshots:
            self._jar(snapshot)
        return self._score

    def _differ(
        self, where: str, what: str, ours: str, theirs: str, *, certain: bool = True
    ) -> None:
        found = self._score.differences if certain else self._score.doubts
        found.append(Difference(where, what, ours, theirs))

    # --- exchanges

    def _certain(self, exchange: Exchange) -> bool:
        """Return whether the headers alone decide which cookies an exchange sends."""
        part = exchange.request
        statuses = [one.status for one in part.cookies] + [one.status for one in part.missing]
        if CookieStatus.OVERLAPPING in statuses:
            return False
        names = {
            name
            for header in (part.observed, part.expected)
            for name, _ in parse_cookie_header(header)
        }
        return part.context.certain and not names & self._by_script

    def _exchange(self, exchange: Exchange) -> None:
        part, certain = exchange.request, self._certain(exchange)
        where = f"{exchange.number} {part.method} {part.url}"
        tally = self._score.certain if certain else self._score.uncertain
        if not tally.count(part.expected == part.observed):
            self._differ(where, "Cookie", part.expected, part.observed, certain=certain)
        response = exchange.response
        if response is None:
            return
        serial = next((int(value) for name, value in response.headers if name == SERIAL), 0)
        noted = self._told.notes.get(serial, Noted())
        certain_lines = part.context.certain
        if not certain_lines:
            self._uncertain_names.update(result.name for result in response.set_cookies)
        self._lines(where, response.set_cookies, noted.blocked or (), response.at, certain_lines)
        if certain:
            self._withheld(where, exchange, noted.withheld or ())

    def _lines(
        self,
        where: str,
        results: Iterable[StoreResult],
        blocked: Iterable[Blocked],
        at: float,
        certain: bool,
    ) -> None:
        """Compare the outcome of each Set-Cookie line."""
        refused: dict[str, list[tuple[str, ...]]] = {}
        for one in blocked:
            refused.setdefault(one.line, []).append(one.reasons)
        tally = self._score.lines if certain else self._score.uncertain_lines
        for result in results:
            ours = _codes(result.reasons)
            reasons = refused.get(_shown(result.raw), [])
            if not reasons and not _is_utf8(result.raw):
                # DevTools garbles such lines, but not their ASCII beginnings.
                start = f"{result.name}="
                reasons = next((refused[line] for line in refused if line.startswith(start)), [])
            line = f"Set-Cookie {_shown(result.raw)[:80]!r}"
            if reasons:
                theirs = reasons.pop(0)
                right = _agree(theirs, result.reasons, REFUSED)
                if not tally.count(right):
                    self._differ(
                        where, line, ours or result.outcome, ", ".join(theirs), certain=certain
                    )
            elif result.outcome is Outcome.REJECTED:
                kept = self._kept(result, at)
                self._score.silent += not kept
                if not tally.count(not kept):
                    self._differ(where, line, ours, "kept", certain=certain)
            else:
                tally.count(True)
        for line, left in refused.items():
            for theirs in left:
                self._differ(where, f"blocked {line[:80]!r}", "no such line", ", ".join(theirs))

    def _kept(self, result: StoreResult, at: float) -> bool:
        """Return whether Chromium's jar held that cookie after the step."""
        for snapshot in self._told.snapshots:
            if snapshot.at >= at:
                return any(
                    (one["name"], one["value"]) == (_shown(result.name), _shown(result.value))
                    for one in snapshot.cookies
                )
        return False

    def _withheld(self, where: str, exchange: Exchange, withheld: Iterable[Blocked]) -> None:
        """Compare the reasons for which cookies were withheld."""
        ours = {
            (_shown(held.cookie.name), held.cookie.domain, _shown(held.cookie.path)): held.reasons
            for held in exchange.request.withheld
        }
        for one in withheld:
            name, domain, path = one.line.split("\0")
            if name in self._by_script or not set(one.reasons) & WITHHELD.keys():
                continue
            reasons = ours.get((name, domain.removeprefix("."), path), ())
            if not self._score.withheld.count(_agree(one.reasons, reasons, WITHHELD)):
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
            if one["name"] not in self._by_script
            and (one["session"] or one["expires"] > snapshot.at + _SAME_MOMENT)
        )
        unlike = (ours - theirs) + (theirs - ours)
        certain = not {name for name, *_ in unlike} <= self._uncertain_names if unlike else True
        if not unlike:
            self._score.jars.count(True)
            return
        if certain:
            self._score.jars.count(False)
        self._differ(
            f"jar of {snapshot.label}",
            "cookies that only one side has",
            str(sorted((ours - theirs).elements(), key=str)),
            str(sorted((theirs - ours).elements(), key=str)),
            certain=certain,
        )

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
                yield _our_traits(cookie)


def _our_traits(cookie: Cookie) -> tuple[object, ...]:
    return (
        _shown(cookie.name),
        _shown(cookie.value),
        cookie.domain if cookie.host_only else f".{cookie.domain}",
        _shown(cookie.path),
        "Secure" if cookie.secure else "",
        "HttpOnly" if cookie.http_only else "",
        cookie.same_site.value,
        _moment(cookie.expires_at),
        cookie.partition_key,
    )


def _their_traits(one: Json) -> tuple[object, ...]:
    key = one.get("partitionKey")
    embedded = " (embedded)" if key is not None and key.get("hasCrossSiteAncestor") else ""
    own = key is not None and key["topLevelSite"].endswith(_site_end(one["domain"]))
    return (
        one["name"],
        one["value"],
        one["domain"],
        one["path"],
        "Secure" if one["secure"] else "",
        "HttpOnly" if one["httpOnly"] else "",
        one.get("sameSite", "default").lower(),
        _moment(None if one["session"] else one["expires"]),
        None if key is None else key["topLevelSite"] + (embedded if own else ""),
    )


def _site_end(domain: str) -> str:
    return ".".join(domain.split(".")[-2:])


def _moment(at: float | None) -> object:
    """Return an expiry date rounded so that equal moments compare equal."""
    return None if at is None else round(at / (10 * _SAME_MOMENT))


def _agree(
    theirs: Iterable[str], ours: Iterable[Finding], table: Mapping[str, frozenset[Code]]
) -> bool:
    codes = {finding.code for finding in ours}
    return any(table.get(reason, frozenset()) & codes for reason in theirs)


def _codes(reasons: Iterable[Finding]) -> str:
    return ", ".join(reason.code.value for reason in reasons)


def _is_utf8(wire: str) -> bool:
    try:
        wire.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _shown(wire: str) -> str:
    """Return wire text as DevTools shows it: decoded as UTF-8, invalid bytes dropped."""
    return wire.encode("latin-1").decode("utf-8", "ignore")
