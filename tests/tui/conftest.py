"""Fixtures of the screen's tests: an app over a real capture, and where pictures are compared."""

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
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

import tui.app.app
from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.stores import CaptureStore, open_store
from tests.tui import captures
from tests.tui.headless import quick_apps
from tui.app.app import CookietraceApp, Options
from tui.modes.base import ModeScreen
from tui.widgets.steady_footer import SteadyFooter

PICTURE_OWNER = ((3, 11), "8.2.8")
"""The Python and Textual versions of the kept pictures; others draw some cells differently."""

PATIENCE = 120.0
"""Seconds to wait for a condition, long enough for a busy machine."""

MOST_REDRAWS = 10
"""How many redraws to wait for at most: what moves is redrawn without end."""

_PICTURES = "test_snapshots.py"
_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Compare pictures only with the Python and Textual that they were drawn with."""
    if (sys.version_info[:2], textual.__version__) == PICTURE_OWNER:
        return
    pictures = [item for item in items if item.path.name == _PICTURES]
    if pictures:
        items[:] = [item for item in items if item.path.name != _PICTURES]
        config.hook.pytest_deselected(items=pictures)
        _left_out.extend(item.nodeid for item in pictures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report in the summary which pictures were not compared, and why."""
    if _left_out:
        (major, minor), version = PICTURE_OWNER
        terminalreporter.write_line(
            f"{len(_left_out)} pictures of the screen left out: "
            f"they belong to Python {major}.{minor} with Textual {version}"
        )


@pytest.fixture(autouse=True)
def _quick_apps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start and drive every app of these tests quickly."""
    with quick_apps(monkeypatch):
        yield


class PatientApp(CookietraceApp):
    """The app, with notices that stay until a slow test has seen them."""

    CSS_PATH = str(Path(tui.app.app.__file__).with_name("styles.tcss"))

    def notify(self, message: str, **given: Any) -> None:
        """Show a notice for an hour."""
        super().notify(message, **(given | {"timeout": 3600}))


def shows_keys(footer: SteadyFooter) -> bool:
    """Return whether a footer's keys are laid out; they come a moment after the screen.

    In a terminal that is too small there is no footer.
    """
    return not footer.size.width or any(key.size.width for key in footer.children)


class Opened:
    """An app over a capture that can still be written to."""

    def __init__(self, app: CookietraceApp, writer: CaptureStore, written: int) -> None:
        self.app = app
        self.writer = writer
        self.written = written
        """Events in the capture, its first one included."""

    def append(self, events: Iterable[Event]) -> None:
        """Write more events to the capture."""
        more = list(events)
        self.writer.append(more)
        self.written += len(more)

    @property
    def drawn(self) -> bool:
        """Whether every event is drawn."""
        screen = self.app.mode_screen
        return (
            self.app.story.loading is None
            and self.app.story.trace.position == self.written
            and self.app.updates.drawn_position == self.written
            and screen is not None
            and screen.at_rest
            and self.app.problems.at_rest
            and all(shows_keys(footer) for footer in screen.query(SteadyFooter))
        )

    async def settled(self, pilot: Pilot[Any]) -> None:
        """Wait until every event is drawn."""
        await until(pilot, lambda: self.drawn)
        await stop_blinking(pilot)

    async def resize(self, pilot: Pilot[Any], width: int, height: int) -> str:
        """Resize the terminal, wait until the screen is laid out, and return what it shows."""
        await pilot.resize_terminal(width, height)

        def laid_out() -> bool:
            strips = self.app.screen._compositor.render_strips()
            return (len(strips), strips[0].cell_length) == (height, width)

        await until(pilot, laid_out)
        await self.settled(pilot)
        return screen_text(self.app)

    async def press(self, pilot: Pilot[Any], *keys: str) -> str:
        """Press keys, one at a time, and return what the screen shows in the end."""
        for key in keys:
            await pilot.press(key)
            await self.settled(pilot)
        return screen_text(self.app)

    async def go_to(self, pilot: Pilot[Any], key: str, *keys: str) -> str:
        """Open a mode, wait until all of it is drawn, press keys, and return what is shown."""
        if not self.drawn:
            await self.settled(pilot)
        await pilot.press(key)
        await until(pilot, lambda: self.app.current_mode == key and self.in_front and self.drawn)
        return await self.press(pilot, *keys)

    @property
    def in_front(self) -> bool:
        """Whether a mode's screen, and no dialog, is in front."""
        return isinstance(self.app.screen, ModeScreen)


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
    for _ in range(MOST_REDRAWS):
        await pilot.pause()
        if not redraws(pilot.app.screen):
            return


def redraws(screen: Screen[Any]) -> bool:
    """Return whether the screen still has something to lay out, draw or call afterwards."""
    return bool(
        screen._layout_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


async def dialog(pilot: Pilot[Any], kind: type[Screen[Any]]) -> None:
    """Wait until a dialog of that kind is in front and has the keyboard."""

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


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
