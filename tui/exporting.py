"""The thread that writes an export, from a reader of its own, while the screen goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.events import Event
from cookietrace.formats import export, write_export
from cookietrace.lesson.focus import Focus
from cookietrace.safe_text import safe
from cookietrace.stores import START, CaptureStore, open_store
from tui.dialogs.export import ExportChoice
from tui.messages import ExportDone


def start_export(
    capture: Path,
    choice: ExportChoice,
    focus: Focus,
    browser: str,
    post: Callable[[Message], object],
) -> None:
    """Begin to write; an ``ExportDone`` says what came of it."""
    arguments = (capture, choice, focus, browser, post)
    threading.Thread(target=_export, args=arguments, name="export", daemon=True).start()


def _export(
    capture: Path,
    choice: ExportChoice,
    focus: Focus,
    browser: str,
    post: Callable[[Message], object],
) -> None:
    try:
        store = open_store(capture)
        try:
            pieces = export(
                events_of(store),
                choice.format,
                focus if focus != Focus() else None,
                show_values=choice.show_values,
                browser=browser,
            )
            write_export(choice.path, pieces, force=choice.replace)
        finally:
            store.close()
    except CookietraceError as error:
        post(ExportDone(str(error), failed=True))
    else:
        post(ExportDone(f"Exported to {safe(str(choice.path))}", failed=False))


def events_of(store: CaptureStore) -> Iterator[Event]:
    """Yield every event that the capture holds now."""
    position = START
    while (batch := store.read(position)).events:
        yield from batch.events
        position = batch.position
