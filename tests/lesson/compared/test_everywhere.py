"""Every verdict of a story in three browsers and the specification, and only those that differ."""

from __future__ import annotations

from random import Random

import pytest

from cookietrace.cookies import default_public_suffixes, profile_of
from cookietrace.lesson.compared import (
    BROWSERS,
    Circumstance,
    VerdictsEverywhere,
    everywhere_entry,
    everywhere_lines,
    opinions,
)
from cookietrace.lesson.compared.circumstance import OTHER_SITE
from cookietrace.lesson.compared.everywhere import summary, word
from cookietrace.lesson.compared.opinions import outcome_of
from tests.lesson.changes.test_changes import FRAMED, POSTED
from tests.story import Story

APP = "https://shop.example/"
ATTRIBUTES = (
    "Secure", "HttpOnly", "SameSite=None", "SameSite=Lax", "SameSite=Strict", "Partitioned",
    "Path=/", "Path=/x", "Domain=shop.example", "Domain=example", "Max-Age=60", "Max-Age=0",
    "Expires=Wed, 01 Jan 2020 00:00:00 GMT",
)  # fmt: skip


def told() -> Story:
    """A sign-in, a frame in another site's page, and a POST from another site."""
    story = Story("https://shop.example")
    story.respond(
        story.ask("/login", method="POST"),
        "sid=abc123; Path=/",
        "theme=dark; SameSite=None",
        "a=1; SameSite=Lax",
        "third=1; SameSite=None; Secure",
    )
    story.respond(story.ask("/frame", "third=1", headers=FRAMED))
    story.respond(story.ask("/back", "third=1", method="POST", headers=POSTED, after=300))
    story.respond(story.ask("/home", "sid=abc123; a=1; third=1"))
    return story


def test_only_what_differs() -> None:
    """Each with what every browser does, its versions, its reasons, and what that rests on."""
    asked = VerdictsEverywhere()
    found = [asked.of(each) for each in told().trace().exchanges]
    assert [[each.name for each in verdicts] for verdicts in found] == [
        ["theme"],
        ["third"],
        ["sid"],
        [],
    ]
    (theme,), (third,), (sid,), _ = found
    assert [word(each, held=False) for each in theme.opinions] == [
        "refused", "refused", "stored", "refused",
    ]  # fmt: skip
    assert [word(each, held=True) for each in third.opinions] == [
        "sent", "withheld", "withheld", "sent",
    ]  # fmt: skip
    entry = everywhere_entry(sid)
    assert (entry["of"], entry["differs"], entry["certain"]) == ("request", True, True)
    first = entry["browsers"][0]
    assert (first["browser"], first["since"], first["verdict"], first["basis"]) == (
        "chromium", 80.0, "withheld", "tried",
    )  # fmt: skip
    assert [each["code"] for each in first["reasons"]] == ["same-site-lax-default"]
    lines = list(everywhere_lines(theme))
    assert lines[0] == "  'theme' set by the response (POST from its own site)"
    assert lines[3].split() == ["Safari", "13.1+", "stored", "documented", "only"]


def test_all_verdicts() -> None:
    """What is the same everywhere is there if it is asked for."""
    asked = VerdictsEverywhere()
    counts = [len(asked.of(each, all_verdicts=True)) for each in told().trace().exchanges]
    assert counts == [4, 3, 3, 3]
    assert summary(0, 0, 4) == "All browsers treat every cookie the same in 4 requests."
    assert summary(1, 1, 1) == "1 verdict differs between browsers, in 1 of 1 request."


@pytest.mark.parametrize("seed", range(40))
def test_the_quick_look_is_the_whole_one(seed: int) -> None:
    """Whether browsers differ is asked without reasons and versions, with the same result."""
    random = Random(seed)
    for _ in range(10):
        chosen = random.sample(ATTRIBUTES, random.randint(0, 5))
        line = "; ".join([random.choice(("sid=1", "__Host-a=1", "b")), *chosen])
        ways = [
            Circumstance(
                random.choice((APP, "http://shop.example/", "http://localhost/")),
                random.choice((None, OTHER_SITE)),
                top_level=random.random() < 0.5,
                method=random.choice(("GET", "POST")),
            )
            for _ in range(2)
        ]
        suffixes = default_public_suffixes()
        later = random.choice((None, (ways[1], 1_000_010.0), (ways[1], 1_000_400.0)))
        asked, at = later if later is not None else (None, None)
        every = opinions(line, ways[0], suffixes, 1e6, asked=asked, asked_at=at)
        newest = {each.browser: each for each in every if each.until is None}
        for browser in BROWSERS:
            quick = outcome_of(line, profile_of(browser), suffixes, (ways[0], 1e6), later)
            each = newest[browser]
            if later is None or each.stored is None:
                assert quick == each.result.outcome.value, (line, ways)
            else:
                assert quick == word(each, held=True), (line, ways)


def test_values_do_not_matter_and_their_sizes_do() -> None:
    """Lines that differ in an ordinary value have one reply; a large value is refused."""
    story = Story("https://shop.example")
    story.respond(story.ask("/"), "a=first", "a=other", f"b={'x' * 5000}", 'c="x', "d=1, e=2")
    asked = VerdictsEverywhere()
    (exchange,) = story.trace().exchanges
    found = asked.of(exchange, all_verdicts=True)
    assert len(asked._known) == 4
    assert {word(each, held=False) for each in found[2].opinions} == {"refused"}
