"""The thread that writes an export, from a reader of its own, while the screen goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.formats import export, read_capture, write_export
from cookietrace.lesson.focus import Focus
from cookietrace.safe_text import safe
from tui.dialogs.export import ExportChoice
from tui.messages import ExportDone


def start_export(
    capture: Path,
    choice: ExportChoice,
    focus: Focus,
    browser: str,
    post: Callable[[Message], object],
    lenient: bool,
) -> None:
    """Begin to write; an ``ExportDone`` says what came of it.

    ``lenient`` passes over what cannot be read, as the screen has done already.
    """

    def write() -> None:
        try:
            pieces = export(
                read_capture(capture, lenient=lenient),
                choice.format,
                focus if focus != Focus() else None,
                show_values=choice.show_values,
                browser=browser,
            )
            write_export(choice.path, pieces, force=choice.replace)
        except CookietraceError as error:
            post(ExportDone(str(error), failed=True))
        else:
            post(ExportDone(f"Exported to {safe(str(choice.path))}", failed=False))

    threading.Thread(target=write, name="export", daemon=True).start()
