"""``R``: the recorders of the story: which are alive, how far behind, and what they lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cookietrace.recorders import (
    HEADINGS,
    Life,
    ListedRecorder,
    RecorderState,
    listed_recorders,
    summary,
)
from tui.dialogs.base import Dialog
from tui.drawing.fit import cut

_SIGNS: Final[dict[Life, tuple[str, str]]] = {
    Life.LIVE: ("●", "bold $sent"),
    Life.SILENT: ("◐", "bold $withheld"),
    Life.ENDED: ("■", "$quiet"),
    Life.GONE: ("○", "$quiet"),
    Life.NOT_SHOWN: ("▲", "bold $refused"),
}

_SECONDS: Final = 1.0
"""Seconds between two looks at the recorders."""

_WIDTHS: Final = (26, 18, 9, 8, 0)
"""The most cells of each column; the last one takes the rest."""

_LEAST: Final = (8, 5, 6, 4, 0)


class RecordersDialog(Dialog[str]):
    """A line per recorder, and below what else is known about the highlighted one.

    Returns the recorder to focus on.
    """

    HEADING = "Recorders"
    KEYS = "Enter shows only this recorder · Esc closes"

    def __init__(
        self,
        states: Callable[[], Sequence[RecorderState]],
        found: Callable[[], Mapping[str, str]],
    ) -> None:
        """``found`` returns how many problems each recorder's clients have, as text."""
        super().__init__()
        self._states, self._found = states, found
        self._listed: tuple[ListedRecorder, ...] = ()

    def content(self) -> Iterable[Widget]:
        """Yield the summary, the headings, the list, and the details."""
        yield Static(id="recorders-summary", markup=False)
        yield Static(id="recorders-headings", markup=False)
        yield OptionList(markup=False, compact=True)
        yield Static(id="recorder-detail", markup=False)

    def on_mount(self) -> None:
        """Fill the list, and keep it up to date."""
        self._fill()
        self.query_one(OptionList).focus()
        self.set_interval(_SECONDS, self._fill)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what else is known about the recorder."""
        event.stop()
        self._show_detail()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Focus on the recorder."""
        event.stop()
        self.dismiss(self._listed[event.option_index].state.name)

    def _fill(self) -> None:
        listed = listed_recorders(self._states(), self._found())
        if listed == self._listed:
            return
        options = self.query_one(OptionList)
        names = [each.state.name for each in self._listed]
        at = options.highlighted
        chosen = names[at] if at is not None and at < len(names) else None
        place = options.scroll_offset.y
        self._listed = listed
        widths = self._widths()
        options.clear_options()
        options.add_options([Option(_line(each, widths)) for each in listed])
        now = [each.state.name for each in listed]
        if listed:
            options.highlighted = now.index(chosen) if chosen in now else 0
            options.scroll_to(y=place, animate=False)
        states = tuple(each.state for each in listed)
        self.query_one("#recorders-summary", Static).update(
            Content.styled(summary(states), "$foreground")
        )
        self.query_one("#recorders-headings", Static).update(
            Content.styled("   " + _columns(HEADINGS, widths), "bold $quiet")
        )
        self._show_detail()

    def _widths(self) -> tuple[int, ...]:
        """Return the width of each column."""
        cells = [HEADINGS, *(each.cells for each in self._listed)]
        return tuple(
            max(_LEAST[at], min(_WIDTHS[at] or 40, max(cell_len(row[at]) for row in cells)))
            for at in range(len(HEADINGS))
        )

    def _show_detail(self) -> None:
        at = self.query_one(OptionList).highlighted
        text = self._listed[at].detail if at is not None and at < len(self._listed) else ""
        self.query_one("#recorder-detail", Static).update(Content.styled(text, "$quiet"))


def _line(listed: ListedRecorder, widths: Sequence[int]) -> Content:
    sign, style = _SIGNS[listed.state.life]
    name, *rest = listed.cells
    first = cut(name, widths[0])
    blank = " " * (widths[0] - cell_len(first) + 2)
    return Content.assemble(
        (f" {sign} ", style),
        (first + blank, "$foreground"),
        (_columns(rest, widths[1:]), "$foreground" if listed.state.life is Life.LIVE else "$quiet"),
    )


def _columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    told = (cut(cell, width) for cell, width in zip(cells, widths, strict=True))
    padded = (
        text + " " * (width - cell_len(text)) for text, width in zip(told, widths, strict=True)
    )
    return "  ".join(padded).rstrip()
