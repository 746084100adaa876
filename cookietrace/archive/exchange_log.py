"""The exchanges of a trace: all of them whole, or only the newest."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, overload

from cookietrace.archive.blocks import Blocks
from cookietrace.archive.exchange_codec import EXCHANGE_CODEC
from cookietrace.archive.exchange_ids import ExchangeIds
from cookietrace.archive.kept import EventsAt, Kept, stripped, whole
from cookietrace.archive.packed_list import BLOCK, PackedList
from cookietrace.cookies import StoreResult
from cookietrace.errors import CaptureError
from cookietrace.events import Event
from cookietrace.fold.exchange import Exchange

WHOLE = 256
"""How many of the newest exchanges stay whole: most of what still changes is among them."""

_CACHED = 256
"""How many others are kept whole after they were read."""

_TOGETHER = 64
"""How many are read together when one after the other is asked for."""


class Exchanges(Sequence[Exchange], ABC):
    """The exchanges of a trace, in the order of their requests; ``number`` is 1 for the first."""

    @abstractmethod
    def add(self, exchange: Exchange, place: int | None) -> None:
        """Add the next exchange, whose request is at this place of the capture."""

    @abstractmethod
    def keep(self, exchange: Exchange, place: int | None = None) -> None:
        """Put a newer version in its place; ``place`` is that of an event that it gained."""

    @abstractmethod
    def id_of(self, number: int) -> str:
        """Return the id of an exchange by its number. Raises ``IndexError`` if there is none."""

    @abstractmethod
    def number(self, exchange_id: str) -> int | None:
        """Return the number of an exchange; None if there is none."""

    def verdicts(self, number: int) -> Exchange:
        """Return an exchange by its number, perhaps without what stays in the capture.

        That is: the headers and bodies of its events, and what a witness or a browser told.
        """
        return self[number - 1]

    def results(self, number: int) -> tuple[StoreResult, ...]:
        """Return the results of the response of an exchange; empty without one."""
        response = self[number - 1].response
        return () if response is None else response.set_cookies

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by its id; None if there is none."""
        number = self.number(exchange_id)
        return None if number is None else self[number - 1]


