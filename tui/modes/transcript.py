"""Mode 8, the full transcript: the story in plain prose, around the selected step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.widget import Widget

from cookietrace.lesson.transcript import Opening, story_paragraphs
from tui.drawing.fit import fit
from tui.modes.page import Page, PageScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.page_view import PageView

MEASURE: Final = 84
"""Cells that a line of prose has at most: longer ones are hard to read."""

AROUND: Final = 15
"""Exchanges told before and after the selected one; ``explain`` tells the whole story."""

_LINES: Final = 60
"""The most lines that one paragraph is broken into."""


class TranscriptScreen(PageScreen):
    """The same words that ``cookietrace explain`` prints."""

    KEY = "8"
    NAME = "Story"
    TITLE_TEXT = "Full transcript"
    IN_FOCUS = False
    GUIDE = HelpData(
        title="Full transcript",
        text=(
            "The whole story in plain words, exchange by exchange, whatever is in focus, as "
            "cookietrace explain prints it: good to be read aloud. ▌ marks the exchange of the "
            "selected step."
        ),
        keys=(("↑ ↓ PgUp PgDn", "scroll"), ("← →", "the step before, the step after")),
    )

    def body(self) -> Iterable[Widget]:
        """What to do while there is nothing to tell; else the story."""
        self._opening = Opening(self.story.trace)
        yield EmptyState("Each request is told here in plain words, as it happens.")
        yield from super().body()

    def refresh_body(self) -> None:
        """Tell the story, or say how it begins."""
        story = self.story
        advice, empty = self.query_one(EmptyState), not story.trace.exchanges
        advice.display, self.query_one(PageView).display = empty, not empty
        if empty:
            advice.recording = story.recording
        super().refresh_body()

    def write(self, page: Page) -> None:
        """Tell the exchanges around the selected step."""
        story = self.story
        count = len(story.trace.exchanges)
        selected = story.exchange.number if story.exchange is not None else 0
        middle = selected or count
        first, last = max(1, middle - AROUND), min(count, middle + AROUND)
        if story.predicting:
            last = middle
        width = min(page.width - 4, MEASURE)
        for text in fit(self._opening.text(), width, 4):
            page.line(("  ", ""), (text, "$foreground"))
        page.line(("", ""))
        if first > 1:
            page.line((f"  … {first - 1:,} exchanges before", "$quiet"))
            page.line(("", ""))
        for part in story_paragraphs(story.trace, first, last, story.mask):
            here = part.number == selected > 0
            if here:
                page.here()
            for text in fit(part.text, width, _LINES):
                page.line(
                    ("▌ " if here else "  ", "bold $foreground"),
                    (text, "$foreground" if here else "$quiet"),
                )
            page.line(("", ""))
        if last < count and not story.predicting:
            page.line((f"  … {count - last:,} exchanges after", "$quiet"))
