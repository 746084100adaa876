"""The exchanges of an imagined telling: its own beside the real ones, which it shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from cookietrace.archive import Blocks, Exchanges, PackedList, RowLog
from cookietrace.archive.exchange_codec import EXCHANGE_CODEC
from cookietrace.archive.exchange_log import WHOLE
from cookietrace.archive.kept import EventsAt, Kept, whole
from cookietrace.archive.packed_list import BLOCK
from cookietrace.fold.exchange import Exchange

_TOGETHER = 256
"""How many are read together when one after the other is asked for."""


class ImaginedExchanges(Exchanges):
    """The real exchanges, and instead of some of them their own versions.

    Of its own, the newest are whole; if the capture can be read again, older ones are packed.
    """

    def __init__(
        self,
        real: Exchanges,
        events_at: EventsAt | None,
        blocks: Blocks | None,
        newest: int = WHOLE,
    ) -> None:
        """``events_at`` reads events as they are in this telling."""
        self._real = real
        self._events_at = events_at
        self._newest = newest
        self._length = 0
        self._whole: dict[int, Exchange] = {}
        """Own ones by number, the oldest first."""
        self._places: dict[int, tuple[int, ...]] = {}
        """Where the events of those are."""
        self._kept: PackedList[Kept] | None = None
        if events_at is not None and blocks is not None:
            self._kept = PackedList(EXCHANGE_CODEC, blocks, whole=1, block=BLOCK)
        self._at: dict[int, int] = {}
        """The number of a packed one -> its index."""
        self.rows: RowLog | None = None
        """The rows of this telling, whose numbers may be others."""

    # --- of its own

    @property
    def own(self) -> list[int]:
        """The numbers of those that are not the real ones, in order."""
        return sorted([*self._whole, *self._at])

    def is_own(self, number: int) -> bool:
        """Return whether an exchange is not the real one."""
        return number in self._whole or number in self._at

    def add(self, exchange: Exchange, place: int | None) -> None:
        """Add the next exchange, one of its own."""
        number = exchange.number
        self._length = number
        self._whole[number] = exchange
        self._places[number] = () if place is None else (place,)
        self._pack()

    def keep(self, exchange: Exchange, place: int | None = None) -> None:
        """Put a newer version in its place; from now on it is one of its own."""
        number = exchange.number
        new = () if place is None else (place,)
        at = self._at.get(number)
        if at is not None:
            assert self._kept is not None
            places = (*self._kept[at].places, *new)
            self._kept.replace(at, Kept(exchange, places))
            return
        if number not in self._whole and self._kept is not None:
            # Its places are known to the real telling only. There are few such exchanges.
            self._places[number] = ()
        self._whole[number] = exchange
        self._places[number] = (*self._places.get(number, ()), *new)

    def share(self, number: int) -> None:
        """Have the real one instead of one of its own."""
        self._whole.pop(number, None)
        self._places.pop(number, None)
        self._at.pop(number, None)

    def share_until(self, length: int) -> None:
        """Have the real ones up to this number."""
        self._length = max(self._length, length)

    def _pack(self) -> None:
        if self._kept is None:
            return
        while len(self._whole) > self._newest:
            number = next(iter(self._whole))
            kept = Kept(self._whole.pop(number), self._places.pop(number))
            if not kept.places:  # it began as a real one
                self._whole[number], self._places[number] = kept.exchange, ()
                return
            self._at[number] = len(self._kept)
            self._kept.append(kept)

    # --- as a sequence

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        if isinstance(index, slice):
            return self._read(range(*index.indices(self._length)))
        at = index + self._length if index < 0 else index
        if not 0 <= at < self._length:
            raise IndexError(index)
        own = self._whole.get(at + 1)
        if own is not None:
            return own
        if at + 1 not in self._at:
            return self._renumbered(self._real[at])
        return self._read(range(at, at + 1))[0]

    def __iter__(self) -> Iterator[Exchange]:
        at = 0
        while at < self._length:
            yield from self[at : at + _TOGETHER]
            at += _TOGETHER

    def _read(self, wanted: range) -> list[Exchange]:
        if not self._whole and not self._at:
            found = self._real[wanted.start : wanted.stop : wanted.step]
            return list(map(self._renumbered, found))
        real = iter(self._real[wanted.start : wanted.stop : wanted.step])
        unpacked = self._unpacked([at + 1 for at in wanted if at + 1 in self._at])
        found = []
        for at in wanted:
            shared = next(real)
            own = self._whole.get(at + 1) or unpacked.get(at + 1)
            found.append(self._renumbered(shared) if own is None else own)
        return found

    def _unpacked(self, numbers: Sequence[int]) -> dict[int, Exchange]:
        if not numbers:
            return {}
        assert self._kept is not None
        assert self._events_at is not None
        kept = {number: self._kept[self._at[number]] for number in numbers}
        places = sorted({place for each in kept.values() for place in each.places})
        events: dict[str, list[object]] = {}
        for event in self._events_at(places):
            events.setdefault(getattr(event, "exchange_id", ""), []).append(event)
        return {
            number: whole(each, events.get(each.exchange.exchange_id, ()))  # type: ignore[arg-type]
            for number, each in kept.items()
        }

    def _renumbered(self, exchange: Exchange) -> Exchange:
        """Return a real exchange with its row as it is in this telling."""
        assert self.rows is not None
        index, row = self.rows.first_of(exchange.number), exchange.row
        number, aside = self.rows.label_number_of(index), self.rows.aside_of(index)
        if (row.index, row.number, row.aside) == (index, number, aside):
            return exchange
        row = msgspec.structs.replace(row, index=index, number=number, aside=aside)
        return msgspec.structs.replace(exchange, row=row)

    # --- by id

    def id_of(self, number: int) -> str:
        """Return the id of an exchange by its number. Raises ``IndexError`` if there is none."""
        return self._real.id_of(number)

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an exchange; None if there is none so far."""
        number = self._real.number(exchange_id)
        return number if number is not None and number <= self._length else None
