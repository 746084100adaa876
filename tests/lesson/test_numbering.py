"""One numbering: every text of every mode calls a step by its number in the default focus."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cookietrace.lesson.explain import explanations
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import problem_lines, summary_lines
from cookietrace.lesson.problems import problems
from cookietrace.lesson.quiz import quiz
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from cookietrace.lesson.transcript import paragraphs
from cookietrace.trace import Trace
from tests.lesson.random_traces import random_story
from tests.story import Story, seed_story

ICON = "/favicon.ico"
NAMED = re.compile(r"[Ss]teps? (\d+[a-z]*)(?:–(\d+[a-z]*))?")


def with_icons() -> Story:
    """An icon is requested after each of two pages; the second icon sets a cookie."""
    story = Story()
    story.visit("/", None, "a=1")
    story.visit(ICON, "a=1")
    story.visit(ICON, "a=1", "icon=1")
    story.visit("/next", "a=1; icon=1", "b=1", "c=1; Domain=test")
    story.visit(ICON, "a=1; icon=1; b=1")
    story.visit("/", "a=1; icon=1; b=1")
    return story


@pytest.mark.parametrize(
    ("focus", "labels"),
    [
        (Focus(), "1 2 3 4 5 6"),
        (Focus(housekeeping=True), "1 2 2a 2b 2c 3 4 5 5a 6"),
        (Focus(path="/next"), "3 4 5"),
        (Focus(path="/"), "1 2 6"),
        (Focus(cookies=("c",)), "3 5"),
        (Focus(host="elsewhere.test"), ""),
    ],
    ids=["default", "housekeeping", "path", "another path", "cookie", "nothing"],
)
def test_a_focus_leaves_numbers_out(focus: Focus, labels: str) -> None:
    """Icons leave no gap in the default focus, and have letters where they are shown."""
    table = Table(with_icons().trace(), focus)
    steps = range(1, len(table) + 1)
    assert [table.label(step) for step in steps] == labels.split()
    assert [table.row(step).cells[0] for step in steps] == labels.split()
    numbers = [table.trace_row(step).number for step in steps]
    assert table.numbers == (min(numbers, default=0), max(numbers, default=0))


@pytest.mark.parametrize(("number", "label"), [(1, "3"), (3, "3"), (4, "4"), (5, "5"), (9, "5")])
def test_the_nearest_step(number: int, label: str) -> None:
    """Each number leads to a step, even if the focus leaves it out."""
    table = Table(with_icons().trace(), Focus(path="/next"))
    assert table.label(table.nearest(number)) == label
    assert Table(Trace()).nearest(1) == 0


def test_more_than_an_alphabet_of_automatic_requests() -> None:
    """After z come aa and ab."""
    story = Story()
    for _ in range(28):
        story.ask(ICON)
    labels = [row.label for row in story.trace().rows]
    assert (labels[0], labels[25:]) == ("0a", ["0z", "0aa", "0ab"])


def test_explain_and_the_story() -> None:
    """The JSON has null for an icon; the story tells the one that set a cookie, by its letters."""
    trace = with_icons().trace()
    assert [each["step"] for each in explanations(trace)] == [1, None, None, 3, None, 6]
    _, *told = paragraphs(trace)
    assert [text.partition(".")[0] for text in told] == [
        "Steps 1–2", "Steps 2b, 2c", "Steps 3–5", "Step 6",
    ]  # fmt: skip
    _, *told = paragraphs(trace, focus=Focus(path="/next"))
    assert [text.partition(".")[0] for text in told] == ["Steps 3–5"]


def test_rows_keep_their_numbers_while_traffic_goes_on() -> None:
    """Fed event by event, in any focus, a row's number is the one that it has in the end."""
    story = random_story(3)
    for focus in (Focus(), Focus(path="/app"), Focus(cookies=("a",)), Focus(housekeeping=True)):
        trace = Trace()
        table = Table(trace, focus)
        seen: list[str] = []
        for event in story.events:
            table.update(trace.apply(event))
            labels = [table.label(step) for step in range(1, len(table) + 1)]
            assert labels[: len(seen)] == seen
            seen = labels
        end = Table(story.trace(), focus)
        assert seen == [end.label(step) for step in range(1, len(end) + 1)]


def texts(table: Table) -> Iterator[str]:
    """Every text that can name a step."""
    flow = FlowBoard(table)
    for step in range(1, len(table) + 1):
        yield table.row(step).action
        yield from (line for stage in flow.flow(step).stages for line in stage.lines)
    for moment in key_moments(table):
        yield from (moment.question, moment.answer, moment.advice)
    for question in quiz(table, count=40):
        yield from (question.prompt, question.hint, question.feedback)
        yield f"step {question.label}, step {question.hint_label}"
        yield from (option.text for option in question.options)
    found = problems(table)
    yield from summary_lines(table, found, 78)
    yield from (line for problem in distinct(found) for line in problem_lines(table, problem, 78))
    yield from track(table, jar=True).columns


@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_every_text_uses_the_numbers(seed: int) -> None:
    """In a narrow focus texts name steps by their numbers: as a wide table would, word for word."""
    trace = random_story(seed).trace()
    wide = Table(trace)
    known = {row.label for row in trace.rows}
    for focus in (Focus(host="shop.test"), Focus(path="/app"), Focus(cookies=("a", "sid"))):
        narrow = Table(trace, focus)
        for step in range(1, len(narrow) + 1):
            row = narrow.trace_row(step)
            (same,) = (
                other for other in wide.steps_of(row.exchange_id) if wide.trace_row(other) == row
            )
            assert narrow.label(step) == wide.label(same) == str(same)
        for text in texts(narrow):
            for first, last in NAMED.findall(text.replace("5.8.3 step 3", "")):
                if "section" not in text:
                    assert {first, last or first} <= known, text


def test_the_seed_has_no_gaps() -> None:
    """The trace that started it all is numbered 1, 2, 3, with the focus and without."""
    trace = seed_story().trace()
    for focus in (None, Focus(path="/", cookies=("user",))):
        table = Table(trace, focus)
        assert [table.row(step).cells[0] for step in range(1, len(table) + 1)] == ["1", "2", "3"]
