"""Two columns of requests, of which only the rows on screen are read and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cookietrace.lesson.changes import Cell, Pair
from cookietrace.lesson.display_text import clip
from cookietrace.lesson.row_marks import SIGNS, Mark

_GUTTER: Final = 3
"""Cells between the columns: the sign stands there."""

_LABEL: Final = 5
_NAMES_FROM: Final = 56
"""A column as wide as this also says which cookies a request sends and its response sets."""

_TOGETHER: Final = 50
"""How many rows are read together."""

Cells = tuple[Cell | None, Cell | None]
Read = Callable[[Sequence[Pair]], list[Cells]]


class PairList(ScrollView, can_focus=True):
    """The requests of both captures. The row with the cursor is selected."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"pairs--{name}"
        for name in ("cursor", "sent", "withheld", "refused", "changed", "odd", "quiet")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "ends(0)", show=False),
        Binding("end,G", "ends(1)", show=False),
    ]

    class Moved(Message):
        """Another row is selected."""

        def __init__(self, pair: Pair) -> None:
            super().__init__()
            self.pair = pair

    def __init__(self) -> None:
        super().__init__()
        self._pairs: Sequence[Pair] = ()
        self._read: Read | None = None
        self._known: dict[int, Cells] = {}
        self._host = ""
        self.cursor = 0

    @property
    def selected(self) -> Pair | None:
        """The row with the cursor; None if there are none."""
        return self._pairs[self.cursor] if self._pairs else None

    def show(self, pairs: Sequence[Pair], read: Read, cursor: int) -> None:
        """Show these rows; ``read`` returns what is in them."""
        self._pairs, self._read = pairs, read
        self._known.clear()
        self.virtual_size = Size(self.size.width, len(pairs))
        first = self._cells(cursor) if pairs else (None, None)
        self._host = next((cell.host for cell in first if cell is not None), "")
        self.move_to(cursor)

    def move_to(self, index: int) -> None:
        """Select a row."""
        if not self._pairs:
            return
        self.cursor = max(0, min(index, len(self._pairs) - 1))
        around = min(2, max(0, (self.size.height - 1) // 2))  # rows that stay in sight around it
        self.scroll_to_region(
            Region(0, max(0, self.cursor - around), 1, 2 * around + 1), animate=False, force=True
        )
        self.refresh()
        self.post_message(self.Moved(self._pairs[self.cursor]))

    def action_move(self, rows: int) -> None:
        """Select a row above or below."""
        self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Select a row a screen away."""
        self.move_to(self.cursor + pages * max(1, self.size.height - 1))

    def action_ends(self, last: int) -> None:
        """Select the first or the last row."""
        self.move_to(len(self._pairs) - 1 if last else 0)

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse."""
        self.move_to(int(self.scroll_offset.y) + event.y)

    def on_resize(self) -> None:
        """Keep the selected row in sight."""
        self.virtual_size = Size(self.size.width, len(self._pairs))
        self.move_to(self.cursor)

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        index = int(self.scroll_offset.y) + y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if index >= len(self._pairs):
            return Strip.blank(width, base)
        if index == self.cursor:
            base = base + self._style("cursor")
        pair = self._pairs[index]
        one, other = self._cells(index)
        half = (width - _GUTTER) // 2
        segments = [
            *self._half(one, half, base, differs=pair.differs),
            Segment(f"{pair.sign:^{_GUTTER}}", base + self._style("odd")),
            *self._half(other, width - _GUTTER - half, base, differs=pair.differs),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _cells(self, index: int) -> Cells:
        if index not in self._known and self._read is not None:
            first = max(0, index - _TOGETHER // 2)
            wanted = range(first, min(len(self._pairs), first + _TOGETHER))
            if len(self._known) > 20 * _TOGETHER:
                self._known.clear()
            read = self._read([self._pairs[at] for at in wanted])
            self._known.update(zip(wanted, read, strict=True))
        return self._known[index]

    def _half(self, cell: Cell | None, width: int, base: Style, *, differs: bool) -> list[Segment]:
        """Draw one side of a row, in exactly ``width`` cells."""
        if cell is None:
            return [Segment(f"{'·':>{_LABEL}}".ljust(width), base + self._style("quiet"))]
        quiet = base + self._style("quiet")
        text = base if differs else quiet
        parts: list[tuple[str, Style]] = [
            (f"{cell.label:>{_LABEL}} ", quiet),
            (f"{cell.status:>3} ", base + self._style("refused") if _failed(cell) else quiet),
            (f"{cell.method} ", text),
        ]
        names = self._names(cell, base) if width >= _NAMES_FROM else []
        where = cell.page
        if not names and width < _NAMES_FROM and cell.host == self._host:
            where = where.removeprefix(cell.host)  # as in most rows: there is no room for it
        reserved = min(width // 2, sum(cell_len(part) for part, _ in names))
        room = max(8, width - reserved - sum(cell_len(part) for part, _ in parts) - 1)
        parts += [(clip(where, room), text), *names]
        used = 0
        segments: list[Segment] = []
        for part, style in parts:
            fitting = clip(part, width - used) if cell_len(part) > width - used else part
            segments.append(Segment(fitting, style))
            used += cell_len(fitting)
            if used >= width:
                break
        return [*segments, Segment(" " * (width - used), base)]

    def _names(self, cell: Cell, base: Style) -> list[tuple[str, Style]]:
        parts: list[tuple[str, Style]] = []
        for sign, names, tone in (
            ("→", cell.sent, "sent"),
            ("⊘", cell.withheld, "withheld"),
            ("←", cell.sets, "changed"),
            ("✗", cell.refused, "refused"),
            (SIGNS[Mark.MISSED], cell.missed, "refused"),
        ):
            if names:
                parts.append((f"  {sign} {' '.join(names)}", base + self._style(tone)))
        return parts

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"pairs--{name}", partial=True)


def _failed(cell: Cell) -> bool:
    return cell.status[:1] in ("4", "5")
