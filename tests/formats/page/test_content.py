"""The page agrees with the lesson room at every step."""

from __future__ import annotations

import json

import pytest

from cookietrace.fold.exchange import RowKind
from cookietrace.formats import export
from cookietrace.formats.format import Export
from cookietrace.formats.page.content import Content, content
from cookietrace.formats.page.jars import client_jars
from cookietrace.formats.page.rendering import json_in_script
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.jar.rows import jar_row
from cookietrace.lesson.sample import sample
from cookietrace.lesson.snapshot import Snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraph
from tests.formats.page.reading import Element, read_page
from tests.formats.page.stories import rich_story
from tests.lesson.random_traces import random_story
from tests.lesson.test_seed_tables import EXECUTION_TABLE, TRACKER
from tests.lesson.visits import Visit, story_of
from tests.story import seed_story

SEED_FOCUS = Focus(path="/", cookies=("user",))


@pytest.fixture(scope="module")
def seed() -> Element:
    """Return the page of the seed trace."""
    return read_page(b"".join(export(seed_story().events, "html", SEED_FOCUS)).decode())


@pytest.fixture(scope="module", params=["rich", *range(12)])
def rich(request: pytest.FixtureRequest) -> tuple[Table, Content]:
    """Return the table of a rich or a random trace, and the content of its page."""
    story = rich_story(40) if request.param == "rich" else random_story(request.param)
    exported = Export(story.events)
    return exported.table, content(exported)


def numbers(text: str) -> set[int]:
    """Return the numbers in ranges such as ``1-3 5``."""
    found: set[int] = set()
    for run in text.split():
        first, _, last = run.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def test_the_execution_table_cell_for_cell(seed: Element) -> None:
    """The table of the seed trace is in the page, cell for cell."""
    table = seed.one("section", id="table").one("table")
    rows = [
        tuple(cell.words for cell in row if cell.tag in ("th", "td"))
        for row in table.one("tbody").all("tr")
    ]
    assert rows == EXECUTION_TABLE
    assert [cell.words for cell in table.one("thead").all("th")] == [
        "Step",
        "Action",
        "Request Cookies",
        "Read Cookie 'user'",
        "Set Cookie 'user'",
        "Response Content",
    ]


def test_the_tracker_cell_for_cell(seed: Element) -> None:
    """So is the tracker, with the cookies in the jar below it."""
    variables, jar = seed.one("section", id="tracker").all("tbody")
    rows = [
        tuple(cell.words for cell in row if cell.tag in ("th", "td")) for row in variables.all("tr")
    ]
    assert rows == TRACKER
    assert [cell.words for cell in jar.all("tr")[1].all("td")] == ["None", "None", "Alice", "Alice"]


def test_the_three_moments_of_the_seed(seed: Element) -> None:
    """Why None at first, how it comes back, why on every answer: each with links to its steps."""
    cards = seed.one("section", id="moments").all("article")
    assert [card.one("h3").words for card in cards] == [
        "Why does the server read None for 'user' in step 1?",
        "How does 'user' get back to the server in step 3?",
        "Why is 'user' set on every response?",
    ]
    assert [[link.attributes["href"] for link in card.all("a")] for card in cards] == [
        ["#table-1", "#table-2"],
        ["#table-1", "#table-2", "#table-3"],
        ["#table-1", "#table-2", "#table-3"],
    ]


def test_the_jar_of_every_step(rich: tuple[Table, Content]) -> None:
    """The cookies that the page shows at a step are those in the jar at that step."""
    table, page = rich
    steps = range(1, len(table) + 1)
    acting = {table.exchange(step).request.client_id for step in steps}
    clients = [state.client_id for state in table.trace.clients if state.client_id in acting]
    for client_id, jar in zip(clients, page.jars, strict=True):
        for step in steps:
            shown = [
                (held.row.name, held.row.value, held.row.domain, held.row.state)
                for held in jar.cookies
                if step in numbers(held.at)
            ]
            held = [
                jar_row(cookie, 0.0)
                for cookie in table.trace.jar_at(client_id, table.position(step))
            ]
            assert sorted(shown) == sorted(
                (row.name, row.value, row.domain, row.state) for row in held
            )
    refused = [refusal.step for jar in page.jars for refusal in jar.refusals]
    assert sorted(refused) == [
        step for step in steps if table.trace_row(step).kind is RowKind.REFUSED
    ]


