"""One line over the body: what is in focus, what is searched for, whether one goes along."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.fit import cut


class FocusLine(Widget):
    """Focus at the left; follow state, mask and matches at the right."""

    ALLOW_SELECT = False

    title: reactive[str] = reactive("")
    focus_text: reactive[str] = reactive("")
    elsewhere: reactive[int] = reactive(0)
    """How many requests the focus leaves out."""
    step: reactive[int] = reactive(0)
    count: reactive[int] = reactive(0)
    following: reactive[bool] = reactive(True)
    playing: reactive[str] = reactive("")
    """How it steps on by itself; empty while it does not."""
    predicting: reactive[bool] = reactive(False)
    """True while a step on is asked about before it is shown."""
    new: reactive[int] = reactive(0)
    open_ended: reactive[bool] = reactive(True)
    """True while more traffic may come, so that following means something."""
    masked: reactive[bool] = reactive(False)
    needle: reactive[str] = reactive("")
    matches: reactive[int] = reactive(0)
    narrowed: reactive[bool] = reactive(False)

    def render(self) -> Content:
        """Draw the line; the right side has its room first."""
        width = self.size.width
        right: list[tuple[str, str]] = []
        if self.needle:
            noun = "match" if self.matches == 1 else "matches"
            only = "only " if self.narrowed else ""
            right.append((f"{only}{self.matches:,} {noun}", "bold $foreground"))
        if self.masked:
            right.append(("values hidden", "bold $foreground"))
        if self.predicting:
            right.append(("? predicting", "bold $foreground"))
        if self.playing:
            right.append((self.playing, "bold $foreground"))
        elif self.count and self.open_ended:
            if self.following:
                right.append(("▼ following", "$sent"))
            else:
                new = f", {self.new:,} new" if self.new else ""
                right.append((f"‖ paused{new} (f follows)", "bold $withheld"))
        if self.count:
            right.append((f"step {self.step:,} of {self.count:,}", "$quiet"))
        parts: list[tuple[str, str]] = []
        for i, part in enumerate(right):
            if i:
                parts.append(("  ", ""))
            parts.append(part)
        taken = sum(cell_len(text) for text, _ in parts) + 1
        room = max(0, width - taken - 3)
        title, told = self._left(room)
        blank = " " * max(1, width - taken - cell_len(title) - cell_len(told))
        return Content.assemble((title, "bold $foreground"), (told, "$quiet"), blank, *parts, " ")

    def _left(self, room: int) -> tuple[str, str]:
        """Return title and focus: what is left out is told first, the title goes before it."""
        title, told = f" {self.title}", f"  {self.focus_text}"
        if self.elsewhere:
            noun = "request" if self.elsewhere == 1 else "requests"
            long = f"{told} · {self.elsewhere:,} {noun} elsewhere (O shows all)"
            short = f"{told} · {self.elsewhere:,} elsewhere (O)"
            for known in ((title, long), (title, short), ("", long), ("", short)):
                if sum(map(cell_len, known)) <= room:
                    return known
        title = cut(title, room)
        return title, cut(told, max(0, room - cell_len(title)))
