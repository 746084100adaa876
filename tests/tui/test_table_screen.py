"""Mode 3: rows that appear with the traffic, steps, focus, search and details."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from cookietrace.events import Browser, BrowserChange
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.lesson.test_numbering import with_icons
from tests.story import Story
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tests.verdict_stories import siblings
from tui.dialogs.focus import FocusDialog
from tui.dialogs.goto import GoToDialog
from tui.dialogs.help import HelpDialog
from tui.dialogs.menu import MenuDialog
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.find_bar import FindBar
from tui.widgets.virtual_table import VirtualTable

USER = Focus(path="/", cookies=("user",))
SEED = (
    ("1", "Client sends first request", "{}", "None", "Set 'user'='Alice'", "Hello None"),
    ("2", "Client stores cookie 'user'='Alice'", "{}", "N/A", "N/A", "N/A"),
    (
        "3",
        "Client sends second request with cookie",
        "{'user': 'Alice'}",
        "Alice",
        "Set 'user'='Alice'",
        "Hello Alice",
    ),
)


COLUMN_WORDS = ("Step", "Action", "Req", "Read", "Set", "Resp", "Hello")
"""A word of each column, short enough for the smallest terminal."""


async def test_the_seed_trace_is_on_the_screen(opened: Open) -> None:
    """Every cell of the seed table is shown if there is room; at any size no column is missing."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        text = screen_text(it.app)
        for heading in ("Step", "Action", "Request Cookies", "Set Cookie 'user'"):
            assert heading in text
        lines = text.splitlines()
        for row in SEED:
            (line,) = [line for line in lines if row[1] in line]
            rest = line
            for cell in row:
                _, found, rest = rest.partition(cell)
                assert found, (row, line)
        for size in ((80, 24), (60, 16), (200, 60)):
            await it.resize(pilot, *size)
            await until(pilot, lambda: all(word in screen_text(it.app) for word in COLUMN_WORDS))


async def test_rows_appear_as_traffic_arrives(opened: Open) -> None:
    """A row appears with its request and is filled in with its response; the cursor follows."""
    it = opened([captures.started(), captures.client()])
    visit = captures.visit(1, "http://a.test/x", content="Hello", set_cookies=["a=1"])
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        assert it.app.screen.query_one(EmptyState).display
        it.append(visit[:1])
        await it.settled(pilot)
        assert not it.app.screen.query_one(EmptyState).display
        assert "Action at a.test" in screen_text(it.app)
        assert "GET /x (first request)" in screen_text(it.app)
        assert "Hello" not in screen_text(it.app)
        it.append(visit[1:])
        await it.settled(pilot)
        assert "Hello" in screen_text(it.app)
        assert it.app.story.step == 2


