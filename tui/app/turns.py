"""Gives long work its turns on the event loop, so that keys and drawing come first."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

TURN: Final = 0.005
"""Seconds of a turn while keys are pressed: as long as the next one may have to wait for it."""

_LONG_TURN: Final = 0.03
"""Seconds of a turn while no key is pressed: what each turn ends with costs some of them."""

_PRESSING: Final = 2.0
"""Seconds after a key press in which another one is likely."""

_OTHERS: Final = 24
"""How often everything else that is ready runs between two turns while keys are pressed.

What a key press does passes from the app to a screen, to a widget and back, one hop each time.
"""

_FEW_OTHERS: Final = 3
"""The same while no key is pressed: to look for more takes time as well."""

_AFTER_KEY: Final = 0.06
"""Seconds after a key press in which turns are short, and pauses lie between them."""

_SHORT_TURN: Final = 0.002
_PAUSE: Final = 0.004

Work = Callable[[float], bool]
"""Works until about a time of the monotonic clock; returns True if nothing is left to do."""


class Turns:
    """Runs long work bit by bit, each piece of work in turn, while anything is left to do."""

    def __init__(self, broke: Callable[[Exception], object]) -> None:
        """``broke`` gets the exception with which work ends, which is a bug."""
        self._broke = broke
        self._waiting: deque[Work] = deque()
        self._task: asyncio.Task[None] | None = None
        self._key_at = float("-inf")
        self.key_waiting = False
        """Whether a key has arrived during this turn, which should end then."""

    def take(self, work: Work) -> None:
        """Run work until it is done. Work that waits for its turn already is not added again."""
        if work in self._waiting:
            return
        self._waiting.append(work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="turns")

    def key_arrived(self) -> None:
        """End the turn that runs, if there is one. Can be called on any thread."""
        self.key_waiting = True

    def key_pressed(self) -> None:
        """Leave time for what a key press does."""
        self._key_at = time.monotonic()

    @property
    def since_key(self) -> float:
        """The seconds since the last key press."""
        return time.monotonic() - self._key_at

    @property
    def _pressing(self) -> bool:
        """Whether a key has just arrived, or another one is likely."""
        return self.key_waiting or self.since_key < _PRESSING

    def stop(self) -> None:
        """Give up all work."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._waiting:
            pressing = self._pressing
            for _ in range(_OTHERS if pressing else _FEW_OTHERS):
                await asyncio.sleep(0)
            if self.key_waiting and not pressing:
                continue  # a key arrived just now, and what it does takes more of them
            since_key = self.since_key
            if since_key < _AFTER_KEY:
                await asyncio.sleep(_PAUSE)
            if not self._waiting:
                return
            work = self._waiting.popleft()
            self.key_waiting = False
            try:
                done = work(time.monotonic() + _length(since_key))
            except Exception as error:  # noqa: BLE001 (a bug must end the app, not stall it)
                self._broke(error)
                return
            if not done and work not in self._waiting:
                self._waiting.append(work)


def _length(since_key: float) -> float:
    """Return the seconds of a turn, given those since the last key press."""
    if since_key < _AFTER_KEY:
        return _SHORT_TURN
    return TURN if since_key < _PRESSING else _LONG_TURN
