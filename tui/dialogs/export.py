"""``e``: export to a file: the format, where to, with or without the values of cookies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Checkbox, Input, RadioButton, RadioSet, Static

from cookietrace.formats import Format
from cookietrace.safe_text import safe
from tui.dialogs.base import Dialog


class ExportChoice(msgspec.Struct, frozen=True):
    """What a person wants exported, and where to."""

    format: str
    path: Path
    show_values: bool
    replace: bool


class Radio(RadioButton):
    """One of several, that shows without colour whether it is chosen."""

    @property
    def _button(self) -> Content:
        return Content("(●)" if self.value else "( )")


class Tick(Checkbox):
    """A yes or no, that shows without colour which."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class ExportDialog(Dialog[ExportChoice]):
    """Dismisses with the choice; refuses a file that exists unless replacing it is ticked."""

    HEADING = "Export"
    FOOT = "Tab moves · Space chooses · Enter exports · Esc leaves"
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
        self._own_path = ""
        self._chosen = 0

    def content(self) -> Iterable[Widget]:
        """Formats, path, ticks, and what is wrong."""
        with RadioSet(id="export-format", compact=True):
            for i, known in enumerate(self._formats):
                label = Content.assemble((f"{safe(known.name):<10}", "bold"), safe(known.title))
                yield Radio(label, value=i == 0, compact=True)
        yield Input(id="export-path", compact=True)
        tick = (
            "Keep cookie values (else each becomes a token)"
            if self._sensitive
            else "Keep cookie values (this capture holds no secrets)"
        )
        yield Tick(
            Content(tick),
            value=not self._sensitive,
            id="export-values",
            compact=True,
            disabled=not self._sensitive,
        )
        yield Tick(Content("Replace the file where it exists"), id="export-replace", compact=True)
        yield Static(id="export-told", markup=False)

    def on_mount(self) -> None:
        """Propose a path."""
        self._propose()
        self._tell(f"Tables hold the steps in focus: {self._focus_text}.", "$quiet")
        self.query_one("#export-format").focus()

    @property
    def _format(self) -> Format:
        return self._formats[self._chosen]

    def _propose(self) -> None:
        """Let the path follow the format until a person has written another."""
        field = self.query_one("#export-path", Input)
        if field.value == self._own_path:
            suffix = self._format.suffixes[0] if self._format.suffixes else ""
            self._own_path = str(Path.cwd() / f"{self._stem}{suffix}")
            field.value = self._own_path
            field.cursor_position = len(self._own_path)

    def _tell(self, line: str, style: str) -> None:
        self.query_one("#export-told", Static).update(Content.styled(line, style))

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        """Another format, another suffix."""
        event.stop()
        self._chosen = event.index
        self._propose()

    def _choose_highlighted(self) -> None:
        """Choose the format that the arrow keys stand on, at once and not when it is told."""
        for index, button in enumerate(self.query(Radio)):
            if button.has_class("-selected"):
                button.value = True
                self._chosen = index
        self._propose()

    def action_export(self) -> None:
        """Take the choice, where nothing speaks against it."""
        if isinstance(self.focused, RadioSet):
            self._choose_highlighted()
        text = self.query_one("#export-path", Input).value.strip()
        if not text:
            self._tell("Write where to.", "$refused")
            return
        path = Path(text).expanduser()
        replace = self.query_one("#export-replace", Checkbox).value
        if path.is_dir():
            self._tell("That is a folder: name a file in it.", "$refused")
        elif path.exists() and not replace:
            self._tell("That file exists: tick Replace, or name another.", "$refused")
        elif not path.parent.is_dir():
            self._tell("The folder of that file does not exist.", "$refused")
        else:
            values = self.query_one("#export-values", Checkbox).value
            self.dismiss(ExportChoice(self._format.name, path, values, replace))
