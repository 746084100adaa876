"""Every export's way out: redacted unless told otherwise, and written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.formats.format import Export, Format
from cookietrace.formats.registry import format_to_write
from cookietrace.lesson.focus import Focus
from cookietrace.redact import needs_redaction, redacted
from cookietrace.safe_text import safe
from cookietrace.stores import is_sqlite
from cookietrace.whole_file import write_whole


def outgoing(
    events: Iterable[Event], *, show_values: bool = False, browser: str = "auto"
) -> Iterator[Event]:
    """Return the events as they may leave the machine.

    Redacted, unless ``show_values`` or the capture says that it holds nobody's secrets.
    Everything that leaves the machine comes through here.
    """
    remaining = iter(events)
    first = next(remaining, None)
    if first is None:
        return iter(())
    every = chain((first,), remaining)
    harmless = isinstance(first, Capture) and not needs_redaction(first)
    return every if show_values or harmless else redacted(every, browser=browser)


def export(
    events: Iterable[Event],
    format: Format | str,  # noqa: A002 - the word of the command line
    focus: Focus | None = None,
    *,
    show_values: bool = False,
    browser: str = "auto",
) -> Iterator[bytes]:
    """Return a capture's events in a format, piece by piece.

    ``focus`` chooses the steps of tables and the entries of a HAR; JSON Lines and flow
    files always hold the whole capture. Raises ``FormatError`` where the format is not
    known or cannot be written; reading the events may raise what ``read_capture`` does.
    """
    chosen = format_to_write(format) if isinstance(format, str) else format
    if chosen.writes is None:
        raise FormatError(f"{chosen.name} can only be read")
    told = outgoing(events, show_values=show_values, browser=browser)
    return iter(chosen.writes(Export(told, focus, browser)))


def write_export(path: Path | str, pieces: Iterable[bytes], *, force: bool = False) -> None:
    """Write a file for its owner only, in one step: whoever looks finds all of it or nothing.

    A pipe or a terminal holds nothing to lose, and just takes the octets. Raises
    ``FormatError`` where the file exists (unless ``force``), is a capture itself, or
    cannot be written. Whatever ``pieces`` raises leaves no file behind.
    """
    path = Path(path)
    name = safe(str(path))
    try:
        kind = path.stat().st_mode
    except OSError:
        kind = None
    if kind is not None and stat.S_ISDIR(kind):
        raise FormatError(f"{name} is a folder: name a file in it")
    stream = kind is not None and (stat.S_ISFIFO(kind) or stat.S_ISCHR(kind))
    if kind is not None and not (force or stream):
        raise FormatError(f"{name} exists already: --force replaces it")
    if is_sqlite(path):
        raise FormatError(f"{name} is a capture itself: choose another name for the export")
    try:
        if kind is not None and not stat.S_ISREG(kind):
            with path.open("wb") as device:
                device.writelines(pieces)
            return
        target = Path(os.path.realpath(path)) if force else path
        write_whole(target, pieces, replace=force)
    except FileExistsError as error:
        raise FormatError(f"{name} exists already: --force replaces it") from error
    except FileNotFoundError as error:
        folder = safe(str(path.parent))
        raise FormatError(f"there is no folder {folder}: make it, or name another file") from error
    except OSError as error:
        raise FormatError(f"{name} cannot be written: {error.strerror}") from error
