"""Markdown: the execution table and the variable tracker as tables to paste anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cookietrace.formats.format import Export, Format
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import Tracker, track

MOST_TRACKER_STEPS = 200
"""The most columns a tracker is written with: its size grows with their square."""

_ACTIVE = re.compile(r"[\\|`*_\[\]~$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What could begin markup inside a cell, HTML apart: an address becomes a link by itself."""


def escaped(cell: str) -> str:
    """Return display text as a table cell that shows just this text.

    Backslashes, pipes and all that could begin emphasis, code, a link or HTML is
    escaped; braces, quotes and dots are not. An underscore inside a word stays bare,
    since it begins nothing there.
    """
    text = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _ACTIVE.sub(lambda match: _escape(text, match), text)
    return re.sub(r"[\r\n]+", " ", text)


def _escape(text: str, match: re.Match[str]) -> str:
    at = match.start()
    inside_word = (
        match[0] == "_" and text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()
    )
    return match[0] if inside_word else f"\\{match[0]}"


def table_lines(table: Table) -> Iterator[str]:
    """Yield the execution table line by line."""
    yield from _header(table.headings)
    for step in range(1, len(table) + 1):
        yield _line(table.row(step).cells)


def tracker_lines(tracker: Tracker) -> Iterator[str]:
    """Yield the variable tracker line by line."""
    yield from _header(("Variable", *tracker.columns))
    for row in tracker.rows:
        yield _line((row.name, *tracker.cells(row)))


def write_markdown(export: Export) -> Iterator[bytes]:
    """Yield the execution table, an empty line, and the tracker."""
    table = export.table
    for line in table_lines(table):
        yield f"{line}\n".encode()
    yield b"\n"
    if len(table) > MOST_TRACKER_STEPS:
        yield (
            f"The variable tracker is left out: {len(table)} steps are more columns than a "
            f"table can show ({MOST_TRACKER_STEPS}). Choose a focus with fewer steps.\n"
        ).encode()
        return
    for line in tracker_lines(track(table)):
        yield f"{line}\n".encode()


def _header(cells: tuple[str, ...]) -> Iterable[str]:
    return (_line(cells), "|" + "---|" * len(cells))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"


FORMAT = Format(
    name="markdown",
    title="Markdown: the execution table and the variable tracker",
    suffixes=(".md", ".markdown"),
    writes=write_markdown,
)
