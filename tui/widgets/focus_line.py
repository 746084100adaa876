"""One line above the body: the focus, the search, and the selected step."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cookietrace.lesson.live.progress import Progress
from tui.drawing.fit import cut


class FocusLine(Widget):
    """Title and focus on the left; matches, mask, following and step on the right."""

    ALLOW_SELECT = False

    title: reactive[str] = reactive("")
    focus_text: reactive[str] = reactive("")
    elsewhere: reactive[int] = reactive(0)
    """How many requests are outside the focus."""
    where: reactive[str] = reactive("")
    """The selected step; empty while there is none."""
    following: reactive[bool] = reactive(True)
    playing: reactive[str] = reactive("")
    """How it plays; empty while it does not."""
    predicting: reactive[bool] = reactive(False)
    """True while predicting is on."""
    new: reactive[int] = reactive(0)
    open_ended: reactive[bool] = reactive(True)
    """True while more traffic may arrive, so that following makes sense."""
    masked: reactive[bool] = reactive(False)
    needle: reactive[str] = reactive("")
    matches: reactive[int] = reactive(0)
    only_matches: reactive[bool] = reactive(False)
    placing: reactive[Progress | None] = reactive[Progress | None](None)
    """How many exchanges a new focus has looked at; None once that is all of them."""
    searching: reactive[Progress | None] = reactive[Progress | None](None)
    """How many rows have been searched; None once all have."""

    def render(self) -> Content:
        """Draw the line; the right side takes its space first."""
        width = self.size.width
        right: list[tuple[str, str]] = []
        if self.placing is not None:
            text = f"looked at {self.placing.percent} %, Esc shows all"
            right.append((text, "bold $foreground"))
        if self.needle:
            noun = "match" if self.matches == 1 else "matches"
            only = "only " if self.only_matches else ""
            found = f"{only}{self.matches:,} {noun}" if self.matches else "no match"
            if self.searching is not None:
                so_far = f"{self.matches:,} {noun} so far, " if self.matches else ""
                found = f"{so_far}searched {self.searching.percent} %, Esc ends"
            right.append((found, "bold $foreground"))
        if self.masked:
            right.append(("values hidden", "bold $foreground"))
        if self.predicting:
            right.append(("? predicting", "bold $foreground"))
        if self.playing:
            right.append((self.playing, "bold $foreground"))
        elif self.where and self.open_ended:
            if self.following:
                right.append(("▼ following", "$sent"))
            else:
                new = f", {self.new:,} new" if self.new else ""
                right.append((f"‖ paused{new} (f follows)", "bold $withheld"))
        if self.where:
            right.append((self.where, "$quiet"))
        parts: list[tuple[str, str]] = []
        for i, part in enumerate(right):
            if i:
                parts.append(("  ", ""))
            parts.append(part)
        taken = sum(cell_len(text) for text, _ in parts) + 1
        room = max(0, width - taken - 3)
        title, focus = self._left(room)
        blank = " " * max(1, width - taken - cell_len(title) - cell_len(focus))
        return Content.assemble((title, "bold $foreground"), (focus, "$quiet"), blank, *parts, " ")

    def _left(self, room: int) -> tuple[str, str]:
        """Return title and focus for ``room`` cells; drop the title first."""
        title, focus = f" {self.title}", f"  {self.focus_text}"
        if self.elsewhere:
            noun = "request" if self.elsewhere == 1 else "requests"
            long = f"{focus} · {self.elsewhere:,} {noun} elsewhere (O shows all)"
            short = f"{focus} · {self.elsewhere:,} elsewhere (O)"
            for texts in ((title, long), (title, short), ("", long), ("", short)):
                if sum(map(cell_len, texts)) <= room:
                    return texts
        title = cut(title, room)
        return title, cut(focus, max(0, room - cell_len(title)))
