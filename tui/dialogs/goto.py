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

    def __init__(self, first: int, last: int) -> None:
        """Ask for a number from ``first`` to ``last``; a narrow focus may leave some out."""
        super().__init__()
        self._first, self._last = first, last

    @property
    def heading(self) -> str:
        """The heading, with the range."""
        return f"{self.HEADING}, {self._first:,} to {self._last:,}"

    def content(self) -> Iterable[Widget]:
        """Yield one input."""
        yield Input(
            placeholder=f"{self._first} to {self._last}",
            type="integer",
            validators=[Integer(minimum=self._first, maximum=self._last)],
            compact=True,
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the number if it is in range."""
        if event.validation_result is not None and event.validation_result.is_valid:
            self.dismiss(int(event.value))
        else:
            self.app.bell()
