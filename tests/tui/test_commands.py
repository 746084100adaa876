"""The command palette: what the app's keys do, by name."""

from __future__ import annotations

from pathlib import Path

from textual.actions import parse
from textual.binding import Binding

from cookietrace.lesson.mask import names_of
from cookietrace.secret_names import Kind, Names
from cookietrace.settings import KEYS, read_settings, save_setting
from tests.tui import captures
from tests.tui.conftest import Open, until
from tui.__main__ import options, with_names
from tui.app.app import CookietraceApp
from tui.app.commands import ACTIONS, SETTINGS
from tui.app.themes import DARK, LIGHT

_BY_KEY_ALONE = {"step(-1)", "step(1)", "no_search"} | {
    f"off('{action}')" for action in ("export", "browser", "mask")
}
"""Actions that have keys but no names."""


def test_every_action_has_a_name() -> None:
    """Every action with a key is in the palette, except those that only make sense as keys."""
    keys = {key.action for key in CookietraceApp.BINDINGS if isinstance(key, Binding)}
    assert keys - _BY_KEY_ALONE == {action for _, action, _ in ACTIONS}


def test_the_settings_of_the_palette_are_valid(tmp_path: Path) -> None:
    """Each entry names a key and a value that the settings file accepts."""
    path = tmp_path / "config.toml"
    for _, action, _ in SETTINGS:
        _, name, (key, value) = parse(action)
        assert (name, key in KEYS) == ("setting", True)
        assert isinstance(key, str)
        assert isinstance(value, str | bool)
        save_setting(path, key, value)
    assert set(read_settings(path).lines) == {"theme", "hide-values", "browser"}


def test_what_the_command_line_says(tmp_path: Path) -> None:
    """The screen starts with the theme and the values as it is told, and saves only where."""
    plain = options(["x.cookietrace"])
    assert (plain.theme, plain.hide_values, plain.settings_file) == (DARK.name, False, None)
    file = tmp_path / "config.toml"
    given = options(
        ["x.cookietrace", "--theme", "light", "--hide-values", "--settings-file", str(file)]
    )
    assert (given.theme, given.hide_values, given.settings_file) == (LIGHT.name, True, file)
    assert with_names(given).names == with_names(plain).names == Names()
    file.write_text('redact = ["X-Company"]\nkeep = ["state"]\n', "utf-8")
    assert with_names(given).names == Names(redact=("X-Company",), keep=("state",))


async def test_what_is_remembered(opened: Open, tmp_path: Path) -> None:
    """``t`` saves the theme, the palette any setting; a file that is not valid stays as it is."""
    file = tmp_path / "config.toml"
    file.write_text("# mine\n", "utf-8")
    names = Names(redact=("X-Company",))
    it = opened(captures.seed(), settings_file=file, hide_values=True, names=names)
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        assert it.app.story.masked
        assert names_of(it.app.story.mask).kind("X-Company") is Kind.SECRET
        await pilot.press("t")
        await until(pilot, lambda: it.app.theme == LIGHT.name)
        assert file.read_text("utf-8") == '# mine\ntheme = "light"\n'
        await it.app.run_action("setting('theme', 'dark')")
        await it.app.run_action("setting('hide-values', True)")
        assert it.app.theme == DARK.name
        assert file.read_text("utf-8") == '# mine\ntheme = "dark"\nhide-values = true\n'
        file.write_text("theme = 1\n", "utf-8")
        await pilot.press("t")
        await until(pilot, lambda: it.app.theme == LIGHT.name)
    assert file.read_text("utf-8") == "theme = 1\n"
