"""Both tellings at the same time: the real one here, the imagined one in another process.

The imagined telling needs to know of the real one what its requests sent, and what became of
Set-Cookie lines, to compare. That is little, so it is passed on as both go along: the other process
reads the capture too, and follows a few events behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

from cookietrace.archive import PLAIN, PackedShelf
from cookietrace.errors import CaptureError, EndedError, FormatError
from cookietrace.events import Browser, Capture, Event, Request, Response
from cookietrace.fold.exchange import Exchange, RequestCookie, RequestPart
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.what_if.differences import (
    Difference,
    Line,
    Pairs,
    lines_of,
    pairs_of,
    with_reasons,
)
from cookietrace.lesson.what_if.editor import Step, steps_in, steps_of
from cookietrace.lesson.what_if.imagining import Happened, Told
from cookietrace.lesson.what_if.retelling import (
    Changed,
    Raised,
    known_to_omit,
    packed_from,
    placed,
    refuse_redacted,
    refuse_unknown,
)
from cookietrace.lesson.what_if.scenario import Scenario
from cookietrace.lesson.what_if.sent_oddly import OddCookie, SentOddly, odd_cookies
from cookietrace.stores import Passing
from cookietrace.stores.passed import Passed
from cookietrace.trace import Trace

_TOGETHER: Final = 512
"""Of how many events the other process is told at once."""

_MOST_AHEAD: Final = 64
"""How often it is told before it has done what it was told first."""

_MOST_KNOWN: Final = 1024
"""How many different cookies of requests are remembered."""


class Other(Protocol):
    """The other process, in which an ``Imagining`` has the methods that are called by name.

    Each may raise ``EndedError``.
    """

    def ask(self, name: str, *arguments: object) -> None:
        """Call a method without waiting for what it returns, which ``answer`` returns."""

    def answered(self) -> bool:
        """Return whether ``answer`` would not have to wait."""

    def answer(self) -> Any:
        """Return what the method returned that was asked first; raises what it raised."""


def can_be_told_beside(scenario: Scenario) -> bool:
    """Return whether the imagined telling needs only what is passed on.

    A scenario that is about the cookie of a place needs the real trace.
    """
    return scenario.place is None


class RetoldBeside:
    """Both tellings, the imagined one in another process."""

    def __init__(
        self, real: Trace, asking: _Asking, passed: Passed, without: frozenset[str]
    ) -> None:
        """The other process has been asked what there is to report.

        ``without`` are the exchanges that had no credentials, of which it was not told.
        """
        self.real = real
        self._asking = asking
        self._passed = passed
        self._without = without

    @cached_property
    def _told(self) -> Told:
        """What the other process found out.

        Raises ``EndedError`` if it was of other events: the capture grew, or was cut; or if it told
        of a request as if that had credentials.
        """
        told = self._asking.answer()
        assert isinstance(told, Told)
        if told.passed != self._passed.all:
            raise EndedError("the capture has changed meanwhile")
        changed = [exchange_id for exchange_id, _, _ in told.changed]
        if not self._without.isdisjoint((*told.sent_otherwise, *changed)):
            raise EndedError("a request had no credentials, which was learned too late")
        return told

    @property
    def changed(self) -> Changed:
        """The lines that the scenario changed."""
        return self._told.changed

    @property
    def set_so_already(self) -> bool:
        """Whether a line that the scenario is about says already what it would become."""
        return self._told.set_so_already

    @property
    def sent_otherwise(self) -> frozenset[str]:
        """The exchanges whose requests send other cookies."""
        return self._told.sent_otherwise

    def differences(self) -> list[Difference]:
        """Return what differs."""
        return self._differences

    @cached_property
    def _differences(self) -> list[Difference]:
        return [
            with_reasons(each, self.real.exchange(each.exchange_id))
            if each.before == "not-sent"
            else each
            for each in self._told.differences
            if each.exchange_id not in self._without
        ]

    def raised(self, mask: Mask) -> list[Raised]:  # noqa: ARG002 - the one that it has there
        """Return the problems of the imagined telling."""
        return self._told.raised

    def imagined_exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange as it would have been."""
        self._asking.ask("exchange", exchange_id)
        exchange = self._asking.answer()
        assert isinstance(exchange, Exchange)
        return exchange


