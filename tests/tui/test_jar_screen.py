"""Mode 9: the jar at the selected step, each cookie's life, and what was refused."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.widgets.detail_pane import DetailPane
from tui.widgets.jar_table import JarTable, RefusedTable

USER = Focus(path="/", cookies=("user",))


async def test_the_jar_stands_at_the_selected_step(opened: Open) -> None:
    """Going back to before the cookie was stored shows the jar without it."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Alice" in text
        assert "Life of user on 127.0.0.1/" in text
        assert "stored with the value 'Alice' · step 2" in text
        await pilot.press("home")
        await it.settled(pilot)
        assert "The jar is empty at this step" in screen_text(it.app)


async def test_life_tells_uses_and_reasons(opened: Open) -> None:
    """A cookie's life names when it was sent, how often, and why it was withheld."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 80)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        table = it.app.screen.query_one(JarTable)
        while "Life of basket" not in screen_text(it.app):
            assert table.cursor < table.count - 1
            await pilot.press("down")
            await it.settled(pilot)
        text = screen_text(it.app)
        assert "Life of basket on shop.test/api" in text
        assert "withheld" in text


async def test_refusals_carry_reason_section_and_remedy(opened: Open) -> None:
    """Every refused Set-Cookie is listed with why, where that is written, and what to do."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 80)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Refused up to this step" in text
        assert "5.7 step 19" in text
        assert "→ Add Secure" in text


async def test_another_client_has_another_jar(opened: Open) -> None:
    """``c`` shows the next client's jar; stepping on goes back to the step's own client."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        assert "client 1 · Chrome" in screen_text(it.app)
        await pilot.press("c")
        await until(pilot, lambda: "client 2 · Firefox" in screen_text(it.app))
        await pilot.press("left")
        await until(pilot, lambda: "client 1 · Chrome" in screen_text(it.app))


async def test_an_empty_jar_names_the_key_to_one_that_is_not(opened: Open) -> None:
    """It is said while another client does hold something at that step, and only then."""
    url = "http://127.0.0.1:8081/"
    quiet = captures.visit(3, f"{url}health", client_id="c2", seconds=20)
    it = opened([*captures.seed(), captures.client("c2", captures.FIREFOX), *quiet])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        assert "Another client has cookies: c shows its jar." in screen_text(it.app)
        await pilot.press("c")
        await until(pilot, lambda: "Life of user" in screen_text(it.app))
        assert "Another client" not in screen_text(it.app)
        await pilot.press("home")
        await it.settled(pilot)
        assert "The jar is empty at this step" in screen_text(it.app)
        assert "Another client" not in screen_text(it.app)


async def test_no_client_yet(opened: Open) -> None:
    """Before the first request the screen says when a jar appears."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        assert "The jar of each browser appears" in screen_text(it.app)


@pytest.mark.parametrize(
    ("keys", "line"),
    [((), "·●↑▏"), (("left",), "·●▏"), (("home",), None)],
    ids=["at the end", "a step back", "before it was stored"],
)
async def test_a_life_is_a_line_through_time(
    opened: Open, keys: tuple[str, ...], line: str | None
) -> None:
    """Beside each cookie stands its life up to the selected step, and no further."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("9", *keys)
        await it.settled(pilot)
        lines = [text for text in screen_text(it.app).splitlines() if "▏" in text]
        assert [text.split()[-1] for text in lines] == ([line] if line else [])


async def test_a_cookie_that_is_gone_is_still_there_to_look_at(opened: Open) -> None:
    """A deleted cookie stands below those that are held, with how and where it went."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        table = it.app.screen.query_one(JarTable)
        assert "○ 1 gone" in screen_text(it.app)
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


async def test_the_drawer_of_refused_cookies(opened: Open) -> None:
    """``r`` opens it, each with reason and remedy; Enter goes to the step; Escape closes it."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        await pilot.press("9", "r")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Refused at step 12" in text
        assert "→ Add Secure" in text
        assert "Life of" not in text
        await pilot.press("down")
        await it.settled(pilot)
        assert "Refused at step 9" in screen_text(it.app)
        await pilot.press("escape")
        await it.settled(pilot)
        assert "Life of" in screen_text(it.app)
        await pilot.press("r", "down", "enter")
        await until(pilot, lambda: it.app.current_mode == "3" and it.app.story.step == 9)


async def test_a_refusal_out_of_focus_says_so(opened: Open) -> None:
    """What was refused outside the focus has no step to go to."""
    it = opened(captures.rich(), focus=Focus(path="/login"))
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("9", "r")
        await it.settled(pilot)
        assert "Nothing was refused up to this step" in screen_text(it.app)
        it.append(
            captures.visit(
                20, "https://shop.test/x", set_cookies=["bad=1; Domain=test"], cookie="theme=light"
            )
            + captures.visit(21, "https://shop.test/login", cookie="theme=light")
        )
        await it.settled(pilot)
        await until(pilot, lambda: "out of focus" in screen_text(it.app))
        await pilot.press("enter")
        await it.settled(pilot)
        assert it.app.current_mode == "9"


@pytest.mark.parametrize("keys", [(), ("r",)], ids=["jar", "drawer"])
async def test_masked_and_hostile(opened: Open, keys: tuple[str, ...]) -> None:
    """Hidden values show nowhere; names from the wire are text and nothing else."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        await it.settled(pilot)
        for key in ("9", "m", "c", *keys):
            await pilot.press(key)
            await it.settled(pilot)
        text = screen_text(it.app)
        assert "client 2 · Firefox" in text
        assert "owned" not in text
        assert "\x1b" not in text
        assert "•••" in text


async def test_a_chosen_client_stays_when_values_are_hidden(opened: Open) -> None:
    """``m`` changes how values are shown, not whose they are."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("9", "c")
        await it.settled(pilot)
        chosen = it.app.story.client_id
        await pilot.press("m")
        await it.settled(pilot)
        assert it.app.story.client_id == chosen == "c2"


async def test_the_pane_is_explained_by_its_own_mode(opened: Open) -> None:
    """``?`` with the keys in the lower pane speaks of the jar, not of the table's details."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        await pilot.press("tab", "question_mark")
        await pilot.pause()
        assert "Cookie jar" in screen_text(it.app)


async def test_a_key_that_was_meant_for_another_jar(opened: Open) -> None:
    """Where the jar has changed before a key in it is heard, the key does no harm."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        table = it.app.screen.query_one(JarTable)
        last = table.count - 1
        table.move_to(last)
        it.app.stepping.go_to(2)
        await it.settled(pilot)
        assert 0 < table.count < last
        await pilot.press("end", "r")
        await it.settled(pilot)
        drawer = it.app.screen.query_one(RefusedTable)
        drawer.move_to(drawer.count - 1)
        drawer.action_choose()
        it.app.stepping.go_to(1)
        await it.settled(pilot)
        assert it.app.story.step == 1
        assert it.app.current_mode == "9"


async def test_the_lower_pane_can_be_hidden_and_zoomed(opened: Open) -> None:
    """The keys go with it: to the pane while it has the whole body, else to what is shown."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        pane, table = it.app.screen.query_one(DetailPane), it.app.screen.query_one(JarTable)
        await pilot.press("enter")
        await until(pilot, lambda: pane.has_focus and not table.display)
        await pilot.press("escape")
        await until(pilot, lambda: table.has_focus and table.display)
        await pilot.press("r", "d")
        drawer = it.app.screen.query_one(RefusedTable)
        await until(pilot, lambda: drawer.has_focus and not pane.display)
        await pilot.press("d", "escape")
        await until(pilot, lambda: table.has_focus and pane.display)
