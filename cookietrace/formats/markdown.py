"""Markdown: the execution table, what it means, and the variable tracker, ready to paste."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.formats.format import Export, Format
from cookietrace.lesson.display_text import clip, plural
from cookietrace.lesson.markdown_table import escaped, header_lines, row_line
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import problem_line, whose
from cookietrace.lesson.problems import tally
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.row_verdicts import RowVerdicts
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import Tracker, track

MOST_TRACKER_STEPS = 200
"""The most columns of a tracker; its size grows with the square of their number."""


MOST_TRACKER_CELLS = 200
"""How wide a value of the tracker may be; the execution table has it in full where it was set."""

ROOM_FOR_TRACKER = 20_000
"""The most cells of the tracker: of very many variables, only the first are there."""


def table_lines(table: Table) -> Iterator[str]:
    """Yield the execution table line by line."""
    yield from header_lines(table.headings)
    for step in range(1, len(table) + 1):
        yield row_line(table.row(step).cells)


def verdict_lines(table: Table) -> Iterator[str]:
    """Yield the problems and warnings with reason and fix, then what each sign means at its step.

    One item of a list each; rows without a sign have none.
    """
    verdicts = RowVerdicts(table)
    if verdicts.problems:
        found = distinct(verdicts.problems)
        yield f"{tally(problem.moment for problem in found).text}:"
        yield ""
        for problem in found:
            moment = problem.moment
            fix = f" Fix: {moment.advice}" if moment.advice else ""
            line = f"{problem_line(table, moment)}{whose(problem)}"
            yield _item(f"{line}. {moment.answer}{fix}")
        yield ""
    signs = [_signs(table, verdicts, step) for step in range(1, len(table) + 1)]
    if any(signs):
        yield "What happened to cookies:"
        yield ""
        yield from map(_item, filter(None, signs))
    else:
        yield "Nothing happened to cookies."


def _signs(table: Table, verdicts: RowVerdicts, step: int) -> str:
    """Return what the signs of a row mean; empty if it has none."""
    told = [
        f"{SIGNS[each.mark]} {each.text}"
        for each in verdicts.happenings(step)
        if each.mark is not None
    ]
    return f"Step {table.label(step)}: {'; '.join(told)}" if told else ""


def _item(text: str) -> str:
    return f"- {escaped(text)}"


def tracker_lines(tracker: Tracker) -> Iterator[str]:
    """Yield the variable tracker line by line."""
    yield from header_lines(("Variable", *tracker.columns))
    room = tracker.room_for(ROOM_FOR_TRACKER)
    for row in tracker.rows[:room]:
        values = (clip(cell, MOST_TRACKER_CELLS) for cell in tracker.cells(row))
        yield row_line((clip(row.name, MOST_TRACKER_CELLS), *values))
    if len(tracker.rows) > room:
        yield ""
        more = plural(len(tracker.rows) - room, "more variable")
        yield f"The tracker leaves out {more}: choose a focus with fewer cookies or steps."


def write_markdown(export: Export) -> Iterator[bytes]:
    """Yield the execution table, what its rows mean, and the tracker, with empty lines between."""
    table = export.table
    for line in (*table_lines(table), "", *verdict_lines(table), ""):
        yield f"{line}\n".encode()
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
    title="Markdown: the execution table, its verdicts, and the variable tracker",
    suffixes=(".md", ".markdown"),
    writes=write_markdown,
)
