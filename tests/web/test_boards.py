"""What the page gets is what the lesson room says, in each of the nine modes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from cookietrace.events import Event, decode, encode
from cookietrace.formats import open_capture
from cookietrace.lesson.detail import Siblings, detail
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problems import problems, tally
from cookietrace.lesson.quiz import QuizBoard
from cookietrace.lesson.snapshot import snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.title import title
from cookietrace.lesson.tracker.board import track
from cookietrace.lesson.transcript import paragraphs
from cookietrace.stores import create_capture
from cookietrace.trace import fold
from cookietrace.web.live import Live
from cookietrace.web.modes import BOARDS, MOST_COLUMNS, Board, Query
from cookietrace.web.options import PageOptions
from cookietrace.web.server import live_of
from cookietrace.web.shapes import MOST_PROBLEMS, MOST_ROWS
from tests.lesson.compared.test_everywhere import told
from tests.lesson.test_problems import troubled
from tests.story import Story, seed_story
from tests.tui import captures
from tests.verdict_stories import full, rich
from tests.web.pages import PATIENCE, TOKENS, Page, page_of


def table_of(events: list[Event]) -> Table:
    """Return the table of the same capture, folded at once."""
    return Table(fold(events))


async def every_step(page: Page, slug: str, steps: int) -> list[Any]:
    """Return a mode at each step."""
    return [await page.json(f"/api/mode/{slug}?step={step}") for step in range(1, steps + 1)]


def test_every_mode_is_there() -> None:
    """The page has the modes of the screen."""
    assert list(BOARDS) == [mode.slug for mode in MODES]


async def test_the_story(tmp_path: Path) -> None:
    """The page begins with its title, its modes and headings, and how far it is."""
    events = troubled(3).events
    table = table_of(events)
    found = problems(table)
    async with page_of(tmp_path, events) as page:
        await page.until(lambda: len(page.live.found) == len(found))
        story = await page.json("/api/story")
        assert story["title"] == title(table)
        assert story["headings"] == list(table.headings)
        assert [mode["slug"] for mode in story["modes"]] == [mode.slug for mode in MODES]
        assert story["steps"] == len(table)
        assert (story["redacted"], story["hidden"], story["presents"]) == (False, "", False)
        assert (story["progress"], story["live"]) == (None, True)
        assert story["problems"]["tally"] == tally(found).text
        assert story["problems"]["rows"] == sorted({moment.row for moment in found})


async def test_the_rows(tmp_path: Path) -> None:
    """Rows have the cells and marks of the table; a row with a problem says why, and the fix."""
    events = troubled(3).events
    table = table_of(events)
    wrong = {moment.row for moment in problems(table)}
    assert wrong
    async with page_of(tmp_path, events) as page:
        await page.until(lambda: len(page.live.found) == len(problems(table)))
        got = await page.json("/api/rows?from=1&to=100000")
        assert (got["from"], got["to"], got["steps"]) == (1, len(table), len(table))
        for row in got["rows"]:
            assert row["cells"] == list(table.row(row["step"]).cells)
            marks = {sign["mark"] for sign in row["signs"]} - {"problem", "warning"}
            assert marks == {mark.value for mark in table.row(row["step"]).marks}
            assert (row["problem"] is not None) is (row["step"] in wrong)
            assert bool(row["verdict"]) or row["step"] not in wrong
        listed = (await page.json("/api/problems"))["listed"]
        assert {problem["step"] for problem in listed} == wrong
        assert all(problem["section"]["lines"] for problem in listed)
        assert (await page.json("/api/rows?from=9999&to=10000"))["rows"] == []


async def test_rows_are_bounded(tmp_path: Path) -> None:
    """One response has a limited number of rows, wherever it begins."""
    story = Story()
    for number in range(MOST_ROWS + 20):
        story.visit(f"/{number}")
    async with page_of(tmp_path, story.events) as page:
        got = await page.json("/api/rows?from=11&to=999999")
        assert (got["from"], got["to"]) == (11, MOST_ROWS + 10)
        assert [row["step"] for row in got["rows"]] == list(range(11, MOST_ROWS + 11))


async def test_problems_are_bounded(tmp_path: Path) -> None:
    """The worst problems are listed, and all of them counted; the rows show theirs."""
    events = seed_story().events[:1]
    for number in range(MOST_PROBLEMS + 5):
        for event in captures.login_bug():
            line = encode(event).replace(b"shop.test", b"shop%d.test" % number)
            own = b'"exchange_id":"%d-' % number
            events.append(decode(line.replace(b'"exchange_id":"', own)))
    found = problems(table_of(events))
    assert len(found) > MOST_PROBLEMS
    async with page_of(tmp_path, events) as page:
        await page.until(lambda: len(page.live.found) == len(found))
        got = await page.json("/api/problems")
        assert got["count"] == len(found)
        listed = [moment.row for moment in found[:MOST_PROBLEMS]]
        assert [problem["step"] for problem in got["listed"]] == listed


async def test_a_capture_that_cannot_be_read_on(tmp_path: Path) -> None:
    """What was read until then is the story, with its problems; one line says what is wrong."""
    path = tmp_path / "damaged.cookietrace"
    story = troubled(3)
    with closing(create_capture(path, sensitive=False)) as writer:
        writer.append(story.events[1:])
        for number in range(2000):
            story.visit(f"/{number}")
        writer.append(story.events[-4000:])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET json = '{' WHERE position = 2500")
    with closing(open_capture(path)) as store:
        live = live_of(store, PageOptions(capture=str(path), tokens=TOKENS))
        running = asyncio.create_task(live.run())
        async with asyncio.timeout(PATIENCE):
            while live.progress is not None or not live.found:
                await asyncio.sleep(0.002)
        assert live.recording.trouble is not None
        assert "damaged.cookietrace" in live.recording.trouble
        assert len(live.table) > 600
        running.cancel()
        await asyncio.wait((running,))


async def test_each_mode_is_the_lesson_s(tmp_path: Path) -> None:
    """Every text comes from the boards that the screen and the exports use."""
    events = full().events
    table = table_of(events)
    steps = len(table)
    found = {moment.row: moment for moment in reversed(problems(table))}
    async with page_of(tmp_path, events) as page:
        await page.until(lambda: len(page.live.found) == len(problems(table)))
        flows = FlowBoard(table)
        for step, got in enumerate(await every_step(page, "flow", steps), 1):
            flow = flows.flow(step)
            assert [stage["lines"] for stage in got["flow"]["stages"]] == [
                list(stage.lines) for stage in flow.stages
            ]
            assert got["flow"]["beats"] == list(flow.beats)
            assert got["drawing"]["lead"]
        for step, got in enumerate(await every_step(page, "table", steps), 1):
            wanted = detail(
                table.exchange(step), table.trace_row(step), problem=found.get(step),
                siblings=Siblings(),
            )  # fmt: skip
            assert [section["title"] for section in got["sections"]] == [
                section.title for section in wanted
            ]
            assert [[line["text"] for line in section["lines"]] for section in got["sections"]] == [
                [line.text for line in section.lines] for section in wanted
            ]
        tracker = track(table, jar=True)
        got = await page.json(f"/api/mode/tracker?step={steps}")
        assert [column["heading"] for column in got["columns"]] == list(tracker.columns)
        assert [row["cells"] for row in got["rows"]] == [
            list(tracker.cells(row)) for row in tracker.rows
        ]
        got = await page.json("/api/mode/moments")
        assert [moment["question"] for moment in got["moments"]] == [
            moment.question for moment in key_moments(table)
        ]
        got = await page.json(f"/api/mode/snapshot?step={steps}")
        assert [line["text"] for line in got["lines"]] == [line.text for line in snapshot(table)]
        got = await page.json("/api/mode/transcript")
        told = [got["opening"], *(part["text"] for part in got["paragraphs"])]
        assert told == list(paragraphs(table.trace))


async def test_the_jar(tmp_path: Path) -> None:
    """The jar of the acting client, or of the one asked for, with each cookie's life."""
    events = rich().events
    table = table_of(events)
    async with page_of(tmp_path, events) as page:
        for step, got in enumerate(await every_step(page, "jar", len(table)), 1):
            client = table.exchange(step).request.client_id
            held = table.trace.jar_at(client, table.position(step))
            assert got["client"]["id"] == client
            assert [cookie["value"] for cookie in got["client"]["cookies"]] == [
                cookie.value for cookie in held
            ]
            assert all(cookie["life"]["lines"] for cookie in got["client"]["cookies"])
        for state in table.trace.clients:
            got = await page.json(f"/api/mode/jar?client={state.client_id}")
            assert got["client"]["id"] == state.client_id


