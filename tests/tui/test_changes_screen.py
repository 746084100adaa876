"""The screen of ``cookietrace diff``: both captures side by side."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from cookietrace.errors import CaptureError
from cookietrace.lesson.changes import TraceJourney, compare
from tests.lesson.changes.test_changes import GOOD, LINE, journey, told
from tests.lesson.changes.test_columns import BAD
from tests.story import Story
from tests.tui.conftest import screen_text, until
from tests.tui.test_hostile import WIRE, dangers
from tui.changes.app import ChangesApp, Compared
from tui.changes.keys import KeysDialog
from tui.changes.pair_list import PairList


def app_of(before: Story, after: Story) -> ChangesApp:
    """Return the screen of two stories."""

    def read() -> Compared:
        one, other = before.trace(), after.trace()
        return Compared(TraceJourney(one), TraceJourney(other), compare(one, other))

    return ChangesApp(("good.cookietrace", "bad.cookietrace"), read)


async def there(pilot: Pilot[None], app: ChangesApp) -> PairList:
    """Return the list once both captures have been read."""
    await until(pilot, lambda: app.compared is not None and app.query_one(PairList)._pairs != ())
    await pilot.pause()
    return app.query_one(PairList)


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 16)])
async def test_the_first_difference_is_selected(size: tuple[int, int]) -> None:
    """Its cause is on top, with the fix, and its reasons are below."""
    app = app_of(GOOD, BAD)
    async with app.run_test(size=size) as pilot:
        table = await there(pilot, app)
        text = " ".join(screen_text(app).split())
        assert "Likely cause 'sid' is set with Secure, SameSite=Lax in A" in text
        assert table.cursor == 1
        assert table.size.height >= 5
        if size[1] >= 24:
            assert "Fix: Add Secure" in text
            assert "SameSite=None without" in text
            assert "A good.cookietrace B bad.cookietrace" in text
        if size[0] >= 160:
            assert "← sid" in text
            assert "✗ sid" in text


async def test_the_keys() -> None:
    """The keys n and N go through the differences, d leaves out the rest, arrows move by row."""
    before = told(asked=("/", "/a", "/b", "/c", "/d"))
    after = told(asked=("/", "/a", "/new", "/c", "/d", "/end"))
    app = app_of(before, after)
    async with app.run_test(size=(100, 30)) as pilot:
        table = await there(pilot, app)
        selected = []
        for key in ("n", "n", "n", "N", "N", "N", "down", "k", "d", "G", "d"):
            await pilot.press(key)
            await pilot.pause()
            pair = table.selected
            assert pair is not None
            selected.append((key, pair[:2]))
        # What only A has stands before what only B has.
        assert selected == [
            ("n", (None, 2)),
            ("n", (None, 5)),
            ("n", (None, 5)),
            ("N", (None, 2)),
            ("N", (2, None)),
            ("N", (2, None)),
            ("down", (None, 2)),
            ("k", (2, None)),
            ("d", (2, None)),
            ("G", (None, 5)),
            ("d", (None, 5)),
        ]
        assert "Only B makes this request; A does not." in screen_text(app)
        await pilot.press("g")
        await until(pilot, lambda: "This request does not differ." in screen_text(app))


async def test_the_keys_are_listed() -> None:
    """The key ? lists them, Esc closes that list; Esc alone does not quit, and q does."""
    app = app_of(GOOD, BAD)
    async with app.run_test(size=(80, 24)) as pilot:
        table = await there(pilot, app)
        await pilot.press("escape", "tab", "escape")
        assert table.has_focus
        await pilot.press("question_mark")
        await until(pilot, lambda: "only the rows that differ, or all" in screen_text(app))
        assert "Esc or ? closes" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, KeysDialog))
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: app.return_code is not None)


async def test_thousands_of_rows() -> None:
    """Only those on the screen are read."""
    many = told(asked=("/", *(f"/page/{number:x}x" for number in range(3000))))
    app = app_of(many, many)
    async with app.run_test(size=(80, 24)) as pilot:
        table = await there(pilot, app)
        await pilot.press("G")
        await until(pilot, lambda: "3001 200" in screen_text(app))
        assert len(table._known) < 300
        assert "The requests that both have do not differ." in screen_text(app)


async def test_hostile_text() -> None:
    """Nothing from the wire reaches the terminal as more than text."""
    nasty = journey(LINE.replace("Path=/", f"Path=/{WIRE}"), path=f"/{WIRE}")
    app = app_of(GOOD, nasty)
    async with app.run_test(size=(160, 40)) as pilot:
        await there(pilot, app)
        for _ in range(5):
            assert dangers(screen_text(app)) == []
            await pilot.press("n")


async def test_a_capture_that_cannot_be_read() -> None:
    """The screen ends, and its command says why."""

    def read() -> Compared:
        raise CaptureError("there is no capture b")

    app = ChangesApp(("a", "b"), read)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.failed is not None)
    assert (str(app.failed), app.return_code) == ("there is no capture b", 2)
