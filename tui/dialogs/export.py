"""``e``: export to a file: which format, where to, with or without cookie values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Checkbox, Input, RadioButton, RadioSet, Static

from cookietrace.formats import Format
from cookietrace.safe_text import safe
from tui.dialogs.base import Dialog
from tui.feed.exporter import ExportChoice


class Radio(RadioButton):
    """A radio button whose state is visible without colour."""

    @property
    def _button(self) -> Content:
        return Content("(●)" if self.value else "( )")


class Tick(Checkbox):
    """A checkbox whose state is visible without colour."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class ExportDialog(Dialog[ExportChoice]):
    """Returns the choice. Does not accept an existing file unless Replace is checked."""

    HEADING = "Export"
    KEYS = "Tab moves · Space selects · Enter exports · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "export", "Export", show=False, priority=True),
    ]

    def __init__(
        self, formats: Sequence[Format], name: str, *, sensitive: bool, focus_text: str
    ) -> None:
        super().__init__()
        self._formats = tuple(formats)
        self._stem = Path(name).stem or "capture"
        self._sensitive = sensitive
        self._focus_text = focus_text
        self._proposed = ""
        self._chosen = 0

    def content(self) -> Iterable[Widget]:
        """Yield formats, path, checkboxes, and a line for messages."""
        with RadioSet(id="export-format", compact=True):
            for i, known in enumerate(self._formats):
                label = Content.assemble((f"{safe(known.name):<15}", "bold"), safe(known.title))
                yield Radio(label, value=i == 0, compact=True)
        yield Input(id="export-path", compact=True)
        values_label = (
            "Keep cookie values (otherwise each becomes a token)"
            if self._sensitive
            else "Keep cookie values (this capture contains no secrets)"
        )
        yield Tick(
            Content(values_label),
            value=not self._sensitive,
            id="export-values",
            compact=True,
            disabled=not self._sensitive,
        )
        yield Tick(Content("Replace the file if it exists"), id="export-replace", compact=True)
        yield Static(id="export-message", markup=False)

    def on_mount(self) -> None:
        """Propose a path."""
        self._propose()
        self._show(f"Tables contain the steps in focus: {self._focus_text}.", "$quiet")
        self.query_one("#export-format").focus()

    @property
    def _format(self) -> Format:
        return self._formats[self._chosen]

    def _propose(self) -> None:
        """Propose a path for the format, unless the user has typed one."""
        field = self.query_one("#export-path", Input)
        if field.value == self._proposed:
            suffix = self._format.suffixes[0] if self._format.suffixes else ""
            self._proposed = str(Path.cwd() / f"{self._stem}{suffix}")
            field.value = self._proposed
            field.cursor_position = len(self._proposed)

    def _show(self, line: str, style: str) -> None:
        self.query_one("#export-message", Static).update(Content.styled(line, style))

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        """Change the suffix with the format."""
        event.stop()
        self._chosen = event.index
        self._propose()

    def _choose_highlighted(self) -> None:
        """Choose the highlighted format now, before its ``Changed`` message arrives."""
        for index, button in enumerate(self.query(Radio)):
            if button.has_class("-selected"):
                button.value = True
                self._chosen = index
        self._propose()

    def action_export(self) -> None:
        """Return the choice, unless something is wrong with it."""
        if isinstance(self.focused, RadioSet):
            self._choose_highlighted()
        text = self.query_one("#export-path", Input).value.strip()
        if not text:
            self._show("Enter a file name.", "$refused")
            return
        path = Path(text).expanduser()
        replace = self.query_one("#export-replace", Checkbox).value
        if path.is_dir():
            self._show("That is a folder: enter a file name in it.", "$refused")
        elif path.exists() and not replace:
            self._show("That file exists: check Replace, or enter another name.", "$refused")
        elif not path.parent.is_dir():
            self._show("The folder of that file does not exist.", "$refused")
        else:
            values = self.query_one("#export-values", Checkbox).value
            self.dismiss(ExportChoice(self._format.name, path, values, replace))
