"""``g``: go to a step by its number."""

from __future__ import annotations

from collections.abc import Iterable

from textual.validation import Integer
from textual.widget import Widget
from textual.widgets import Input

from tui.dialogs.base import Dialog


class GoToDialog(Dialog[int]):
    """Asks for the number of a step."""

    HEADING = "Go to step"
    KEYS = "Enter goes to the step · Esc closes"

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    @property
    def heading(self) -> str:
        """The heading, with the range."""
        return f"{self.HEADING}, 1 to {self._count:,}"

    def content(self) -> Iterable[Widget]:
        """Yield one input."""
        yield Input(
            placeholder=f"1 to {self._count}",
            type="integer",
            validators=[Integer(minimum=1, maximum=self._count)],
            compact=True,
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the number if there is such a step."""
        if event.validation_result is not None and event.validation_result.is_valid:
            self.dismiss(int(event.value))
        else:
            self.app.bell()
