"""Lets the user export the capture to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.message import Message

from cookietrace.lesson.display_text import shown
from cookietrace.recorders import Place, capture_title
from tui.app.host import Host
from tui.state.story import Story

if TYPE_CHECKING:
    from tui.feed.exporter import ExportChoice


class Exporting:
    """Asks what to export, starts the export, and reports its result."""

    def __init__(
        self,
        host: Host,
        story: Story,
        capture: Place,
        browser_profile: str,
        post: Callable[[Message], object],
        *,
        lenient: bool,
        settings_file: Path | None,
    ) -> None:
        self._host = host
        self._story = story
        self._capture = capture
        self._browser_profile = browser_profile
        self._post = post
        self._lenient = lenient
        self._settings_file = settings_file

    def choose(self) -> None:
        """Ask what to export, and where to."""
        from cookietrace.formats import writable  # all formats: imported for who exports only
        from tui.dialogs.export import ExportDialog

        capture = self._story.trace.capture
        dialog = ExportDialog(
            writable(),
            capture_title(self._capture),
            sensitive=capture is None or capture.sensitive,
            focus_text=shown(self._story.focus.describe()),
        )
        self._host.ask(dialog, self._chosen)

    def _chosen(self, choice: ExportChoice | None) -> None:
        if choice is not None:
            from tui.feed.exporter import start_export

            story = self._story
            at = story.table.label(story.step) if story.step else None
            start_export(
                self._capture,
                msgspec.structs.replace(choice, at=at),
                self._story.focus,
                self._browser_profile,
                self._post,
                self._lenient,
                self._story.begun,
                self._settings_file,
            )

    def done(self, line: str, *, failed: bool) -> None:
        """Report the result of an export."""
        self._host.notify(line, severity="warning" if failed else "information", timeout=6)
