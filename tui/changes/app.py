"""The screen of ``cookietrace diff``: the cause on top, both captures, and the reasons below."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.driver import Driver
from textual.widgets import Static

from cookietrace.errors import CookietraceError
from cookietrace.lesson.changes import (
    Block,
    Cell,
    Comparison,
    Journey,
    Pair,
    blocks,
    cause,
    cells,
    first_shown,
    order_text,
    pairs,
)
from cookietrace.lesson.display_text import plural, shown
from tui.app.ending import end_on_signals, ending_with_terminal
from tui.app.themes import THEMES, other_theme
from tui.changes.keys import KeysDialog
from tui.changes.pair_list import Cells, PairList
from tui.widgets.key_line import Key, KeyLine
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH, TooSmall

_KEYS: Final = (
    Key("n N", "difference", "app.difference(1)"),
    Key("d", "only these", "app.only_differences"),
    Key("?", "keys", "app.keys"),
    Key("q", "quit", "app.quit"),
    Key("Tab", "reasons", "app.focus_next"),
    Key("↑ ↓", "row"),
    Key("t", "theme", "app.theme"),
)


class Compared(NamedTuple):
    """Two captures that were read and compared."""

    before: Journey
    after: Journey
    found: Comparison


class ChangesApp(App[None]):
    """Shows two captures side by side. Nothing can be changed here."""

    TITLE = "cookietrace diff"
    CSS_PATH = "styles.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (MIN_WIDTH, "-narrow")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (MIN_HEIGHT, "-tight"), (22, "-low")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right_square_bracket", "difference(1)", show=False),
        Binding("N,left_square_bracket", "difference(-1)", show=False),
        Binding("d", "only_differences", show=False),
        Binding("t", "theme", show=False),
        Binding("question_mark", "keys", show=False),
        Binding("escape", "rows", show=False),
        Binding("q", "quit", show=False),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(
        self, names: tuple[str, str], read: Callable[[], Compared], theme: str = THEMES[0].name
    ) -> None:
        """``read`` is called on a thread once the screen is there; it may raise our errors."""
        super().__init__()
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme
        self._names = names
        self._read = read
        self.compared: Compared | None = None
        self.failed: CookietraceError | None = None
        self._rows: tuple[Pair, ...] = ()
        self._only_differences = False

    def compose(self) -> ComposeResult:
        """Yield the parts of the screen."""
        yield TooSmall()
        yield Static("Reading both captures…", id="cause", markup=False)
        with Horizontal(id="names"):
            for side, name in zip("AB", self._names, strict=True):
                yield Static(f"{side}  {shown(name)}", classes="name", markup=False)
        yield PairList()
        with VerticalScroll(id="reasons", can_focus=True):
            yield Static(id="detail", markup=False)
        yield KeyLine(_KEYS, id="keys")

    def get_driver_class(self) -> type[Driver]:
        """Return the driver of this terminal, with which the app ends."""
        return ending_with_terminal(super().get_driver_class(), self.exit)

    def on_mount(self) -> None:
        """Read both captures beside the screen."""
        if not self.is_headless:
            end_on_signals(asyncio.get_running_loop(), self.exit)
        self.query_one(PairList).focus()
        self.run_worker(self._load, thread=True)

    def _load(self) -> None:
        try:
            compared = self._read()
        except CookietraceError as error:
            self.failed = error
            self.call_from_thread(self.exit, None, error.exit_status)
            return
        self.call_from_thread(self._show, compared)

    def _show(self, compared: Compared) -> None:
        self.compared = compared
        self._rows = pairs(compared.found)
        self.query_one("#cause", Static).update(_heading(compared.found))
        self._list()
        self.query_one(PairList).move_to(first_shown(compared.found, self._rows))

    def _list(self) -> None:
        """Show all rows, or those that differ, with the same row selected."""
        shown_rows = self._shown_rows
        table = self.query_one(PairList)
        selected = table.selected
        at = next((at for at, row in enumerate(shown_rows) if row == selected), 0)
        table.show(shown_rows, self._cells, at)

    @property
    def _shown_rows(self) -> tuple[Pair, ...]:
        if self._only_differences:
            return tuple(row for row in self._rows if row.differs)
        return self._rows

    def _cells(self, rows: Sequence[Pair]) -> list[Cells]:
        assert self.compared is not None
        read: list[dict[int, Cell]] = []
        for side, journey in enumerate((self.compared.before, self.compared.after)):
            wanted = [index for row in rows if (index := row[side]) is not None]
            assert all(isinstance(index, int) for index in wanted)
            indices = [index for index in wanted if isinstance(index, int)]
            read.append(dict(zip(indices, cells(journey, indices), strict=True)))
        return [
            (
                None if row.before is None else read[0][row.before],
                None if row.after is None else read[1][row.after],
            )
            for row in rows
        ]

    def on_pair_list_moved(self, event: PairList.Moved) -> None:
        """Show the reasons of the row that is selected now."""
        self._show_reasons(event.pair)

    def on_resize(self) -> None:
        """Fit the reasons to the new width."""
        selected = self.query_one(PairList).selected
        if selected is not None:
            self.call_after_refresh(self._show_reasons, selected)

    def _show_reasons(self, pair: Pair) -> None:
        if self.compared is None:
            return
        detail = self.query_one("#detail", Static)
        width = max(30, self.query_one("#reasons").scrollable_content_region.width)
        found = blocks(self.compared.found, pair)
        if found:
            detail.update(_reasons(found, width))
        elif pair.differs:
            which, other = ("A", "B") if pair.after is None else ("B", "A")
            detail.update(Content(f"Only {which} makes this request; {other} does not."))
        else:
            detail.update(Content.styled("This request does not differ.", "$quiet"))
        self.query_one("#reasons").scroll_home(animate=False)

    def action_difference(self, direction: int) -> None:
        """Select the next row that differs, or the one before."""
        table, rows = self.query_one(PairList), self._shown_rows
        at = table.cursor + direction
        while 0 <= at < len(rows) and not rows[at].differs:
            at += direction
        if 0 <= at < len(rows):
            table.move_to(at)
        else:
            which = "last" if direction > 0 else "first"
            self.notify(f"This is the {which} difference.", timeout=2)

    def action_only_differences(self) -> None:
        """Leave out the rows that do not differ, or show them again."""
        if any(row.differs for row in self._rows):
            self._only_differences = not self._only_differences
            self._list()

    def action_keys(self) -> None:
        """Show the keys and the signs."""
        self.push_screen(KeysDialog())

    def action_rows(self) -> None:
        """Go back from the reasons to the rows."""
        self.query_one(PairList).focus()

    def action_theme(self) -> None:
        """Change between dark and light."""
        self.theme = other_theme(self.theme)


def _heading(found: Comparison) -> Content:
    alignment = found.alignment
    count = (
        f"{plural(len(alignment.pairs), 'request')} in both, {len(alignment.only_before):,} only "
        f"in A, {len(alignment.only_after):,} only in B, "
        f"{plural(len(found.divergences), 'difference')}."
    )
    if order := order_text(found):
        count = f"{count} {order}"
    first = cause(found)
    if first is None:
        said = "The requests that both have do not differ."
        if not alignment.pairs:
            said = "The two have no request in common: is it the same journey? See --map."
        return Content.assemble((f"{said}\n", "bold"), (count, "$quiet"))
    fix = [("Fix: ", "bold"), (f"{first.fixes[0]}\n", "")] if first.fixes else []
    return Content.assemble(
        ("Likely cause  ", "bold $odd"),
        (f"{first.what}\n", "bold"),
        (f"{first.where}\n", ""),
        *fix,
        (count, "$quiet"),
    )


def _reasons(found: Sequence[Block], width: int) -> Content:
    """Return the differences of a row: a heading, then what each side does, side by side."""
    half = (width - 3) // 2
    parts: list[Content] = []
    for number, block in enumerate(found):
        if number:
            parts.append(Content("\n"))
        parts.append(Content.styled(f"{block.heading}\n", "bold"))
        if not block.reasons:
            parts += [Content.styled(f"{block.follows}\n", "$quiet")] if block.follows else []
            continue
        left, right = _wrapped("A", block.before, half), _wrapped("B", block.after, half)
        for at in range(max(len(left), len(right))):
            one = left[at] if at < len(left) else Content("")
            other = right[at] if at < len(right) else Content("")
            parts += [one.pad_right(half - one.cell_length), Content.styled(" │ ", "$rule")]
            parts += [other, Content("\n")]
        if block.follows:
            parts.append(Content.styled(f"{block.follows}\n", "$quiet"))
    return Content("").join(parts)


def _wrapped(side: str, texts: Sequence[str], width: int) -> list[Content]:
    lines: list[Content] = []
    for number, text in enumerate(texts):
        content = Content.assemble((f"{side}  ", "$quiet"), text) if not number else Content(text)
        lines += content.wrap(width)
    return lines
