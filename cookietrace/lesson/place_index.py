"""An index from keys to the places where they occur, updated in place."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class PlaceIndex(Generic[Key]):
    """An index from keys to the numbered places (steps, exchanges) at which they occur.

    A place takes four bytes, and four more for each of its keys.

    Recording a place again replaces its keys, and costs time in proportion to
    them. A key can occur several times at one place.
    """

    def __init__(self) -> None:
        self._places: dict[Key, array[int]] = {}
        self._interned: dict[Key, Key] = {}
        """Interns the keys that occur: equal keys share one object."""
        self._tuples: list[tuple[Key, ...]] = [()]
        """The different tuples of keys, since many places have the same keys."""
        self._numbers: dict[tuple[Key, ...], int] = {(): 0}
        """The index of each among them."""
        self._keys = array("I")
        """For each place, the index of its tuple."""

    def record(self, place: int, keys: Iterable[Key]) -> None:
        """Set the keys that occur at a place, replacing its earlier ones."""
        now = tuple(keys)
        before = self._tuples[self._keys[place]] if place < len(self._keys) else ()
        if now == before:
            return
        for key in before:
            self._forget(key, place)
        now = tuple([self._interned.setdefault(key, key) for key in now])
        for key in now:
            places = self._places.get(key)
            if places is None:
                places = self._places[key] = array("I")
            if not places or places[-1] <= place:
                places.append(place)
            else:
                insort(places, place)
        number = self._numbers.get(now)
        if number is None:
            number = self._numbers[now] = len(self._tuples)
            self._tuples.append(now)
        if place >= len(self._keys):
            self._keys.frombytes(bytes(4 * (place + 1 - len(self._keys))))
        self._keys[place] = number

    def _forget(self, key: Key, place: int) -> None:
        places = self._places[key]
        del places[bisect_left(places, place)]
        if not places:
            del self._places[key]
            del self._interned[key]

    def __iter__(self) -> Iterator[Key]:
        """Yield every key that occurs, in no particular order."""
        return iter(tuple(self._places))

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def places(self, key: Key) -> Sequence[int]:
        """Return the places of a key, in order; empty if it does not occur."""
        return self._places.get(key, ())

    def count(self, key: Key, upto: int | None = None) -> int:
        """Return how often a key occurs, at places up to and including ``upto``."""
        places = self._places.get(key, ())
        return len(places) if upto is None else bisect_right(places, upto)

    def first(self, key: Key) -> int | None:
        """Return the first place of a key; None if it does not occur."""
        places = self._places.get(key)
        return places[0] if places else None

    def latest(self, key: Key, upto: int) -> int | None:
        """Return the last place of a key up to and including ``upto``; None if there is none."""
        places = self._places.get(key, ())
        index = bisect_right(places, upto)
        return places[index - 1] if index else None

    def following(self, key: Key, after: int) -> int | None:
        """Return the first place of a key after ``after``; None if there is none."""
        places = self._places.get(key, ())
        index = bisect_right(places, after)
        return places[index] if index < len(places) else None
