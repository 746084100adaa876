"""Mode 8, the full transcript: the trace in plain prose, around the selected step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.widget import Widget

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.modes import TRANSCRIPT
from cookietrace.lesson.transcript import Opening, story_paragraphs
from tui.drawing.fit import fit
from tui.modes.base import Page, PageScreen
from tui.widgets.empty_state import EmptyState, page_to_open
from tui.widgets.guide import Guide
from tui.widgets.page_view import PageView

MEASURE: Final = 84
"""The most cells in a line of prose; longer lines are hard to read."""

AROUND: Final = 15
"""How many exchanges are shown before and after the selected one; ``explain`` prints all."""

_LINES: Final = 60
"""The most lines of one paragraph."""


class TranscriptScreen(PageScreen):
    """The same text that ``cookietrace explain`` prints."""

    MODE = TRANSCRIPT
    USES_FOCUS = False
    GUIDE = Guide(
        title="Full transcript",
        text=(
            "Every exchange in plain sentences, whatever the focus is: the text that cookietrace "
            "explain prints, suitable for a screen reader. ▌ marks the exchange of the selected "
            "step."
        ),
        keys=(("↑ ↓ PgUp PgDn", "scroll"), ("← →", "previous step, next step")),
    )

    def body(self) -> Iterable[Widget]:
        """Yield the advice for an empty trace, and the text."""
        self._opening, self._opened = Opening(self.story.trace), self.story.trace
        yield EmptyState("Each request is explained here in plain sentences.")
        yield from super().body()

    def refresh_body(self) -> None:
        """Write the text, or show what to do while there are no exchanges."""
        story = self.story
        advice, empty = self.query_one(EmptyState), not story.trace.exchanges
        advice.display, self.query_one(PageView).display = empty, not empty
        if empty:
            advice.recording, advice.page = story.recording, page_to_open(story)
            advice.found = story.advice
        super().refresh_body()

    def write(self, page: Page) -> None:
        """Write the exchanges around the selected step."""
        story = self.story
        count = len(story.trace.exchanges)
        selected = story.exchange.number if story.exchange is not None else 0
        middle = selected or count
        first, last = max(1, middle - AROUND), min(count, middle + AROUND)
        if story.predicting:
            last = middle
        width = min(page.width - 4, MEASURE)
        if self._opened is not story.trace:
            self._opening, self._opened = Opening(story.trace), story.trace
        for text in fit(self._opening.text(), width, 4):
            page.line(("  ", ""), (text, "$foreground"))
        page.line(("", ""))
        if first > 1:
            page.line((f"  … {plural(first - 1, 'earlier exchange')}", "$quiet"))
            page.line(("", ""))
        for part in story_paragraphs(story.trace, first, last, story.mask):
            here = part.number == selected > 0
            if here and not part.continued:
                page.mark_anchor()
            for text in fit(part.text, width, _LINES):
                page.line(
                    ("▌ " if here else "  ", "bold $foreground"),
                    (text, "$foreground" if here else "$quiet"),
                )
            page.line(("", ""))
        if last < count and not story.predicting:
            page.line((f"  … {plural(count - last, 'later exchange')}", "$quiet"))
