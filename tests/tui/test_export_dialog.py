"""Exporting from the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Checkbox, Input

from cookietrace.events import encode
from cookietrace.formats import open_capture, read_capture, writable
from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.app.app import CookietraceApp, Options
from tui.dialogs.export import ExportDialog


async def test_lists_every_format_and_writes_one(opened: Open, tmp_path: Path) -> None:
    """The dialog lists every format, without colour too; Enter writes the steps in focus."""
    it = opened(captures.seed(), focus=Focus(path="/", cookies=("user",)))
    names = [known.name for known in writable()]
    out = tmp_path / "out.md"
    async with it.app.run_test(size=(100, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        await pilot.pause()
        text = screen_text(it.app)
        assert [name for name in names if name not in text] == []
        assert text.count("(●)") == 1
        assert text.count("( )") == len(names) - 1
        assert "[ ] Replace the file" in text
        it.app.screen.query_one("#export-replace", Checkbox).value = True
        await pilot.press(*["down"] * names.index("markdown"), "space")
        await until(pilot, lambda: "[x] Replace the file" in screen_text(it.app))
        await until(pilot, lambda: "(●) markdown" in screen_text(it.app))
        assert screen_text(it.app).count("(●)") == 1
        it.app.screen.query_one("#export-path", Input).value = str(out)
        await pilot.press("enter")
        await until(pilot, out.exists)
        await until(pilot, lambda: "Exported to" in screen_text(it.app))
    assert "| 3 | Client sends second request with cookie |" in out.read_text()


async def test_an_existing_file_is_kept_unless_checked(opened: Open, tmp_path: Path) -> None:
    """A file that exists is refused in one line; with Replace checked it is replaced."""
    it = opened(captures.seed())
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    async with it.app.run_test(size=(100, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        it.app.screen.query_one("#export-path", Input).value = str(out)
        await pilot.press("enter")
        await until(pilot, lambda: "check Replace" in screen_text(it.app))
        assert out.read_text() == "precious"
        it.app.screen.query_one("#export-replace", Checkbox).value = True
        await pilot.press("enter")
        await until(pilot, lambda: out.read_text() != "precious")
        await until(pilot, lambda: "Exported to" in screen_text(it.app))


async def test_the_path_follows_the_format(opened: Open) -> None:
    """Choosing a format suggests its suffix, until the user has typed a path."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        await pilot.press("down", "space")
        field = it.app.screen.query_one("#export-path", Input)
        await until(pilot, lambda: field.value.endswith(".har"))
        field.value = "/tmp/mine"
        await pilot.press("down", "space")
        await pilot.pause()
        assert field.value == "/tmp/mine"


async def test_enter_takes_the_highlighted_format(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter on a format chooses it, with its suffix, and exports."""
    monkeypatch.chdir(tmp_path)
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "Exported to" in screen_text(it.app))
    assert '"log"' in (tmp_path / "test.har").read_text()


async def test_paths_that_cannot_be_written_to(opened: Open, tmp_path: Path) -> None:
    """The dialog says why a path cannot be written to, before it tries."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        field = it.app.screen.query_one("#export-path", Input)
        for path, reason in (
            (str(tmp_path), "enter a file name in it"),
            (str(tmp_path / "no" / "x"), "folder of that file does not exist"),
            ("", "Enter a file name."),
        ):
            field.value = path
            await pilot.press("enter")
            await until(pilot, lambda reason=reason: reason in screen_text(it.app))  # type: ignore[misc]


async def test_a_file_read_in_part_is_exported(tmp_path: Path) -> None:
    """A JSONL file that was cut short is reported as such; what was read of it is exported."""
    capture, file = tmp_path / "whole.cookietrace", tmp_path / "cut.jsonl"
    captures.write(capture, captures.seed()).close()
    whole = b"".join(encode(event) + b"\n" for event in read_capture(capture))
    file.write_bytes(whole + b'{"type": "resp')
    lost: list[str] = []
    store = open_capture(file, lenient=True, lost=lost.append)
    app = CookietraceApp(store, Options(capture=file, lenient=True), lost)
    written = tmp_path / "out.md"
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: "Hello Alice" in screen_text(app))
        assert "• Not everything could be read" in screen_text(app)
        await pilot.press("e")
        await dialog(pilot, ExportDialog)
        markdown = [known.name for known in writable()].index("markdown")
        await pilot.press(*["down"] * markdown, "space")
        app.screen.query_one("#export-path", Input).value = str(written)
        await pilot.press("enter")
        await until(pilot, written.exists)
    store.close()
    assert "Hello Alice" in written.read_text()
