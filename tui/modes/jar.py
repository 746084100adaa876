"""Mode 9, the cookie jar: what a client held at a step, each cookie's life, the refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.cookies import CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.detail import Line, Section
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
from tui.messages import ClientWanted, SearchWanted
from tui.modes.board import BoardScreen
from tui.modes.paned import PanedScreen
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

    KEY = "9"
    NAME = "Jar"
    TITLE_TEXT = "Cookie jar"
    GUIDE = JarTable.GUIDE
    TELLS_AHEAD = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "next_client", "Client", show=False),
        Binding("r", "drawer", "Refused", show=True),
        Binding("d", "toggle_detail", "Life", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """A heading, the cookies or the drawer, and what there is to say of one of them."""
        self._rows = JarRows()
        self._refused = RefusedRows()
        self._view: JarView | None = None
        self._chosen_key: CookieKey | None = None
        yield EmptyState(promise="The jar of each browser appears with its first request.")
        with Container(id="board"):
            yield Static(id="jar-heading", markup=False)
            yield Container(
                JarTable(self._rows, jar_columns(life_cells(0)), id="jar"),
                RefusedTable(self._refused, REFUSED_COLUMNS, id="refused"),
                DetailPane(self.GUIDE, id="detail"),
                id="table-and-detail",
            )

    @property
    def table(self) -> JarTable:
        """The cookies."""
        return self.query_one(JarTable)

    @property
    def drawer(self) -> RefusedTable:
        """The refused ones."""
        return self.query_one(RefusedTable)

    @property
    def front(self) -> VirtualTable:
        """The table that is shown: the cookies, or the refused ones."""
        return self.drawer if self._open else self.table

    @property
    def _open(self) -> bool:
        return self.has_class("-drawer")

    @property
    def _board(self) -> JarBoard:
        return self.story.boards.jar.board

    def on_mount(self) -> None:
        """Start with the keys in the table; a long value is cut, and is told below."""
        self.table.fix_lines(1)
        self.drawer.fix_lines(1)
        self.table.focus()

    def on_resize(self) -> None:
        """Draw the lives as long as there is room."""
        self.call_after_refresh(self.refresh_body)

    # Drawing ------------------------------------------------------------------------------

    def look_on(self) -> bool:
        """Look at some more steps."""
        return self.story.boards.jar.catch_up()

    def draw(self) -> None:
        """Show the jar of the story's client at the story's step."""
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
            told = f" · looked at {self._board.seen:,} of {len(story.trace.rows):,} rows"
            parts.append((told, "$odd"))
        heading.update(Content.assemble(*parts))

    def show_detail(self) -> None:
        """Show the life of the cookie under the cursor; in the drawer, the refusal."""
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
            sections = [life_section(board, view, position, cookie)]
        else:
            sections = [empty_section(board, view, position, how="c shows its jar")]
        if view.refused_count:
            sections.append(refusals_section(board, view, how="r opens the drawer"))
        pane.show((view.client_id, key), sections)

    def _refusal(self, row: Row) -> Section:
        """Return a refusal, and the key that leads to it."""
        step, where = self._board.refused_at(row)
        after = f"Enter: go to {where}" if step else f"{where} is out of focus; O shows everything"
        told = refusal_section(self._board, row)
        return Section(told.title, (*told.lines, Line(after, indent=1)))

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
    async def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        if event.table is self.table:
            self.action_zoom_detail()
            return
        if event.index >= len(self._refused):
            return  # another jar has been drawn since
        step, _ = self._board.refused_at(self._refused.rows[event.index])
        if step:
            self.want_step(step)
            await self.app.run_action("mode('3')")
        else:
            self.notify("That exchange is out of focus; O shows everything.")

    def action_drawer(self) -> None:
        """Open the drawer of refused Set-Cookies, or close it."""
        self.remove_class("-zoomed")
        self.toggle_class("-drawer")
        self._show_heading()
        self.show_detail()
        self.call_after_refresh(self.front.focus)

    def action_next_client(self) -> None:
        """Ask for the next client's jar."""
        ids = [state.client_id for state in self.story.trace.clients]
        if len(ids) < 2:
            self.notify("There is only one client.")
            return
        here = ids.index(self.story.client_id) if self.story.client_id in ids else -1
        self.post_message(ClientWanted(ids[(here + 1) % len(ids)]))

    def leave(self) -> None:
        """Close the drawer, else end the search."""
        if self._open:
            self.action_drawer()
            return
        if self.story.finder.needle:
            self.post_message(SearchWanted(""))
        self.table.focus()
