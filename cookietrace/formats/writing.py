"""Exporting: values are redacted by default, and a file is written completely or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange
from cookietrace.follow import folded
from cookietrace.formats.format import Export, Format, Write
from cookietrace.formats.jar_options import JarOptions
from cookietrace.formats.page_options import PageOptions
from cookietrace.json_text import json_bytes, json_lines
from cookietrace.judging import made_of_verdicts
from cookietrace.lesson.explain import Explainer, shorten
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.repeated import Repeated
from cookietrace.redact import needs_redaction
from cookietrace.redact.lines_beside import Other, lines_beside
from cookietrace.safe_text import safe, safe_lines
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import StoredEvents, is_sqlite
from cookietrace.whole_file import descriptor_of, write_whole

_TOGETHER = 32
"""How many lines are one piece: a program that reads them waits for no more."""


def outgoing(
    events: Iterable[Event],
    *,
    show_values: bool = False,
    browser: str = "auto",
    names: Names = TABLE_ONLY,
    bodies: bool = True,
) -> Iterable[Event]:
    """Return the events as they may leave the machine.

    They are redacted, unless ``show_values`` is true or the capture says that it holds no
    secrets. ``names`` changes which names are those of secrets. An output that shows no ``bodies``
    need not have them. Everything that leaves the machine passes through here, or through
    ``outgoing_explanations``.
    """
    every, harmless = _looked_at(events)
    if show_values or harmless:
        return every
    from cookietrace.redact.redacted_events import redacted

    return redacted(every, browser=browser, names=names, bodies=bodies)


def outgoing_explanations(
    events: Iterable[Event],
    *,
    show_values: bool = False,
    browser: str = "auto",
    names: Names = TABLE_ONLY,
    jar: bool = False,
    all_withheld: bool = False,
    other: Other | None = None,
) -> Iterator[bytes]:
    """Yield what ``explain --json`` prints, as it may leave the machine: a line per exchange.

    Each piece is one or more lines. ``jar`` and ``all_withheld`` are as for
    ``cookietrace.lesson.explain``, all else is as for ``outgoing``; and the result is that of
    explaining what that returns. ``other`` is a process that has a ``LineMaker`` with the same
    ``names``, for half of the work; what is left of that if it is ended is done by this one.
    """
    every, harmless = _looked_at(events)
    if not (show_values or harmless):
        if other is not None and isinstance(every, StoredEvents) and not (jar or all_withheld):
            lines = lines_beside(every, other, browser, names)
            if lines is not None:
                yield from lines
                return
        from cookietrace.redact.explanations import redacted_explanations

        explained = redacted_explanations(
            every, browser=browser, names=names, jar=jar, all_withheld=all_withheld
        )
        while some := list(islice(explained, _TOGETHER)):
            yield json_lines(some)
    elif jar or all_withheld:
        trace = folded(every, browser)
        explainer = Explainer(trace)
        for exchange in trace.exchanges:
            yield json_bytes(explainer.explained(exchange, jar=jar, all_withheld=all_withheld))
            yield b"\n"
    else:
        _, pages = made_of_verdicts(every, _line_maker(), _Lines(), browser)
        for page in pages:
            yield b"".join(page)


def _line_maker() -> Callable[[Exchange, BrowserWord], bytes]:
    """Return what makes the line that is printed of an exchange."""
    explain = Repeated().explained

    def line(exchange: Exchange, word: BrowserWord) -> bytes:
        explained = explain(exchange, word)
        shorten(explained)
        return json_bytes(explained) + b"\n"

    return line


class _Lines:
    """A page of lines as bytes."""

    def encode(self, items: list[bytes], /) -> bytes:
        """Return the lines joined."""
        return b"".join(items)

    def decode(self, data: bytes, /) -> list[bytes]:
        """Return the lines again; JSON has no line end inside them."""
        return data.splitlines(keepends=True)


def _looked_at(events: Iterable[Event]) -> tuple[Iterable[Event], bool]:
    """Return the events, and whether the first one says that they hold no secrets."""
    first = next(iter(events), None)
    if first is None:
        return (), True
    if isinstance(events, Iterator):
        events = chain((first,), events)
    return events, isinstance(first, Capture) and not needs_redaction(first)


def export(
    events: Iterable[Event],
    format: Format | str,  # noqa: A002 - the name on the command line
    focus: Focus | None = None,
    *,
    show_values: bool = False,
    browser: str = "auto",
    names: Names = TABLE_ONLY,
    page: PageOptions | None = None,
    jar: JarOptions | None = None,
) -> Iterator[bytes]:
    """Return a capture's events in a format, piece by piece.

    ``focus`` chooses the steps of tables and the entries of a HAR; JSON Lines and flow
    files always hold the whole capture. ``names`` is as for ``outgoing``. ``page`` is for
    a lesson page and ``jar`` for a file of cookies; others ignore them. Raises ``FormatError`` if
    the format is unknown or cannot be written; reading the events may raise as ``read_capture``
    does.
    """
    from cookietrace.formats.registry import format_to_write  # with all formats

    chosen = format_to_write(format) if isinstance(format, str) else format
    if chosen.writes is None:
        raise FormatError(f"{chosen.name} can only be read")
    shown = outgoing(events, show_values=show_values, browser=browser, names=names)
    return _written(chosen.writes, Export(shown, focus, browser, page, jar))


def _written(writes: Write, exported: Export) -> Iterator[bytes]:
    with closing(exported):
        yield from writes(exported)


def write_export(
    path: Path | str,
    pieces: Iterable[bytes],
    *,
    force: bool = False,
    sources: Collection[Path] = (),
) -> None:
    """Write a file, readable by its owner only, in one step.

    No reader ever sees part of it, and no file is left if ``pieces`` raises. A pipe or a
    terminal is written to directly, and so is what ``/dev/stdout`` or ``/dev/fd/N`` names, whatever
    that is. Raises ``FormatError`` if the file exists (unless ``force``), is a capture or one
    of the ``sources`` that are read, is of another kind, or cannot be written.
    """
    path = Path(path)
    name = safe(str(path))
    open_here = descriptor_of(path)
    try:
        kind = path.stat().st_mode
    except OSError:
        kind = None
    if kind is not None and stat.S_ISDIR(kind):
        raise FormatError(f"{name} is a folder: give the name of a file")
    try:
        if open_here is not None:
            _write_to(os.dup(open_here), pieces)
            return
        stream = kind is not None and _is_stream(kind)
        if kind is not None and not (stream or stat.S_ISREG(kind)):
            raise FormatError(f"{name} is not a file, a pipe or a terminal: choose another file")
        if kind is not None and not (force or stream):
            raise FormatError(f"{name} already exists: --force replaces it")
        if any(_is_same(path, source) for source in sources):
            raise FormatError(f"{name} is the file being read: choose another file to write")
        if is_sqlite(path):
            raise FormatError(f"{name} is a capture: choose another file for the export")
        if stream:
            _write_to_stream(path, pieces)
            return
        target = Path(os.path.realpath(path)) if force else path
        write_whole(target, pieces, replace=force)
    except FileExistsError as error:
        raise FormatError(f"{name} already exists: --force replaces it") from error
    except FileNotFoundError as error:
        folder = safe(str(path.parent))
        raise FormatError(
            f"there is no folder {folder}: create it, or choose another file"
        ) from error
    except OSError as error:
        if open_here is not None and isinstance(error, BrokenPipeError):
            raise  # a reader of our output that is gone ends the command without a word
        raise FormatError(f"{name} cannot be written: {error.strerror}") from error


def _is_same(path: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, by whatever names."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def _is_stream(mode: int) -> bool:
    """Return whether a file is written to as it is: a pipe, a terminal or another device."""
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _write_to_stream(path: Path, pieces: Iterable[bytes]) -> None:
    """Write to a pipe or a terminal; if it has become something else, leave that as it is."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    if not _is_stream(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileExistsError(str(path))
    _write_to(descriptor, pieces)


def _write_to(descriptor: int, pieces: Iterable[bytes]) -> None:
    """Write to a descriptor and close it; to a terminal, only text that cannot act on it."""
    with os.fdopen(descriptor, "wb") as file:
        if file.isatty():
            pieces = (
                "\n".join(safe_lines(piece.decode(errors="replace"))).encode() for piece in pieces
            )
        file.writelines(pieces)