@pytest.mark.parametrize(
    ("visits", "lives", "gone"),
    [
        (
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",)), Visit()),
            ["steps 2–3, sent once, then deleted"],
            ["4-5"],
        ),
        (
            (Visit(sets=("a=1; Max-Age=5",)), Visit(), Visit()),
            ["step 2, then expired"],
            ["3-4"],
        ),
        (
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",)), Visit(cookie="a=2")),
            ["steps 2–3, sent once", "steps 4–5, sent once"],
            ["", ""],
        ),
        (
            (
                Visit(sets=("a=1",)),
                Visit(cookie="a=1", sets=("a=; Max-Age=0",)),
                Visit(sets=("a=2",)),
            ),
            ["steps 2–3, sent once, then deleted", "step 6"],
            ["4-5", ""],
        ),
    ],
)
def test_the_end_of_a_cookie(visits: tuple[Visit, ...], lives: list[str], gone: list[str]) -> None:
    """A deleted or expired cookie counts as gone until it is set again; a replaced one does not."""
    table = Table(story_of(*visits).trace())
    (jar,) = client_jars(table, CookieHistories(table.trace))
    assert [held.life for held in jar.cookies] == lives
    assert [held.gone_at for held in jar.cookies] == gone


def test_the_listing_of_every_step_and_moment(rich: tuple[Table, Content]) -> None:
    """The values and the current line on the page are those of the sample at that moment."""
    table, page = rich
    for step in range(1, len(table) + 1):
        if table.trace_row(step).kind is not RowKind.EXCHANGE:
            continue
        (listing,) = (listing for listing in page.listings if step in numbers(listing.at))
        for moment in range(listing.moments + 1):
            shown = sample(table.exchange(step), moment, mask=table.mask)
            for line, listed in zip(shown.lines, listing.lines, strict=True):
                assert "".join(piece.text for piece in listed.pieces) == line.text
                assert (moment in numbers(listed.turns)) is line.current
                values = {
                    remark.text
                    for remark in listed.remarks
                    if not remark.is_action
                    and step in numbers(remark.at)
                    and moment in numbers(remark.moments)
                }
                assert values == {value.text for value in line.values}


def test_the_snapshot_of_every_step(rich: tuple[Table, Content]) -> None:
    """The counts on the page at a step are those of the snapshot."""
    table, page = rich
    board = Snapshot(table)
    board.update()
    for step in range(1, len(table) + 1):
        lines = []
        for entry in page.snapshot:
            known = [version for version in entry.versions if version.step <= step]
            if known:
                text = entry.wordings[known[-1].wording].replace("{}", str(known[-1].count))
                lines.append((text, entry.line.step, known[-1].latest))
        assert lines == [(line.text, line.step, line.latest) for line in board.lines(step)]


def test_every_exchange_has_a_paragraph(rich: tuple[Table, Content]) -> None:
    """The transcript has a paragraph per exchange in focus, with the steps that it describes."""
    table, page = rich
    shown = [each for each in page.paragraphs if each.at]
    assert [each.text for each in shown] == [
        paragraph(table.trace, exchange) for exchange in table.trace.exchanges
    ]
    assert sorted(step for each in shown for step in numbers(each.at)) == list(
        range(1, len(table) + 1)
    )


def test_a_drawing_for_every_step(rich: tuple[Table, Content]) -> None:
    """Each step has a drawing with a lit stage, and a jar of at most three lines."""
    table, page = rich
    data = json.loads(json_in_script(page.data))
    assert len(data["drawings"]) == len(data["held"]) == data["steps"] == len(table)
    assert all(drawing["beats"] for drawing in data["drawings"])
    assert all(1 <= len(jar) <= 3 for jar in data["jars"])


def test_a_late_response_has_a_paragraph_of_its_own() -> None:
    """It comes where the response was committed, and links to the rows of what it did."""
    events = story_of(
        Visit(sets=("a=old",)),
        Visit("/slow", "a=old", sets=("a=new",), late=1),
        Visit("/other", "a=old"),
    ).events
    parts = content(Export(events)).paragraphs
    assert [(part.text.split(".")[0], part.first) for part in parts] == [
        ("Steps 1–2", 1), ("Step 3", 3), ("Step 4", 4), ("Step 5", 5),
    ]  # fmt: skip
    assert "changes the value of 'a' from 'old' to 'new'" in parts[3].text
