"""Mode 9: the jar at the selected step, each cookie's life, and what was refused."""

from __future__ import annotations

from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.widgets.detail_pane import DetailPane
from tui.widgets.jar_table import JarTable, RefusedTable

USER = Focus(path="/", cookies=("user",))


async def test_the_jar_is_that_of_the_selected_step(opened: Open) -> None:
    """Before the step that stores the cookie the jar is shown without it."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(120, 36)) as pilot:
        text = await it.go_to(pilot, "9")
        assert "Alice" in text
        assert "Life of user on 127.0.0.1/" in text
        assert "stored with the value 'Alice' · step 2" in text
        assert "The jar is empty at this step" in await it.press(pilot, "home")


async def test_a_life_is_a_timeline(opened: Open) -> None:
    """Beside each cookie its life is drawn up to the selected step, and no further."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.go_to(pilot, "9")
        for key, when, timeline in (
            ("end", "at the end", ["·●↑▏"]),
            ("left", "a step earlier", ["·●▏"]),
            ("home", "before it was stored", []),
        ):
            lines = [line for line in (await it.press(pilot, key)).splitlines() if "▏" in line]
            assert [line.split()[-1] for line in lines] == timeline, when


async def test_lives_and_refusals_have_reasons(opened: Open) -> None:
    """A refused cookie has a reason, its section and a fix; a life says why it was withheld."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 80)) as pilot:
        text = await it.go_to(pilot, "9")
        assert "Refused up to this step" in text
        assert "5.7 step 19" in text
        assert "→ Add Secure" in text
        table = it.app.screen.query_one(JarTable)
        while "Life of basket on shop.test/api" not in text:
            assert table.cursor < table.count - 1
            text = await it.press(pilot, "down")
        assert "withheld" in text


async def test_another_client_has_another_jar(opened: Open) -> None:
    """``c`` shows the next client's jar, also with values hidden, until the next step."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        assert "client 1 · Chrome" in await it.go_to(pilot, "9")
        assert "client 2 · Firefox" in await it.press(pilot, "c")
        assert "client 2 · Firefox" in await it.press(pilot, "m")
        assert it.app.story.client_id == "c2"
        assert "client 1 · Chrome" in await it.press(pilot, "left")


async def test_an_empty_jar_names_the_key_to_one_that_is_not(opened: Open) -> None:
    """The key is named while another client has cookies at that step, and only then."""
    url = "http://127.0.0.1:8081/"
    quiet = captures.visit(3, f"{url}health", client_id="c2", seconds=20)
    it = opened([*captures.seed(), captures.client("c2", captures.FIREFOX), *quiet])
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await it.go_to(pilot, "9")
        assert "Another client has cookies: c shows its jar." in text
        text = await it.press(pilot, "c")
        assert "Life of user" in text
        assert "Another client" not in text
        text = await it.press(pilot, "home")
        assert "The jar is empty at this step" in text
        assert "Another client" not in text


async def test_no_client_yet(opened: Open) -> None:
    """Before the first request the screen says when a jar appears."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        assert "The jar of each browser appears" in await it.go_to(pilot, "9")


async def test_cookies_that_are_gone_and_values_that_are_hidden(opened: Open) -> None:
    """A deleted cookie stays below the others, with its end; hidden values show nowhere."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        assert "○ 1 gone" in await it.go_to(pilot, "9")
        table = it.app.screen.query_one(JarTable)
        await pilot.press(*["down"] * table.count)
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Life of session on shop.test/" in text
        assert "○ deleted by the server · step 18" in text
        await pilot.press(*["left"] * 4)
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "gone" not in text
        assert "Life of session on shop.test/" in text
        await it.press(pilot, "end", "m", "c")
        for where, text in (
            ("jar", screen_text(it.app)),
            ("drawer", await it.press(pilot, "r")),
        ):
            assert "client 2 · Firefox" in text, where
            assert "owned" not in text, where
            assert "\x1b" not in text, where
            assert "•••" in text, where


async def test_the_drawer_of_refused_cookies(opened: Open) -> None:
    """``r`` opens it where it was, with reasons and fixes; Enter goes to the step, Esc closes."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 36)) as pilot:
        text = await it.go_to(pilot, "9", "r")
        assert "Refused at step 12" in text
        assert "→ Add Secure" in text
        assert "Life of" not in text
        assert "Refused at step 9" in await it.press(pilot, "down")
        assert "Life of" in await it.press(pilot, "escape")
        assert "Refused at step 9" in await it.press(pilot, "r")
        await it.press(pilot, "enter")
        await until(pilot, lambda: it.app.current_mode == "3" and it.app.story.step == 9)


async def test_a_refusal_out_of_focus_says_so(opened: Open) -> None:
    """A cookie that was refused outside the focus has no step to go to."""
    it = opened(captures.rich(), focus=Focus(path="/login"))
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        assert "Nothing was refused up to this step" in await it.go_to(pilot, "9", "r")
        it.append(
            captures.visit(
                20, "https://shop.test/x", set_cookies=["bad=1; Domain=test"], cookie="theme=light"
            )
            + captures.visit(21, "https://shop.test/login", cookie="theme=light")
        )
        await it.settled(pilot)
        await until(pilot, lambda: "out of focus" in screen_text(it.app))
        await it.press(pilot, "enter")
        assert it.app.current_mode == "9"


async def test_a_key_for_a_jar_that_has_changed(opened: Open) -> None:
    """A key that arrives after the jar has changed does no harm."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.go_to(pilot, "9")
        table = it.app.screen.query_one(JarTable)
        last = table.count - 1
        table.move_to(last)
        it.app.stepping.go_to(2)
        await it.settled(pilot)
        assert 0 < table.count < last
        await it.press(pilot, "end", "r")
        drawer = it.app.screen.query_one(RefusedTable)
        drawer.move_to(drawer.count - 1)
        drawer.action_choose()
        it.app.stepping.go_to(1)
        await it.settled(pilot)
        assert it.app.story.step == 1
        assert it.app.current_mode == "9"


async def test_the_lower_pane_can_be_hidden_and_zoomed(opened: Open) -> None:
    """The keyboard goes to what is shown; in the pane, help is about the jar."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.go_to(pilot, "9")
        pane, table = it.app.screen.query_one(DetailPane), it.app.screen.query_one(JarTable)
        await pilot.press("tab", "question_mark")
        await until(pilot, lambda: not it.in_front and "Cookie jar" in screen_text(it.app))
        await pilot.press("escape")
        await until(pilot, lambda: it.in_front)
        table.focus()
        await pilot.press("enter")
        await until(pilot, lambda: pane.has_focus and not table.display)
        await pilot.press("escape")
        await until(pilot, lambda: table.has_focus and table.display)
        await pilot.press("r", "d")
        drawer = it.app.screen.query_one(RefusedTable)
        await until(pilot, lambda: drawer.has_focus and not pane.display)
        await pilot.press("d", "escape")
        await until(pilot, lambda: table.has_focus and pane.display)
