"""The running screen on real traffic, and on files from other programs."""

from __future__ import annotations

import asyncio
import re
import secrets
from functools import partial
from pathlib import Path

import pytest

from cookietrace.events import encode
from cookietrace.formats import export, read_capture, write_export
from cookietrace.lesson.focus import Focus
from cookietrace.stores import create_capture, open_store
from cookietrace.supervision.browsers import Browser
from cookietrace.supervision.visits import visit_with_chromium
from tests.e2e.conftest import SEED_FOCUS, SEED_TABLES, Live
from tests.e2e.terminal import terminal
from tests.story import seed_story
from tests.tui.conftest import screen_text, until
from tui.app.app import CookietraceApp, Options

EXECUTION_TABLE, TRACKER = (
    [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    for table in SEED_TABLES.split("\n\n")
)


def seen(text: str, row: list[str]) -> bool:
    """Return whether one line of the screen holds these cells in this order, and no others."""
    cells = r"\s+(?:[^\w\s'{]+\s+)*".join(re.escape(cell) for cell in row)
    return re.search(rf"(?m)^[^\n]*{cells}\s", text) is not None


@pytest.mark.browser
async def test_the_seed_trace_on_the_running_screen(demo: Live, chromium: Browser) -> None:
    """Rows appear as the browser visits, cell for cell as in the export."""
    store = open_store(demo.capture)
    app = CookietraceApp(store, Options(capture=demo.capture, focus=SEED_FOCUS))
    async with app.run_test(size=(200, 60)) as pilot:
        assert not any(seen(screen_text(app), row[1:]) for row in EXECUTION_TABLE[2:])
        await asyncio.to_thread(
            visit_with_chromium,
            chromium,
            "http://shop.test/",
            proxy=demo.proxy,
            ca=demo.running.proxy.ca,
        )
        await until(pilot, lambda: "Hello Alice" in screen_text(app))
        text = screen_text(app)
        assert all(word in text for heading in EXECUTION_TABLE[0] for word in heading.split())
        for row in EXECUTION_TABLE[2:]:
            assert seen(text, row), (row, text)
        await pilot.press("4")
        for row in (TRACKER[0], *TRACKER[2:]):
            await until(pilot, partial(lambda row: seen(screen_text(app), row), row))
    store.close()


@pytest.mark.parametrize("name", ["cookietrace", "jsonl", "har", "flow"])
def test_view_opens_every_readable_file(tmp_path: Path, name: str) -> None:
    """``cookietrace view`` shows a capture and the files of other programs alike."""
    capture = tmp_path / "seed.cookietrace"
    store = create_capture(capture, sensitive=False)
    store.append(seed_story().events[1:])
    store.close()
    file = tmp_path / f"seed.{name}"
    if name != "cookietrace":
        write_export(file, export(read_capture(capture), name, Focus(), show_values=True))
    with terminal("view", str(file), mark=secrets.token_hex(8), columns=160) as shown:
        shown.wait_for("Hello Alice")
        shown.press("q")
        assert shown.wait() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {"seed.cookietrace", file.name}
    )


def test_view_of_a_file_that_was_cut_off(tmp_path: Path) -> None:
    """What can be read is shown, with a hint at ``--lenient``, which says what is missing."""
    file = tmp_path / "seed.jsonl"
    whole = b"".join(encode(event) + b"\n" for event in seed_story().events)
    file.write_bytes(whole[:-20])
    with terminal("view", str(file), mark=secrets.token_hex(8), columns=400) as shown:
        shown.wait_for("Hello None")
        shown.wait_for("--lenient")
        shown.press("q")
        shown.wait()
    lenient = ("view", str(file), "--lenient")
    with terminal(*lenient, mark=secrets.token_hex(8), columns=160) as shown:
        shown.wait_for("Hello None")
        shown.press("q")
        assert shown.wait() == 0
        assert "cut off here" in shown.text


@pytest.mark.parametrize("name", ["none.cookietrace", "none.har"])
def test_view_of_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    """A file that does not exist is one line, and the screen never starts."""
    with terminal("view", str(tmp_path / name), mark=secrets.token_hex(8), columns=400) as shown:
        assert shown.wait() == 2
        assert shown.text.count("\n") == 1
        assert shown.text.startswith("cookietrace: ")
        assert name in shown.text
        assert "\x1b[?1049h" not in shown.raw
