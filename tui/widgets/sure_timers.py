"""Timers that go off on a busy machine, too."""

from __future__ import annotations

from functools import partial

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class SureTimers(MessagePump):
    """Makes ``set_timer`` keep its promise for what inherits from it: the app and its modes.

    Textual leaves out what a timer has missed. It reads the clock twice before it waits: if the
    process has to rest between the two for longer than ``delay``, a timer of one call has missed
    its only one, and whoever waits for that call waits forever.

    Dialogs and widgets have Textual's own ``set_timer``: none of them calls it.
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
        # As Textual's own does it, which does not pass ``skip`` on.
        timer = Timer(
            self,
            delay,
            name=name,
            callback=None if callback is None else partial(self.call_next, callback),
            repeat=0,
            skip=False,
            pause=pause,
        )
        timer._start()
        self._timers.add(timer)
        return timer