async def test_the_sample(tmp_path: Path) -> None:
    """The view's source comes in coloured pieces that make up its lines, at each moment."""
    async with page_of(tmp_path, seed_story().events) as page:
        got = (await page.json("/api/mode/sample?step=3"))["sample"]
        assert (got["moments"], got["moment"]) == (4, 4)
        second = "".join(text for _, text in got["lines"][2]["pieces"])
        assert second == '    user = request.cookies.get("user")'
        assert ["string", '"user"'] in got["lines"][2]["pieces"]
        assert got["lines"][2]["values"] == ["user = 'Alice'"]
        early = (await page.json("/api/mode/sample?step=3&moment=0"))["sample"]
        assert not any(line["ran"] for line in early["lines"])
        missing = (await page.json("/api/mode/sample?step=2"))["sample"]
        assert any("The view has returned" in notice for notice in missing["notices"])


async def test_the_quiz(tmp_path: Path) -> None:
    """Questions come without their answers, which the server judges."""
    events = full().events
    board = QuizBoard(table_of(events))
    async with page_of(tmp_path, events) as page:
        for seed in (0, 7):
            got = await page.json(f"/api/mode/quiz?seed={seed}")
            assert got["questions"]
            for question in got["questions"]:
                true = board.ask(question["kind"], question["step"], seed)
                assert true is not None
                assert question["prompt"] == true.prompt
                assert question["options"] == [option.text for option in true.options]
                assert not question.keys() & {"right", "feedback", "claim", "subject"}
                for choice in range(len(true.options)):
                    asked = f"kind={true.kind}&step={true.step}&seed={seed}&choice={choice}"
                    judged = await page.json(f"/api/quiz/answer?{asked}&key={question['key']}")
                    assert judged["right"] is true.is_right(choice)
                    assert (judged["correct"], judged["feedback"]) == (true.right, true.feedback)
                refused = await page.get(f"/api/quiz/answer?{asked[:-1]}4&key={question['key']}")
                assert refused.status_code == 400


