"""The problems at the top of the page, and the verdict beside each row."""

from __future__ import annotations

import json

import pytest

from cookietrace.formats import PageOptions, export
from cookietrace.formats.format import Export
from cookietrace.formats.page.content import content
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problems import problems, tally
from cookietrace.lesson.quiz import QuizBoard, best_questions
from cookietrace.lesson.step_verdict import headline
from cookietrace.lesson.table import Table
from tests.formats.page.reading import Element, inlined, read_page
from tests.formats.page.stories import sign_in_story
from tests.lesson.compared.test_everywhere import told
from tests.lesson.random_traces import random_story
from tests.story import Story, seed_story

PROBLEM_ROWS = [4, 5]


def written(**options: object) -> str:
    """Return the page of the story with two problems."""
    page = PageOptions(**options)  # type: ignore[arg-type]
    return b"".join(export(sign_in_story().events, "html", page=page)).decode()


@pytest.fixture(scope="module")
def html() -> str:
    """Return the page."""
    return written()


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    """Return the parsed page."""
    return read_page(html)


def test_problems_are_on_top(page: Element) -> None:
    """Their number and each of them, the worst first with its reason and fix."""
    table = Table(sign_in_story().trace())
    found = problems(table)
    section = page.one("section", class_="wrong")
    assert section.one("h2").words == "2 problems" == tally(found).text
    lines = section.all("li")
    assert [line.one("b").words for line in lines] == [headline(moment) for moment in found]
    assert [int(line.attributes["data-problem"]) for line in lines] == PROBLEM_ROWS
    assert [line.one("a").attributes["href"] for line in lines] == ["#table-4", "#table-5"]
    assert found[0].advice in lines[0].words
    assert found[1].advice not in lines[1].words


def test_a_row_has_its_sign_and_reason(page: Element) -> None:
    """So do only the rows with a problem; the legend names the sign."""
    table = page.one("section", id="table")
    noted = [row for row in table.all("tr") if row.all("p", class_="why")]
    assert [row.attributes["id"] for row in noted] == ["table-4", "table-5"]
    for row in noted:
        assert row.all("i", class_="problem")
    assert "'oauth_state'" in noted[0].one("p").words
    assert "SameSite=Lax, cross-site POST" in noted[0].one("p").words
    assert table.one("p", class_="legend").all("i", class_="problem")


def test_the_legend_is_in_words() -> None:
    """A deletion that missed its cookie is "not deleted", as on the screen."""
    story = Story()
    story.visit("/", None, "sid=1; Path=/")
    story.visit("/out", "sid=1", "sid=; Max-Age=0; Path=/other")
    page = read_page(b"".join(export(story.events, "html")).decode())
    legend = page.one("section", id="table").one("p", class_="legend")
    assert legend.all("i", class_="not-deleted")
    assert "not deleted" in legend.words


def test_the_verdict_follows_its_row(page: Element) -> None:
    """Reason and fix are in the row below, so that they are there without a script, too."""
    rows = page.one("section", id="table").one("tbody").all("tr")
    told = {
        rows[place - 1].attributes["id"]: row.words
        for place, row in enumerate(rows)
        if "told" in row.attributes["class"]
    }
    found = problems(Table(sign_in_story().trace()))
    for moment in found:
        assert moment.advice in told[f"table-{moment.row}"]
        assert moment.answer.split(". ")[0] in told[f"table-{moment.row}"]
    assert "table-1" not in told


def test_the_page_opens_on_the_worst(html: str) -> None:
    """The script is told where to open and which rows to visit; a seed opens as it always did."""
    data = _data(html)
    assert data["opens"] == ["table", 4]
    assert data["problems"] == PROBLEM_ROWS
    seed = b"".join(export(seed_story().events, "html")).decode()
    assert _data(seed)["opens"] == ["flow", 1]
    assert not read_page(seed).all("section", class_="wrong")


def test_a_narrow_focus_keeps_the_numbers() -> None:
    """Links and texts name the steps as the whole story does; the script counts rows."""
    focus = Focus(cookies=("theme",), path="/logout")
    html = b"".join(export(sign_in_story().events, "html", focus)).decode()
    page = read_page(html)
    section = page.one("section", class_="wrong")
    assert [link.words for link in section.all("a")] == ["step 5"]
    assert [link.attributes["href"] for link in section.all("a")] == ["#table-5"]
    assert page.one("tr", id="table-5").one("p", class_="why").words
    data = _data(html)
    assert data["opens"] == ["table", 1]
    assert data["problems"] == [1]
    assert data["labels"] == ["5"]


