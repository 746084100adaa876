"""Mode 7, the concept snapshot: what a trace has shown, one line each with a count and a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from cookietrace.cookies import Outcome, Site, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, RowKind
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.step_board import StepBoard
from cookietrace.lesson.table import Table


class Concept(msgspec.Struct, frozen=True):
    """One thing about cookies that a trace can show."""

    one: str
    """The line where it was shown once."""
    many: str
    """The line where it was shown ``{count}`` times."""
    counted: Callable[[_Seen], int]
    """How often one step shows it."""
    mark: Mark | None = None
    """What it is about, in the meanings that every screen knows; None for no one of them."""
    of_answer: bool = False
    """Whether an answer's Set-Cookie shows it: at the step that tells what became of that."""


class SnapshotLine(msgspec.Struct, frozen=True):
    """One line of the snapshot; display text."""

    concept: str
    """A key of ``CONCEPTS``."""
    text: str
    count: int
    step: int
    """The first step that showed it."""
    latest: int
    """The last step, up to the one asked for, that showed it."""
    mark: Mark | None = None


class _Seen(msgspec.Struct, frozen=True):
    """A step as a concept sees it, and what of it is in focus."""

    exchange: Exchange
    results: tuple[StoreResult, ...]
    """The Set-Cookie lines that this very step tells of."""
    covers: Callable[[str], bool]

    def outcomes(self, *wanted: Outcome) -> int:
        """Return how many Set-Cookie lines came to one of these outcomes."""
        return sum(
            1 for result in self.results if result.outcome in wanted and self.covers(result.name)
        )

    def told(self, status: CookieStatus) -> int:
        """Return how many cookies of the request are of this status."""
        return sum(
            1
            for cookie in self.exchange.request.cookies
            if cookie.status is status and self.covers(cookie.name)
        )

    def reads(self, *, found: bool) -> int:
        """Return how often the app asked for a cookie and found it, or found none."""
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
        """Return how many cookies an answer gave another value than they had."""
        return sum(
            1
            for result in self.results
            if result.outcome is Outcome.REPLACED
            and result.previous is not None
            and result.previous.value != result.value
            and self.covers(result.name)
        )

    def missing(self) -> int:
        """Return how many cookies should have come along and did not."""
        return sum(
            1
            for absent in self.exchange.request.missing
            if absent.status is CookieStatus.MISSING and self.covers(absent.cookie.name)
        )

    def withheld(self) -> int:
        """Return how many cookies rightly stayed behind."""
        return sum(1 for held in self.exchange.request.withheld if self.covers(held.cookie.name))

    def expired(self) -> int:
        """Return how many cookies' time had run out by this request."""
        return sum(
            1
            for removed in self.exchange.request.removed
            if removed.reason == "expired" and self.covers(removed.cookie.name)
        )

    def twins(self) -> int:
        """Return how many names the request carries more than once."""
        names = [c.name for c in self.exchange.request.cookies if self.covers(c.name)]
        return sum(1 for name in set(names) if names.count(name) > 1) if len(names) > 1 else 0


def _first_visit(seen: _Seen) -> int:
    return int(not seen.exchange.request.observed)


def _cross_site(seen: _Seen) -> int:
    return int(seen.exchange.request.context.site is Site.CROSS)


