"""Finds the number of an exchange by its id, in 8 bytes per exchange."""

from __future__ import annotations

import secrets
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain
from typing import Any, Protocol

_NEWEST = 4096
"""How many of the newest ids stay in a dictionary."""

_MOST_NEWEST = 2 * _NEWEST
"""How many ids it may have before the others are moved to an array."""

_LONGEST_RUN = 1 << 16
"""How long an array may become, since making one takes as long as keys have to wait for it."""

_MARKS = 1 << 24
"""How many marks tell which older ids are there: as many bits."""

_BITS = tuple([1 << bit for bit in range(8)])

_NUMBER_BITS = 28
_NUMBER = (1 << _NUMBER_BITS) - 1
"""Numbers take 28 bits of an entry, and 36 bits of the id's hash the rest."""


class Named(Protocol):
    """Knows ids by number."""

    def id_of(self, number: int) -> str:
        """Return the id of a number."""


class ExchangeIds:
    """An index from ids to numbers, which rise.

    The newest ids are in a dictionary. Older ones are in sorted arrays of a hash and the number;
    four of one length become one, up to a limit, so that there are few of them. A hash that fits is
    checked against the id itself. The hash has a secret key, so that nobody can make ids that
    collide.

    Most ids that are asked for are new ones. Marks by Python's own hash, which a string keeps,
    show that of nearly all of them; they are of one process only.
    """

    def __init__(self, names: Named) -> None:
        """``names`` knows the id of each number that was added."""
        self._names = names
        self.newest: dict[str, int] = {}
        """The newest ids, all that there are of them at first."""
        self._runs: tuple[array[int], ...] = ()
        """The longest first."""
        self._key = secrets.token_bytes(16)
        self._keyed: Any = None
        """The hash of nothing with that key, which has to be worked in only once."""
        self._marks: bytearray | None = bytearray()
        """None if nothing is known about some of the older ids."""

    def __getstate__(self) -> dict[str, Any]:
        marks = None if self._runs else bytearray()
        return {**vars(self), "_marks": marks, "_keyed": None}

    def add(self, exchange_id: str, number: int) -> None:
        """Add an id that is not there yet."""
        self.newest[exchange_id] = number
        if len(self.newest) >= _MOST_NEWEST:
            self._store_oldest()

    def _store_oldest(self) -> None:
        """Move the older half of the newest ids into an array."""
        newest = self.newest
        oldest = list(newest.items())[:_NEWEST]
        run = sorted([self._hash(name) << _NUMBER_BITS | number for name, number in oldest])
        if self._marks is not None:
            self._mark(oldest)
        runs = list(self._runs)
        while len(runs) >= 3 and len(runs[-3]) <= len(run) < _LONGEST_RUN:
            run = sorted(chain(*runs[-3:], run))
            del runs[-3:]
        self._runs = (*runs, array("Q", run))
        for name, _ in oldest:  # after they are in an array, since another thread may look
            del newest[name]

    def _mark(self, ids: Iterable[tuple[str, int]]) -> None:
        marks = self._marks or bytearray(_MARKS // 8)
        for exchange_id, _ in ids:
            bit = hash(exchange_id) & _MARKS - 1
            marks[bit >> 3] |= _BITS[bit & 7]
        self._marks = marks

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an id; None if there is none."""
        known = self.newest.get(exchange_id)
        if known is not None or not self._runs:
            return known
        marks = self._marks
        if marks is not None:
            bit = hash(exchange_id) & _MARKS - 1
            if not marks[bit >> 3] >> (bit & 7) & 1:
                return None
        low = self._hash(exchange_id) << _NUMBER_BITS
        for run in self._runs:
            at = bisect_left(run, low)
            while at < len(run) and run[at] <= low | _NUMBER:
                number = run[at] & _NUMBER
                if self._names.id_of(number) == exchange_id:
                    return number
                at += 1
        return None

    def _hash(self, exchange_id: str) -> int:
        if self._keyed is None:
            self._keyed = blake2b(digest_size=5, key=self._key)
        found = self._keyed.copy()
        found.update(exchange_id.encode("utf-8", "surrogatepass"))
        return int.from_bytes(found.digest()) >> 4
