"""What is made of each exchange's verdicts, by one pass over a capture that keeps no more of it.

Somebody who prints verdicts needs each exchange once. So an exchange is forgotten as soon as
something has been made of it, unless it is one that later events are likely to change. If an event
is about one that has been forgotten, all is read once more, and everything is kept.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, overload

from cookietrace.archive import Blocks, FileBlocks, PackedList, VerdictShelf
from cookietrace.archive.exchange_codec import EXCHANGE_CODEC
from cookietrace.archive.exchange_ids import ExchangeIds
from cookietrace.archive.exchange_log import Exchanges
from cookietrace.archive.kept import EventsAt, Kept, stripped, whole
from cookietrace.archive.packed_list import BLOCK, Codec
from cookietrace.archive.row_log import RowLog, UnreadDetails
from cookietrace.cookies import Standing
from cookietrace.errors import CaptureError
from cookietrace.events import Body, Event, Server
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, TraceUpdate
from cookietrace.follow import judged
from cookietrace.lesson.made_early import MadeEarly
from cookietrace.stores import Passing, StoredEvents
from cookietrace.trace import Trace

Item = TypeVar("Item")

_NEWEST = 256
"""How many of the newest exchanges stay whole. Fewer of them are in the processor's cache."""

_BESIDE_VERDICTS = (Body, Server)
"""The events on which no verdict depends."""

Paged = Callable[[MadeEarly[Any]], None]
"""Looks at what has been made; of another object than before if all is read once more."""


def _nothing(_early: MadeEarly[Any]) -> None:
    """Do nothing."""


def made_of_verdicts(
    events: Iterable[Event],
    make: Callable[[Exchange, BrowserWord], Item],
    codec: Codec[Item],
    browser: str = "auto",
    passing: Passing = iter,
    *,
    newest: int = _NEWEST,
    page: int = BLOCK,
) -> tuple[Trace, Iterator[list[Item]]]:
    """Return a trace whose exchanges may be gone, and what was made of them, page by page.

    Arguments and errors are those of ``made_early_of_verdicts``; the pages may raise as well.
    """
    trace, early = made_early_of_verdicts(
        events, make, codec, browser, passing, newest=newest, page=page
    )
    return trace, early.pages(trace)


def made_early_of_verdicts(
    events: Iterable[Event],
    make: Callable[[Exchange, BrowserWord], Item],
    codec: Codec[Item],
    browser: str = "auto",
    passing: Passing = iter,
    *,
    newest: int = _NEWEST,
    page: int = BLOCK,
    paged: Paged = _nothing,
) -> tuple[Trace, MadeEarly[Item]]:
    """Return a trace whose exchanges may be gone, and what was made of them.

    ``make`` depends on the verdicts on an exchange, and on what browsers said beside it, alone: the
    exchange has no bodies, and nothing that the server saw. All events go through ``passing``, in
    order, and perhaps twice. ``newest`` and ``page`` are as for ``MadeEarly``; ``paged`` is called
    whenever that has made one more page. Raises as reading the events does.
    """
    if isinstance(events, StoredEvents):
        try:
            early = MadeEarly(make, codec, newest=newest, page=page)
            return _judged_once(events, early, browser, passing, paged), early
        except ForgottenError:
            pass
    early = MadeEarly(make, codec, newest=newest, page=page)

    def watch(trace: Trace, update: TraceUpdate) -> None:
        if early.watch(trace, update):
            paged(early)

    return judged(events, watch, browser, passing), early


def _judged_once(
    events: StoredEvents, early: MadeEarly[Item], browser: str, passing: Passing, paged: Paged
) -> Trace:
    """Return a trace that forgets exchanges, or raise ``ForgottenError`` if it must not."""
    shelf = _Shelf(events.events_at)
    trace = Trace(browser, shelf)
    trace.rows = _CountedRows(trace.exchanges)
    apply, pass_over, watch, leave = trace.apply, trace.pass_over, early.watch, shelf.recent.leave
    for event, place in events.placed(passing):
        if isinstance(event, _BESIDE_VERDICTS):
            pass_over(event)
        elif watch(trace, apply(event, place)):
            leave(early.made)
            paged(early)
    return trace


class ForgottenError(Exception):
    """Something is asked for that is no longer there."""


class _Shelf(VerdictShelf):
    """The same for one trace of which nobody asks for older exchanges that are finished."""

    def __init__(self, events_at: EventsAt) -> None:
        super().__init__(events_at)
        self.recent = RecentExchanges(events_at, FileBlocks())

    def exchanges(self) -> Exchanges:
        """Return the list of exchanges, which is empty at first."""
        return self.recent


class _CountedRows(RowLog):
    """Rows that are counted, and not kept."""

    def __init__(self, exchanges: Exchanges) -> None:
        super().__init__(UnreadDetails(), exchanges)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, _row: Row, _number: int) -> None:
        """Count the next row."""
        self._count += 1

    def pin(self, _number: int) -> None:
        """Do nothing: of the rows of an exchange nothing is kept."""