CONCEPTS: Mapping[str, Concept] = MappingProxyType(
    {
        "without-cookies": Concept(
            "A request came without any cookie.",
            "{count} requests came without any cookie.",
            _first_visit,
        ),
        "read-none": Concept(
            "The server asked for a cookie that the request did not bring, and read None.",
            "The server asked {count} times for a cookie that the request did not bring, and "
            "read None.",
            lambda seen: seen.reads(found=False),
        ),
        "set": Concept(
            "An answer gave the client a cookie it did not have: Set-Cookie, then stored.",
            "Answers gave the client {count} cookies it did not have: Set-Cookie, then stored.",
            lambda seen: seen.outcomes(Outcome.CREATED),
            Mark.CHANGED,
            of_answer=True,
        ),
        "sent": Concept(
            "The client brought a stored cookie back by itself.",
            "The client brought stored cookies back by itself, {count} in all.",
            lambda seen: seen.told(CookieStatus.SENT),
            Mark.SENT,
        ),
        "read": Concept(
            "The server read a cookie that the client had brought.",
            "The server read cookies that the client had brought, {count} times.",
            lambda seen: seen.reads(found=True),
        ),
        "refreshed": Concept(
            "An answer set a cookie that the client already had, and nothing changed.",
            "{count} times an answer set a cookie that the client already had, and nothing "
            "changed.",
            lambda seen: seen.outcomes(Outcome.REFRESHED),
            of_answer=True,
        ),
        "changed": Concept(
            "A cookie got another value, in place of the one before.",
            "Cookies got another value, in place of the one before, {count} times.",
            _Seen.values_changed,
            Mark.CHANGED,
            of_answer=True,
        ),
        "deleted": Concept(
            "An answer deleted a cookie, by an expiry in the past.",
            "Answers deleted {count} cookies, by an expiry in the past.",
            lambda seen: seen.outcomes(Outcome.DELETED),
            Mark.CHANGED,
            of_answer=True,
        ),
        "ignored": Concept(
            "A deletion found nothing to delete.",
            "{count} deletions found nothing to delete.",
            lambda seen: seen.outcomes(Outcome.IGNORED),
            of_answer=True,
        ),
        "refused": Concept(
            "The client refused a cookie, by a rule it can name.",
            "The client refused {count} cookies, each by a rule it can name.",
            lambda seen: seen.outcomes(Outcome.REJECTED),
            Mark.REFUSED,
            of_answer=True,
        ),
        "withheld": Concept(
            "The client held a cookie and rightly kept it back.",
            "The client held cookies and rightly kept them back, {count} times.",
            _Seen.withheld,
            Mark.WITHHELD,
        ),
        "expired": Concept(
            "A cookie's time ran out between two requests.",
            "The time of {count} cookies ran out between two requests.",
            _Seen.expired,
            Mark.CHANGED,
        ),
        "missing": Concept(
            "A cookie that should have come along did not.",
            "Cookies that should have come along did not, {count} times.",
            _Seen.missing,
            Mark.MISSING,
        ),
        "unexplained": Concept(
            "A cookie came along that no answer here had set so.",
            "Cookies came along that no answer here had set so, {count} times.",
            lambda seen: seen.told(CookieStatus.UNEXPLAINED),
            Mark.UNEXPLAINED,
        ),
        "twins": Concept(
            "A request carried two cookies of one name.",
            "Requests carried several cookies of one name, {count} times.",
            _Seen.twins,
            Mark.SENT,
        ),
        "cross-site": Concept(
            "Another site caused a request.",
            "Other sites caused {count} requests.",
            _cross_site,
        ),
    }
)
"""What is counted, in the order of the lesson."""

_OF_ANSWER = {name: concept for name, concept in CONCEPTS.items() if concept.of_answer}
_WITHOUT_ROW = (Outcome.REFRESHED, Outcome.IGNORED)
"""Outcomes that the step of the exchange itself tells of."""


class Snapshot(StepBoard):
    """The counts of a growing table, as of any of its steps."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._shown: PlaceIndex[str] = PlaceIndex()

    def lines(self, upto: int | None = None) -> tuple[SnapshotLine, ...]:
        """Return what steps 1 to ``upto`` (None: all), those looked at, have shown.

        In the order of the lesson. Takes time in proportion to the concepts, not
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
        seen = _Seen(exchange, _results(row, exchange), self._table.focus.covers)
        told = CONCEPTS if whole else _OF_ANSWER
        self._shown.record(
            step, [name for name, concept in told.items() for _ in range(concept.counted(seen))]
        )


def _results(row: Row, exchange: Exchange) -> tuple[StoreResult, ...]:
    """Return the Set-Cookie lines that a row tells of."""
    if row.kind is not RowKind.EXCHANGE or exchange.response is None:
        return row.results
    return tuple(
        result for result in exchange.response.set_cookies if result.outcome in _WITHOUT_ROW
    )


def snapshot(table: Table, upto: int | None = None) -> tuple[SnapshotLine, ...]:
    """Return what a table has shown as it is now; a screen keeps a ``Snapshot``."""
    board = Snapshot(table)
    board.update()
    return board.lines(upto)