@pytest.mark.parametrize("slug", BOARDS)
async def test_before_the_first_request(tmp_path: Path, slug: str) -> None:
    """Each mode can be asked for before anything has happened."""
    async with page_of(tmp_path, seed_story().events[:1]) as page:
        got = await page.json(f"/api/mode/{slug}")
        assert (got["step"], got["steps"]) == (0, 0)


async def test_a_focus_and_a_profile(tmp_path: Path) -> None:
    """The page shows what a focus leaves, by the rules that the user chose."""
    story = seed_story()
    story.visit("/other", "user=Alice", "x=1; SameSite=None")
    async with page_of(
        tmp_path, story.events, focus=Focus(path="/other"), browser_profile="firefox"
    ) as page:
        got = await page.json("/api/story")
        assert got["focus"]
        rows = (await page.json("/api/rows?from=1&to=9"))["rows"]
        assert [row["label"] for row in rows] == ["4", "5"]
        jar = await page.json("/api/mode/jar")
        assert jar["client"]["profile"].startswith("firefox")


async def test_a_focus_that_opens(tmp_path: Path) -> None:
    """A first focus is removed as soon as a request is out of it: every row is read again."""
    story = seed_story()
    first = Focus(path="/", cookies=("user",))
    async with page_of(tmp_path, story.events, focus=first, focus_opens=True) as page:
        assert (await page.json("/api/story"))["focus"]
        async with page.read(page.live.changes.id) as reader:
            begin = len(story.events)
            story.visit("/other", "user=Alice", "x=1; Path=/, HttpOnly")
            await page.append(story.events[begin:])
            events = await reader.until(lambda event: event.data.get("steps") == 5)
        rows = next(event.data for event in events if event.kind == "rows")
        assert (rows["first"], rows["steps"]) == (1, 5)
        assert (await page.json("/api/story"))["focus"] == ""
        await page.until(lambda: bool(page.live.found))
        assert (await page.json("/api/problems"))["listed"][0]["step"] > 3


