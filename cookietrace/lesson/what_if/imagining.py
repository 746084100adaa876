"""Tells a capture as it would have been, in the other process: see ``retold_beside``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from cookietrace.archive import PLAIN, PackedShelf
from cookietrace.events import Event
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.what_if.differences import (
    Difference,
    Line,
    Pairs,
    pairs_of,
    sent_otherwise,
    set_otherwise,
)
from cookietrace.lesson.what_if.editor import Editor, Step
from cookietrace.lesson.what_if.retelling import Changed, Raised, packed_from, placed, raised
from cookietrace.lesson.what_if.scenario import Scenario
from cookietrace.lesson.what_if.sent_oddly import SentOddly
from cookietrace.stores.passed import Passed
from cookietrace.trace import Trace


class Happened(NamedTuple):
    """What the imagined telling is to know of the next events of the real one."""

    events: int
    """How many there are."""
    oddly: dict[str, SentOddly]
    sent: dict[str, Pairs]
    """What requests sent; of those whose Cookie header does not tell it."""
    lines: dict[str, tuple[Line, ...]]
    """What became of the lines of responses; of those that have some."""
    steps: dict[int, list[Step]]
    """Which steps the events show that the scenario names; by the index of the event."""
    automatic: frozenset[str]
    """The exchanges whose requests the browser makes by itself."""


class Told(NamedTuple):
    """What there is to report of the imagined telling."""

    passed: tuple[int, list[Event]]
    """Which events it was told of, as ``Passed`` has it."""
    changed: Changed
    set_so_already: bool
    sent_otherwise: frozenset[str]
    differences: list[Difference]
    """In the order of a report."""
    raised: list[Raised]


class Imagining:
    """The imagined telling in the other process, a few events behind the real one."""

    def __init__(
        self, events: Iterable[Event], scenario: Scenario, browser: str, mask: Mask
    ) -> None:
        """The first three are as for ``retold``; the scenario names no cookie's place."""
        self._oddly: dict[str, SentOddly] = {}
        self._editor = Editor(scenario, lambda exchange_id: self._oddly.get(exchange_id))
        events_at = packed_from(events)
        shelf = PLAIN if events_at is None else PackedShelf(self._editor.again(events_at))
        self._imagined = Trace(scenario.browser or browser, shelf, self._editor.imagine)
        self._editor.imagined = self._imagined
        self._mask = mask
        self._passed = Passed()
        self._events = placed(events, self._passed.passing)
        self._automatic: set[str] = set()
        self._requests: list[tuple[int, list[Difference]]] = []
        self._responses: list[tuple[int, list[Difference]]] = []
        """By the numbers of exchanges: in what those differ."""

    def go_on(self, happened: Happened) -> None:
        """Tell of the next events, and compare with what happened. Raises as reading them does."""
        editor, imagined = self._editor, self._imagined
        apply, edited, requests = imagined.apply, editor.edited, editor.sent_otherwise
        self._oddly = happened.oddly
        self._automatic |= happened.automatic
        before = len(requests)
        for at, (event, place) in enumerate(islice(self._events, happened.events)):
            for step in happened.steps.get(at, ()):
                editor.at_step(step)
            told = edited(event, place)
            for one in told:
                apply(one, place)
            if not told:
                imagined.pass_over(event)
        for exchange_id in islice(requests, before, None):
            pairs = happened.sent.get(exchange_id)
            if pairs is None:
                pairs = pairs_of(requests[exchange_id].observed)
            other, automatic = self._exchange(exchange_id)
            found = list(sent_otherwise(pairs, other.request, automatic=automatic))
            self._requests.append((other.number, found))
        for exchange_id, lines in happened.lines.items():
            other, automatic = self._exchange(exchange_id)
            if found := list(set_otherwise(lines, other, automatic=automatic)):
                self._responses.append((other.number, found))

    def told(self) -> Told:
        """Return what there is to report, after the last event."""
        next(self._events, None)  # there is no more, if both have read the same
        parts = [*self._requests, *self._responses]  # sorting keeps the order of equals
        parts.sort(key=lambda part: part[0])
        return Told(
            self._passed.all,
            tuple(self._editor.changed),
            self._editor.set_so_already,
            frozenset(self._editor.sent_otherwise),
            [each for _, found in parts for each in found],
            raised(self._imagined, self._mask),
        )

    def exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange as it would have been."""
        return self._imagined.exchange(exchange_id)

    def _exchange(self, exchange_id: str) -> tuple[Exchange, bool]:
        return self._imagined.exchange(exchange_id), exchange_id in self._automatic
