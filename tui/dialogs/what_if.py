"""``W``: what would be different if a cookie, the browser, the time or the address were."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from cookietrace.errors import CookietraceError
from tui.dialogs.base import PAGE, Dialog
from tui.dialogs.compared import fitted


class WhatIfDialog(Dialog[str]):
    """Shows how far the story is folded again, then the report.

    Returns ``go`` to go to the first difference, ``only`` to change this step's response alone or
    every one again, and ``again`` to try something else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose('go')", show=False),
        Binding("o", "choose('only')", show=False),
        Binding("y", "copy", show=False),
        Binding("W", "choose('again')", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, title: str, copy: Callable[[], object], *, only: str = "") -> None:
        """``copy`` copies the report. ``only`` is what ``o`` does; empty if it does nothing."""
        super().__init__()
        self.HEADING = f"What if {title}?"  # type: ignore[misc]
        self.KEYS = "Folding the story again · Esc cancels"  # type: ignore[misc]
        self._copy = copy
        self._only = only
        self._lines: tuple[str, ...] | None = None
        self._goes = self._failed = False

    def content(self) -> Iterable[Widget]:
        """Yield the place of the report."""
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield WhatIfText()

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()
        if self._lines is not None:
            self._show()

    def show_progress(self, share: float) -> None:
        """Say how much of the story is folded."""
        if self._lines is None and self.is_mounted:
            self.query_one(WhatIfText).show((f"Folding the story again: {share:.0%}",))

    def show_report(self, lines: tuple[str, ...], *, goes: bool, failed: bool) -> None:
        """Show the report, or why there is none. ``goes`` if there is a step to go to."""
        self._lines, self._goes, self._failed = lines, goes, failed
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        assert self._lines is not None
        self.query_one(WhatIfText).show(self._lines)
        keys = ["↑ ↓"]
        keys += ["Enter first"] * self._goes
        keys += [f"o {self._only}"] * bool(self._only)
        keys += ["y copy"] * (not self._failed)
        keys += ["W other", "Esc"]
        self.query_one(".dialog-keys", Static).update(" · ".join(keys))

    def action_copy(self) -> None:
        """Copy the report, and stay open."""
        if self._lines is not None:
            self._copy()

    def action_choose(self, what: str) -> None:
        """Return what the user wants, if it is possible now."""
        possible = {"go": self._goes, "only": bool(self._only)}.get(what, True)
        if self._lines is not None and possible:
            self.dismiss(what)


class WhatIfText(Static):
    """The report, in the width that there is."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._lines: tuple[str, ...] = ("Folding the story again: 0%",)

    def show(self, lines: tuple[str, ...]) -> None:
        """Show other lines."""
        self._lines = lines
        self.on_resize()

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        parts: list[tuple[str, str]] = []
        for number, text in enumerate(self._lines):
            heading = not number or (text.endswith(":") and not text.startswith(" "))
            tone = "bold $foreground" if heading else "$foreground"
            parts += ((f"{line}\n", tone) for line in fitted(text, self.size.width))
        self.update(Content.assemble(*parts))


class TypedDialog(Dialog[str]):
    """Asks for a change, and says what is wrong with one that is none."""

    HEADING = "What if"
    KEYS = "Enter tries it · Esc closes"

    def __init__(
        self, example: str, check: Callable[[str], object], *, heading: str = HEADING
    ) -> None:
        """``check`` raises ``CookietraceError`` for what is not understood."""
        super().__init__()
        self.HEADING = heading  # type: ignore[misc]
        self._example = example
        self._check = check

    def content(self) -> Iterable[Widget]:
        """Yield one input, and a line for messages."""
        yield Input(placeholder=self._example, compact=True)
        yield Static("", id="typed-message", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text if it is understood."""
        try:
            self._check(event.value)
        except CookietraceError as error:
            message = self.query_one("#typed-message", Static)
            message.update(Content.styled(str(error), "$refused"))
        else:
            self.dismiss(event.value)
