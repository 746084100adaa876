"""CSV: the execution table as RFC 4180 has it, with no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from cookietrace.formats.format import Export, Format
from cookietrace.lesson.display_text import clip
from cookietrace.lesson.row_verdicts import RowVerdicts

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters that make a spreadsheet read a cell as a formula, with their full-width forms."""

MOST_CELL = 32_000
"""How wide a cell of the table may be: spreadsheets cut what is longer, or refuse the file."""

MOST_SAID = 4_000
"""How wide a verdict, a reason or a fix may be: one row can be about thousands of cookies."""


def guarded(cell: str) -> str:
    """Return the cell, with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def write_csv(export: Export) -> Iterator[bytes]:
    """Yield the headings, then one record per step, in UTF-8 with CR LF line ends.

    After the six columns of the table come the verdict on the row, the reason and the fix. What
    is too wide for a cell is cut.
    """
    table = export.table
    yield _record((*table.headings, "Verdict", "Reason", "Fix"))
    verdicts = RowVerdicts(table)
    for step in range(1, len(table) + 1):
        of = verdicts.of(step)
        cells = [clip(cell, MOST_CELL) for cell in table.row(step).cells]
        said = [clip(text, MOST_SAID) for text in (of.verdict, of.reason, of.fix)]
        yield _record((*cells, *said))


def _record(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(guarded(cell) for cell in cells)
    return line.getvalue().encode()


FORMAT = Format(
    name="csv",
    title="CSV: the execution table for a spreadsheet, with verdicts",
    suffixes=(".csv",),
    writes=write_csv,
)
