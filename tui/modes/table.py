"""Mode 3, the execution table, with the details of the selected step beside or below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from cookietrace.lesson.detail import detail
from tui.drawing.rows import TABLE_COLUMNS, TableRows, columns_for
from tui.drawing.tones import LEGEND
from tui.messages import FollowPaused, SearchWanted
from tui.modes.paned import PanedScreen
from tui.state.story import Change
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.find_bar import FindBar
from tui.widgets.focus_line import FocusLine
from tui.widgets.help_data import HelpData
from tui.widgets.virtual_table import VirtualTable

_CALM = 0.25
"""Seconds between two drawings of the details while traffic flows."""


_DETAILS = HelpData(
    title="Details of the step",
    text=(
        "The whole story of the selected step: every cookie that was sent, withheld or missing "
        "with the reason and the section of the standard (-22 is draft-ietf-httpbis-"
        "rfc6265bis-22), what the browser made of each Set-Cookie, what the app itself saw, "
        "the headers as they went over the wire, and how the bodies begin."
    ),
    keys=(
        ("↑ ↓ PgUp PgDn", "scroll"),
        ("← →", "the step before, the step after"),
        ("Enter", "give the details the whole screen, and take it back"),
        ("d", "hide the details, or show them"),
        ("Tab", "to the table and back"),
    ),
)


class StepTable(VirtualTable):
    """The table of steps, with what ``?`` says about it."""

    GUIDE = HelpData(
        title="Execution table",
        text=(
            "Each request is a row; when its response changes the cookie jar, a row follows in "
            "which the browser stores, replaces or deletes cookies, and one for each cookie it "
            "refuses. ≈ marks what is inferred because the app itself reported nothing."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "a step up, a step down"),
            ("PgUp PgDn Home End", "a screenful; the first step, the newest"),
            ("Enter", "give the details the whole screen"),
            ("d", "hide the details, or show them"),
            ("w", "one, two or three lines a row"),
            ("/ n N", "find a text; the next match, the one before"),
            ("o O", "choose hosts, paths, cookies, a client; show everything"),
            ("Esc", "end the search: show all rows again"),
            ("f", "go along with the newest step again"),
            ("y", "copy something of this step"),
        ),
    )


class TableScreen(PanedScreen):
    """The table that reads only what is on screen, and all that goes with it."""

    KEY = "3"
    NAME = "Table"
    TITLE_TEXT = "Execution table"
    GUIDE = StepTable.GUIDE

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "toggle_detail", "Detail", show=True),
        Binding("w", "cycle_lines", "Lines a row", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """The empty state and the table; the details; the find bar."""
        self._rows = TableRows(self.story)
        self._detail_due = False
        yield Container(
            StepTable(self._rows, TABLE_COLUMNS, id="steps"),
            DetailPane(_DETAILS, id="detail"),
            id="table-and-detail",
        )
        yield EmptyState()
        yield FindBar()

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one("#steps", VirtualTable)

    def on_mount(self) -> None:
        """Start with the keys in the table."""
        self.query_one(FindBar).display = False
        self._seen_table = self.story.table
        self.table.reload(self._rows, columns_for(self.story))
        self.table.focus()

    @property
    def at_rest(self) -> bool:
        """True where the details are those of the selected step."""
        return not self._detail_due

    def show_story(self) -> None:
        """Show everything anew; a search that ended in another mode has ended here, too."""
        bar = self.query_one(FindBar)
        if bar.display and not bar.has_focus_within and not self.story.finder.needle:
            bar.action_drop()
        super().show_story()

    # Drawing ------------------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Show the story as it is: its table, the selected step, its details."""
        self._show_or_advise()
        if self._seen_table is not self.story.table:
            self._seen_table = self.story.table
            self._rows.restart()
            self.table.reload(self._rows, columns_for(self.story))
        else:
            self.table.rows_added()
        self._show_selected()
        self.show_detail()

    def body_changed(self, change: Change) -> None:
        """Read the rows again that have changed, take in the new ones."""
        self._show_or_advise()
        table = self.table
        indices = sorted(
            index for index in map(self._rows.index_of, change.table.changed) if index is not None
        )
        for index in indices:
            table.rows_changed(index, index)
        if not self._rows.narrowed:
            table.rows_added()
        if change.moved:
            self._show_selected()
        if change.moved or self.story.step in change.table.changed:
            self._show_detail_soon()

    def matches_changed(self) -> None:
        """Take in what the search found."""
        super().matches_changed()
        if self._rows.narrowed:
            self.table.reload(self._rows)
            self._select_match()

    def refresh_bars(self) -> None:
        """Say also whether the table is narrowed."""
        super().refresh_bars()
        self.query_one(FocusLine).narrowed = self._rows.narrowed

    def _show_or_advise(self) -> None:
        empty = self.query_one(EmptyState).advise(self.story)
        self.query_one("#table-and-detail").display = not empty

    def _show_selected(self) -> None:
        index = self._rows.index_near(self.story.step)
        if index is not None:
            self.table.show_row(index)

    def _show_detail_soon(self) -> None:
        if not self._detail_due:
            self._detail_due = True
            self.set_timer(_CALM, self.show_detail)

    def show_detail(self) -> None:
        """Show everything about the selected step."""
        self._detail_due = False
        story = self.story
        if not story.step or not self.pane.display:
            return
        row = story.table.trace_row(story.step)
        sections = detail(story.table.exchange(story.step), row, story.mask)
        self.pane.show(row.index, sections)

    # Finding ------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Open the line to type a search into."""
        self.query_one(FindBar).open()
        self._narrow(bool(self.story.finder.needle))

    @on(FindBar.Changed)
    def _needle_changed(self, event: FindBar.Changed) -> None:
        self.table.needle = event.needle
        self.post_message(SearchWanted(event.needle))
        self._narrow(bool(event.needle))

    @on(FindBar.Kept)
    def _find_kept(self) -> None:
        bar = self.query_one(FindBar)
        bar.display = bool(self.story.finder.needle)
        self.table.focus()

    @on(FindBar.Dropped)
    def _find_dropped(self) -> None:
        self.table.needle = ""
        self.post_message(SearchWanted(""))
        self._narrow(False)
        self.table.focus()

    def _narrow(self, narrowed: bool) -> None:
        if narrowed != self._rows.narrowed:
            self._rows.narrowed = narrowed
            self.table.reload(self._rows)
            self._select_match()
            self.refresh_bars()

    def _select_match(self) -> None:
        """Select the nearest match where the selected step is none, so that both panes agree."""
        self._show_selected()
        near = self._rows.index_near(self.story.step)
        if self._rows.narrowed and near is not None:
            step = self._rows.step_at(near)
            if step != self.story.step:
                self.want_step(step)

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if event.scrolled:
            self.post_message(FollowPaused())
            return
        self.want_step(self._rows.step_at(event.index))

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        self.action_zoom_detail()

    def action_zoom_detail(self) -> None:
        """Give the details the whole body, or take it back, once there are any."""
        if self.story.step:
            super().action_zoom_detail()

    def leave(self) -> None:
        """End the search."""
        if self._rows.narrowed or self.story.finder.needle:
            self.query_one(FindBar).action_drop()
        else:
            self.table.focus()

    def action_cycle_lines(self) -> None:
        """Give each row one line, two or three."""
        self.table.fix_lines(self.table.lines % 3 + 1)
