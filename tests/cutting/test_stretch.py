"""Stretches of a capture: the exchanges from one place to another, with their verdicts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.cutting.places import chosen_stretch
from cookietrace.cutting.stretch import Stretch, stretch
from cookietrace.errors import FormatError
from cookietrace.trace import fold
from tests.cutting.stories import torn_stories
from tests.cutting.test_verdicts import encoded, said
from tests.story import Story


@settings(max_examples=15, deadline=None)
@given(torn_stories(), st.floats(0, 1), st.floats(0, 1))
def test_a_stretch_has_the_verdicts_of_the_whole(story: Story, one: float, other: float) -> None:
    """Each request in it, and each response to one, is judged as in the whole capture.

    Except for what only a later request shows, which is left out.
    """
    whole = fold(story.events)
    exchanges = whole.exchanges
    if not exchanges:
        return
    first, last = sorted(int(each * (len(exchanges) - 1)) for each in (one, other))
    chosen = Stretch(exchanges[first].exchange_id, exchanges[last].exchange_id)
    part = fold(encoded(stretch(story.events, chosen)))
    names = {each.exchange_id for each in exchanges[first : last + 1]}
    assert names <= {each.exchange_id for each in part.exchanges}
    expected, found = said(whole), said(part)
    for exchange in part.exchanges:
        name = exchange.exchange_id
        for explanation, _ in (expected[name], found[name]):
            for result in explanation["set_cookies"]:
                del result["standing"], result["settled_by"]
            explanation.pop("jar", None)
        assert found[name] == expected[name]


def visits() -> Story:
    """Four visits, one a minute; the second sets a cookie, which makes step 3."""
    story = Story("https://shop.test")
    for cookie, *lines in ((None,), (None, "a=1; Path=/"), ("a=1",), ("a=1",)):
        story.respond(story.ask("/", cookie, after=60), *lines)
    return story


MINUTE = datetime.fromtimestamp(1_750_000_000 + 60).astimezone()
"""The local time of the first visit."""


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (None, None, ["1", "2", "3", "4", "5"]),
        ("2", None, ["2", "3", "4", "5"]),
        ("3", "4", ["2", "3", "4"]),
        (None, "2", ["1", "2", "3"]),
        ("4", "4", ["4"]),
        (f"{MINUTE:%H:%M:%S}", None, ["1", "2", "3", "4", "5"]),
        (None, f"{MINUTE:%H:%M:%S}", ["1"]),
        (f"{MINUTE:%Y-%m-%dT%H:%M:%S}", "2", ["1", "2", "3"]),
        ("2025-06-15T15:09:00Z", None, ["4", "5"]),
    ],
)
def test_places_are_steps_or_local_times(
    first: str | None, last: str | None, labels: list[str]
) -> None:
    """Both ends are included, exchanges are whole, and steps keep their numbers."""
    story = visits()
    chosen = chosen_stretch(story.trace(), first, last)
    part = fold(stretch(story.events, chosen))
    assert [row.label for row in part.rows] == labels
    told = any("left out of this copy" in note.message for note in part.notes)
    assert told is (labels[0] != "1")


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        ("9", None, "--from: there is no step 9 in this capture: its steps are 1 to 5"),
        (None, "3a", "--to: there is no step 3a in this capture: its steps are 1 to 5"),
        ("noon", None, "--from must be a step, such as 12, or a time"),
        ("25:00", None, "--from must be a step"),
        ("2026-13-01T00:00", None, "--from must be a step"),
        ("5", "2", "there is no exchange between --from and --to"),
        ("2031-01-01", None, "there is no exchange between"),
    ],
)
def test_places_that_do_not_exist(first: str | None, last: str | None, error: str) -> None:
    """One line says which option, and what it may be."""
    with pytest.raises(FormatError, match=error):
        chosen_stretch(visits().trace(), first, last)


def test_a_clock_time_needs_a_capture_of_one_day() -> None:
    """In a capture of several days, the date has to be given."""
    story = visits()
    story.ask("/", after=90_000)
    with pytest.raises(FormatError, match="give the date too"):
        chosen_stretch(story.trace(), "12:30", None)
