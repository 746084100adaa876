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
from cookietrace.lesson.detail import Line, Section
from cookietrace.lesson.jar import JarRow, JarView, jar_view
from cookietrace.lesson.marks import Mark
from cookietrace.lesson.words import plural
from tui.cells import Cells
from tui.columns import Column
from tui.focus_choices import client_text
from tui.help_data import HelpData
from tui.life import life, place
from tui.messages import ClientWanted, SearchWanted
from tui.modes.base import ModeScreen
from tui.story import Change
from tui.tones import PLAIN, QUIET, drawn
from tui.widgets.detail_pane import DetailPane
from tui.widgets.virtual_table import VirtualTable

_COLUMNS = (
    Column("Cookie", 8),
    Column("Value", 8),
    Column("Domain", 8),
    Column("Path", 4),
    Column("Expires", 7),
    Column("SameSite", 6),
    Column("Flags", 6),
)
_CALM = 0.15


class JarTable(VirtualTable):
    """The cookies of one jar."""

    GUIDE = HelpData(
        title="Cookie jar",
        text=(
            "The cookies that the browser held after the selected step, as rebuilt from what went "
            "over the wire. Beside or below: the life of the cookie under the cursor, and every "
            "Set-Cookie that was refused until this step, with the reason and what to do. A "
            "domain with a dot in front is sent to its subdomains too; without it the cookie is "
            "host-only. Signs: ↑ sent with this step's request · ⊘ withheld from it · ● changed "
            "by this step · ! never seen set · ? expected, but not sent."
        ),
        keys=(
            ("↑ ↓ j k", "another cookie"),
            ("← →", "the jar one step earlier, one step later"),
            ("c", "another client's jar"),
            ("Enter", "give the life of the cookie the whole screen"),
            ("d", "hide the lower pane, or show it"),
        ),
    )


class JarRows:
    """A ``RowSource`` over a ``JarView``."""

    def __init__(self) -> None:
        self.rows: tuple[JarRow, ...] = ()
        self.marks: dict[CookieKey, frozenset[Mark]] = {}

    def __len__(self) -> int:
        """How many cookies there are."""
        return len(self.rows)

    def cells(self, index: int) -> Cells:
        """Return one cookie."""
        row = self.rows[index]
        flags = " ".join(
            name for name, on_ in (("Secure", row.secure), ("HttpOnly", row.http_only)) if on_
        )
        if row.partition:
            flags = f"{flags} Partitioned {row.partition}".strip()
        if row.state:
            flags = f"{row.state} {flags}".strip()
        marks = self.marks.get(row.cookie.key, frozenset())
        name = "changed" if Mark.CHANGED in marks else PLAIN
        named = (row.name, row.value, row.domain, row.path)
        texts = (*named, row.expires, row.same_site, flags or "—")
        return Cells(
            texts,
            (
                name,
                name,
                PLAIN,
                PLAIN,
                QUIET if row.expires == "session" else PLAIN,
                PLAIN,
                "odd" if row.state else QUIET if not flags else PLAIN,
            ),
            drawn(marks),
        )


