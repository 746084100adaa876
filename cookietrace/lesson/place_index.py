"""An index from keys to the places where they occur, updated in place."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class PlaceIndex(Generic[Key]):
    """An index from keys to the numbered places (steps, exchanges) at which they occur.

    Recording a place again replaces its keys, and costs time in proportion to
    them. A key can occur several times at one place. A place takes four bytes, and four more for
    each of its keys.
    """

    def __init__(self) -> None:
        self._handles: dict[Key, int] = {}
        """A key that occurs, or has occurred, -> its handle."""
        self._of_handle: list[array[int]] = []
        """A handle -> the places of its key."""
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        """The number of each tuple of handles, since many places have the same keys."""
        self._tuples: list[tuple[int, ...]] = [()]
        self._keys = array("I")
        """For each place, the number of its tuple."""

    def handle(self, key: Key) -> int:
        """Return a number that stands for a key in ``record_handles``."""
        handle = self._handles.get(key)
        if handle is None:
            handle = self._handles[key] = len(self._of_handle)
            self._of_handle.append(array("I"))
        return handle

    def record(self, place: int, keys: Iterable[Key]) -> None:
        """Set the keys that occur at a place, replacing its earlier ones."""
        self.record_handles(place, tuple([self.handle(key) for key in keys]))

    def record_handles(self, place: int, handles: tuple[int, ...]) -> None:
        """The same, with the handles of the keys: hashing keys takes longer than all the rest."""
        keys = self._keys
        count = len(keys)
        if place >= count:
            if not handles:
                return
            of_handle = self._of_handle
            for handle in handles:  # no place is higher
                of_handle[handle].append(place)
            if place > count:
                keys.frombytes(bytes(4 * (place - count)))
            keys.append(self._number(handles))
            return
        before, now = keys[place], self._number(handles)
        if now == before:
            return
        of_handle = self._of_handle
        for handle in self._tuples[before]:
            places = of_handle[handle]
            del places[bisect_left(places, place)]
        for handle in handles:
            places = of_handle[handle]
            if not places or places[-1] <= place:
                places.append(place)
            else:
                insort(places, place)
        keys[place] = now

    def _number(self, handles: tuple[int, ...]) -> int:
        """Return the number of a tuple of handles."""
        number = self._numbers.get(handles)
        if number is None:
            number = self._numbers[handles] = len(self._tuples)
            self._tuples.append(handles)
        return number

    def __iter__(self) -> Iterator[Key]:
        """Yield every key that occurs, in no particular order."""
        return iter([key for key, handle in self._handles.items() if self._of_handle[handle]])

    def __contains__(self, key: object) -> bool:
        handle = self._handles.get(key)  # type: ignore[arg-type]
        return handle is not None and len(self._of_handle[handle]) > 0

    def places(self, key: Key) -> Sequence[int]:
        """Return the places of a key, in order; empty if it does not occur."""
        handle = self._handles.get(key)
        return () if handle is None else self._of_handle[handle]

    def count(self, key: Key, upto: int | None = None) -> int:
        """Return how often a key occurs, at places up to and including ``upto``."""
        places = self.places(key)
        return len(places) if upto is None else bisect_right(places, upto)

    def first(self, key: Key) -> int | None:
        """Return the first place of a key; None if it does not occur."""
        places = self.places(key)
        return places[0] if places else None

    def latest(self, key: Key, upto: int) -> int | None:
        """Return the last place of a key up to and including ``upto``; None if there is none."""
        places = self.places(key)
        index = bisect_right(places, upto)
        return places[index - 1] if index else None

    def following(self, key: Key, after: int) -> int | None:
        """Return the first place of a key after ``after``; None if there is none."""
        places = self.places(key)
        index = bisect_right(places, after)
        return places[index] if index < len(places) else None


class PlaceNumbers:
    """A number for each of some places, in 12 bytes; most places are added in order."""

    def __init__(self) -> None:
        self._places = array("Q")
        self._numbers = array("I")

    def __contains__(self, place: int) -> bool:
        at = bisect_left(self._places, place)
        return at < len(self._places) and self._places[at] == place

    def __getitem__(self, place: int) -> int:
        at = bisect_left(self._places, place)
        if at == len(self._places) or self._places[at] != place:
            raise KeyError(place)
        return self._numbers[at]

    def __setitem__(self, place: int, number: int) -> None:
        places = self._places
        if not places or places[-1] < place:
            places.append(place)
            self._numbers.append(number)
            return
        at = bisect_left(places, place)
        if places[at] == place:
            self._numbers[at] = number
        else:
            places.insert(at, place)
            self._numbers.insert(at, number)
