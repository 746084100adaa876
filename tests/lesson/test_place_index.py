"""Places and their keys and numbers, kept in arrays, are what dictionaries would say."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from cookietrace.lesson.place_index import PlaceIndex, PlaceNumbers

RECORDS = st.lists(st.tuples(st.integers(1, 30), st.lists(st.sampled_from("abcd"), max_size=5)))


@given(records=RECORDS)
def test_keys_of_places(records: list[tuple[int, list[str]]]) -> None:
    """In whatever order they are recorded, and recorded again."""
    index: PlaceIndex[str] = PlaceIndex()
    plain: dict[int, list[str]] = {}
    for place, keys in records:
        index.record(place, keys)
        plain[place] = keys
    for key in "abcd":
        places = [place for place in sorted(plain) for found in plain[place] if found == key]
        assert list(index.places(key)) == places
        assert (key in index) is bool(places)
        for upto in (0, 7, 30):
            count = bisect_right(places, upto)
            assert index.count(key, upto) == count
            assert index.latest(key, upto) == (places[count - 1] if count else None)
            assert index.following(key, upto) == (places[count] if places[count:] else None)


@given(numbered=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9))))
def test_numbers_of_places(numbered: list[tuple[int, int]]) -> None:
    """In whatever order they come; the last number of a place counts."""
    numbers, plain = PlaceNumbers(), dict[int, int]()
    for place, number in numbered:
        numbers[place] = number
        plain[place] = number
    for place in range(42):
        assert (place in numbers) is (place in plain)
        if place in plain:
            assert numbers[place] == plain[place]
