"""What the screen puts off is done, however busy the machine is."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual.timer import Timer

from tests.tui import captures
from tests.tui.conftest import PATIENCE, Open, until


class _HaltingClock:
    """The clock of a process that has to rest for a second before each of its first looks."""

    def __init__(self) -> None:
        self._rested = 0

    def get_time(self) -> float:
        """Return the time, in seconds."""
        self._rested = min(self._rested + 1, 4)
        return time.monotonic() + self._rested


@pytest.mark.parametrize("owner", ["app", "screen"])
async def test_a_timer_goes_off_late_rather_than_never(owner: str, opened: Open) -> None:
    """A call that was due before the timer began to wait is made nevertheless."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        screen = it.app.ready_screen
        assert screen is not None
        called = asyncio.Event()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("textual.timer._time", _HaltingClock())
            timer = (it.app if owner == "app" else screen).set_timer(0.001, called.set)
            assert timer._task is not None
            await asyncio.wait_for(timer._task, PATIENCE)
        await until(pilot, called.is_set)


async def test_a_timer_is_asked_for_in_public(opened: Open) -> None:
    """A parameter has Textual's word: a version without it fails at once, instead of silently."""
    asked: list[object] = []
    make = Timer.__init__

    def made(timer: Timer, *arguments: Any, **options: Any) -> None:
        asked.append(options.get("skip"))
        make(timer, *arguments, **options)

    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Timer, "__init__", made)
            timer = it.app.set_timer(PATIENCE, lambda: None)
        timer.stop()
        assert asked == [False]