async def test_a_long_day_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key moments and a jar are as many as a page can hold; the page says how many there are."""
    monkeypatch.setattr("cookietrace.web.modes.MOST_COOKIES", 5)
    monkeypatch.setattr("cookietrace.web.modes.MOST_MOMENTS", 2)
    events = troubled(9).events
    story = Story("https://shop.test")
    story.visit("/", None, *(f"c{number:02}=1" for number in range(9)))
    story.visit("https://zz.test/", None, "zz=1")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    async with page_of(tmp_path / "a", events) as page:
        got = await page.json("/api/mode/moments")
        every = key_moments(table_of(events))
        assert [one["question"] for one in got["moments"]] == [one.question for one in every[-2:]]
        assert got["moments_count"] == len(every) > 2
    async with page_of(tmp_path / "b", story.events) as page:
        jar = (await page.json("/api/mode/jar?step=4"))["client"]
        assert [each["name"] for each in jar["cookies"]] == ["c00", "c01", "c02", "c03", "zz"]
        assert jar["cookies_count"] == 10


async def test_nobody_makes_what_nobody_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board is given up as soon as the page that asked for it is gone."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(live: Live, step: int, query: Query) -> Any:
        begun.set()
        try:
            while True:
                await asyncio.sleep(0.001)
        finally:
            ended.set()

    monkeypatch.setitem(BOARDS, "jar", Board(endless))
    async with page_of(tmp_path, seed_story().events) as page:
        left = asyncio.Event()
        asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if asked:
                return asked.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            del message

        reading = {**page.read()._scope, "path": "/api/mode/jar", "query_string": b"step=1"}
        running = asyncio.ensure_future(page.app(reading, receive, send))
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
            assert not ended.is_set()
            left.set()
            await ended.wait()
            await running


async def test_a_long_tracker_is_bounded(tmp_path: Path) -> None:
    """The tracker has a limited number of columns, up to the step; or only those with a change."""
    story = Story()
    for number in range(100):
        story.visit("/", f"user={number // 50}")
    async with page_of(tmp_path, story.events) as page:
        got = await page.json("/api/mode/tracker?step=90")
        assert len(got["columns"]) == MOST_COLUMNS
        assert (got["columns"][-1]["step"], got["before"]) == (90, 91 - MOST_COLUMNS)
        few = await page.json("/api/mode/tracker?step=90&changes=1&columns=5")
        assert [column["step"] for column in few["columns"]] == [0, 1, 51]


async def test_what_differs_between_browsers(tmp_path: Path) -> None:
    """A step's details have a cell for each browser; without a value of a cookie."""
    events = told().events
    async with page_of(tmp_path, events) as page:
        got = await every_step(page, "table", len(table_of(events)))
    (theme,) = got[0]["browsers"]
    assert theme["title"] == "'theme' set by the response (POST from its own site)"
    assert [cell["what"] for cell in theme["cells"]] == ["refused", "refused", "stored", "refused"]
    assert theme["cells"][0]["basis"] == "tried in 156"
    assert [len(step["browsers"]) for step in got] == [1, 0, 1, 1, 1, 0]
