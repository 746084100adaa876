"""Where each thing occurs: sorted places by key, kept up to date at the cost of what changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class PlaceIndex(Generic[Key]):
    """An index from keys to the numbered places (steps, exchanges) at which they occur.

    A place may be told again when more became known about it; what was told of
    it before is forgotten. A key can occur several times at one place.
    """

    def __init__(self) -> None:
        self._places: dict[Key, list[int]] = {}
        self._one: dict[Key, Key] = {}
        """Each key that occurs: equal ones are kept as one object, however many there are."""
        self._keys: dict[int, tuple[Key, ...]] = {}
        self._alike: dict[tuple[Key, ...], tuple[Key, ...]] = {}
        """What is told of places, each once: much the same happens at many of them."""

    def record(self, place: int, keys: Iterable[Key]) -> None:
        """Say which keys occur at a place, in the stead of what was said of it before."""
        now = tuple(keys)
        before = self._keys.get(place, ())
        if now == before:
            return
        for key in before:
            self._forget(key, place)
        now = tuple([self._one.setdefault(key, key) for key in now])
        for key in now:
            places = self._places.setdefault(key, [])
            if not places or places[-1] <= place:
                places.append(place)
            else:
                insort(places, place)
        if now:
            self._keys[place] = self._alike.setdefault(now, now)
        else:
            self._keys.pop(place, None)

    def _forget(self, key: Key, place: int) -> None:
        places = self._places[key]
        del places[bisect_left(places, place)]
        if not places:
            del self._places[key]
            del self._one[key]

    def __iter__(self) -> Iterator[Key]:
        """Yield every key that occurs somewhere, in no promised order."""
        return iter(tuple(self._places))

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def places(self, key: Key) -> Sequence[int]:
        """Return the places of a key, in order; empty where it does not occur."""
        return self._places.get(key, ())

    def count(self, key: Key, upto: int | None = None) -> int:
        """Return how often a key occurs, at places up to and with ``upto``."""
        places = self._places.get(key, ())
        return len(places) if upto is None else bisect_right(places, upto)

    def first(self, key: Key) -> int | None:
        """Return the first place of a key; None where it does not occur."""
        places = self._places.get(key)
        return places[0] if places else None

    def latest(self, key: Key, upto: int) -> int | None:
        """Return the last place of a key that is not after ``upto``; None where there is none."""
        places = self._places.get(key, ())
        index = bisect_right(places, upto)
        return places[index - 1] if index else None

    def following(self, key: Key, after: int) -> int | None:
        """Return the first place of a key that is after ``after``; None where there is none."""
        places = self._places.get(key, ())
        index = bisect_right(places, after)
        return places[index] if index < len(places) else None
