"""Finds the number of an exchange by its id, in 8 bytes per exchange."""

from __future__ import annotations

import secrets
from array import array
from bisect import bisect_left
from hashlib import blake2b
from typing import Protocol

_NEWEST = 4096
"""How many of the newest ids are in a dictionary."""

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
    the arrays double in length, so that there are few of them. A hash that fits is checked
    against the id itself. The hash has a secret key, so that nobody can make ids that collide.
    """

    def __init__(self, names: Named) -> None:
        """``names`` knows the id of each number that was added."""
        self._names = names
        self._newest: dict[str, int] = {}
        self._runs: tuple[array[int], ...] = ()
        """The longest first."""
        self._key = secrets.token_bytes(16)

    def add(self, exchange_id: str, number: int) -> None:
        """Add an id that is not there yet."""
        self._newest[exchange_id] = number
        if len(self._newest) >= 2 * _NEWEST:
            self._store_oldest()

    def _store_oldest(self) -> None:
        """Move the older half of the newest ids into an array."""
        newest = self._newest
        oldest = list(newest.items())[:_NEWEST]
        run = sorted(self._hash(name) << _NUMBER_BITS | number for name, number in oldest)
        runs = list(self._runs)
        while runs and len(runs[-1]) <= len(run):
            run = sorted([*runs.pop(), *run])
        self._runs = (*runs, array("Q", run))
        for name, _ in oldest:  # after they are in an array, since another thread may look
            del newest[name]

    def number(self, exchange_id: str) -> int | None:
        """Return the number of an id; None if there is none."""
        known = self._newest.get(exchange_id)
        if known is not None or not self._runs:
            return known
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
        data = exchange_id.encode("utf-8", "surrogatepass")
        digest = blake2b(data, digest_size=5, key=self._key).digest()
        return int.from_bytes(digest) >> 4
