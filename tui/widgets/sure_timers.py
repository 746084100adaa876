"""Timers that go off on a busy machine, too."""

from __future__ import annotations

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class SureTimers(MessagePump):
    """Makes ``set_timer`` keep its promise for an app or a screen.

    Textual leaves out what a timer has missed. It reads the clock twice before it waits: if the
    process has to rest between the two for longer than ``delay``, a timer of one call has missed
    its only one, and whoever waits for that call waits forever.
    """

    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        """Call ``callback`` once, after ``delay`` seconds or as soon as possible after that."""
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False  # its task has not begun
        return timer
