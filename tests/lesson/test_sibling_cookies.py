"""The cookies of a site's other hosts: counted everywhere, listed where they are asked for."""

from __future__ import annotations

import pytest

from cookietrace.lesson.detail import SIBLING_LINES, Siblings, detail
from cookietrace.lesson.explain import MOST_ENTRIES, explanations
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.sibling_cookies import SiblingCookies, elsewhere_text, siblings_of
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraph
from tests.lesson.visits import Visit, story_of
from tests.story import Story
from tests.verdict_stories import siblings

WWW, API = "https://www.shop.test/", "https://api.shop.test/"


def many(count: int) -> Story:
    """A host that sets many cookies, and another one of its site."""
    story = Story("https://www.shop.test")
    story.visit("/", None, *(f"n{number:03}=v; Path=/" for number in range(count)))
    story.visit(API, None)
    return story


def test_they_are_listed_for_any_request_in_any_order() -> None:
    """The jar moves forward with the requests, and back."""
    trace = siblings().trace()
    expected = [[], [], ["b", "c"], ["b", "c", "d"], ["b", "c"]]
    lists = SiblingCookies(trace)
    for numbers in (range(5), range(4, -1, -1), (3, 3, 2)):
        for number in numbers:
            exchange = trace.exchanges[number]
            found = lists.of(exchange)
            assert [held.cookie.name for held in found] == expected[number]
            assert found == siblings_of(trace, exchange)
            assert len(found) == exchange.request.withheld_elsewhere
    last = siblings_of(trace, trace.exchanges[3])[-1]
    assert [(finding.code.value, dict(finding.facts)) for finding in last.reasons] == [
        ("other-host", {"cookie": "d", "domain": "api.shop.test", "host": "shop.test"}),
        ("path-mismatch", {"cookie": "d", "path": "/x", "request_path": "/"}),
    ]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""),
        (1, "one cookie of another host of shop.test"),
        (2, "2 cookies of other hosts of shop.test"),
    ],
)
def test_how_they_are_counted(count: int, words: str) -> None:
    """As words for the middle of a sentence."""
    assert elsewhere_text(many(count).trace().exchanges[1].request) == words


def lines_of(story: Story, what: Siblings | None = None) -> list[str]:
    """Return the section of withheld cookies of a story's last exchange."""
    exchange = story.trace().exchanges[-1]
    return [
        "  " * line.indent + line.text
        for section in detail(exchange, siblings=what)
        if section.title == "Withheld"
        for line in section.lines
    ]


def test_the_details_count_or_list_them() -> None:
    """A line counts them and says how to list them; a list that is too long is cut."""
    assert lines_of(many(1)) == [
        "one cookie of another host of shop.test, which never goes to this one"
    ]
    story = siblings()
    counted = "and 2 cookies of other hosts of shop.test, which never go to this one"
    assert lines_of(story)[0] == "'a'='1' for shop.test/"
    assert lines_of(story)[-1] == counted
    assert lines_of(story, Siblings(how="a: list them"))[-1] == f"{counted} (a: list them)"
    trace = story.trace()
    listed = siblings_of(trace, trace.exchanges[-1])
    assert lines_of(story, Siblings(listed))[-3:] == [
        counted,
        "  'b'='2' for www.shop.test/",
        "  'c'='3' for *.www.shop.test/",
    ]
    long = Siblings((*listed, *listed) * SIBLING_LINES)
    assert lines_of(story, long)[-1] == f"  … {3 * SIBLING_LINES} more cookies"


def test_the_transcript_counts_or_lists_them() -> None:
    """A sentence counts them; with the list, they are among the withheld ones."""
    trace = siblings().trace()
    last, fourth = trace.exchanges[4], trace.exchanges[3]
    text = paragraph(trace, last)
    assert "One cookie is withheld: 'a' was set without Domain" in text
    assert "Besides, 2 cookies of other hosts of shop.test stay in the jar." in text
    assert "3 cookies of other hosts of shop.test stay in the jar." in paragraph(trace, fourth)
    listed = paragraph(trace, fourth, siblings=SiblingCookies(trace))
    assert "3 cookies are withheld: 'b', 'c' and 'd', each because it belongs to another" in listed
    assert "other hosts" not in listed


def test_the_json_counts_or_lists_them() -> None:
    """The number is always there; the list has all of them, however many."""
    trace = many(MOST_ENTRIES - 30).trace()
    (_, counted), (_, listed) = (
        explanations(trace, all_withheld=wanted) for wanted in (False, True)
    )
    assert counted["withheld"] == []
    assert counted["withheld_elsewhere"] == listed["withheld_elsewhere"] == MOST_ENTRIES - 30
    assert len(listed["withheld"]) == MOST_ENTRIES - 30
    assert listed["withheld"][0] == {
        "name": "n000",
        "value": "v",
        "domain": "www.shop.test",
        "path": "/",
        "reasons": ["other-host"],
    }
    assert {name for name in listed if listed[name] != counted[name]} == {"withheld"}


def test_what_stays_counts_them_but_names_the_one_that_the_view_looked_for() -> None:
    """The picture names a cookie of another host only if this one asked for it."""
    visits = (
        Visit(WWW, sets=("a=1", "b=2", "c=3")),
        Visit(API, reads=(("b", None),)),
        Visit("/", sets=("d=4",)),
        Visit(API),
    )
    board = FlowBoard(Table(story_of(*visits).trace()))
    assert [stay.text for stay in board.flow(3).stays] == [
        "b stays: belongs to www.shop.test",
        "2 cookies of other hosts stay",
    ]
    assert [stay.text for stay in board.flow(6).stays] == [
        "d stays: for shop.test only (set without Domain)",
        "3 cookies of other hosts stay",
    ]


def test_a_cookie_that_only_another_host_could_have_needed_is_explained() -> None:
    """A redirect to a sibling of the host that set a cookie: the story says why it is not sent."""
    visits = (
        Visit(WWW, sets=("a=1",), status=302, location=API),
        Visit(API),
        Visit(API, sets=("b=1",)),
    )
    (moment,) = (
        moment
        for moment in key_moments(Table(story_of(*visits).trace()))
        if moment.rule == "unused-after-redirect"
    )
    assert moment.answer.endswith(
        "The request in step 3 was for another host of the site, and it belongs to www.shop.test "
        "only."
    )
    assert moment.advice == "Set it with a Domain that covers both hosts."
    assert moment.steps == (1, 2, 3)


def test_a_note_tells_of_them_once_for_each_host() -> None:
    """The first request to a host that counts some names a few of them; later ones none."""
    story = many(30)
    for _ in range(3):
        story.visit(API, None)
    story.visit("https://img.shop.test/", None)
    (moment,) = (each for each in key_moments(Table(story.trace())) if each.rule == "withheld")
    assert moment.answer.startswith(
        "'n000' belongs to www.shop.test, which does not cover the host"
    )
    assert moment.answer.endswith("to 'n001', 'n002', 'n003', 'n004', 'n005', 'n006' and 'n007'.")
    assert moment.severity == "note"
    assert moment.steps == (1, 2, 3, 7)
