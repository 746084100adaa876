"""Mode 2, the execution sample: the view's source as its witness saw it run, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, repeat, zip_longest
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.sample import Sample, SampleLine, sample
from tui.drawing.canvas import Part
from tui.drawing.fit import cut, fit
from tui.drawing.listing import broken, coloured
from tui.drawing.tones import tone
from tui.modes.page import Page, PageScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.lines_view import LinesView
from tui.widgets.page_view import Line

_BESIDE: Final = 22
"""The fewest cells in which values can stand beside the source, not below it."""
_GAP: Final = 2
_WORDY: Final = 32
"""The fewest cells in which notes say with a word, too, what their sign says."""
_HANG: Final = 6
"""How far notes below a line are hung in."""
_BAR: Final = ("│ ", "$rule")
_NOTE_LINES: Final = 4
"""The most lines of one note."""

FIRST: Final = 1
"""The moment to begin at where a person comes from the step before, line by line."""


class SampleScreen(PageScreen):
    """The source, and one moment inside the request; stepping flows over into the next step."""

    KEY = "2"
    NAME = "Code"
    TITLE_TEXT = "Execution sample"
    VIEW = LinesView
    GUIDE = HelpData(
        title="Execution sample",
        text=(
            "The source of the view that answered the selected request, as the app's own witness "
            "reported it. Beside each line, or below it where the screen is narrow, stands what it "
            "did: the values that it gave the variables, the cookies that it read and set. A step "
            "begins at its end, where all of it has run; go back line by line to see how it came "
            "about."
        ),
        signs=(
            ("▶", "foreground", "the line that the chosen moment stands on"),
            ("•", "foreground", "has run by then"),
            ("↑", "sent", "reads a cookie"),
            ("●", "changed", "sets or deletes a cookie"),
            ("‼", "refused", "raises an error"),
        ),
        keys=(
            ("[ ]  , .", "a line back, a line on; at the ends to the step before or after"),
            ("← →", "the step before, the step after"),
            ("↑ ↓ PgUp PgDn", "scroll"),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket,comma", "line(-1)", "Line", show=True, key_display="[ ]"),
        Binding("right_square_bracket,full_stop", "line(1)", "Line on", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """The source, or what to do while there is none."""
        self._place: tuple[int, str] = (0, "")
        """The step and the exchange that the moment is one of."""
        self._moment: int | None = None
        """None for the end."""
        self._coming: tuple[int, int | None] = (0, None)
        """The step that was asked for, and the moment to begin at in it."""
        yield from super().body()
        yield EmptyState(promise="The code that answers a request is shown here, line by line.")

    # Stepping -----------------------------------------------------------------------------

    def action_line(self, by: int) -> None:
        """Go a line of the request back or on; from its ends to the step before or after."""
        exchange = self.story.exchange
        if exchange is None:
            return
        told = self._sample(exchange)
        at = told.moment + by
        if self._inside and told.lines and FIRST <= at <= told.moments:
            self._moment = at
            self.refresh_body()
            return
        step = self.story.step + by
        if 1 <= step <= self.story.count:
            self._coming = (step, FIRST if by > 0 else None)
            self.want_step(step)

    @property
    def _inside(self) -> bool:
        """True where the selected step is a request, in which the view runs."""
        return self.story.table.trace_row(self.story.step).kind is RowKind.EXCHANGE

    def _sample(self, exchange: Exchange) -> Sample:
        """Return what the selected step shows; its moment is kept as long as it is selected."""
        story = self.story
        place = (story.step, exchange.exchange_id)
        if place != self._place:
            self._place = place
            step, moment = self._coming
            self._moment = moment if step == story.step else None
            self._coming = (0, None)
        kind = story.table.trace_row(story.step).kind
        return sample(exchange, self._moment, kind=kind, mask=story.mask)

    # Drawing ------------------------------------------------------------------------------

    def write(self, page: Page) -> None:
        """Show the source as of the chosen moment, or say how to get it."""
        exchange = self.story.exchange
        if self.advise() or exchange is None:
            return
        told = self._sample(exchange)
        action = self.story.table.row(self.story.step).action
        page.line((cut(f" {action}", page.width), "bold $foreground"))
        count = f"  {told.moment} of {plural(told.moments, 'line')} run" if told.lines else ""
        title = cut(f" {told.title}", page.width - len(count))
        page.line((title, "$foreground"), (count, "$quiet"))
        for text in told.notice:
            for line in fit(text, page.width - 1, _NOTE_LINES):
                page.line((f" {line}", "$quiet" if told.lines else "$foreground"))
        page.line()
        if told.advice:
            for code in coloured(told.advice):
                page.line(("    ", ""), code)
        elif told.lines:
            Listing(page, told).write()
        if told.elsewhere:
            page.line()
            page.line((" Outside the lines of the view", "bold $foreground"))
            for text in told.elsewhere:
                for line in fit(text, page.width - 3, _NOTE_LINES):
                    page.line((f"   {line}", "$foreground"))


class Listing:
    """The lines of one sample, each with what it did beside it, or below it where it is narrow."""

    def __init__(self, page: Page, told: Sample) -> None:
        self._page = page
        self._told = told
        self._digits = max(2, len(str(told.lines[-1].number)))
        self._gutter = self._digits + 5
        longest = max(cell_len(line.text) for line in told.lines)
        room = page.width - self._gutter - longest - _GAP
        self._beside = room >= _BESIDE
        self._width = longest if self._beside else page.width - self._gutter - 1
        self._room = room if self._beside else page.width - self._gutter - _HANG

    def write(self) -> None:
        """Write all lines."""
        code = coloured(tuple(line.text for line in self._told.lines))
        for line, content in zip(self._told.lines, code, strict=True):
            if line.current:
                self._page.here()
            for row in self._rows(line, content):
                if line.current:
                    lit = Content.assemble(*row)
                    lit += Content(" " * (self._page.width - lit.cell_length))
                    self._page.line(lit.stylize("on $cursor"))
                else:
                    self._page.line(*row)

    def _rows(self, line: SampleLine, content: Content) -> Iterator[Line]:
        sign = "▶" if line.current else "•" if line.ran else " "
        style = "bold $foreground" if line.ran else "$quiet"
        gutters = chain(
            [(f" {sign} {line.number:>{self._digits}}  ", style)],
            repeat((" " * self._gutter, "")),
        )
        pieces = list(broken(content, self._width))
        notes = [
            (part, tone)
            for text, tone in remarks(line, self._told.moment, wordy=self._room >= _WORDY)
            for part in fit(text, self._room - 2, _NOTE_LINES)
        ]
        if self._beside:
            blank = Content("")
            for piece, note in zip_longest(pieces, notes):
                code = piece if piece is not None else blank
                if note is None:
                    yield next(gutters), code
                    continue
                gap = " " * (self._width - code.cell_length + _GAP)
                yield next(gutters), code, (gap, ""), _BAR, note
            return
        for piece in pieces:
            yield next(gutters), piece
        for note in notes:
            yield next(gutters), (" " * _HANG, ""), _BAR, note


def remarks(line: SampleLine, moment: int, *, wordy: bool) -> Iterator[Part]:
    """Yield what a line did by a moment, each with its tone; ``wordy`` with a verb to its sign."""
    for value in line.values:
        yield value.text, "$foreground"
    for action in line.actions:
        text = action.label if wordy else action.text
        yield (
            f"{SIGNS[action.mark]} {text}",
            "$quiet" if action.found_nothing else f"${tone(action.mark)}",
        )
    if line.ran and len(line.turns) > 1:
        so_far = sum(turn <= moment for turn in line.turns)
        yield f"ran {so_far} of {len(line.turns)} times", "$quiet"
