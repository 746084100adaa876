"""What a controller may ask of the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual.notifications import SeverityLevel
from textual.timer import Timer

from tui.dialogs.base import Dialog
from tui.modes.base import ModeScreen

Result = TypeVar("Result")


class Host(Protocol):
    """The part of ``CookietraceApp`` that its controllers use; tests can supply another one."""

    @property
    def ready_screen(self) -> ModeScreen | None:
        """The current mode's screen, also behind a dialog; None until its widgets exist."""

    @property
    def dialog_open(self) -> bool:
        """True while a dialog or the command palette is in front of the mode."""

    def ask(self, dialog: Dialog[Result], done: Callable[[Result | None], None]) -> None:
        """Open a dialog; ``done`` gets its result, or None if the user left it."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
    ) -> None:
        """Show a message for a while."""

    def set_timer(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call ``callback`` once, after ``delay`` seconds."""

    def take_turns(self, work: Callable[[float], bool], /) -> None:
        """Call ``work`` when there is time, until it returns True, as ``Turns.take`` does."""

    @property
    def since_key(self) -> float:
        """The seconds since the last key press."""

    @property
    def key_waiting(self) -> bool:
        """True if a key has arrived during this turn, so that work should stop at once."""

    def call_later(self, callback: Callable[[], object], /) -> bool:
        """Call ``callback`` when the messages that are waiting now have been handled."""
