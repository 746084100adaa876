"""What the screen offers to change at a step."""

from __future__ import annotations

import pytest

from cookietrace.errors import FormatError
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if import (
    LineChange,
    Offer,
    Scenario,
    offers,
    only_here,
    place_of,
    retold,
    subjects,
    typed_change,
)
from cookietrace.trace import fold
from tests.lesson.random_traces import random_story
from tests.lesson.what_if.test_what_if import sign_in
from tests.story import Story


def choices(found: tuple[Offer, ...]) -> list[Offer]:
    """Return every choice, also those of the menus below."""
    return [each for offer in found for each in (offer, *choices(offer.choices))]


def test_the_cookies_of_a_step() -> None:
    """They are those that it sets, or else those that its request has to do with."""
    story = sign_in()
    story.respond(story.ask("/more", "sid=1"), "a=1", "b=2; Domain=other.example")
    table = Table(fold(story.events))
    found = [subjects(table, step) for step in range(1, len(table) + 1)]
    assert found == [*[("sid",)] * 4, ("a", "b"), ("a",), ("b",)]


def test_what_is_offered_changes_something() -> None:
    """What the line says already is not offered; each choice has a letter of its own."""
    table = Table(fold(sign_in("sid=1; Secure; SameSite=Lax; Path=/").events))
    found = offers(table, 1, "sid")
    assert [each.name for each in found][:6] == [
        "SameSite=None; Secure", "SameSite=Strict", "without Secure", "HttpOnly",
        "Domain=app.example", "Max-Age=86400",
    ]  # fmt: skip
    assert [each.key for each in found][-4:] == ["e", "b", "t", "m"]
    for offer in (None, *choices(found)):
        keys = [each.key for each in (found if offer is None else offer.choices)]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("seed", range(2))
def test_every_choice_can_be_told(seed: int) -> None:
    """Whatever the step, every scenario that is offered gives a story of as many exchanges."""
    story = random_story(seed, exchanges=4)
    table = Table(fold(story.events))
    for step in range(1, len(table) + 1):
        for name in subjects(table, step) or (None,):
            for offer in choices(offers(table, step, name)):
                assert offer.scenario is None or offer.title
                if offer.scenario is not None:
                    found = retold(story.events, offer.scenario)
                    assert len(found.imagined.exchanges) == len(table.trace.exchanges)
                    list(found.differences())


def test_one_response_only() -> None:
    """A change of all lines can become one of this response, if it sets the cookie."""
    trace = fold(sign_in().events)
    scenario = Scenario(changes=(LineChange("sid", drop=True),))
    alone = only_here(scenario, trace.exchanges[0])
    assert alone is not None
    assert alone.changes[0].exchange_id == "x1"
    assert only_here(scenario, trace.exchanges[1]) is None
    assert only_here(Scenario(browser="safari"), trace.exchanges[0]) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("SameSite=None; Secure", "'sid' had SameSite=None; Secure"),
        ("other: Path=/x; -Domain", "'other' had Path=/x and no Domain"),
        ("-Secure", "'sid' had no Secure"),
        ("http://a.test=https://b.test", "http://a.test were https://b.test"),
    ],
)
def test_what_is_typed(text: str, title: str) -> None:
    """It is a change of the step's cookie, unless it names another one or is a move."""
    found, scenario = typed_change(text, "sid")
    assert found == title
    assert scenario != Scenario()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("SameSite=Lux", "Strict, Lax, None"),
        ("SameSite", "Strict, Lax, None"),
        ("priority=urgent", "Low, Medium, High"),
        ("Max-Age=1h", "seconds"),
        ("Expires=tomorrow", "a date"),
        (
            "sid: SameSite=lax; Priority=high; Max-Age=-1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            None,
        ),
    ],
)
def test_values_that_no_browser_knows(text: str, known: str | None) -> None:
    """They are refused with those that are known: it would say nothing about the value meant."""
    if known is None:
        assert typed_change(text, "sid")[1].changes
        return
    with pytest.raises(FormatError, match=rf"no browser knows \S+ \(known: {known}"):
        typed_change(text, "sid")


@pytest.mark.parametrize("text", ["", "Colour=red", "http://a.test"])
def test_what_is_typed_and_means_nothing(text: str) -> None:
    """It is refused with what is expected."""
    with pytest.raises(FormatError, match="not a"):
        typed_change(text, None)


@pytest.mark.parametrize(
    ("step", "changed"),
    [(1, ["x1"]), (3, ["x2", "x5"]), (5, ["x2", "x5"]), (6, ["x4"]), (8, ["x2", "x5"])],
)
def test_only_the_cookie_of_the_row_changes(step: int, changed: list[str]) -> None:
    """Another host's cookie of the same name is another cookie, and so is one of another path."""
    story = Story("https://shop.test")
    story.respond(story.ask("http://127.0.0.1:8081/"), "user=Ann; Path=/")
    story.respond(story.ask("/"), "user=Bob; Path=/")
    story.visit("/", "user=Bob")
    story.respond(story.ask("/admin/", "user=Bob"), "user=Eve; Path=/admin")
    story.respond(story.ask("/", "user=Bob"), "user=Bob; Path=/; Secure")
    table = Table(fold(story.events))
    offer = next(each for each in offers(table, step, "user") if each.key == "x")
    typed = typed_change("HttpOnly", "user", place_of(table, step, "user"))[1]
    for scenario in (offer.scenario, typed):
        assert scenario is not None
        assert [name for name, _, _ in retold(story.events, scenario).changed] == changed


def test_the_row_of_a_cookie_from_elsewhere() -> None:
    """Of what no response explains, the host alone tells which lines may set it."""
    story = Story("https://shop.test")
    story.respond(story.ask("http://127.0.0.1:8081/"), "user=Ann; Path=/")
    story.respond(story.ask("/x/"), "user=Bob; Path=/x")
    story.visit("/", "user=Zoe")
    table = Table(fold(story.events))
    scenario = typed_change("Secure", "user", place_of(table, len(table), "user"))[1]
    assert [name for name, _, _ in retold(story.events, scenario).changed] == ["x2"]


def test_a_cookie_that_nobody_set() -> None:
    """Of a cookie from before the recording, changes are offered as if its line were bare."""
    story = Story("https://app.example")
    story.visit("/", "old=1")
    table = Table(fold(story.events))
    assert [each.key for each in offers(table, 1, "old")][:3] == ["n", "l", "s"]
