"""Makes the events of an imagined telling out of those that were recorded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from cookietrace.archive.kept import EventsAt
from cookietrace.cookies import Outcome, parse_cookie_header, parse_set_cookie
from cookietrace.events import Browser, Event, Headers, Jar, Request, Response, Server
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.what_if.moves import moved_jar, moved_request
from cookietrace.lesson.what_if.scenario import Scenario
from cookietrace.lesson.what_if.sent_oddly import OddCookie, SentOddly, SentOddlyBy
from cookietrace.lesson.what_if.shifted import shifted_headers
from cookietrace.trace import Trace

_replace = msgspec.structs.replace


class StepPassedError(Exception):
    """A step turned out to be of an exchange whose request has been told already."""

    def __init__(self, step: str, exchange_id: str) -> None:
        super().__init__(step)
        self.step, self.exchange_id = step, exchange_id


class LearnedTooLateError(Exception):
    """The browser said of requests that they had no credentials after they were told otherwise."""

    def __init__(self, exchange_ids: frozenset[str]) -> None:
        super().__init__(*sorted(exchange_ids))
        self.exchange_ids = exchange_ids


class Step(NamedTuple):
    """A step that a scenario names."""

    label: str
    exchange_id: str
    begins: bool
    """Whether the event that shows it begins its exchange."""


def steps_in(update: TraceUpdate, wanted: Collection[str]) -> Iterator[Step]:
    """Yield the wanted steps that an event shows in the real telling."""
    for at, row in enumerate(update.rows):
        if row.label in wanted:
            begins = not at and row.exchange_id == update.exchanges[0]
            yield Step(row.label, row.exchange_id, begins)


def steps_of(scenario: Scenario) -> set[str]:
    """Return the steps that a scenario names."""
    if not scenario.by_step:
        return set()
    of_changes = filter(None, [change.exchange_id for change in scenario.changes])
    return {*of_changes, *(step for step, _ in scenario.later)}


class Sending(NamedTuple):
    """The Cookie headers of a request."""

    observed: str
    """In the real telling."""
    header: str
    """In the imagined one; empty for none."""


class Editor:
    """Changes events by a scenario."""

    def __init__(
        self,
        scenario: Scenario,
        oddly: SentOddlyBy,
        real: Trace | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Each event is applied to the real telling before it is changed.

        ``oddly`` says what that knows of its requests. ``real`` is that telling itself, if it is in
        this process: it must be if the scenario names a cookie's place.
        ``without`` are exchanges that are known to have had no credentials: they send no cookies
        in this telling either, and their lines stay as they were, since nothing takes them.
        """
        self._scenario = scenario
        self._oddly = oddly
        self._real = real
        self._without = without
        self._later: dict[str, float] = {}
        for name, seconds in scenario.later:
            self._later[name] = self._later.get(name, 0.0) + seconds
        self._shift = 0.0
        self._shifts: list[tuple[int, float]] = []
        """From which place on everything is so much later."""
        self.sent_otherwise: dict[str, Sending] = {}
        """What the requests send that send other cookies than they did, by their exchanges."""
        self._names = {change.name for change in scenario.changes}
        self._wanted = steps_of(scenario)
        """The steps that are not known yet."""
        self._steps: dict[str, str] = {}
        """A step -> its exchange."""
        self.changed: list[tuple[str, str, str | None]] = []
        self.set_so_already = False
        self._changed: set[str] = set()
        """The exchanges with changed lines."""
        self._became: dict[tuple[str, str, str], str | None] = {}
        """The exchange, the name and the value of each of them -> what it became."""
        self._lost_before: dict[str, set[tuple[str, str]]] = {}
        """What each client sent before that it does not hold in this telling."""
        self.imagined: Trace | None = None
        """The telling as it would have been, once there is one."""

    # --- steps

    @property
    def unknown(self) -> tuple[str, ...]:
        """The steps that have not come so far."""
        return tuple(sorted(self._wanted))

    def saw(self, update: TraceUpdate) -> None:
        """Take what an event did in the real telling.

        Raises ``StepPassedError`` if the time before a step changes, and its exchange has begun.
        """
        if not self._wanted:
            return
        assert self._real is not None
        for step in steps_in(update, self._wanted):
            if step.label in self._later:
                answered = self._real.exchange(step.exchange_id).response is not None
                if answered or not step.begins:
                    raise StepPassedError(step.label, step.exchange_id)
            self.at_step(step)

    def at_step(self, step: Step) -> None:
        """Take of which exchange a step is."""
        self._wanted.discard(step.label)
        self._steps[step.label] = step.exchange_id
        if step.label in self._later:
            self._later[step.exchange_id] = self._later.pop(step.label)

    def _is_only(self, name: str | None, exchange_id: str) -> bool:
        """Return whether a change is of this exchange, or of all."""
        if name is None or not self._scenario.by_step:
            return name in (None, exchange_id)
        return self._steps.get(name) == exchange_id

    def _is_there(self, line: str, exchange_id: str) -> bool:
        """Return whether the cookie that a line sets is the one that the scenario is about."""
        place = self._scenario.place
        if place is None:
            return True
        assert self._real is not None
        exchange = self._real.find(exchange_id)
        return exchange is not None and place.is_of(line, exchange.request.target)

    def told_otherwise(self, without: frozenset[str]) -> bool:
        """Return whether an exchange of these was told as if it had credentials."""
        new = without - self._without
        return not (new.isdisjoint(self.sent_otherwise) and new.isdisjoint(self._changed))

    # --- before an event is applied

    @property
    def changes_all(self) -> bool:
        """Whether nothing is the same in both tellings, from the first event or from here on."""
        other = self._scenario.browser is not None or bool(self._scenario.moves)
        return other or bool(self._shift)

    def may_change(self, event: Event) -> bool:
        """Return whether an event that has not been applied so far may be told otherwise."""
        if isinstance(event, Jar):
            return True  # it puts another fold in the place of a client's
        if isinstance(event, Request):
            if not self._later:
                return False
            return event.exchange_id in self._later or bool(self._wanted)
        if not isinstance(event, Response) or not self._names:
            return False
        lines = [value for name, value in event.headers if name.lower() == "set-cookie"]
        if not any(name in line for line in lines for name in self._names):
            return False
        edited, records, already = self._lines(event)
        del edited
        if already:
            self.set_so_already = True
        return bool(records) or self._may_be_wanted(len(lines))

    def _may_be_wanted(self, lines: int) -> bool:
        """Return whether a step that is not known may be one of the next rows."""
        if not self._wanted:
            return False
        assert self._real is not None
        last = self._real.rows[-1].number if len(self._real.rows) else 0
        return any(
            not step.isdecimal() or (len(step) < 19 and last < int(step) <= last + lines + 1)
            for step in self._wanted
        )

    # --- after it was applied to the real telling

    def edited(self, event: Event, place: int | None = None) -> tuple[Event, ...]:
        """Return what takes the place of an event."""
        if isinstance(event, Request):
            more = self._later.pop(event.exchange_id, 0.0)
            if more:
                self._shift += more
                self._shifts.append((-1 if place is None else place, self._shift))
        elif isinstance(event, Browser):
            return ()  # it said so of what it did, not of what it would have done
        elif isinstance(event, Browser | Server) and event.exchange_id in self.sent_otherwise:
            return ()  # the app would have read other cookies
        elif isinstance(event, Browser) and event.exchange_id in self._changed:
            return ()  # the browser would say something else
        if isinstance(event, Response) and self._names:
            event, records, already = self._lines(event)
            self.changed += records
            self._changed.update(name for name, _, _ in records)
            for name, before, after in () if event.exchange_id in self._without else records:
                parsed = parse_set_cookie(before)
                self._became[name, parsed.name, parsed.value] = after
            self.set_so_already = self.set_so_already or already
        return (self._moved(event, self._shift),)

    def imagine(self, event: Request, observed: str, expected: str) -> Request:
        """Return a request, which sent ``observed``, with what the imagined jar predicts.

        What the real client sent besides what its jar predicted, or left out of that, it sends or
        leaves out here too; except what it held only because of a line that is another here.
        """
        if event.exchange_id in self._without:
            return event
        odd = self._oddly(event.exchange_id)
        if odd is None:  # it sent all that its jar predicted, and nothing else
            header = observed if expected == observed else _as_predicted(expected)
        else:
            header = self._oddly_sent(odd, event.client_id, observed, expected)
        if header == observed:
            return event
        self.sent_otherwise[event.exchange_id] = Sending(observed, header)
        return _with_cookies(event, header)

    def _oddly_sent(self, real: SentOddly, client_id: str, observed: str, expected: str) -> str:
        lost = self._lost(real, client_id)
        lost = lost.difference(_pairs(expected)) if lost else lost
        if observed == real.expected:
            return _as_predicted(expected) if lost or expected != observed else observed
        if not lost and expected == real.expected:
            return observed
        before, seen = _pairs(real.expected), _pairs(observed)
        added = {
            name: value
            for name, value in seen
            if (name, value) not in before and (name, value) not in lost
        }
        kept = [
            pair
            for pair in _pairs(expected)
            if pair[0] not in added and (pair in seen or pair not in before)
        ]
        return _header_of([*kept, *added.items()])

    def _lost(self, real: SentOddly, client_id: str) -> set[tuple[str, str]]:
        """Return what the client sent that it does not hold in this telling.

        A client that is no browser keeps what a browser refuses. A browser does not, and neither
        does any client keep what was not set.
        """
        before = self._lost_before.setdefault(client_id, set())
        found: set[tuple[str, str]] = set()
        for each in real.cookies:
            pair = each.name, each.value
            if each.unexplained:
                if self._is_lost(each):
                    found.add(pair)
                    before.add(pair)
                else:
                    before.discard(pair)
            elif pair in before:
                found.add(pair)
        return found

    def _is_lost(self, carried: OddCookie) -> bool:
        if carried.refused_in is not None and self._scenario.browser is not None:
            return True
        origin = carried.refused_in or carried.set_in
        line = (origin or "", carried.name, carried.value)
        if line not in self._became:
            return False
        after = self._became[line]
        if after is None:
            return True
        if carried.refused_in is None or self.imagined is None:
            return False
        exchange = self.imagined.find(carried.refused_in)
        response = None if exchange is None else exchange.response
        return not any(
            each.raw == after and each.outcome is Outcome.REJECTED
            for each in (() if response is None else response.set_cookies)
        )

    def again(self, events_at: EventsAt) -> EventsAt:
        """Return what reads the events of a capture as they are in this telling."""

        def read(places: Sequence[int]) -> list[Event]:
            found = events_at(places)
            shifts = [self._shift_at(place) for place in places]
            if len(found) != len(shifts):
                shifts = [0.0] * len(found)
            return [self._again(event, shift) for event, shift in zip(found, shifts, strict=True)]

        return read

    def _again(self, event: Event, shift: float) -> Event:
        if isinstance(event, Response) and self._names:
            event, _, _ = self._lines(event)
        event = self._moved(event, shift)
        if isinstance(event, Request) and event.exchange_id in self.sent_otherwise:
            event = _with_cookies(event, self.sent_otherwise[event.exchange_id].header)
        return event

    def _shift_at(self, place: int) -> float:
        at = bisect_right(self._shifts, place, key=lambda each: each[0])
        return self._shifts[at - 1][1] if at else 0.0

    # --- how

    def _moved(self, event: Event, shift: float) -> Event:
        """Return an event at its other place and time."""
        moves = self._scenario.moves
        if not (moves or shift):
            return event
        if isinstance(event, Request):
            event = moved_request(event, moves)
        elif isinstance(event, Response):
            headers: Headers = event.headers
            for move in moves:
                headers = move.headers(headers)
            if shift:
                headers = shifted_headers(headers, event.at, shift)
            if headers != event.headers:
                event = _replace(event, headers=headers)
        elif isinstance(event, Jar):
            event = moved_jar(event, moves)
        at = getattr(event, "at", None)
        if shift and at is not None:
            event = _replace(event, at=at + shift)
        return event

    def _lines(self, event: Response) -> tuple[Response, list[tuple[str, str, str | None]], bool]:
        """Return a response with its Set-Cookie lines changed, and what became of each.

        The last result is whether a line said already what it would become.
        """
        headers: list[tuple[str, str]] = []
        records: list[tuple[str, str, str | None]] = []
        already = False
        for name, value in event.headers:
            line: str | None = value
            if name.lower() == "set-cookie":
                for change in self._scenario.changes:
                    if (
                        line is not None
                        and change.name in line
                        and self._is_only(change.exchange_id, event.exchange_id)
                        and change.is_about(line)
                        and self._is_there(value, event.exchange_id)
                    ):
                        before_it, line = line, change.applied_to(line)
                        already = already or line == before_it
                if line != value:
                    records.append((event.exchange_id, value, line))
            if line is not None:
                headers.append((name, line))
        if records and event.exchange_id not in self._without:
            event = _replace(event, headers=tuple(headers))
        return event, records, already


def _with_cookies(event: Request, header: str) -> Request:
    headers = [each for each in event.headers if each[0].lower() != "cookie"]
    if header:
        headers.append(("Cookie", header))
    return _replace(event, headers=tuple(headers))


def _pairs(header: str) -> list[tuple[str, str]]:
    return list(parse_cookie_header(header)) if header else []


def _header_of(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join([f"{name}={value}" if name else value for name, value in pairs])


@lru_cache(maxsize=64)
def _as_predicted(expected: str) -> str:
    """Return a Cookie header as it is sent; most requests of a client repeat the one before."""
    return _header_of(_pairs(expected))
