"""What all parts of the app stand on: the story, the screen that shows it, lines for the person."""

from __future__ import annotations

from textual.app import App
from textual.notifications import SeverityLevel

from cookietrace.safe_text import safe
from tui.modes.base import ModeScreen
from tui.state.story import Story


class StoryApp(App[None]):
    """An app that shows one story; each part of ours adds the actions of one kind to it."""

    story: Story

    @property
    def mode_screen(self) -> ModeScreen | None:
        """The screen of the current mode, also while a dialog is over it."""
        for screen in self.screen_stack:
            if isinstance(screen, ModeScreen):
                return screen
        return None

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a line for a while: never markup, and safe whatever it quotes."""
        del markup
        super().notify(safe(message), title=title, severity=severity, timeout=timeout, markup=False)
