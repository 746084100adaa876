"""Mode 7, the concept snapshot: what a trace has shown, each with a count and a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from cookietrace.cookies import Outcome, Site, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, RowKind
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.standing import current_results, is_open, is_wrong
from cookietrace.lesson.step_board import StepBoard
from cookietrace.lesson.table import Table


class Concept(msgspec.Struct, frozen=True):
    """One thing about cookies that a trace can show."""

    one: str
    """The line if it was shown once."""
    many: str
    """The line if it was shown ``{count}`` times."""
    count: Callable[[_Step], int]
    """Returns how often a step shows it."""
    mark: Mark | None = None
    """The mark of what it is about; None if no mark fits."""
    of_set_cookie: bool = False
    """True if a Set-Cookie shows it: it is counted at the step that shows the outcome."""


class SnapshotLine(msgspec.Struct, frozen=True):
    """One line of the snapshot; display text."""

    concept: str
    """A key of ``CONCEPTS``."""
    text: str
    count: int
    step: int
    """The first step that showed it."""
    latest: int
    """The last step, up to the requested one, that showed it."""
    mark: Mark | None = None


class _Step(msgspec.Struct, frozen=True):
    """A step, restricted to what is in focus."""

    exchange: Exchange
    results: tuple[StoreResult, ...]
    """The Set-Cookie lines whose outcome this step shows."""
    covers: Callable[[str], bool]
    corrects: bool = False
    """Whether the results turned out wrong in this step."""

    def outcomes(self, *wanted: Outcome) -> int:
        """Return how many Set-Cookie lines certainly had one of these outcomes."""
        return sum(
            1
            for result in self.results
            if result.outcome in wanted
            and not (is_open(result) or is_wrong(result))
            and self.covers(result.name)
        )

    def unconfirmed(self) -> int:
        """Return how many Set-Cookie lines the client may or may not have taken."""
        return sum(1 for result in self.results if is_open(result) and self.covers(result.name))

    def refuted(self) -> int:
        """Return how many results turned out wrong in this step."""
        return sum(self.covers(result.name) for result in self.results) if self.corrects else 0

    def deletions(self) -> int:
        """Return how many cookies the response deleted."""
        return self._expired(Outcome.DELETED, deletes=True)

    def missed_deletions(self) -> int:
        """Return how many deletions found no cookie."""
        return self._expired(Outcome.IGNORED, deletes=True)

    def born_expired(self) -> int:
        """Return how many Set-Cookie lines expired at once without being deletions."""
        return self._expired(Outcome.DELETED, Outcome.IGNORED, deletes=False)

    def _expired(self, *outcomes: Outcome, deletes: bool) -> int:
        return sum(
            1
            for result in self.results
            if result.outcome in outcomes
            and not (is_open(result) or is_wrong(result))
            and is_deletion(result) is deletes
            and self.covers(result.name)
        )

    def with_status(self, status: CookieStatus) -> int:
        """Return how many cookies of the request have this status."""
        return sum(
            1
            for cookie in self.exchange.request.cookies
            if cookie.status is status and self.covers(cookie.name)
        )

    def reads(self, *, found: bool) -> int:
        """Return how often the app read a cookie and found it, or did not find it."""
        server = self.exchange.server
        if server is None:
            return 0
        return sum(
            1
            for read in server.reads
            if (read.value is not None) is found
            and self.covers(read.name)
            and (found or read.where != "session")
        )

    def values_changed(self) -> int:
        """Return how many cookies got a different value."""
        return sum(
            1
            for result in self.results
            if result.outcome is Outcome.REPLACED
            and not (is_open(result) or is_wrong(result))
            and result.previous is not None
            and result.previous.value != result.value
            and self.covers(result.name)
        )

    def missing(self) -> int:
        """Return how many cookies should have been sent but were not."""
        return sum(
            1
            for absent in self.exchange.request.missing
            if absent.status is CookieStatus.MISSING and self.covers(absent.cookie.name)
        )

    def overlapping(self) -> int:
        """Return how many cookies differ while a response that changes them is in progress."""
        return self.with_status(CookieStatus.OVERLAPPING) + sum(
            1
            for absent in self.exchange.request.missing
            if absent.status is CookieStatus.OVERLAPPING and self.covers(absent.cookie.name)
        )

    def withheld(self) -> int:
        """Return how many cookies were correctly withheld."""
        return sum(
            1
            for held in self.exchange.request.withheld
            if self.covers(held.cookie.name) and not held.cookie.unconfirmed
        )

    def expired(self) -> int:
        """Return how many cookies had expired by this request."""
        return sum(
            1
            for removed in self.exchange.request.removed
            if removed.reason == "expired" and self.covers(removed.cookie.name)
        )

    def repeated_names(self) -> int:
        """Return how many names occur more than once in the request."""
        cookies = self.exchange.request.cookies
        names = Counter(cookie.name for cookie in cookies if self.covers(cookie.name))
        return sum(1 for count in names.values() if count > 1)


def _without_cookies(seen: _Step) -> int:
    return int(not seen.exchange.request.observed)


def _cross_site(seen: _Step) -> int:
    return int(seen.exchange.request.context.site is Site.CROSS)


CONCEPTS: Mapping[str, Concept] = MappingProxyType(
    {
        "without-cookies": Concept(
            "A request arrived without cookies.",
            "{count} requests arrived without cookies.",
            _without_cookies,
        ),
        "read-none": Concept(
            "The server read a cookie that was not in the request, and got None.",
            "The server read cookies that were not in the request, and got None, {count} times.",
            lambda seen: seen.reads(found=False),
        ),
        "set": Concept(
            "A response set a cookie that the client did not have, and the client stored it.",
            "Responses set {count} cookies that the client did not have, and it stored them.",
            lambda seen: seen.outcomes(Outcome.CREATED),
            Mark.CHANGED,
            of_set_cookie=True,
        ),
        "unconfirmed": Concept(
            "A response set a cookie, and it is not known whether the client accepted it.",
            "Responses set {count} cookies, and it is not known whether the client accepted them.",
            _Step.unconfirmed,
            Mark.UNCONFIRMED,
            of_set_cookie=True,
        ),
        "refuted": Concept(
            "A request showed that an earlier response had not done what it seemed to do.",
            "Requests showed {count} times that an earlier response had not done what it seemed "
            "to do.",
            _Step.refuted,
            Mark.REFUTED,
            of_set_cookie=True,
        ),
        "sent": Concept(
            "The client sent a stored cookie back by itself.",
            "The client sent stored cookies back by itself, {count} in all.",
            lambda seen: seen.with_status(CookieStatus.SENT),
            Mark.SENT,
        ),
        "read": Concept(
            "The server read a cookie that the client had sent.",
            "The server read cookies that the client had sent, {count} times.",
            lambda seen: seen.reads(found=True),
        ),
        "refreshed": Concept(
            "A response set a cookie that the client already had, and nothing changed.",
            "Responses set cookies that the client already had, {count} times, and nothing "
            "changed.",
            lambda seen: seen.outcomes(Outcome.REFRESHED),
            of_set_cookie=True,
        ),
        "changed": Concept(
            "A cookie's value was replaced with another.",
            "Cookie values were replaced with others, {count} times.",
            _Step.values_changed,
            Mark.CHANGED,
            of_set_cookie=True,
        ),
        "deleted": Concept(
            "A response deleted a cookie by giving it an expiry in the past.",
            "Responses deleted {count} cookies by giving them an expiry in the past.",
            _Step.deletions,
            Mark.CHANGED,
            of_set_cookie=True,
        ),
        "ignored": Concept(
            "A response tried to delete a cookie that was not there.",
            "Responses tried to delete {count} cookies that were not there.",
            _Step.missed_deletions,
            of_set_cookie=True,
        ),
        "born-expired": Concept(
            "A response set a cookie that expired at once, so the client did not keep it.",
            "Responses set {count} cookies that expired at once, so the client did not keep them.",
            _Step.born_expired,
            of_set_cookie=True,
        ),
        "refused": Concept(
            "The client refused a cookie under one of its rules.",
            "The client refused {count} cookies, each under one of its rules.",
            lambda seen: seen.outcomes(Outcome.REJECTED),
            Mark.REFUSED,
            of_set_cookie=True,
        ),
        "withheld": Concept(
            "The client correctly withheld a cookie that it had.",
            "The client correctly withheld cookies that it had, {count} times.",
            _Step.withheld,
            Mark.WITHHELD,
        ),
        "expired": Concept(
            "A cookie expired between two requests.",
            "{count} cookies expired between two requests.",
            _Step.expired,
            Mark.CHANGED,
        ),
        "missing": Concept(
            "A cookie that should have been sent was not.",
            "Cookies that should have been sent were not, {count} times.",
            _Step.missing,
            Mark.MISSING,
        ),
        "overlapping": Concept(
            "A request crossed a response that changed its cookie: no verdict is possible.",
            "Requests crossed responses that changed their cookies, {count} times: no verdict is "
            "possible.",
            _Step.overlapping,
        ),
        "unexplained": Concept(
            "A request contained a cookie that no recorded response had set that way.",
            "Requests contained cookies that no recorded response had set that way, {count} times.",
            lambda seen: seen.with_status(CookieStatus.UNEXPLAINED),
            Mark.UNEXPLAINED,
        ),
        "repeated-names": Concept(
            "A request contained several cookies of the same name.",
            "Requests contained several cookies of the same name, {count} times.",
            _Step.repeated_names,
            Mark.SENT,
        ),
        "cross-site": Concept(
            "Another site caused a request.",
            "Other sites caused {count} requests.",
            _cross_site,
        ),
    }
)
"""What is counted, in the order of the lines."""

_OF_SET_COOKIE = {name: concept for name, concept in CONCEPTS.items() if concept.of_set_cookie}
_WITHOUT_ROW = (Outcome.REFRESHED, Outcome.IGNORED)
"""Outcomes that have no row of their own: the exchange row shows them."""


class Snapshot(StepBoard):
    """The counts of a growing table, at any of its steps."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._shown: PlaceIndex[str] = PlaceIndex()

    def lines(self, upto: int | None = None) -> tuple[SnapshotLine, ...]:
        """Return what steps 1 to ``upto`` (None: all that were read) have shown.

        In the order of ``CONCEPTS``. Takes time in proportion to the concepts, not
        to the steps.
        """
        last = self._seen if upto is None else upto
        return tuple(self._lines(last))

    def _lines(self, last: int) -> Iterator[SnapshotLine]:
        for name, concept in CONCEPTS.items():
            count = self._shown.count(name, last)
            first, latest = self._shown.first(name), self._shown.latest(name, last)
            if count and first is not None and latest is not None:
                text = concept.one if count == 1 else concept.many.format(count=count)
                yield SnapshotLine(name, text, count, first, latest, concept.mark)

    def _take(self, step: int) -> None:
        row, exchange = self._table.trace_row(step), self._table.exchange(step)
        whole = row.kind is RowKind.EXCHANGE
        corrects = row.kind is RowKind.REFUTED
        seen = _Step(exchange, _results(row, exchange), self._table.focus.covers, corrects)
        concepts = CONCEPTS if whole else _OF_SET_COOKIE
        self._shown.record(
            step, [name for name, concept in concepts.items() for _ in range(concept.count(seen))]
        )


def _results(row: Row, exchange: Exchange) -> tuple[StoreResult, ...]:
    """Return the Set-Cookie lines whose outcome a row shows."""
    if row.kind is not RowKind.EXCHANGE or exchange.response is None:
        return current_results(row, exchange)
    return tuple(
        result for result in exchange.response.set_cookies if result.outcome in _WITHOUT_ROW
    )


def snapshot(table: Table, upto: int | None = None) -> tuple[SnapshotLine, ...]:
    """Return what a table has shown so far; a screen keeps a ``Snapshot``."""
    board = Snapshot(table)
    board.update()
    return board.lines(upto)
