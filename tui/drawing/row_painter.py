"""Draws the rows and headings of a virtual table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.drawing.fit import cut, fit
from tui.drawing.table_layout import GAP, Cells, Column, Layout

StyleOf = Callable[[str], Style]
"""The style for ``heading``, ``cursor``, ``lit``, ``match``, a tone, or ``""`` for plain text."""


def paint_heading(columns: Sequence[Column], layout: Layout, y: int, style_of: StyleOf) -> Strip:
    """Return line ``y`` of the headings; short titles are at the bottom."""
    style = style_of("heading")
    segments = [Segment(" " * (layout.gutter + 1), style)]
    for column, width in zip(columns, layout.widths, strict=True):
        lines = fit(column.title, width, layout.heading_lines)
        skip = layout.heading_lines - len(lines)
        text = lines[y - skip] if y >= skip else ""
        own = style + style_of("lit") if column.lit else style
        segments.append(Segment(_padded(text, width, GAP, right=column.right), own))
    return Strip(segments)


def paint_row(
    row: Cells,
    columns: Sequence[Column],
    layout: Layout,
    base: Style,
    style_of: StyleOf,
    needle: str,
    *,
    cursor: bool = False,
) -> list[Strip]:
    """Return the lines of a row, with ``needle`` (casefolded) highlighted wherever it occurs.

    ``cursor`` is True for the row under the cursor, in which no column is highlighted.
    """
    background = Style(bgcolor=base.bgcolor)
    styles = [base + style_of(tone) + background if tone else base for tone in row.tones]
    if not cursor:
        styles = [
            style + style_of("lit") if column.lit else style
            for style, column in zip(styles, columns, strict=True)
        ]
    blocks = [
        column.lines_of(text, width, layout.row_lines)
        for column, text, width in zip(columns, row.texts, layout.widths, strict=True)
    ]
    last = len(blocks) - 1
    strips: list[Strip] = []
    for part in range(layout.row_lines):
        segments = [Segment(" ", base)]
        if layout.gutter:
            shown = row.marks if part == 0 else ()
            for sign, tone in shown:
                segments.append(Segment(sign, base + style_of(tone) + background))
            segments.append(Segment(" " * (layout.gutter - len(shown)), base))
        for i, block in enumerate(blocks):
            text = block[part] if part < len(block) else ""
            gap = GAP if i < last else 0
            if row.pieces and i == last and part == 0:
                segments.extend(_pieces(row.pieces, layout.widths[i], base, style_of, background))
                continue
            padded = _padded(text, layout.widths[i], gap, right=columns[i].right)
            segments.extend(_lit(padded, styles[i], needle, style_of))
        strips.append(Strip(segments))
    return strips


def paint_note(
    row: Cells, layout: Layout, width: int, base: Style, style_of: StyleOf, needle: str
) -> Strip:
    """Return the note below a row: one line of ``width`` cells, under the second column on."""
    tone = row.note_tone
    style = base + style_of(tone) + Style(bgcolor=base.bgcolor, bold=True) if tone else base
    lead = layout.gutter + 1 + layout.widths[0] + GAP
    fitting = (text for text in row.note if cell_len(text) < width - lead)
    text = next(fitting, row.note[-1] if row.note else "")
    return Strip(
        [Segment(" " * lead, base), *_lit(cut(text, width - lead - 1), style, needle, style_of)]
    )


def _pieces(
    pieces: Sequence[tuple[str, str]], width: int, base: Style, style_of: StyleOf, background: Style
) -> list[Segment]:
    """Return the pieces, each in its tone, as far as they fit."""
    segments: list[Segment] = []
    for text, tone in pieces:
        if width < cell_len(text):
            break
        width -= cell_len(text)
        segments.append(Segment(text, base + style_of(tone) + background if tone else base))
    return [*segments, Segment(" " * width, base)]


def _lit(text: str, style: Style, needle: str, style_of: StyleOf) -> list[Segment]:
    """Split the text so that matches are highlighted."""
    folded = text.casefold() if needle else ""
    if not needle or needle not in folded or len(folded) != len(text):
        return [Segment(text, style)]
    lit = style + style_of("match")
    segments: list[Segment] = []
    start = 0
    while (found := folded.find(needle, start)) >= 0:
        segments.append(Segment(text[start:found], style))
        start = found + len(needle)
        segments.append(Segment(text[found:start], lit))
    segments.append(Segment(text[start:], style))
    return segments


def _padded(text: str, width: int, gap: int, *, right: bool) -> str:
    """Return the text in ``width`` cells, with a gap after it."""
    blank = width - cell_len(text)
    return " " * blank + text + " " * gap if right else text + " " * (blank + gap)