class RecentExchanges(Exchanges):
    """The newest exchanges, and of the others those that most likely are not finished.

    Those are packed. Whatever asks for another one raises ``ForgottenError``.
    """

    def __init__(self, events_at: EventsAt, blocks: Blocks) -> None:
        """``events_at`` reads the capture that the exchanges are of."""
        self._events_at = events_at
        self._whole: dict[int, Exchange] = {}
        """The newest exchanges by number."""
        self._places: dict[int, list[int]] = {}
        """Where the events of those are."""
        self._numbers: dict[str, int] = {}
        """The numbers of the newest, by id."""
        self._packed = PackedList(EXCHANGE_CODEC, blocks, whole=1)
        self._unfinished: dict[int, int] = {}
        """The numbers of older exchanges that were kept, and their places in that list."""
        self._ids = ExchangeIds(self)
        """The ids of those."""
        self._forgotten = _Ids()
        self._length = 0
        self._left = 0
        """How many were packed or forgotten: the first ones."""

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        if isinstance(index, slice):
            return [self._read(at + 1) for at in range(*index.indices(self._length))]
        at = index + self._length if index < 0 else index
        if not 0 <= at < self._length:
            raise IndexError(index)
        return self._read(at + 1)

    def add(self, exchange: Exchange, place: int | None) -> None:
        """Add the next exchange, whose request is at this place of the capture."""
        number = exchange.number
        self._places[number] = [] if place is None else [place]
        self._whole[number] = exchange
        self._numbers[exchange.exchange_id] = number
        self._length = number

    def leave(self, until: int) -> None:
        """Pack or forget the oldest exchanges, up to this number."""
        for number in range(self._left + 1, until + 1):
            exchange, places = self._whole.pop(number), self._places.pop(number)
            exchange_id = exchange.request.event.exchange_id
            del self._numbers[exchange_id]
            if _is_finished(exchange):
                self._forgotten.add(exchange_id)
            else:
                self._unfinished[number] = len(self._packed)
                self._packed.append(Kept(exchange, tuple(places)))
                self._ids.add(exchange_id, number)
        self._left = until

    def keep(self, exchange: Exchange, place: int | None = None) -> None:
        """Put a newer version in its place; ``place`` is that of an event that it gained."""
        number = exchange.number
        if number in self._whole:
            self._whole[number] = exchange
            if place is not None:
                self._places[number].append(place)
            return
        at = self._unfinished[number]  # it was read before it was changed
        places = self._packed[at].places
        if place is not None:
            places = (*places, place)
        self._packed.replace(at, Kept(stripped(exchange), places))

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an exchange; None if there is none."""
        known = self._numbers.get(exchange_id)
        if known is None and self._unfinished:
            known = self._ids.number(exchange_id)
        if known is None and exchange_id in self._forgotten:
            raise ForgottenError
        return known

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by its id; None if there is none."""
        number = self.number(exchange_id)
        if number is None:
            return None
        known = self._whole.get(number)
        return known if known is not None else self._read(number)

    def id_of(self, number: int) -> str:
        """Return the id of an exchange by its number."""
        known = self._whole.get(number)
        return (known if known is not None else self._kept(number).exchange).exchange_id

    def _kept(self, number: int) -> Kept:
        """Return an older exchange as it was packed."""
        at = self._unfinished.get(number)
        if at is None:
            raise ForgottenError
        return self._packed[at]

    def _read(self, number: int) -> Exchange:
        """Return an exchange, with the events that it has in the capture."""
        known = self._whole.get(number)
        if known is not None:
            return known
        kept = self._kept(number)
        try:
            events = self._events_at(kept.places)
        except CaptureError:
            events = ()
        return whole(kept, events)


_FRESH = 4096
_MARKS = 1 << 24


class _Ids:
    """A growing set of ids, in 8 bytes each: of their hashes, which are equal for equal ids only.

    It is right to say about another id that it is there, and improbable: that costs a second pass.
    """

    def __init__(self) -> None:
        self._fresh: set[int] = set()
        self._runs: list[array[int]] = []
        """Sorted, the longest first; each is longer than the next one."""
        self._marks = bytearray(_MARKS // 8)
        """A bit for each of the last bits of a hash: most ids that are asked for are new."""

    def add(self, exchange_id: str) -> None:
        """Add an id."""
        name = hash(exchange_id)
        self._fresh.add(name)
        mark = name % _MARKS
        self._marks[mark >> 3] |= 1 << (mark & 7)
        if len(self._fresh) >= _FRESH:
            run = sorted(self._fresh)
            self._fresh = set()
            while self._runs and len(self._runs[-1]) <= len(run):
                run = sorted([*self._runs.pop(), *run])
            self._runs.append(array("q", run))

    def __contains__(self, exchange_id: str) -> bool:
        name = hash(exchange_id)
        mark = name % _MARKS
        if not self._marks[mark >> 3] & 1 << (mark & 7):
            return False
        return name in self._fresh or any(_is_in(name, run) for run in self._runs)


def _is_in(name: int, run: array[int]) -> bool:
    at = bisect_left(run, name)
    return at < len(run) and run[at] == name


def _is_finished(exchange: Exchange) -> bool:
    """Return whether later events are unlikely to change an exchange.

    They may bring its response, show what the client did with a line of it, or set what its
    Cookie header had or lacked.
    """
    part, response = exchange.request, exchange.response
    if part.observed != part.expected and (
        part.missing or any(each.status is not CookieStatus.SENT for each in part.cookies)
    ):
        return False
    if response is None:
        return exchange.failure is not None
    return all(result.standing is not Standing.UNCONFIRMED for result in response.set_cookies)
