"""One capture as it is compared: what its requests ask, and the exchanges that differ."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.changes.asked import Asked, asked
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace

Says = tuple[Hashable, ...]
"""What two exchanges may differ in: if it is the same, they need not be read again."""


class Asking(NamedTuple):
    """What the requests of a capture ask, without those that browsers make by themselves."""

    at: list[int]
    """Their indices among the exchanges."""
    clients: list[str]
    """Who asks, by ids of the capture."""
    asked: list[Asked]
    says: list[Says]


class Step(NamedTuple):
    """What an exchange is called."""

    label: str
    """The label of its first step; ``?`` without one."""
    number: int | None


class Journey(Protocol):
    """One of the two captures. Reading its exchanges may raise ``CaptureError``."""

    def asking(self, hosts: Mapping[str, str]) -> Asking:
        """Return what its requests ask; ``hosts`` gives hosts the names that they are known by."""

    def exchanges(self, indices: Sequence[int]) -> list[Exchange]:
        """Return the exchanges at these indices."""

    def steps(self, exchange_ids: Sequence[str]) -> list[Step]:
        """Return what these exchanges are called."""


class TraceJourney:
    """A capture whose trace is at hand."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def asking(self, hosts: Mapping[str, str]) -> Asking:
        """Read each exchange once: those of a long capture are not in memory.

        Equal parts are one object, which takes less memory, and less time to pass on.
        """
        found = Asking([], [], [], [])
        same: dict[Hashable, Says] = {}
        questions: dict[tuple[str, str], Asked] = {}
        clients: dict[str, str] = {}
        for index, each in enumerate(self._trace.exchanges):
            if not each.request.housekeeping:
                says = _says(each, hosts)
                found.at.append(index)
                client_id = each.request.client_id
                found.clients.append(clients.setdefault(client_id, client_id))
                event = each.request.event
                question = questions.get((event.method, event.url))
                if question is None:
                    question = questions[event.method, event.url] = asked(each, hosts)
                found.asked.append(question)
                found.says.append(same.setdefault(says, says))
        return found

    def exchanges(self, indices: Sequence[int]) -> list[Exchange]:
        """Return the exchanges at these indices."""
        return [self._trace.exchanges[index] for index in indices]

    def steps(self, exchange_ids: Sequence[str]) -> list[Step]:
        """Return what these exchanges are called."""
        table = Table(self._trace)
        return [_step(table, each) for each in exchange_ids]


def _step(table: Table, exchange_id: str) -> Step:
    steps = table.steps_of(exchange_id)
    if not steps:
        return Step("?", None)
    return Step(table.label(steps[0]), table.trace_row(steps[0]).number)


def _says(exchange: Exchange, hosts: Mapping[str, str]) -> Says:
    response = exchange.response
    names = tuple(sorted([each.name for each in exchange.request.cookies]))
    if response is None:
        return names, None
    lines: tuple[Hashable, ...] = ()
    if response.set_cookies:
        lines = tuple(
            [(each.name, each.raw.partition(";")[2], each.outcome) for each in response.set_cookies]
        )
        if hosts and any(each.parsed.domain for each in response.set_cookies):
            return names, response.event.status_code, lines, exchange.exchange_id
    return names, response.event.status_code, lines
