"""Mode 3, the execution table, with the details of the selected step beside or below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from cookietrace.lesson.decoded_cookies import cookies_of
from cookietrace.lesson.detail import Siblings, detail
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import TABLE
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.lesson.table import Table
from tui.messages import FocusRequested, FollowPaused, SearchRequested
from tui.modes.base import PanedScreen
from tui.state.story import Change
from tui.widgets.covered import Covered
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.find_bar import FindBar
from tui.widgets.focus_line import FocusLine
from tui.widgets.guide import Guide
from tui.widgets.step_table import StepTable, TableRows, columns_for
from tui.widgets.too_small import MIN_WIDTH
from tui.widgets.virtual_table import VirtualTable

_DETAIL_SECONDS = 0.25
"""Seconds between two drawings of the details while traffic flows."""

_STEP_SECONDS = 0.03
"""Seconds from the selection of a step to its details: the table comes first."""

_BESIDE = 230
"""The fewest cells in which the details are beside the table, which needs most of the width."""

_DETAILS = Guide(
    title="Details of the step",
    text=(
        "Everything about the selected step. First the verdict: what happened to which cookie, "
        "why, and what to do about it. Then each cookie that was sent, withheld or missing, with "
        "the reason and the section of the standard (-22 is draft-ietf-httpbis-rfc6265bis-22); "
        "what the browser did with each Set-Cookie; what the app itself saw; the headers as sent; "
        "and the beginning of the bodies."
    ),
    keys=(
        ("↑ ↓ PgUp PgDn", "scroll"),
        ("← →", "previous step, next step"),
        ("Enter", "show the details on the whole screen, or go back"),
        ("d", "hide or show the details"),
        ("D", "show what is inside sessions and tokens (signed cookies, JWTs), or stop"),
        (
            "a",
            "list all withheld cookies, with those of the site's other hosts, or count them",
        ),
        ("Tab", "to the table, and back"),
    ),
)


class TableScreen(PanedScreen):
    """The table, the details of the selected step, and the search."""

    MODE = TABLE
    GUIDE = StepTable.GUIDE
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-narrow"),
        (MIN_WIDTH, "-narrow"),
        (_BESIDE, "-wide"),
    ]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "toggle_detail", "Detail", show=True),
        Binding("w", "cycle_lines", "Lines per row", show=False),
        Binding("D", "decode", "Decode", show=False),
        Binding("a", "all_withheld", "All withheld", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield the table with its details, the advice for an empty trace, and the find bar."""
        self._rows = TableRows(self.story)
        self._detail_due = False
        self._all_withheld = False
        """Whether the details list the cookies of other hosts that a request counts."""
        self._settled = False
        """Whether the columns fit what was drawn once the capture was read and searched."""
        self._narrows = False
        """True while the table shows only matches, if there are any."""
        self._seen_matches: tuple[Table | None, int] = None, 0
        """Which matches it shows: more of them only add rows."""
        yield Covered(
            StepTable(self._rows, id="steps"),
            DetailPane(_DETAILS, id="detail"),
            id="table-and-detail",
        )
        yield EmptyState()
        yield FindBar()

    @property
    def table(self) -> VirtualTable:
        """The execution table."""
        return self.query_one("#steps", VirtualTable)

    def on_mount(self) -> None:
        """Give the table the keyboard focus."""
        self.query_one(FindBar).display = False
        self._show_columns()
        self.table.focus()

    @property
    def at_rest(self) -> bool:
        """True if the details belong to the selected step."""
        return not self._detail_due

    def show_story(self) -> None:
        """Draw everything; close the find bar if the search was ended in another mode."""
        bar = self.query_one(FindBar)
        if bar.display and not bar.has_focus_within and not self.story.finder.needle:
            bar.action_drop()
        super().show_story()

    # Drawing ------------------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Draw the table, the selected step, and its details."""
        self._show_rows()
        self.show_detail()

    def _show_rows(self) -> None:
        self._show_or_advise()
        if self._has_other_columns:
            self._show_columns()
        else:
            self.table.rows_added()
        self._show_selected()

    def selection_changed(self) -> None:
        """Draw the newly selected step, and its details soon."""
        self.refresh_bars()
        self._show_rows()
        self._show_detail_soon(_STEP_SECONDS)

    def body_changed(self, change: Change) -> None:
        """Draw changed rows and new rows."""
        self._show_or_advise()
        table = self.table
        if self._has_other_columns:
            self._show_columns()
        found = map(self._rows.index_of, change.table.changed)
        table.rows_changed([index for index in found if index is not None])
        if not self._rows.only_matches:
            table.rows_added()
        if change.moved:
            self._show_selected()
        if change.moved or self.story.step in change.table.changed:
            self._show_detail_soon(_DETAIL_SECONDS)

    def problems_changed(self) -> None:
        """Draw the notes of the rows, and the details with the verdict."""
        super().problems_changed()
        if self._seen_table is self.story.table:
            self.table.notes_changed()
            self.show_detail()
            if self.story.loading is None and not self._settled:
                # What had been drawn while the capture was being read decides nothing any more.
                self._settled = True
                self.table.reload()

    @property
    def _has_other_columns(self) -> bool:
        """True if the rows come from another table, or its headings have changed."""
        table = self.story.table
        return self._seen_table is not table or self._seen_headings != table.headings

    def _show_columns(self) -> None:
        """Read all rows and headings again."""
        self._seen_table = self.story.table
        self._seen_headings = self.story.table.headings
        self.table.reload(self._rows, columns_for(self.story))

    def matches_changed(self) -> None:
        """Draw what the search has found so far."""
        super().matches_changed()
        finder = self.story.finder
        only = self._narrows and bool(finder.matches)
        if only and self._rows.only_matches:
            if self._seen_matches == (self.story.table, finder.changes):
                self.table.rows_added()
            else:
                self._reload_matches()
            self._select_match()
        elif only or not finder.behind(self.story.table):
            self._show_only_matches(only)

    def refresh_bars(self) -> None:
        """Show also whether the table has only matches."""
        super().refresh_bars()
        self.query_one(FocusLine).only_matches = self._rows.only_matches

    def _show_or_advise(self) -> None:
        empty = self.query_one(EmptyState).advise(self.story)
        self.query_one("#table-and-detail").display = not empty

    def _show_selected(self) -> None:
        index = self._rows.index_near(self.story.step)
        if index is not None:
            self.table.show_row(index)

    def _show_detail_soon(self, seconds: float) -> None:
        if not self._detail_due:
            self._detail_due = True
            self.set_timer(seconds, self.show_detail)

    def show_detail(self) -> None:
        """Show the details of the selected step."""
        self._detail_due = False
        story = self.story
        if not story.step or not self.pane.display:
            return
        row = story.table.trace_row(story.step)
        exchange, problem = story.table.exchange(story.step), story.problem_at(story.step)
        listed = siblings_of(story.trace, exchange) if self._all_withheld else ()
        siblings = Siblings(listed, "a: only count them" if listed else "a: list them")
        sections = detail(exchange, row, story.mask, problem, siblings, story.trace.browser)
        self.pane.show(row.index, (*self.decoded(cookies_of(exchange)), *sections))

    # Search -------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Open the find bar."""
        self.query_one(FindBar).open()
        self._narrows = True
        self._show_only_matches(bool(self.story.finder.matches))

    @on(FindBar.Changed)
    def _needle_changed(self, event: FindBar.Changed) -> None:
        self.table.needle = event.needle
        self._narrows = True
        self.post_message(SearchRequested(event.needle))

    @on(FindBar.Kept)
    def _find_kept(self) -> None:
        bar = self.query_one(FindBar)
        bar.display = bool(self.story.finder.needle)
        self.table.focus()

    @on(FindBar.Dropped)
    def _find_dropped(self) -> None:
        self.table.needle = ""
        self._narrows = False
        self.post_message(SearchRequested(""))
        self._show_only_matches(False)
        self.table.focus()

    def _show_only_matches(self, only: bool) -> None:
        if only != self._rows.only_matches:
            self._rows.only_matches = only
            self._reload_matches()
            self._select_match()
            self.refresh_bars()

    def _reload_matches(self) -> None:
        self._seen_matches = self.story.table, self.story.finder.changes
        self.table.reload(self._rows)

    def _select_match(self) -> None:
        """If the selected step was searched and does not match, select the nearest match."""
        self._show_selected()
        near, known = self._rows.index_near(self.story.step), self.story.finder.has_searched
        if self._rows.only_matches and near is not None and known(self.story.step):
            step = self._rows.step_at(near)
            if step != self.story.step:
                self.request_step(step)

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if event.scrolled:
            self.post_message(FollowPaused())
            return
        self.request_step(self._rows.step_at(event.index))

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        self.action_zoom_detail()

    def action_zoom_detail(self) -> None:
        """Let the details fill the body, or make them small again, if there are any."""
        if self.story.step:
            super().action_zoom_detail()

    def leave(self) -> None:
        """End what is in progress: a new focus that is being looked at, or the search."""
        if self.story.table.behind:
            self.post_message(FocusRequested(Focus()))
        elif self._rows.only_matches or self.story.finder.needle:
            self.query_one(FindBar).action_drop()
        else:
            self.table.focus()

    def action_all_withheld(self) -> None:
        """List the cookies of other hosts in the details, or only count them again."""
        self._all_withheld = not self._all_withheld
        self.show_detail()

    def action_cycle_lines(self) -> None:
        """Give each row one, two or three lines."""
        self.table.fix_lines(self.table.lines % 3 + 1)
