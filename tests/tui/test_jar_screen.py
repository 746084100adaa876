"""Mode 9: the jar at the selected step, each cookie's life, and what was refused."""

from __future__ import annotations

from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.widgets.jar_table import JarTable

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
        assert "The life of user on 127.0.0.1/" in text
        assert "stored with the value 'Alice' · step 2" in text
        await pilot.press("home")
        await it.settled(pilot)
        assert "The jar is empty here" in screen_text(it.app)


async def test_life_tells_uses_and_reasons(opened: Open) -> None:
    """A cookie's life names when it was sent, how often, and why it was withheld."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 80)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        table = it.app.screen.query_one(JarTable)
        while "The life of basket" not in screen_text(it.app):
            assert table.cursor < table.count - 1
            await pilot.press("down")
            await it.settled(pilot)
        text = screen_text(it.app)
        assert "The life of basket on shop.test/api" in text
        assert "withheld" in text


async def test_refusals_carry_reason_section_and_remedy(opened: Open) -> None:
    """Every refused Set-Cookie is listed with why, where that is written, and what to do."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 80)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "Refused until this step" in text
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


async def test_no_client_yet(opened: Open) -> None:
    """Before the first request the screen says when a jar appears."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("9")
        await it.settled(pilot)
        assert "The jar of each browser appears" in screen_text(it.app)