class ExchangeList(list[Exchange], Exchanges):
    """The plain version: every exchange stays whole."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def add(self, exchange: Exchange, place: int | None) -> None:  # noqa: ARG002
        """Add the next exchange."""
        self._numbers[exchange.request.event.exchange_id] = exchange.number
        self.append(exchange)

    def keep(self, exchange: Exchange, place: int | None = None) -> None:  # noqa: ARG002
        """Put a newer version in its place."""
        self[exchange.number - 1] = exchange

    def id_of(self, number: int) -> str:
        """Return the id of an exchange by its number."""
        return self[number - 1].exchange_id

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an exchange; None if there is none."""
        return self._numbers.get(exchange_id)

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by its id; None if there is none."""
        number = self._numbers.get(exchange_id)
        return None if number is None else self[number - 1]


class ExchangeLog(Exchanges):
    """Exchanges of which the older ones are packed, and read from the capture when asked for.

    Two readings of an older exchange return equal objects, not the same one. One thread may
    change it while others read.
    """

    def __init__(
        self, events_at: EventsAt, blocks: Blocks, *, newest: int = WHOLE, block: int = BLOCK
    ) -> None:
        self._events_at = events_at
        self._kept = PackedList(EXCHANGE_CODEC, blocks, whole=0, block=block)
        self._block = block
        self._most_whole = newest + block
        self._ids = ExchangeIds(self)
        self._whole: tuple[int, list[Exchange]] = (1, [])
        """The newest exchanges, after the number of the first of them: what is before it is packed.
        Nothing is removed from such a list, so another thread may go on with one that it has."""
        self._places: list[list[int]] = []
        """Where the events of those are."""
        self._length = 0
        self._cache: OrderedDict[int, Exchange] = OrderedDict()
        self._versions = 0
        """How often a packed exchange was replaced."""
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_cache", "_lock")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._cache = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        if isinstance(index, slice):
            wanted = range(*index.indices(self._length))
            first, whole = self._whole
            at = wanted.start + 1 - first
            if at >= 0 and wanted.step == 1:
                return whole[at : at + len(wanted)]
            found: list[Exchange] = []
            for start in range(0, len(wanted), _TOGETHER):
                found += self._read([at + 1 for at in wanted[start : start + _TOGETHER]])
            return found
        at = index + self._length if index < 0 else index
        if not 0 <= at < self._length:
            raise IndexError(index)
        first, whole = self._whole
        return whole[at + 1 - first] if at + 1 >= first else self._read([at + 1])[0]

    def __iter__(self) -> Iterator[Exchange]:
        at = 0
        while at < self._length:
            yield from self[at : at + _TOGETHER]
            at += _TOGETHER

    def add(self, exchange: Exchange, place: int | None) -> None:
        """Add the next exchange, whose request is at this place of the capture."""
        number, whole = exchange.number, self._whole[1]
        whole.append(exchange)
        self._places.append([] if place is None else [place])
        self._ids.add(exchange.request.event.exchange_id, number)
        self._length = number
        if len(whole) >= self._most_whole:
            self._pack_oldest()

    def _pack_oldest(self) -> None:
        """Pack a block of exchanges, the oldest of those that are whole."""
        (first, whole), block = self._whole, self._block
        self._kept.append_block(list(map(Kept, whole[:block], map(tuple, self._places[:block]))))
        self._whole = first + block, whole[block:]
        del self._places[:block]

    def keep(self, exchange: Exchange, place: int | None = None) -> None:
        """Put a newer version in its place; ``place`` is that of an event that it gained."""
        number = exchange.number
        first, whole = self._whole
        at = number - first
        if at >= 0:
            whole[at] = exchange
            if place is not None:
                self._places[at].append(place)
            return
        places = self._kept[number - 1].places
        if place is not None:
            places = (*places, place)
        self._kept.replace(number - 1, Kept(stripped(exchange), places))
        with self._lock:
            self._versions += 1
            self._cache.pop(number, None)

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an exchange; None if there is none."""
        return self._ids.number(exchange_id)

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by its id; None if there is none."""
        number = self._ids.newest.get(exchange_id)
        if number is None:
            number = self._ids.number(exchange_id)
            if number is None:
                return None
        first, whole = self._whole
        return whole[number - first] if number >= first else self[number - 1]

    def id_of(self, number: int) -> str:
        """Return the id of an exchange by its number."""
        return self.verdicts(number).request.event.exchange_id

    def results(self, number: int) -> tuple[StoreResult, ...]:
        """Return the results of the response of an exchange, without a look at the capture."""
        response = self.verdicts(number).response
        return () if response is None else response.set_cookies

    def verdicts(self, number: int) -> Exchange:
        """Return an exchange without a look at the capture."""
        first, whole = self._whole
        return whole[number - first] if number >= first else self._kept[number - 1].exchange

    def _events(self, places: Sequence[int]) -> Sequence[Event]:
        """Return the events at these places; none if the capture can no longer be read.

        Who follows the capture finds that out and says it.
        """
        try:
            return self._events_at(places)
        except CaptureError:
            return ()

    def _read(self, numbers: Sequence[int]) -> list[Exchange]:
        """Return exchanges by number, at most a few dozen."""
        versions = self._versions
        found: dict[int, Exchange] = {}
        packed: dict[int, Kept] = {}
        first, whole_ones = self._whole
        for number in numbers:
            if number >= first:
                found[number] = whole_ones[number - first]
                continue
            with self._lock:
                known = self._cache.get(number)
            if known is None:
                packed[number] = self._kept[number - 1]
            else:
                found[number] = known
        if packed:
            wanted = sorted({place for kept in packed.values() for place in kept.places})
            events: dict[str, list[Event]] = {}
            for event in self._events(wanted):
                events.setdefault(getattr(event, "exchange_id", None) or "", []).append(event)
            for number, kept in packed.items():
                found[number] = whole(kept, events.get(kept.exchange.exchange_id, ()))
            with self._lock:
                if self._versions == versions:  # otherwise they may be out of date by now
                    self._cache.update((number, found[number]) for number in packed)
                while len(self._cache) > _CACHED:
                    self._cache.popitem(last=False)
        return [found[number] for number in numbers]
