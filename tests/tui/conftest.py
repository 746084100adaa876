"""What the tests of the screen share: an app over a real capture, and who owns the pictures."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import textual
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

import tui.app.app
from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.stores import CaptureStore, open_store
from tests.tui import captures
from tests.tui.headless import speed_up
from tui.app.app import CookietraceApp, Options

PICTURE_OWNER = ((3, 11), "8.2.8")
"""The Python and the Textual whose pictures are kept; others draw some cells otherwise."""

PATIENCE = 120.0
"""Seconds after which a condition is taken never to come true, on a busy machine too."""

_PICTURES = "test_snapshots.py"
_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the pictures to the one Python and Textual that own them."""
    if (sys.version_info[:2], textual.__version__) == PICTURE_OWNER:
        return
    pictures = [item for item in items if item.path.name == _PICTURES]
    if pictures:
        items[:] = [item for item in items if item.path.name != _PICTURES]
        config.hook.pytest_deselected(items=pictures)
        _left_out.extend(item.nodeid for item in pictures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the summary what was left out, and why."""
    if _left_out:
        (major, minor), version = PICTURE_OWNER
        terminalreporter.write_line(
            f"{len(_left_out)} pictures of the screen left out: "
            f"they belong to Python {major}.{minor} with Textual {version}"
        )


@pytest.fixture(autouse=True)
def _quick_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start and drive every app of these tests the cheap way."""
    speed_up(monkeypatch)


class PatientApp(CookietraceApp):
    """The app, but for its notices: they stay until a test has seen them, however slow it is."""

    CSS_PATH = str(Path(tui.app.app.__file__).with_name("styles.tcss"))

    def notify(self, message: str, **given: Any) -> None:
        """Show a line for long, whatever time was meant for it."""
        super().notify(message, **(given | {"timeout": 3600}))


class Opened:
    """An app over a capture that can still be written to."""

    def __init__(self, app: CookietraceApp, writer: CaptureStore, written: int) -> None:
        self.app = app
        self.writer = writer
        self.written = written
        """Events in the capture, its first one included."""

    def append(self, events: Iterable[Event]) -> None:
        """Let more happen."""
        more = list(events)
        self.writer.append(more)
        self.written += len(more)

    async def settled(self, pilot: Pilot[Any]) -> None:
        """Wait until every event is on the screen."""
        story = self.app.story

        def all_there() -> bool:
            screen = self.app.mode_screen
            return (
                story.trace.position == self.written
                and self.app.updates.drawn_position == self.written
                and screen is not None
                and screen.at_rest
            )

        await until(pilot, all_there)
        await stop_blinking(pilot)


async def stop_blinking(pilot: Pilot[Any]) -> None:
    """Keep the cursors of the screen's input fields shown."""
    for field in pilot.app.screen.query(Input):
        if field.cursor_blink:
            field.cursor_blink = False
            await pilot.pause()


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, and draw what it changed; fail if it never does."""
    end = time.monotonic() + PATIENCE
    await pilot.pause()
    while not condition():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.005)
        await pilot.pause()
    await pilot.pause()


async def dialog(pilot: Pilot[Any], kind: type[Screen[Any]]) -> None:
    """Wait until a dialog of that kind is in front, and takes the keys."""

    def there() -> bool:
        screen = pilot.app.screen
        return isinstance(screen, kind) and screen.focused is not None

    await until(pilot, there)
    await stop_blinking(pilot)


Open = Callable[..., Opened]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open the app on a capture of the given events."""
    with ExitStack() as stack:

        def make(
            events: Iterable[Event],
            *,
            focus: Focus | None = None,
            live: bool = True,
            theme: str = "cookietrace-dark",
            **options: Any,
        ) -> Opened:
            path = tmp_path / "test.cookietrace"
            events = list(events)
            writer = captures.write(path, events)
            if live:
                stack.callback(writer.close)
            else:
                writer.close()
            store = open_store(path)
            stack.callback(store.close)
            app = PatientApp(
                store, Options(capture=path, focus=focus or Focus(), theme=theme, **options)
            )
            return Opened(app, writer, len(events) + 1)

        yield make


def screen_text(app: CookietraceApp) -> str:
    """Return what is on the screen, line by line."""
    width, height = app.size
    console_lines = app.screen._compositor.render_strips()
    assert len(console_lines) == height, (width, height)
    return "\n".join(strip.text.rstrip() for strip in console_lines)
