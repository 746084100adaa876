"""Mode 9, the cookie jar: what a client holds at a step, each cookie's life, what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.cookies import CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.focus_choices import client_text
from cookietrace.lesson.jar.board import JarBoard, JarView
from cookietrace.lesson.jar.pane import (
    NONE_REFUSED,
    empty_section,
    life_section,
    refusal_section,
    refusals_section,
)
from cookietrace.lesson.modes import JAR
from cookietrace.lesson.sections import Line, Section
from tui.messages import ClientRequested, SearchRequested
from tui.modes.base import BoardScreen, PanedScreen
from tui.widgets.covered import Covered
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.jar_table import (
    REFUSED_COLUMNS,
    JarRows,
    JarTable,
    RefusedRows,
    RefusedTable,
    jar_columns,
    life_cells,
)
from tui.widgets.virtual_table import VirtualTable


class JarScreen(BoardScreen, PanedScreen):
    """The jar at the selected step."""

    MODE = JAR
    GUIDE = JarTable.GUIDE
    SHOWS_LATER_STEPS = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "next_client", "Client", show=False),
        Binding("r", "drawer", "Refused", show=True),
        Binding("d", "toggle_detail", "Life", show=False),
        Binding("D", "decode", "Decode", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield a heading, the cookies and the refused ones, and the detail pane."""
        self._rows = JarRows()
        self._refused = RefusedRows()
        self._view: JarView | None = None
        self._chosen_key: CookieKey | None = None
        yield EmptyState(promise="The jar of each browser appears with its first request.")
        with Covered(id="board"):
            yield Static(id="jar-heading", markup=False)
            yield Covered(
                JarTable(self._rows, jar_columns(life_cells(0)), id="jar"),
                RefusedTable(self._refused, REFUSED_COLUMNS, id="refused"),
                DetailPane(self.GUIDE, id="detail"),
                id="table-and-detail",
            )

    @property
    def table(self) -> JarTable:
        """The table of cookies."""
        return self.query_one(JarTable)

    @property
    def drawer(self) -> RefusedTable:
        """The table of refused cookies."""
        return self.query_one(RefusedTable)

    @property
    def front(self) -> VirtualTable:
        """The table that is shown: the cookies, or the refused cookies."""
        return self.drawer if self._open else self.table

    @property
    def _open(self) -> bool:
        return self.has_class("-drawer")

    @property
    def _board(self) -> JarBoard:
        return self.story.boards.jar.board

    def on_mount(self) -> None:
        """Give the table the keyboard focus. Long values are cut; the pane shows them whole."""
        self.table.fix_lines(1)
        self.drawer.fix_lines(1)
        self.table.focus()

    def on_resize(self) -> None:
        """Redraw the life lines for the new width."""
        self.call_after_refresh(self.refresh_body)

    # Drawing ------------------------------------------------------------------------------

    def read_more(self) -> bool:
        """Let the board read one portion; return True if nothing is left."""
        return self.story.boards.jar.catch_up()

    def draw(self) -> None:
        """Draw the jar of the chosen client at the selected step."""
        story, table = self.story, self.table
        client_id = story.client_id
        self._view = view = None
        if client_id is not None:
            row = story.table.trace_row(story.step).index if story.step else None
            self._view = view = self._board.view(client_id, story.position, row)
        cells = life_cells(table.size.width)
        scale = self._board.life_board.scale(story.step, story.position, cells)
        marks = self._board.marks(client_id, story.step) if client_id and story.step else {}
        self._rows.show(self._board, view, marks, scale)
        table.reload(self._rows, jar_columns(min(cells, len(scale.positions))))
        table.show_row(self._rows.index_of(self._chosen_key))
        self._refused.show(self._board, view.refused if view is not None else ())
        self.drawer.reload(self._refused)
        self._show_heading()
        self.show_detail()

    def _show_heading(self) -> None:
        story, view = self.story, self._view
        heading = self.query_one("#jar-heading", Static)
        if view is None:
            heading.update("")
            return
        state = story.trace.client(view.client_id)
        several = len(story.trace.clients) > 1
        parts: list[tuple[str, str]] = [
            (f" client {client_text(state)}", "bold $foreground"),
            (" (c)" if several else "", "$quiet"),
            (f" · {plural(len(view.cookies), 'cookie')}", "$quiet"),
        ]
        if view.gone:
            parts.append((f" · ○ {len(view.gone)} gone", "$changed"))
        if view.refused_count:
            parts.append((f" · ✗ {view.refused_count:,} refused (r)", "$refused"))
        if not self.caught_up:
            rows = f"read {self._board.seen:,} of {len(story.trace.rows):,} rows"
            parts.append((f" · {story.boards.reading or rows}", "$odd"))
        heading.update(Content.assemble(*parts))

    def show_detail(self) -> None:
        """Show the life of the cookie under the cursor, or why it was refused."""
        pane, view = self.pane, self._view
        if view is None:
            pane.show(None, ())
        elif self._open and view.refused:
            row = view.refused[min(self.drawer.cursor, len(view.refused) - 1)]
            pane.show((row.index,), (self._refusal(row),))
        elif self._open:
            pane.show(None, (NONE_REFUSED,))
        else:
            self._show_life(pane, view)

    def _show_life(self, pane: DetailPane, view: JarView) -> None:
        board, position = self._board, self.story.position
        key: CookieKey | None = None
        if len(self._rows):
            cookie, _ = self._rows.cookie(self.table.cursor)
            key = cookie.key
            inside = self.decoded([(cookie.name, cookie.value, "in the jar")])
            sections = [*inside, life_section(board, view, position, cookie)]
        else:
            sections = [empty_section(board, view, position, how="c shows its jar")]
        if view.refused_count:
            sections.append(refusals_section(board, view, how="r shows them"))
        pane.show((view.client_id, key), sections)

    def _refusal(self, row: Row) -> Section:
        """Return why a cookie was refused, and the key that leads to that step."""
        step, where = self._board.refused_at(row)
        hint = f"Enter: go to {where}" if step else f"{where} is out of focus; O shows everything"
        section = refusal_section(self._board, row)
        return Section(section.title, (*section.lines, Line(hint, indent=1)))

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if event.scrolled:
            return
        if event.table is self.table and event.index < len(self._rows):
            self._chosen_key = self._rows.cookie(event.index)[0].key
        self.show_detail()

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        if event.table is self.table:
            self.action_zoom_detail()
            return
        if event.index >= len(self._refused):
            return  # a different jar has been drawn since
        step, _ = self._board.refused_at(self._refused.rows[event.index])
        if step:
            self.open_in_table(step)
        else:
            self.notify("That exchange is out of focus. O shows everything.")

    def action_drawer(self) -> None:
        """Show the refused cookies, or the jar again."""
        self.remove_class("-zoomed")
        self.toggle_class("-drawer")
        self._show_heading()
        self.show_detail()
        self.call_after_refresh(self.front.focus)

    def action_next_client(self) -> None:
        """Show the next client's jar."""
        ids = [state.client_id for state in self.story.trace.clients]
        if len(ids) < 2:
            self.notify("There is only one client.")
            return
        here = ids.index(self.story.client_id) if self.story.client_id in ids else -1
        self.post_message(ClientRequested(ids[(here + 1) % len(ids)]))

    def leave(self) -> None:
        """Close the drawer, or end the search."""
        if self._open:
            self.action_drawer()
            return
        if self.story.finder.needle:
            self.post_message(SearchRequested(""))
        self.table.focus()
