"""What the screen is started with."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cookietrace.lesson.focus import Focus
from tui.drawing.themes import DARK


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of the screen, understood."""

    capture: Path
    focus: Focus = Focus()
    focus_opens: bool = False
    """True where everything is shown once an exchange comes that the focus leaves out."""
    browser_profile: str = "auto"
    reports_fd: int | None = None
    commands_fd: int | None = None
    lenient: bool = False
    """True where what cannot be read is passed over, and the rest is shown."""
    theme: str = DARK.name
    hints_file: Path | None = None
    """The file that remembers that the hints for newcomers were dismissed; None for no hints."""