async def test_looking_back_pauses_and_one_key_follows(opened: Open) -> None:
    """Up stays at its row while others arrive, and counts them; ``f`` follows again."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("up")
        await pilot.pause()
        assert "paused" in screen_text(it.app)
        it.append(captures.visit(3, "http://127.0.0.1:8081/", cookie="user=Alice"))
        await it.settled(pilot)
        assert it.app.story.step == 2
        assert "paused, 1 new" in screen_text(it.app)
        await pilot.press("f")
        await pilot.pause()
        assert it.app.story.step == 4
        assert "following" in screen_text(it.app)


async def test_a_finished_capture_opens_at_its_first_step(opened: Open) -> None:
    """A capture that has ended is read from its first step and shown as stopped."""
    it = opened([*captures.seed(), captures.stopped()], live=False)
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        assert it.app.story.step == 1
        text = screen_text(it.app)
        assert "stopped" in text
        assert "following" not in text
        assert "127.0.0.1:8080" not in text.splitlines()[1]


async def test_stepping_keys(opened: Open) -> None:
    """Arrows go a step back and on, Home and End to the ends, ``g`` to a number."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        last = it.app.story.count
        seen = []
        for key in ("left", "left", "right", "home", "left", "end", "right"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(it.app.story.step)
        assert seen == [last - 1, last - 2, last - 1, 1, 1, last, last]
        await pilot.press("g")
        await dialog(pilot, GoToDialog)
        await pilot.press("7", "enter")
        await until(pilot, lambda: it.app.story.step == 7)


async def test_a_narrow_focus_keeps_the_numbers(opened: Open) -> None:
    """Rows and the line above them show the numbers of the whole trace; ``g`` takes them."""
    it = opened(with_icons().events, focus=Focus(path="/next"))
    async with it.app.run_test(size=(120, 30)) as pilot:
        await it.settled(pilot)
        for typed in ("5", "3", "4"):
            place = f"step {typed} of 5"
            await pilot.press("g")
            await dialog(pilot, GoToDialog)
            assert "3 to 5" in screen_text(it.app)
            await pilot.press(typed, "enter")
            await until(pilot, lambda place=place: it.app.story.where == place)  # type: ignore[misc]
            await it.settled(pilot)
            assert place in screen_text(it.app)


async def test_details_follow_the_step(opened: Open) -> None:
    """The pane shows the selected step: headers, reasons with their section, and fixes."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 120)) as pilot:
        await it.settled(pilot)
        refused = next(
            step
            for step in range(1, it.app.story.count + 1)
            if "'wide'" in it.app.story.table.row(step).action
        )
        await pilot.press("g")
        await dialog(pilot, GoToDialog)
        await pilot.press(*str(refused), "enter")
        await until(pilot, lambda: it.app.story.step == refused)
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "public suffix" in text
        assert "5.7 step 9" in text
        assert "Request headers" in text


async def test_details_count_or_list_the_cookies_of_other_hosts(opened: Open) -> None:
    """``a`` lists what a request withholds of the site's other hosts, and counts it again."""
    it = opened(siblings().events)
    async with it.app.run_test(size=(120, 120)) as pilot:
        await it.settled(pilot)
        await pilot.press("end")
        await it.settled(pilot)
        assert "cookies of other hosts of shop.test" in screen_text(it.app)
        assert "'c'='3' for *.www.shop.test/" not in screen_text(it.app)
        await pilot.press("a")
        await until(pilot, lambda: "'c'='3' for *.www.shop.test/" in screen_text(it.app))
        assert "a: only count them" in screen_text(it.app)
        await pilot.press("a")
        await until(pilot, lambda: "a: list them" in screen_text(it.app))


async def test_details_can_be_hidden_and_zoomed(opened: Open) -> None:
    """``d`` hides and shows them; Enter makes them fill the body, and again restores them."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        pane, table = (it.app.screen.query_one(kind) for kind in (DetailPane, VirtualTable))
        await pilot.press("d")
        assert not pane.display
        await pilot.press("d")
        assert pane.display
        await pilot.press("enter")
        await until(pilot, lambda: pane.has_focus and pane.size.height > 15)
        await pilot.press("enter")
        await until(pilot, lambda: table.has_focus and table.size.height > 5)


async def test_find_narrows_and_matches_are_walked(opened: Open) -> None:
    """Typing keeps only matching rows; n and N go from match to match; Esc ends the search."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("slash", *"login", "enter")
        await pilot.pause()
        screen = it.app.screen
        matches = it.app.story.finder.matches
        table = screen.query_one(VirtualTable)
        assert table.count == len(matches) == 2
        assert it.app.story.step in matches
        await pilot.press("n")
        await until(pilot, lambda: it.app.story.step == matches[0])
        await pilot.press("N")
        await until(pilot, lambda: it.app.story.step == matches[-1])
        await pilot.press("escape")
        await pilot.pause()
        assert table.count == it.app.story.count
        assert not screen.query_one(FindBar).display
        assert not it.app.story.finder.needle


async def test_a_search_can_be_ended(opened: Open) -> None:
    """Without a match the screen says so and keeps every row; Esc, or Enter on nothing, ends it."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        for ending in (
            ("enter", "escape"),
            ("escape",),
            ("enter", "slash", "escape"),
            ("enter", "slash", "backspace", "enter"),
            ("enter", "9", "escape", "3"),
        ):
            await pilot.press("slash", *"zzzz")
            await until(pilot, lambda: "no match" in screen_text(it.app))
            table, step = it.app.screen.query_one(VirtualTable), it.app.story.step
            assert (table.count, step) == (it.app.story.count, it.app.story.count), ending
            await it.press(pilot, *ending)
            await until(pilot, lambda: "no match" not in screen_text(it.app))
            table = it.app.screen.query_one(VirtualTable)
            assert table.count == it.app.story.count, ending
            assert not it.app.screen.query_one(FindBar).display, ending


async def test_live_rows_are_searched_too(opened: Open) -> None:
    """A new row that matches joins the rows found so far."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(140, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("slash", *"login", "enter")
        it.append(captures.visit(50, "https://shop.test/login?again", seconds=60))
        it.append(captures.visit(51, "https://shop.test/other", seconds=61))
        await it.settled(pilot)
        assert it.app.screen.query_one(VirtualTable).count == 3


async def test_mask_hides_values(opened: Open) -> None:
    """``m`` hides cookie values everywhere on the screen; ``m`` again shows them."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("m")
        await pilot.pause()
        hidden = screen_text(it.app)
        assert "values hidden" in hidden
        assert "'Alice'" not in hidden
        assert "user=Alice" not in hidden
        await pilot.press("m")
        await pilot.pause()
        assert "'Alice'" in screen_text(it.app)


async def test_focus_is_chosen_with_counts(opened: Open) -> None:
    """The dialog lists what can be in focus with counts; checked entries make the focus."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("o")
        await dialog(pilot, FocusDialog)
        await pilot.press(*"session", "space")
        await until(pilot, lambda: "[x] session" in screen_text(it.app))
        assert "5 of 12 exchanges" in screen_text(it.app)
        await pilot.press("enter")
        await until(pilot, lambda: it.app.story.focus.cookies == ("session",))
        await pilot.pause()
        assert it.app.story.count < Table(fold(captures.rich())).__len__()
        assert "Set Cookie" in screen_text(it.app)
        await pilot.press("O")
        await until(pilot, lambda: it.app.story.focus == Focus())


async def test_focus_keeps_the_selected_exchange(opened: Open) -> None:
    """The selected exchange stays selected in another focus, under its new number."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("g")
        await dialog(pilot, GoToDialog)
        await pilot.press("6", "enter")
        await until(pilot, lambda: it.app.story.step == 6)
        assert it.app.story.exchange is not None
        chosen = it.app.story.exchange.exchange_id
        it.app.story.set_focus(Focus(path="/account"))
        assert it.app.story.exchange is not None
        assert it.app.story.exchange.exchange_id == chosen


async def test_a_typed_path_is_a_focus(opened: Open) -> None:
    """A path prefix can be typed."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("o")
        await dialog(pilot, FocusDialog)
        it.app.screen.query_one(Input).value = "/acc*"
        await pilot.pause()
        await pilot.press("down", "enter")
        await until(pilot, lambda: it.app.story.focus.path == "/acc*")


async def test_nothing_in_focus_says_so(opened: Open) -> None:
    """If all traffic is outside the focus, the table says so and names the focus."""
    it = opened(captures.seed(), focus=Focus(host="nowhere.test"))
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Nothing is in focus" in text
        assert "nowhere.test" in text


@pytest.mark.parametrize(
    ("width", "count"), [(80, "1 elsewhere (O)"), (120, "1 request elsewhere (O shows all)")]
)
async def test_a_focus_says_what_it_leaves_out(opened: Open, width: int, count: str) -> None:
    """Requests outside the focus are counted beside it, except the browser's own."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(width, 24)) as pilot:
        await it.settled(pilot)
        assert "elsewhere" not in screen_text(it.app)
        it.append(captures.visit(3, "http://127.0.0.1:8081/lessons", seconds=20))
        it.append(captures.visit(4, "http://127.0.0.1:8081/favicon.ico", seconds=21))
        await it.settled(pilot)
        assert f"path / · cookie user · {count}" in screen_text(it.app)
        text = await it.go_to(pilot, "8")
        assert "everything" in text
        assert "cookie user" not in text
        await pilot.press("3", "O")
        await until(pilot, lambda: it.app.story.focus == Focus())
        await until(pilot, lambda: "elsewhere" not in screen_text(it.app))


async def test_copy_reaches_the_clipboard(opened: Open) -> None:
    """``y`` lists what can be copied and a letter copies it; hidden values stay hidden."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press("y")
        await dialog(pilot, MenuDialog)
        await pilot.press("h")
        await until(pilot, lambda: it.app.clipboard == "user=Alice")
        await pilot.press("m")
        await it.settled(pilot)
        await pilot.press("y")
        await dialog(pilot, MenuDialog)
        await pilot.press("h")
        await until(pilot, lambda: it.app.clipboard.startswith("user=•"))


async def test_help_explains_the_focused_widget(opened: Open) -> None:
    """``?`` explains the table in the table, and the details in the details."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 50)) as pilot:
        await it.settled(pilot)
        for keys, title in (
            (("question_mark",), "Execution table"),
            (("tab", "question_mark"), "Details of the step"),
        ):
            await pilot.press(*keys)
            await dialog(pilot, HelpDialog)
            assert title in screen_text(it.app)
            await pilot.press("escape")
            await until(pilot, lambda: it.in_front)


async def test_a_terminal_too_small_says_so(opened: Open) -> None:
    """Below the smallest size there is one message; a larger terminal restores the screen."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(50, 12)) as pilot:
        await it.settled(pilot)
        assert "too small" in screen_text(it.app)
        assert "60×16" in screen_text(it.app)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Action" in screen_text(it.app))
        assert "too small" not in screen_text(it.app)


async def test_what_a_browser_says_late_redraws_its_row(opened: Open) -> None:
    """Who wrote a cookie may be said only after the request: table, details and jar say it then."""
    story = Story()
    story.visit("/", "w=1")
    at = story.now - 60
    change = BrowserChange(
        kind="added", name="w", value="1", domain="127.0.0.1", path="/", script=True
    )
    said = Browser(at=at, said_at=at, said_by="chromium-net-log", client_id="c1", changes=(change,))
    it = opened(story.events)
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        assert "unexplained: never seen being set" in screen_text(it.app)
        [row] = [line for line in screen_text(it.app).splitlines() if "(first request)" in line]
        assert "!" in row
        it.append([said])
        await it.settled(pilot)
        await until(pilot, lambda: "written by a script" in screen_text(it.app))
        assert "never seen being set" not in screen_text(it.app)
        [row] = [line for line in screen_text(it.app).splitlines() if "(first request)" in line]
        assert "!" not in row
