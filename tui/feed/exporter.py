"""The thread that writes an export. It reads the capture itself, so the screen stays usable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.events import Event
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.formats import JarOptions, export, write_export
from cookietrace.lesson.focus import Focus
from cookietrace.recorders import Place, files_of, place_events
from cookietrace.safe_text import safe
from cookietrace.settings import Settings, read_settings
from tui.messages import ExportDone


class ExportChoice(msgspec.Struct, frozen=True):
    """What to export, and where to."""

    format: str
    path: Path
    show_values: bool
    replace: bool
    at: str | None = None
    """The step after which a jar is written."""


def start_export(
    place: Place,
    choice: ExportChoice,
    focus: Focus,
    browser: str,
    post: Callable[[Message], object],
    lenient: bool,
    begun: frozenset[str] = frozenset(),
    settings_file: Path | None = None,
) -> None:
    """Start to write; an ``ExportDone`` message reports the result.

    ``lenient`` skips unreadable parts of the capture, as the screen did when it opened it.
    ``begun`` are the exchanges with which fresh browsers begin on the screen only. The settings
    say which names are those of secrets, as they do for ``cookietrace export``.
    """

    def write() -> None:
        try:
            settings = Settings() if settings_file is None else read_settings(settings_file)
            with place_events(place, lenient=lenient) as stored:
                events: Iterable[Event] = NewSessions(begun).all(stored) if begun else stored
                pieces = export(
                    events,
                    choice.format,
                    focus if focus != Focus() else None,
                    show_values=choice.show_values,
                    browser=browser,
                    names=settings.names,
                    jar=JarOptions(at=choice.at),
                )
                write_export(choice.path, pieces, force=choice.replace, sources=files_of(place))
        except CookietraceError as error:
            post(ExportDone(str(error), failed=True))
        else:
            post(ExportDone(f"Exported to {safe(str(choice.path))}", failed=False))

    threading.Thread(target=write, name="export", daemon=True).start()
