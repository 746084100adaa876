"""The screen in a browser tab: what writes files, saves settings or opens browsers is off."""

from __future__ import annotations

from pathlib import Path

from textual.actions import parse
from textual.command import DiscoveryHit

from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.app.app import CookietraceApp
from tui.app.commands import ACTIONS, SETTINGS, TraceCommands
from tui.app.in_tab import OFF, actions_off, working_keys
from tui.app.themes import LIGHT
from tui.dialogs.help import EVERYWHERE, HelpDialog
from tui.widgets.steady_footer import SteadyFooter


def footer(app: CookietraceApp) -> list[str]:
    """Return the keys of the footer."""
    (bar,) = app.screen.query(SteadyFooter)
    return [key.description for key in bar.query("FooterKey")]  # type: ignore[attr-defined]


async def names(app: CookietraceApp) -> set[str]:
    """Return the actions that the command palette offers."""
    return {
        str(hit.display)
        async for hit in TraceCommands(app.screen).discover()
        if isinstance(hit, DiscoveryHit)
    }


async def test_keys_that_are_off(opened: Open) -> None:
    """They are in no footer, palette or help, and say what to do instead when they are pressed."""
    it = opened(captures.seed(), in_tab=True)
    async with it.app.run_test(size=(120, 40), notifications=True) as pilot:
        await it.settled(pilot)
        assert "Copy" in footer(it.app)
        assert {"Export", "Browser"}.isdisjoint(footer(it.app))
        for key, action in (("e", "export"), ("b", "browser")):
            text = await it.press(pilot, key)
            assert it.in_front
            assert " ".join(OFF[action].split()[:5]) in text
        offered = {name for name, action, _ in ACTIONS if action not in OFF}
        assert await names(it.app) == offered
        await pilot.press("question_mark")
        await dialog(pilot, HelpDialog)
        await pilot.press("end")
        await until(pilot, lambda: EVERYWHERE[-1][0] in screen_text(it.app))
        text = screen_text(it.app)
        assert "copy part of this step" in text
        assert "export to a file" not in text
        assert "open a fresh browser" not in text


async def test_all_of_it_is_on_in_a_terminal(opened: Open) -> None:
    """Without a tab nothing is off."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        assert {"Export", "Browser"} <= set(footer(it.app))
        assert await names(it.app) == {name for name, _, _ in (*ACTIONS, *SETTINGS)}


async def test_nothing_is_saved(opened: Open, tmp_path: Path) -> None:
    """The theme and the hint line change in this tab only, and no action saves a setting."""
    settings, hints = tmp_path / "config.toml", tmp_path / "data" / "hints-hidden"
    it = opened(captures.seed(), in_tab=True, settings_file=settings, hints_file=hints)
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        assert it.app.story.hinting
        await it.press(pilot, "t", "x")
        assert it.app.theme == LIGHT.name
        assert not it.app.story.hinting
        for _, action, _ in SETTINGS:
            assert not await it.app.run_action(action)
        assert "could not be saved" not in screen_text(it.app)
    assert not settings.exists()
    assert not hints.exists()


async def test_values_that_stay_hidden(opened: Open) -> None:
    """No key shows them; in a terminal, and in a tab of this machine, ``m`` does."""
    it = opened(captures.seed(), in_tab=True, values_stay_hidden=True)
    async with it.app.run_test(size=(120, 40), notifications=True) as pilot:
        await it.settled(pilot)
        text = await it.press(pilot, "m")
        assert it.app.story.masked
        assert "'Alice'" not in text
        assert "Cookie values stay hidden here" in text
        assert not await it.app.run_action("mask")
        assert "Hide or show cookie values" not in await names(it.app)


async def test_advice_without_the_key(opened: Open) -> None:
    """While there are no steps, the advice names the addresses, and not the key that is off."""
    it = opened([captures.started(captures.PROXY)], in_tab=True)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        text = " ".join(screen_text(it.app).split())
        assert "127.0.0.1:8080" in text
        assert "bypass a proxy there: run cookietrace watch http://localhost:PORT. For" in text
        assert "press b" not in text.lower()
        assert "Press" not in text


def test_the_table_of_what_is_off() -> None:
    """Everything that is off is an action of the app, and its line of help goes with it."""
    off = actions_off(in_tab=True, values_stay_hidden=True)
    known = {parse(action)[1] for _, action, _ in (*ACTIONS, *SETTINGS)}
    assert set(off) <= known
    assert all(hasattr(CookietraceApp, f"action_{action}") for action in off)
    silent = {key for key, _ in EVERYWHERE} - {key for key, _ in working_keys(EVERYWHERE, off)}
    assert silent == {"e", "b", "m"}
    assert working_keys(EVERYWHERE, ()) == EVERYWHERE
