"""Markdown: the execution table and the variable tracker, ready to paste."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.formats.format import Export, Format
from cookietrace.lesson.markdown_table import header_lines, row_line
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import Tracker, track

MOST_TRACKER_STEPS = 200
"""The most columns of a tracker; its size grows with the square of their number."""


def table_lines(table: Table) -> Iterator[str]:
    """Yield the execution table line by line."""
    yield from header_lines(table.headings)
    for step in range(1, len(table) + 1):
        yield row_line(table.row(step).cells)


def tracker_lines(tracker: Tracker) -> Iterator[str]:
    """Yield the variable tracker line by line."""
    yield from header_lines(("Variable", *tracker.columns))
    for row in tracker.rows:
        yield row_line((row.name, *tracker.cells(row)))


def write_markdown(export: Export) -> Iterator[bytes]:
    """Yield the execution table, an empty line, and the tracker."""
    table = export.table
    for line in table_lines(table):
        yield f"{line}\n".encode()
    yield b"\n"
    if len(table) > MOST_TRACKER_STEPS:
        yield (
            f"The variable tracker is left out: it would have {len(table)} steps, and the most is "
            f"{MOST_TRACKER_STEPS}. Choose a focus with fewer steps.\n"
        ).encode()
        return
    for line in tracker_lines(track(table)):
        yield f"{line}\n".encode()


FORMAT = Format(
    name="markdown",
    title="Markdown: the execution table and the variable tracker",
    suffixes=(".md", ".markdown"),
    writes=write_markdown,
)
