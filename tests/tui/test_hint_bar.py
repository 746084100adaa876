"""The line of hints for newcomers, until it is hidden for good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.__main__ import options
from tui.app.hints import Hints
from tui.widgets.key_line import HintBar

WORDS = "hide this line"


def test_only_a_file_asks_for_hints(tmp_path: Path) -> None:
    """There are no hints without a file to remember by, or once it exists."""
    file = tmp_path / "new" / "hints-hidden"
    assert not Hints(None).wanted
    assert Hints(file).wanted
    assert Hints(file).dismiss()
    assert not Hints(file).wanted
    assert file.stat().st_mode & 0o077 == 0


def test_hints_in_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """If the choice cannot be saved, ``dismiss`` returns False and raises nothing."""
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    hints = Hints(tmp_path / "file" / "deeper" / "hints-hidden")
    assert hints.wanted
    assert not hints.dismiss()
    assert not hints.wanted


def test_the_command_line_names_the_file(tmp_path: Path) -> None:
    """The command line names the file; by default there are no hints."""
    assert options(["x.cookietrace"]).hints_file is None
    file = tmp_path / "hints-hidden"
    assert options(["x.cookietrace", "--hints-file", str(file)]).hints_file == file


async def test_no_hints_unless_asked_for(opened: Open) -> None:
    """The line takes no room until its key shows it."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        assert WORDS not in screen_text(it.app)
        await pilot.press("x")
        await until(pilot, lambda: WORDS in screen_text(it.app))


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 16)])
async def test_a_key_hides_them_for_good(opened: Open, tmp_path: Path, size: object) -> None:
    """Every mode shows them until ``x`` hides them in all modes and saves that."""
    assert isinstance(size, tuple)
    file = tmp_path / "data" / "hints-hidden"
    it = opened(captures.seed(), hints_file=file)
    async with it.app.run_test(size=size) as pilot:
        await it.settled(pilot)
        assert (WORDS in screen_text(it.app)) is (size[1] > 20)
        await pilot.press("9")
        await until(pilot, lambda: it.app.screen.query_one(HintBar).display)
        await pilot.press("x")
        await until(pilot, lambda: not it.app.screen.query_one(HintBar).display)
        await pilot.press("3")
        await it.settled(pilot)
        await until(pilot, lambda: WORDS not in screen_text(it.app))
    assert file.exists()


async def test_the_key_brings_them_back(opened: Open, tmp_path: Path) -> None:
    """``x`` shows them again, now and at the next start."""
    file = tmp_path / "hints-hidden"
    file.touch()
    it = opened(captures.seed(), hints_file=file)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        assert WORDS not in screen_text(it.app)
        await it.go_to(pilot, "9", "x")
        await until(pilot, lambda: WORDS in screen_text(it.app))
        await it.go_to(pilot, "3")
        await until(pilot, lambda: WORDS in screen_text(it.app))
    assert not file.exists()


async def test_a_click_hides_them_too(opened: Open, tmp_path: Path) -> None:
    """A click on the key's words does what the key does."""
    file = tmp_path / "hints-hidden"
    it = opened(captures.seed(), hints_file=file)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        line = next(line for line in screen_text(it.app).splitlines() if WORDS in line)
        await pilot.click(HintBar, offset=(line.index(WORDS), 0))
        await until(pilot, lambda: WORDS not in screen_text(it.app))
    assert file.exists()


async def test_a_folder_that_cannot_be_written_to(opened: Open, tmp_path: Path) -> None:
    """They are hidden anyway, with a notice that they return at the next start."""
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    it = opened(captures.seed(), hints_file=tmp_path / "file" / "hints-hidden")
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("x")
        await until(pilot, lambda: "Hidden until the next start" in screen_text(it.app))
        assert WORDS not in screen_text(it.app)


async def test_no_key_is_named_twice(opened: Open, tmp_path: Path) -> None:
    """The hint line has only keys that the footer below it does not have, in every mode."""
    it = opened(captures.rich(), hints_file=tmp_path / "hints-hidden")
    async with it.app.run_test(size=(160, 48)) as pilot:
        for mode in MODES:
            await it.go_to(pilot, mode.key)
            hints, footer = screen_text(it.app).splitlines()[-2:]
            assert WORDS in hints, mode.title
            for named in re.split(r"\s{2,}", hints.strip()):
                assert not re.search(rf"(^|\s){re.escape(named)}\s", footer, re.I), mode.title


async def test_a_notice_covers_no_keys(opened: Open, tmp_path: Path) -> None:
    """On a small screen, too, both lines of keys can be read while a notice is shown."""
    it = opened(captures.seed(), hints_file=tmp_path / "hints-hidden")
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        before = screen_text(it.app).splitlines()[-2:]
        await pilot.press("p")
        await until(pilot, lambda: "Predicting" in screen_text(it.app))
        assert screen_text(it.app).splitlines()[-2:] == before
