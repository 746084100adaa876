"""The rows of a trace as columns of numbers: 33 bytes per row, and what a few rows add.

What a row shows of its exchange's response is read there, for as long as that is what it was.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import msgspec

from cookietrace.archive.exchange_log import Exchanges
from cookietrace.archive.packed_list import PackedList
from cookietrace.cookies import StoreResult
from cookietrace.fold.effects import CHANGING
from cookietrace.fold.exchange import Row, RowKind, step_label

_KINDS = tuple(RowKind)
_CODE = {kind: code for code, kind in enumerate(_KINDS)}
_EXCHANGE, _STORES = _CODE[RowKind.EXCHANGE], _CODE[RowKind.STORES]
_REFUTED = _CODE[RowKind.REFUTED]
_OF_REQUEST = RowKind.EXCHANGE
_KEPT = 2**31
"""Added to the number of a row's details, to tell it from that of a line."""


class RowDetails(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a row has that is not in the response of its exchange any more, or never was."""

    results: tuple[StoreResult, ...]
    lines: tuple[int, ...]
    refutes: str | None


class UnreadDetails:
    """Counts what rows add, and keeps none of it."""

    def __init__(self) -> None:
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> RowDetails:
        raise LookupError(f"the details of row number {index} were not kept")

    def append(self, _details: RowDetails) -> None:
        """Count one more."""
        self._length += 1


Details = list[RowDetails] | PackedList[RowDetails] | UnreadDetails


class RowLog(Sequence[Row]):
    """The rows of a trace, in the order in which they were added.

    A ``Row`` is made when it is asked for. One thread may add rows while others read.
    """

    def __init__(self, details: Details, exchanges: Exchanges) -> None:
        """``exchanges`` are those of the rows."""
        self._details = details
        self._of = exchanges
        self._kinds = array("B")
        self._exchanges = array("I")
        self._positions = array("Q")
        self._numbers = array("I")
        self._asides = array("I")
        self._shown = array("I")
        """For a ``refused`` row, the line of its exchange's response that it shows; or for a row of
        any kind, ``_KEPT`` and the number of its details, if the response does not tell them."""
        self._next = array("I")
        """The index of the next row of the same exchange; 0 if there is none."""
        self._firsts = array("I", [0])
        """The index of an exchange's own row, by its number."""
        self._lasts = array("I", [0])

    def __len__(self) -> int:
        return len(self._next)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        code = self._kinds[at]
        results: tuple[StoreResult, ...] = ()
        lines: tuple[int, ...] = ()
        refutes = None
        if code != _EXCHANGE:
            details = self._details_of(at, code)
            results, lines, refutes = details.results, details.lines, details.refutes
        return Row(
            index=at,
            kind=_KINDS[code],
            exchange_id=self._of.id_of(self._exchanges[at]),
            position=self._positions[at],
            results=results,
            refutes=refutes,
            number=self._numbers[at],
            aside=self._asides[at],
            lines=lines,
        )

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def add(self, row: Row, number: int) -> None:
        """Add the next row, of the exchange with this number."""
        index = row.index
        code = shown = 0
        if row.kind is not _OF_REQUEST:
            code = _CODE[row.kind]
            if code == _REFUTED:
                shown = self._kept_as(RowDetails(row.results, row.lines, row.refutes))
            elif code != _STORES:
                shown = row.lines[0]
        self._kinds.append(code)
        self._exchanges.append(number)
        self._positions.append(row.position)
        self._numbers.append(row.number)
        self._asides.append(row.aside)
        self._shown.append(shown)
        if number == len(self._firsts):
            self._firsts.append(index)
            self._lasts.append(index)
        else:
            self._next[self._lasts[number]] = index
            self._lasts[number] = index
        self._next.append(0)

    def pin(self, number: int) -> None:
        """Keep what the rows of an exchange show, before the results of its response change."""
        for at in self.of_exchange(number):
            code = self._kinds[at]
            if code != _EXCHANGE and not self._is_kept(at):
                self._shown[at] = self._kept_as(self._details_of(at, code))

    def _kept_as(self, details: RowDetails) -> int:
        """Keep the details of a row, and return what stands for them among ``_shown``."""
        self._details.append(details)
        return _KEPT + len(self._details) - 1

    def _is_kept(self, at: int) -> bool:
        """Return whether a row's own details are kept."""
        return self._shown[at] >= _KEPT

    def _details_of(self, at: int, code: int) -> RowDetails:
        """Return what a row adds to that of its exchange."""
        line = self._shown[at]
        if line < _KEPT:
            results = self._of.results(self._exchanges[at])
            if code == _STORES:
                lines = tuple([n for n, each in enumerate(results) if each.outcome in CHANGING])
            else:
                lines = (line,)
            shown = tuple([results[line] for line in lines])
            if not self._is_kept(at):  # otherwise the results may be newer ones
                return RowDetails(shown, lines, None)
        return self._details[self._shown[at] - _KEPT]

    # --- columns, which cost next to nothing to read

    def number_of(self, index: int) -> int:
        """Return the number of a row's exchange."""
        return self._exchanges[index]

    def requests_among(self, indices: Iterable[int]) -> list[int]:
        """Return the number of each row's exchange if it is the exchange's own row; otherwise 0."""
        kinds, exchanges = self._kinds, self._exchanges
        return [exchanges[at] if kinds[at] == _EXCHANGE else 0 for at in indices]

    def kind_of(self, index: int) -> RowKind:
        """Return a row's kind."""
        return _KINDS[self._kinds[index]]

    def aside_of(self, index: int) -> int:
        """Return a row's ``aside``, which is 0 unless it is housekeeping."""
        return self._asides[index]

    def position_of(self, index: int) -> int:
        """Return the ordinal of the event that added a row."""
        return self._positions[index]

    def label_number_of(self, index: int) -> int:
        """Return a row's ``number``."""
        return self._numbers[index]

    def label_of(self, index: int) -> str:
        """Return what texts call a row's step."""
        return step_label(self._numbers[index], self._asides[index])

    def first_of(self, number: int) -> int:
        """Return the index of an exchange's own row."""
        return self._firsts[number]

    def of_exchange(self, number: int) -> list[int]:
        """Return the indices of an exchange's rows, in order."""
        found = [self._firsts[number]]
        while following := self._next[found[-1]]:
            found.append(following)
        return found

    def shown(self, start: int, stop: int) -> array[int]:
        """Return the indices of the rows in a range that are not housekeeping."""
        asides = self._asides[start:stop]
        if asides.count(0) == len(asides):
            return array("I", range(start, stop))
        return array("I", [at for at, aside in enumerate(asides, start) if not aside])

    def housekeeping(self, start: int = 0, stop: int | None = None) -> list[int]:
        """Return the numbers of the exchanges that are housekeeping and have a row in a range."""
        asides = self._asides[start:stop]
        if asides.count(0) == len(asides):
            return []
        found = (at for at, aside in enumerate(asides, start) if aside)
        return list(dict.fromkeys([self._exchanges[at] for at in found]))

    def exchanges_until(self, stop: int) -> int:
        """Return the number of the last exchange whose own row is before an index."""
        return bisect_left(self._firsts, stop, lo=1) - 1

    def before(self, position: int) -> int:
        """Return how many rows were added before an event."""
        return bisect_left(self._positions, position, 0, len(self))

    def until(self, position: int) -> int:
        """Return how many rows were added up to and with an event."""
        return bisect_right(self._positions, position, 0, len(self))
