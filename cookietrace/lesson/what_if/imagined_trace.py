"""A trace of what would have been: the real one, except where it takes another course."""

from __future__ import annotations

from typing import Any

import msgspec

from cookietrace.archive import Blocks, FileBlocks, RequestColumns, Shelf
from cookietrace.archive.kept import EventsAt
from cookietrace.cookies import default_public_suffixes
from cookietrace.events import Event
from cookietrace.fold.client import ClientFold, Imagine
from cookietrace.fold.copying import alike, copied
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.fold.jar_history import JarHistory
from cookietrace.lesson.what_if.imagined_exchanges import ImaginedExchanges
from cookietrace.lesson.what_if.imagined_rows import ImaginedRows
from cookietrace.trace import Trace

_OF_THE_TELLING = frozenset(
    {"exchanges", "rows", "requests", "asked", "_shelf", "_imagine", "_forced", "_last", "_place"}
)
"""What is not copied from the real telling, and need not be equal."""


class ImaginedTrace(Trace):
    """A trace that shares with a real one what is the same in both.

    Together with the real one it ``shares`` everything at first. ``part`` makes it a trace of its
    own, to which events are applied; ``join`` makes it share again. Both take as long as the state
    of the fold is large, whatever came before.
    """

    def __init__(
        self,
        real: Trace,
        browser: str,
        shelf: Shelf,
        imagine: Imagine,
        events_at: EventsAt | None,
    ) -> None:
        """``events_at`` reads the events of the capture as they are in this telling.

        With it, older exchanges of its own are packed.
        """
        super().__init__(browser, shelf, imagine)
        self._real = real
        self._blocks: Blocks | None = None if events_at is None else FileBlocks()
        exchanges = ImaginedExchanges(real.exchanges, events_at, self._blocks)
        self.exchanges: ImaginedExchanges = exchanges
        self.rows: ImaginedRows = ImaginedRows(shelf.details(), exchanges, real.rows)
        self.requests = RequestColumns()
        exchanges.rows = self.rows
        self.shares = True
        """Whether all goes as in the real telling."""
        self._rows_shared = 0
        """How many rows of the real telling have been taken over, or told otherwise."""
        self._changes_shared: dict[str, int] = {}
        """The same for the changes to each client's jar."""
        self._histories: dict[str, JarHistory] = {}

    # --- sharing

    def part(self) -> None:
        """Go on from what the real telling has come to; its events are to be applied from here."""
        if not self.shares:
            return
        self._take_over()
        state = _state_of(self._real)
        folds = self._real._folds
        outside = [(fold.history, self._histories[client_id]) for client_id, fold in folds.items()]
        suffixes = default_public_suffixes()
        for name, value in copied(state, [*outside, (suffixes, suffixes)]).items():
            setattr(self, name, value)
        for fold in self._folds.values():
            fold.imagine = self._imagine
            for name in _unsettled(fold):  # what comes of them may differ
                number = self.exchanges.number(name)
                if number is not None and not self.exchanges.is_own(number):
                    self.rows.keep(number)
                    self.exchanges.keep(self.exchanges[number - 1])
        self.shares = False

    @property
    def agrees(self) -> bool:
        """Whether every later event does the same in both tellings.

        False is no proof.
        """
        real = self._real
        if self._folds.keys() != real._folds.keys() or real.awaits_open:
            return False
        own = _state_of(self)
        if not all(
            alike(own[name], value) for name, value in _state_of(real).items() if name != "_folds"
        ):
            return False
        return all(self._is_like(client_id) for client_id in self._folds)

    def join(self) -> None:
        """Share everything from here on with the real telling, with which this one agrees."""
        for fold in self._real._folds.values():
            for name in _unsettled(fold):
                number = self.exchanges.number(name)
                if number is not None:
                    self.exchanges.share(number)
        self._rows_shared = len(self._real.rows)
        self._histories = {name: fold.history for name, fold in self._folds.items()}
        self._changes_shared = {
            name: len(fold.history.changes) for name, fold in self._real._folds.items()
        }
        self.shares = True

    def late(self, event: Event, place: int | None) -> None:
        """Add what still comes of an exchange, of the time in which everything is shared."""
        exchange = self.exchanges.find(getattr(event, "exchange_id", ""))
        if exchange is not None and self.exchanges.is_own(exchange.number):
            self.apply(event, place)  # what this says about the state is never read: see ``part``

    def _is_like(self, client_id: str) -> bool:
        """Return whether a client's next requests and responses fare the same in both."""
        own, other = self._folds[client_id], self._real._folds[client_id]
        unsettled = _unsettled(own)
        if unsettled != _unsettled(other) or own.profile != other.profile:
            return False
        known = [name for name in unsettled if self.exchanges.number(name) is not None]
        if not all(_same(self.exchange(name), self._real.exchange(name)) for name in known):
            return False
        parts = {name: self.exchange(name).request for name in known if name in own.differing}
        now = self.clock
        saved = own.saved(parts, now), other.saved(parts, now)
        return saved[0] == saved[1] and own.recognised == other.recognised

    # --- what was shared

    def _take_over(self) -> None:
        """Enter the rows and the changes of the real telling since the last time."""
        real = self._real
        self.exchanges.share_until(len(real.exchanges))
        number, aside = self._last
        for index in range(self._rows_shared, len(real.rows)):
            row, of = real.rows[index], real.rows.number_of(index)
            if row.aside:
                aside += 1
            else:
                number, aside = number + 1, 0
            if row.kind is RowKind.EXCHANGE:
                columns = real.requests
                target = columns.target(columns.origin(of))
                self.requests.add(row.position, columns.client(of), target)
            row = msgspec.structs.replace(row, index=len(self.rows), number=number, aside=aside)
            self.rows.add(row, of)
        self._last = number, aside
        self._rows_shared = len(real.rows)
        for client_id, fold in real._folds.items():
            history = self._histories.get(client_id)
            if history is None:
                history = self._histories[client_id] = self._new_history()
            changes = fold.history.changes
            for change in changes[self._changes_shared.get(client_id, 0) :]:
                history.add(change)
            self._changes_shared[client_id] = len(changes)


def _state_of(trace: Trace) -> dict[str, Any]:
    """Return the attributes of a trace that the next events depend on, by name."""
    names = [name for name in Trace.__slots__ if name not in _OF_THE_TELLING]
    return {name: getattr(trace, name) for name in names}


def _unsettled(fold: ClientFold) -> tuple[str, ...]:
    """Return the exchanges that later events may change."""
    return *fold.open, *fold.differing, *fold.doubted


def _same(one: Exchange, other: Exchange) -> bool:
    return one.request == other.request and one.response == other.response
