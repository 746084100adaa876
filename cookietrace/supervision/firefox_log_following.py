"""Follows the log of a Firefox that we opened, and tells the recorder what is said in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookietrace.errors import LaunchError
from cookietrace.listening.firefox_log import SAID_BY, FirefoxLogReader
from cookietrace.supervision.log_following import LogFollower
from cookietrace.supervision.log_pipe import LogPipe
from cookietrace.supervision.telling import Place, Teller

ENOUGH: Final = 3
"""How many exchanges are over of which the log says nothing, if it cannot be understood."""

PATIENCE: Final = 10.0
"""Seconds for which that must be so: on a busy machine, the log is read later."""

NOT_UNDERSTOOD: Final = (
    "its log says nothing of its requests, or says it in a way that is not known here; "
    "Firefox 153 is understood"
)

CHECK_SECONDS: Final = 1.0
"""How often it is looked whether the log is understood."""


class FirefoxLogFollower(LogFollower):
    """Reads one Firefox's log on a thread of its own until the browser ends."""

    def __init__(self, pipe: LogPipe, place: Place, failed: Callable[[str], None]) -> None:
        """``failed`` is called, on the thread, with why nobody listens any more."""
        super().__init__(SAID_BY, FirefoxLogReader(), pipe, place, failed)
        self._is_understood = False
        self._checked = 0.0
        self._silent_since: float | None = None

    def _looked(self, teller: Teller, now: float, *, last: bool) -> None:
        """Give up if exchanges are over, and the log says nothing of any.

        As long as an app does not answer, the log has nothing to say.
        """
        if self._is_understood or last or now - self._checked < CHECK_SECONDS:
            return
        self._checked = now
        teller.catch_up()
        self._is_understood = teller.matched > 0
        if teller.unspoken < ENOUGH:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since > PATIENCE and not self._is_understood:
            raise LaunchError(NOT_UNDERSTOOD)