class JarScreen(ModeScreen):
    """The jar at the selected step."""

    KEY = "9"
    NAME = "Jar"
    TITLE_TEXT = "Cookie jar"
    GUIDE = JarTable.GUIDE
    TELLS_AHEAD = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "next_client", "Client", show=True),
        Binding("d", "toggle_detail", "Life", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """A heading, the cookies, their lives."""
        self._rows = JarRows()
        self._view: JarView | None = None
        self._due = False
        yield Static(id="jar-heading", markup=False)
        yield Container(
            JarTable(self._rows, _COLUMNS, id="jar"),
            DetailPane(id="detail"),
            id="table-and-detail",
        )

    @property
    def table(self) -> JarTable:
        """The cookies."""
        return self.query_one(JarTable)

    def on_mount(self) -> None:
        """Start with the keys in the table."""
        self.table.focus()

    @property
    def at_rest(self) -> bool:
        """True where nothing is due to be drawn again."""
        return not self._due

    def body_changed(self, change: Change) -> None:
        """Look again soon; the jar of a step changes only where the step or its exchange does."""
        if (change.moved or change.table.changed or change.update.clients) and not self._due:
            self._due = True
            self.set_timer(_CALM, self.refresh_body)

    def refresh_body(self) -> None:
        """Show the jar of the story's client at the story's step."""
        self._due = False
        story = self.story
        client_id = story.client_id
        self._view = None
        if client_id is not None:
            self._view = jar_view(story.trace, client_id, story.position, story.mask)
        view = self._view
        chosen = self._rows.rows[self.table.cursor].cookie.key if len(self._rows) else None
        self._rows.rows = view.rows if view is not None else ()
        self._rows.marks = self._marks()
        self.table.reload(self._rows)
        keys = [row.cookie.key for row in self._rows.rows]
        self.table.show_row(keys.index(chosen) if chosen in keys else 0)
        self._show_heading()
        self._show_life()

    def _marks(self) -> dict[CookieKey, frozenset[Mark]]:
        """Return what the selected step did with each cookie of the jar."""
        story = self.story
        exchange = story.exchange
        if self._view is None or exchange is None:
            return {}
        marks: dict[CookieKey, set[Mark]] = {}
        for row in self._view.rows:
            own = marks.setdefault(row.cookie.key, set())
            if row.cookie.inferred:
                own.add(Mark.UNEXPLAINED)
            if row.cookie.doubtful:
                own.add(Mark.MISSING)
        if exchange.request.client_id == self._view.client_id:
            for told in exchange.request.cookies:
                if told.cookie is not None and told.cookie.key in marks:
                    marks[told.cookie.key].add(Mark.SENT)
            for held in exchange.request.withheld:
                if held.cookie.key in marks:
                    marks[held.cookie.key].add(Mark.WITHHELD)
        for result in story.table.trace_row(story.step).results:
            if result.cookie is not None and result.cookie.key in marks:
                marks[result.cookie.key].add(Mark.CHANGED)
        return {key: frozenset(own) for key, own in marks.items()}

    def _show_heading(self) -> None:
        story = self.story
        heading = self.query_one("#jar-heading", Static)
        if self._view is None:
            text = " No client yet: the jar of each browser appears with its first request."
            heading.update(Content.styled(text, "$quiet"))
            return
        state = story.trace.client(self._view.client_id)
        when = f"at step {story.step:,}" if story.step else "now"
        refused = len(self._view.refused)
        parts: list[tuple[str, str]] = [
            (f" client {client_text(state)}", "bold $foreground"),
            (f"  {when} · {plural(len(self._view.rows), 'cookie')}", "$quiet"),
        ]
        if refused:
            parts.append((f" · ✗ {refused:,} refused so far", "$refused"))
        if len(story.trace.clients) > 1:
            parts.append((f"  c: {len(story.trace.clients)} clients", "$quiet"))
        heading.update(Content.assemble(*parts))

    def _show_life(self) -> None:
        view, story = self._view, self.story
        sections: list[Section] = []
        key: object = None
        if view is not None and view.rows:
            row = view.rows[min(self.table.cursor, len(view.rows) - 1)]
            key = row.cookie.key
            lines = life(
                story.trace, story.table, view.client_id, row.cookie.key, story.position, story.mask
            )
            sections.append(Section(f"The life of {row.name} on {row.domain}{row.path}", lines))
        elif view is not None:
            lines = (Line("The jar is empty here: nothing was stored, or all of it is gone."),)
            sections.append(Section("No cookies", lines))
        if view is not None and view.refused:
            sections.append(self._refused(view))
        self.query_one(DetailPane).show((view and view.client_id, key), sections)

    def _refused(self, view: JarView) -> Section:
        lines: list[Line] = []
        for row in reversed(view.refused):
            where = place(self.story.trace, self.story.table, row.exchange_id, row.position)
            lines.append(Line(f"{row.name}={row.value} from {row.host} · {where}", Mark.REFUSED))
            section = f"  [{row.section}]" if row.section else ""
            lines.append(Line(f"{row.sentence}{section}", indent=1))
            if row.fix:
                lines.append(Line(f"→ {row.fix}", indent=1))
        return Section(f"Refused until this step ({len(view.refused)})", tuple(lines))

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if not event.scrolled:
            self._show_life()

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        self.action_zoom_detail()

    def action_next_client(self) -> None:
        """Ask for the next client's jar."""
        ids = [state.client_id for state in self.story.trace.clients]
        if len(ids) < 2:
            self.notify("There is only one client.")
            return
        here = ids.index(self.story.client_id) if self.story.client_id in ids else -1
        self.post_message(ClientWanted(ids[(here + 1) % len(ids)]))

    def action_toggle_detail(self) -> None:
        """Hide the lower pane, or show it."""
        self.remove_class("-zoomed")
        self.toggle_class("-no-detail")
        self.table.focus()

    def action_zoom_detail(self) -> None:
        """Give the lower pane the whole body, or take it back."""
        zoomed = not self.has_class("-zoomed")
        self.set_class(zoomed, "-zoomed")
        self.call_after_refresh((self.query_one(DetailPane) if zoomed else self.table).focus)

    def action_back(self) -> None:
        """Leave the zoomed pane, else end the search."""
        if self.has_class("-zoomed"):
            self.action_zoom_detail()
        elif self.story.finder.needle:
            self.post_message(SearchWanted(""))
        self.table.focus()