def _data(html: str) -> dict[str, object]:
    (found,) = read_page(html).all("script", id="data")
    data: dict[str, object] = json.loads(found.text)
    return data


def test_a_hand_out_has_no_answers(html: str) -> None:
    """No answer to a question is in the file, nor which option is right; the story itself is."""
    table = Table(sign_in_story().trace())
    handed = written(answers=False)
    page = read_page(handed)
    found = problems(table)
    asked = content(Export(sign_in_story().events)).questions
    questions = page.one("section", id="quiz").all("article")
    assert len(questions) == len(asked) > 2
    for question, card in zip(asked, questions, strict=True):
        assert question.prompt in card.words
        assert [label.words for label in card.all("label")] == [
            option.text for option in question.options
        ]
        assert question.feedback not in card.text
        assert question.feedback in read_page(html).one("section", id="quiz").text
        assert "data-right" not in card.attributes
        assert not card.all("details", class_="answer")
    for moment in (*found, *key_moments(table)):
        assert moment.question in page.text
        assert moment.answer not in page.text
        assert not moment.advice or moment.advice not in page.one("section", id="moments").text
    for moment in found:
        assert headline(moment) not in page.text
    assert not page.all("tr", class_="told") + page.all("section", class_="panel")
    assert _data(handed)["predictions"] == {"texts": [], "steps": []}
    assert "data-right=" not in handed.replace(inlined(handed, "script"), "")


@pytest.mark.parametrize(("count", "asked"), [(0, 0), (1, 1), (4, 4), (None, 5)])
def test_how_many_questions(count: int | None, asked: int) -> None:
    """As many as wanted, and otherwise as many as suit the steps; without any it says so."""
    cards = read_page(written(questions=count)).one("section", id="quiz")
    assert len(cards.all("article")) == asked
    assert bool(asked) or "asks no questions" in cards.words


def test_the_best_questions_of_the_seed() -> None:
    """Three steps are worth three to five questions, and each is of another kind."""
    table = Table(seed_story().trace())
    asked = best_questions(QuizBoard(table), len(table))
    assert [question.kind for question in asked] == [
        "server-reads",
        "first-sent",
        "stops-setting",
        "expires",
    ]


def test_questions_ask_about_the_problem() -> None:
    """Some of them are about the rows with problems, even if only a few are asked."""
    table = Table(sign_in_story().trace())
    asked = best_questions(QuizBoard(table), len(table), problem_steps=PROBLEM_ROWS, count=4)
    assert len(asked) == 4
    assert sum(question.step in PROBLEM_ROWS for question in asked) >= 2


@pytest.mark.parametrize("seed", range(6))
def test_predictions_are_those_of_the_screen(seed: int) -> None:
    """Each step is asked about as the screen does, with the same answers."""
    exported = Export(random_story(seed).events)
    page, board = content(exported), QuizBoard(exported.table)
    texts = page.predictions.texts
    for step, asked in enumerate(page.predictions.steps, 1):
        question = board.predict(step) if step > 1 else None
        assert (asked is None) == (question is None)
        if asked is None or question is None:
            continue
        assert texts[asked.prompt] == question.prompt
        assert [texts[option] for option in asked.options] == [
            option.text for option in question.options
        ]
        assert asked.right == question.right
        assert texts[asked.hint] == question.hint
        assert texts[asked.feedback] == question.feedback


def test_what_differs_between_browsers() -> None:
    """Four cells beside the row, and where it was the same before, a link to that step."""
    events = told().events
    table = read_page(b"".join(export(events, "html")).decode()).one("section", id="table")
    first, refused_row, framed, posted = table.all("details", class_="four")
    assert first.one("summary").words == "Browsers differ (1)"
    cells = [cell.words for cell in first.all("li")]
    assert cells[0].startswith("Chromium 80+")
    assert "SameSite=None without Secure" in cells[0]
    assert cells[2].startswith("Safari 13.1+")
    assert cells[2].endswith("documented only")
    assert [cell.attributes["class"] for cell in first.all("li")] == [
        "refused", "refused", "sent", "refused",
    ]  # fmt: skip
    assert refused_row.one("a").attributes["href"] == "#table-1"
    assert len(framed.all("li")) == len(posted.all("li")) == 4
    handout = b"".join(export(events, "html", page=PageOptions(answers=False))).decode()
    assert "Browsers differ" not in handout
