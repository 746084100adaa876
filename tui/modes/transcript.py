"""Mode 8, the full transcript: the story in plain prose, around the selected step."""

from __future__ import annotations

from typing import Final

from cookietrace.lesson.transcript import opening, paragraph
from tui.fit import fit
from tui.help_data import HelpData
from tui.modes.page import Page, PageScreen

MEASURE: Final = 84
"""Cells that a line of prose has at most: longer ones are hard to read."""

AROUND: Final = 100
"""Exchanges told before and after the selected one; the whole story is in the export."""


class TranscriptScreen(PageScreen):
    """The same words that ``cookietrace explain`` prints."""

    KEY = "8"
    NAME = "Story"
    TITLE_TEXT = "Full transcript"
    IN_FOCUS = False
    GUIDE = HelpData(
        title="Full transcript",
        text=(
            "The whole story in plain words, exchange by exchange, as cookietrace explain prints "
            "it: good to be read aloud. The exchange of the selected step is bright."
        ),
        keys=(("↑ ↓ PgUp PgDn", "scroll"), ("← →", "the step before, the step after")),
    )

    def write(self, page: Page) -> None:
        """Tell the exchanges around the selected step."""
        story = self.story
        selected = story.exchange
        exchanges = story.trace.exchanges
        if not exchanges:
            page.line(("", ""))
            page.line((f"  {opening(story.trace)}", "$foreground"))
            return
        middle = selected.number if selected is not None else len(exchanges)
        first, last = max(1, middle - AROUND), min(len(exchanges), middle + AROUND)
        width = min(page.width - 4, MEASURE)
        for text in fit(opening(story.trace), width, 4):
            page.line(("  " + text, "$foreground"))
        page.line(("", ""))
        if first > 1:
            page.line((f"  … {first - 1:,} exchanges before", "$quiet"))
        for number in range(first, last + 1):
            exchange = exchanges[number - 1]
            here = selected is not None and exchange.number == selected.number
            if here:
                page.here()
            style = "$foreground" if here else "$quiet"
            sign = "▌ " if here else "  "
            for text in fit(paragraph(story.trace, exchange, story.mask), width, 60):
                page.line((sign, "bold $foreground"), (text, style))
            page.line(("", ""))
        if last < len(exchanges):
            page.line((f"  … {len(exchanges) - last:,} exchanges after", "$quiet"))
