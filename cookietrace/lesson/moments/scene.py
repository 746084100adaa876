"""One exchange as the rules see it: its cookies in focus, and what happened to them before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from itertools import islice

import msgspec

from cookietrace.cookies import CookieKey, Outcome, StoreResult, Withheld, default_path
from cookietrace.events import CookieRead
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    MissingCookie,
    Note,
    RequestCookie,
    ResponsePart,
    RowKind,
)
from cookietrace.lesson.cookie_histories import ACCEPTED, CookieHistories
from cookietrace.lesson.host_hops import may_hop
from cookietrace.lesson.moments.grades import Grade
from cookietrace.lesson.needed import Lost, Need, Needs, failure_of, need_of
from cookietrace.lesson.prose import valued
from cookietrace.lesson.table import Table

MOST_SIBLINGS = 8
"""How many cookies of other hosts a note on a host's first request names."""


class MomentText(msgspec.Struct, frozen=True):
    """A question and its answer; display text."""

    question: str
    answer: str
    steps: tuple[int, ...]
    """The steps in focus that the answer refers to."""
    advice: str = ""
    """What to do about it; empty if nothing needs to be done."""


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule that matched: on what, and how to write the text when it is needed."""

    subject: Hashable
    """Matches of a rule with equal subjects are one moment, described at the worst exchange."""
    write: Callable[[], MomentText | None]
    """Returns the text; None if the rest of the trace leaves nothing to say."""
    grade: Callable[[], Grade] | None = None
    """Returns how much it matters; None for a note."""
    alike: Hashable | None = None
    """Notes of a rule that are equally alike are one question, with a list of their cookies; None
    for those that ask the same words at the same step."""


class Scene:
    """One exchange of a table, with what the rules need."""

    def __init__(
        self,
        table: Table,
        histories: CookieHistories,
        exchange: Exchange,
        notes: tuple[Note, ...],
        needs: Needs,
    ) -> None:
        self.table = table
        self.histories = histories
        self.needs = needs
        self.exchange = exchange
        self.number = exchange.number
        self.part = exchange.request
        self.client_id = exchange.request.client_id
        self.mask = table.mask
        self.notes = notes
        """The trace's notes at this request."""

    @property
    def is_quiet(self) -> bool:
        """True if the exchange involves no cookie, so no rule can match."""
        part, response = self.part, self.exchange.response
        if part.observed or part.withheld or part.missing or part.removed or self.notes:
            return False
        if response is not None and (response.set_cookies or self._may_lack(response)):
            return False
        if self.exchange.server is not None and self.exchange.server.reads:
            return False
        if self.histories.is_first_counting(self.exchange):
            return False
        return not may_hop(self.table.trace, self.exchange)

    def _may_lack(self, response: ResponsePart) -> bool:
        """Return whether a response may fail for lack of a cookie of another host."""
        return self.part.withheld_elsewhere > 0 and response.status_code >= 300

    # --- what is in focus

    @cached_property
    def results(self) -> tuple[StoreResult, ...]:
        """The verdicts on the response's Set-Cookie lines."""
        response = self.exchange.response
        if response is None:
            return ()
        covers = self.table.focus.covers
        return tuple(result for result in response.set_cookies if covers(result.name))

    @property
    def accepted(self) -> Iterator[StoreResult]:
        """The Set-Cookie lines that the jar accepted."""
        return (result for result in self.results if result.outcome in ACCEPTED)

    @property
    def replaced(self) -> Iterator[StoreResult]:
        """The Set-Cookie lines that changed a cookie set by an earlier one."""
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
        return tuple(cookie for cookie in self.part.cookies if covers(cookie.name))

    @property
    def sent(self) -> Iterator[RequestCookie]:
        """The cookies of the request that the jar holds."""
        return (cookie for cookie in self.cookies if cookie.status is CookieStatus.SENT)

    @property
    def withheld(self) -> Iterator[Withheld]:
        """The cookies that were withheld."""
        covers = self.table.focus.covers
        return (held for held in self.part.withheld if covers(held.cookie.name))

    @property
    def first_elsewhere(self) -> Iterator[Withheld]:
        """The first cookies of other hosts, at the client's first request that counts some."""
        if not self.histories.is_first_counting(self.exchange):
            return iter(())
        covers = self.table.focus.covers
        found = (
            one for one in self.histories.siblings.of(self.exchange) if covers(one.cookie.name)
        )
        return islice(found, MOST_SIBLINGS)

    @cached_property
    def lacked(self) -> tuple[Withheld, ...]:
        """The cookies that were withheld, in focus or not, oldest first.

        Those of other hosts of the site are among them if the app here may have looked for them:
        it asked for the name or set it, or it turned the request away.
        """
        part, response, server = self.part, self.exchange.response, self.exchange.server
        if not part.withheld_elsewhere:
            return part.withheld
        names = {read.name for read in server.reads} if server is not None else set()
        names |= {result.name for result in response.set_cookies} if response is not None else set()
        whatever = failure_of(self.exchange) is not None
        if not names and not whatever:
            return part.withheld
        elsewhere = [
            held
            for held in self.histories.siblings.of(self.exchange)
            if whatever or held.cookie.name in names
        ]
        return tuple(sorted((*part.withheld, *elsewhere), key=_oldest))

    @property
    def missing(self) -> Iterator[MissingCookie]:
        """The cookies that should have been sent but were not."""
        covers = self.table.focus.covers
        return (
            absent
            for absent in self.part.missing
            if absent.status is CookieStatus.MISSING and covers(absent.cookie.name)
        )

    @property
    def reads(self) -> Iterator[CookieRead]:
        """The app's reads, without a framework's own read of a session that is not there."""
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
        """Return the requests and the storing rows of these exchanges that are in focus."""
        found = [step for number in numbers if number is not None for step in self._main(number)]
        return tuple(dict.fromkeys(found))

    def _main(self, number: int) -> tuple[int, ...]:
        """Return the same of one exchange, worked out once for all of its moments."""
        if number not in self._main_steps:
            exchange = self.table.trace.exchanges[number - 1]
            self._main_steps[number] = tuple(
                step
                for step in self.table.steps_of(exchange.exchange_id)
                if self.table.trace_row(step).kind in (RowKind.EXCHANGE, RowKind.STORES)
            )
        return self._main_steps[number]

    @cached_property
    def _main_steps(self) -> dict[int, tuple[int, ...]]:
        return {}

    def request_step(self, number: int | None = None) -> tuple[int, ...]:
        """Return the step of an exchange's own row (default: this one); empty if out of focus."""
        exchange = self.exchange if number is None else self.table.trace.exchanges[number - 1]
        return self.table.steps_of(exchange.exchange_id)[:1]

    def refused_step(self, result: StoreResult) -> tuple[int, ...]:
        """Return the step in which a Set-Cookie of this exchange is refused; empty if none."""
        step = self._refused_steps.get(id(result))
        return () if step is None else (step,)

    @cached_property
    def _refused_steps(self) -> dict[int, int]:
        """The steps of the refused lines of this exchange, by the identity of their results."""
        response = self.exchange.response
        if response is None:
            return {}
        rows = {
            step: self.table.trace_row(step)
            for step in self.table.steps_of(self.exchange.exchange_id)
        }
        return {
            id(response.set_cookies[row.lines[0]]): step
            for step, row in reversed(rows.items())
            if row.kind is RowKind.REFUSED
        }

    def at(self, number: int | None = None) -> str:
        """Return what texts call an exchange, e.g. ``step 3``, whether it is in focus or not."""
        exchange = self.exchange if number is None else self.table.trace.exchanges[number - 1]
        return f"step {exchange.row.label}"

    def refused_at(self, result: StoreResult) -> str:
        """Return the name of the step in which a Set-Cookie of this exchange is refused."""
        step = self.refused_step(result)
        return f"step {self.table.label(step[0])}" if step else self.at()

    def stored_at(self, number: int) -> str:
        """Return the name of the step in which an exchange's cookies were stored."""
        exchange = self.table.trace.exchanges[number - 1]
        for step in self.table.steps_of(exchange.exchange_id):
            if self.table.trace_row(step).kind is RowKind.STORES:
                return f"step {self.table.label(step)}"
        return self.at(number)

    # --- histories

    def set_before(self, key: CookieKey) -> int | None:
        """Return the exchange whose response was the last to set a cookie before this request."""
        return self.histories.set_by(self.client_id, key, self.part.position)

    def had_response(self, number: int) -> bool:
        """Return whether the response of an exchange was committed before this request."""
        response = self.table.trace.exchanges[number - 1].response
        return response is not None and response.position < self.part.position

    def replaced_from(self, key: CookieKey) -> int | None:
        """Return the exchange whose response set what this response found in the jar."""
        response = self.exchange.response
        position = self.part.position if response is None else response.position
        return self.histories.set_by(self.client_id, key, position)

    # --- evidence

    def need_here(self, name: str, key: CookieKey | None = None) -> Need | None:
        """Return what shows that this request needed a cookie that it did not have."""
        return need_of(self.exchange, name, key)

    def need_later(self, name: str, domain: str | None, path: str | None) -> Need | None:
        """Return what shows later that a cookie was needed that this response did not give.

        ``domain`` and ``path`` are those of the Set-Cookie line.
        """
        response = self.exchange.response
        if response is None:
            return None
        target = self.part.target
        again = self.histories.given_after(self.client_id, name, response.position)
        return self.needs.of(
            Lost(
                client_id=self.client_id,
                name=name,
                setter=target,
                domain=(domain or "").lstrip(".").lower() or None,
                path=path or default_path(target.path),
                position=response.position,
                until=again,
            )
        )

    @property
    def asked(self) -> str | None:
        """The profile that was asked for; None if none was, or if the verdicts are older."""
        asked = self.table.trace.asked
        return asked if asked == self.part.profile else None

    def kept_anyway(self, result: StoreResult) -> Exchange | None:
        """Return the first request that sends a cookie which this response set and was refused."""
        return self.needs.kept(self.exchange.exchange_id, result.name)

    def consequence(self, need: Need | None, what: str = "it", *, doubtful: bool = False) -> str:
        """Return what the loss of a cookie led to, as a sentence after others; empty if nothing.

        ``doubtful`` means that the evidence may be about something else.
        """
        if need is None:
            return ""
        needed = f" The app {'may have ' if doubtful else ''}needed {what}"
        if need.number == self.number:
            return f"{needed}: {need.clause}."
        return f"{needed} in {self.at(need.number)}: {need.clause}."

    def value(self, value: str) -> str:
        """Return a cookie's value as prose shows it."""
        return valued(value, self.mask)


def _oldest(held: Withheld) -> tuple[float, int]:
    return held.cookie.created_at, held.cookie.sequence