def retold_beside(
    events: Iterable[Event], scenario: Scenario, browser: str, other: Other, passing: Passing
) -> RetoldBeside:
    """Return a capture as it was, and as the other process imagines it; as ``retold`` does.

    ``other`` has been made ready. Raises as ``retold`` does; what it returns may raise
    ``EndedError``, and so may this: then nothing was found out.
    """
    events_at = packed_from(events)
    real = Trace(browser, PLAIN if events_at is None else PackedShelf(events_at))
    asking, passed, telling = _Asking(other), Passed(), _Telling(real)
    wanted, later = steps_of(scenario), dict(scenario.later)
    left = _TOGETHER
    without: set[str] = set()
    for event, place in placed(events, lambda every: passing(passed.passing(every))):
        update = real.apply(event, place)
        if isinstance(event, Request):
            if update.exchanges:
                telling.add_request()
        elif isinstance(event, Response):
            if update.exchanges:
                telling.add_response(event.exchange_id)
        elif isinstance(event, Browser):
            if omitted := known_to_omit(event, real):
                without.add(omitted)
        elif isinstance(event, Capture):
            refuse_redacted(event)
        if wanted:
            for step in steps_in(update, wanted):
                if step.label in later and not (step.begins and isinstance(event, Request)):
                    raise EndedError("the time before a step changes, and it has begun")
                wanted.discard(step.label)
                telling.add_step(_TOGETHER - left, step)
        left -= 1
        if not left:
            asking.ask("go_on", telling.taken(_TOGETHER))
            left = _TOGETHER
    asking.ask("go_on", telling.taken(_TOGETHER - left))
    refuse_unknown(wanted, real)
    asking.ask("told")
    return RetoldBeside(real, asking, passed, frozenset(without))


class _Cookies(NamedTuple):
    """What was worked out of the cookies of a request."""

    cookies: tuple[RequestCookie, ...]
    """Kept so that their identity lasts."""
    observed: str
    odd: tuple[OddCookie, ...]
    pairs: Pairs | None
    """None if the header tells them."""


class _Telling:
    """Collects what the other process is to know."""

    def __init__(self, real: Trace) -> None:
        self._exchanges = real.exchanges
        self._known: dict[int, _Cookies] = {}
        """By the identity of the cookies: most requests of a client repeat the one before."""
        self._begin()

    def _begin(self) -> None:
        self._oddly: dict[str, SentOddly] = {}
        self._sent: dict[str, Pairs] = {}
        self._lines: dict[str, tuple[Line, ...]] = {}
        self._steps: dict[int, list[Step]] = {}
        self._automatic: set[str] = set()

    def add_step(self, at: int, step: Step) -> None:
        """Add a step that the event with this index shows."""
        self._steps.setdefault(at, []).append(step)

    def add_request(self) -> None:
        """Add the latest request."""
        part = self._exchanges[-1].request
        observed = part.observed
        known = self._known.get(id(part.cookies))
        if known is None or known.observed != observed:
            known = self._new(part)
        if known.odd or observed != part.expected:
            self._oddly[part.event.exchange_id] = SentOddly(part.expected, known.odd)
        if known.pairs is not None:
            self._sent[part.event.exchange_id] = known.pairs
        if part.housekeeping:
            self._automatic.add(part.event.exchange_id)

    def _new(self, part: RequestPart) -> _Cookies:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        cookies = part.cookies
        pairs = tuple([(each.name, each.value) for each in cookies])
        unlike = None if pairs == pairs_of(part.observed) else pairs
        known = _Cookies(cookies, part.observed, odd_cookies(cookies), unlike)
        self._known[id(cookies)] = known
        return known

    def add_response(self, exchange_id: str) -> None:
        """Add the response of an exchange."""
        exchange = self._exchanges.find(exchange_id)
        response = None if exchange is None else exchange.response
        if response is not None and response.set_cookies:
            self._lines[exchange_id] = lines_of(response)

    def taken(self, count: int) -> Happened:
        """Return what was collected of so many events, and begin anew."""
        found = Happened(
            count, self._oddly, self._sent, self._lines, self._steps, frozenset(self._automatic)
        )
        self._begin()
        return found


class _Asking:
    """Asks the other process one thing after the other, and drops what nobody waits for."""

    def __init__(self, other: Other) -> None:
        self._other = other
        self._waiting = 0
        """How many answers have not been taken."""

    def ask(self, name: str, *arguments: object) -> None:
        """Ask for something; if too much is to be done already, wait until some of it is."""
        while self._waiting and (self._waiting >= _MOST_AHEAD or self._other.answered()):
            self._take()
        self._other.ask(name, *arguments)
        self._waiting += 1

    def _take(self) -> Any:
        self._waiting -= 1
        try:
            return self._other.answer()
        except (CaptureError, FormatError) as error:  # perhaps it reads what is gone by now
            raise EndedError(str(error)) from error

    def answer(self) -> Any:
        """Return what was asked for last."""
        while self._waiting > 1:
            self._take()
        return self._take()
