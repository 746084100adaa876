"""One exchange as a rule sees it: its cookies in focus, and the lives of the cookies around it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property

import msgspec

from cookietrace.cookies import CookieKey, Outcome, StoreResult, Withheld
from cookietrace.events import CookieRead
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    MissingCookie,
    Note,
    RequestCookie,
    RowKind,
)
from cookietrace.lesson.cookie_histories import ACCEPTED, CookieEvent, CookieHistories
from cookietrace.lesson.prose import valued
from cookietrace.lesson.table import Table


class MomentText(msgspec.Struct, frozen=True):
    """A question with its answer; display text."""

    question: str
    answer: str
    steps: tuple[int, ...]
    """The steps that the answer speaks of, those in focus."""
    advice: str = ""
    """What to do about it, where something should be done."""


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule fired: on what, and how to tell it once somebody asks."""

    subject: Hashable
    """Equal subjects of one rule are one moment, told at the first of its exchanges."""
    write: Callable[[], MomentText | None]
    """Gives the words; None where, seen from the trace's end, there is nothing to tell."""


class Scene:
    """One exchange of a table, with what its rules ask for."""

    def __init__(
        self,
        table: Table,
        histories: CookieHistories,
        exchange: Exchange,
        notes: tuple[Note, ...] = (),
    ) -> None:
        self.table = table
        self.histories = histories
        self.exchange = exchange
        self.number = exchange.number
        self.part = exchange.request
        self.client_id = exchange.request.client_id
        self.mask = table.mask
        self.notes = notes
        """What the trace noted as this request came."""

    @property
    def is_quiet(self) -> bool:
        """True where no cookie has to do with the exchange, so that no rule can fire."""
        part, response = self.part, self.exchange.response
        touched = part.observed or part.withheld or part.missing or part.removed or self.notes
        if touched or (self.exchange.server is not None and self.exchange.server.reads):
            return False
        return response is None or not response.set_cookies

    # --- what is in focus

    @cached_property
    def results(self) -> tuple[StoreResult, ...]:
        """The verdicts on the answer's Set-Cookie lines."""
        response = self.exchange.response
        if response is None:
            return ()
        covers = self.table.focus.covers
        return tuple(result for result in response.set_cookies if covers(result.name))

    @property
    def accepted(self) -> Iterator[StoreResult]:
        """The Set-Cookie lines that the jar took."""
        return (result for result in self.results if result.outcome in ACCEPTED)

    @property
    def replaced(self) -> Iterator[StoreResult]:
        """The Set-Cookie lines that changed a cookie which an earlier one had set."""
        return (
            result
            for result in self.results
            if result.outcome is Outcome.REPLACED
            and result.previous is not None
            and not result.previous.inferred
        )

    @cached_property
    def cookies(self) -> tuple[RequestCookie, ...]:
        """The cookies of the request."""
        covers = self.table.focus.covers
        return tuple(told for told in self.part.cookies if covers(told.name))

    @property
    def sent(self) -> Iterator[RequestCookie]:
        """The cookies of the request that the jar holds."""
        return (told for told in self.cookies if told.status is CookieStatus.SENT)

    @property
    def withheld(self) -> Iterator[Withheld]:
        """The cookies that stayed behind."""
        covers = self.table.focus.covers
        return (held for held in self.part.withheld if covers(held.cookie.name))

    @property
    def missing(self) -> Iterator[MissingCookie]:
        """The cookies that should have come along."""
        covers = self.table.focus.covers
        return (
            absent
            for absent in self.part.missing
            if absent.status is CookieStatus.MISSING and covers(absent.cookie.name)
        )

    @property
    def reads(self) -> Iterator[CookieRead]:
        """What the app asked for, apart from the framework's own question for its session."""
        server = self.exchange.server
        if server is None:
            return iter(())
        covers = self.table.focus.covers
        return (
            read
            for read in server.reads
            if covers(read.name) and not (read.where == "session" and read.value is None)
        )

    # --- steps

    def steps(self, *numbers: int | None) -> tuple[int, ...]:
        """Return the rows of these exchanges that are in focus, refused cookies apart."""
        found = []
        for number in numbers:
            if number is None:
                continue
            exchange = self.table.trace.exchanges[number - 1]
            found += [
                step
                for step in self.table.steps_of(exchange.exchange_id)
                if self.table.trace_row(step).kind is not RowKind.REFUSED
            ]
        return tuple(dict.fromkeys(found))

    def asked(self, number: int | None = None) -> tuple[int, ...]:
        """Return the exchange row of an exchange (default: this one); empty out of focus."""
        exchange = self.exchange if number is None else self.table.trace.exchanges[number - 1]
        return self.table.steps_of(exchange.exchange_id)[:1]

    def refused(self, result: StoreResult) -> tuple[int, ...]:
        """Return the row in which a Set-Cookie of this exchange is refused."""
        return tuple(
            step
            for step in self.table.steps_of(self.exchange.exchange_id)
            if self.table.trace_row(step).kind is RowKind.REFUSED
            and self.table.trace_row(step).results == (result,)
        )[:1]

    def at(self, number: int | None = None) -> str:
        """Return how a text names an exchange: ``step 3``, or ``request 7`` out of focus."""
        told = self.number if number is None else number
        steps = self.asked(told)
        return f"step {steps[0]}" if steps else f"request {told}"

    def stored_at(self, number: int) -> str:
        """Return how a text names the moment at which an exchange's cookies were stored."""
        exchange = self.table.trace.exchanges[number - 1]
        for step in self.table.steps_of(exchange.exchange_id):
            if self.table.trace_row(step).kind is RowKind.STORES:
                return f"step {step}"
        return self.at(number)

    # --- histories

    def set_before(self, key: CookieKey) -> int | None:
        """Return the last exchange before this one that set a cookie."""
        return self.histories.latest(CookieEvent.SET, self.client_id, key, self.number - 1)

    def value(self, value: str) -> str:
        """Return a cookie's value as prose shows it."""
        return valued(value, self.mask)
