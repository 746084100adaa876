"""Mode 2, the execution sample: the source of the view, and what each of its lines did."""

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
from cookietrace.lesson.modes import SAMPLE
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.sample import Sample, SampleLine
from cookietrace.lesson.sample import sample as sample_of
from tui.drawing.canvas import Part
from tui.drawing.fit import cut, fit
from tui.drawing.listing import broken, coloured
from tui.drawing.tones import tone
from tui.modes.base import Page, PageScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.page_view import Line, LinesView

_BESIDE: Final = 22
"""The fewest cells for notes beside the source; with less room they go below the line."""
_GAP: Final = 2
_WORDY: Final = 32
"""The fewest cells in which a note has a verb as well as a sign."""
_HANG: Final = 6
"""The indent of notes below a line."""
_BAR: Final = ("│ ", "$rule")
_NOTE_LINES: Final = 4
"""The most lines of one note."""

FIRST: Final = 1
"""The moment to start at when the user moves line by line into the next step."""


class SampleScreen(PageScreen):
    """The source at one moment of the request; after its last line comes the next step."""

    MODE = SAMPLE
    VIEW = LinesView
    GUIDE = Guide(
        title="Execution sample",
        text=(
            "The source of the view that handled the selected request, as the witness in the app "
            "reported it. Beside or below each line you see what it did: the values it gave to "
            "variables, the cookies it read and set. At first all lines have run; go back line by "
            "line to see how each value came about."
        ),
        signs=(
            ("▶", "foreground", "the current line"),
            ("•", "foreground", "has already run"),
            ("↑", "sent", "reads a cookie"),
            ("●", "changed", "sets or deletes a cookie"),
            ("‼", "refused", "raises an error"),
        ),
        keys=(
            (", .", "previous line, next line; at the ends, previous or next step"),
            ("← →", "previous step, next step"),
            ("↑ ↓ PgUp PgDn", "scroll"),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma", "line(-1)", "Line", show=True, key_display=", ."),
        Binding("full_stop", "line(1)", "Next line", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield the source, and the advice that is shown before there are steps."""
        self._place: tuple[int, str] = (0, "")
        """The step and the exchange that ``_moment`` belongs to."""
        self._moment: int | None = None
        """The current moment of the request; None for its end."""
        self._requested: tuple[int, int | None] = (0, None)
        """The step that this mode asked for, and the moment to start at in it."""
        yield from super().body()
        yield EmptyState(promise="The code that handles a request is shown here, line by line.")

    # Stepping -----------------------------------------------------------------------------

    def action_line(self, by: int) -> None:
        """Go a line back or forward; from the first or last line, to the previous or next step."""
        exchange = self.story.exchange
        if exchange is None:
            return
        sample = self._sample(exchange)
        moment = sample.moment + by
        if self._runs_view and sample.lines and FIRST <= moment <= sample.moments:
            self._moment = moment
            self.refresh_body()
            return
        step = self.story.step + by
        if 1 <= step <= self.story.count:
            self._requested = (step, FIRST if by > 0 else None)
            self.request_step(step)

    @property
    def _runs_view(self) -> bool:
        """True if the selected step is a request, so that the view runs in it."""
        return self.story.table.trace_row(self.story.step).kind is RowKind.EXCHANGE

    def _sample(self, exchange: Exchange) -> Sample:
        """Return the sample of the selected step; its moment stays while it is selected."""
        story = self.story
        place = (story.step, exchange.exchange_id)
        if place != self._place:
            self._place = place
            step, moment = self._requested
            self._moment = moment if step == story.step else None
            self._requested = (0, None)
        kind = story.table.trace_row(story.step).kind
        return sample_of(exchange, self._moment, kind=kind, mask=story.mask)

    # Drawing ------------------------------------------------------------------------------

    def write(self, page: Page) -> None:
        """Write the source at the current moment, or how to get it."""
        exchange = self.story.exchange
        if self.advise() or exchange is None:
            return
        sample = self._sample(exchange)
        action = self.story.table.row(self.story.step).action
        page.line((cut(f" {action}", page.width), "bold $foreground"))
        count = f"  {sample.moment} of {plural(sample.moments, 'line')} run" if sample.lines else ""
        title = cut(f" {sample.title}", page.width - len(count))
        page.line((title, "$foreground"), (count, "$quiet"))
        for text in sample.notice:
            for line in fit(text, page.width - 1, _NOTE_LINES):
                page.line((f" {line}", "$quiet" if sample.lines else "$foreground"))
        page.line()
        if sample.advice:
            for code in coloured(sample.advice):
                page.line(("    ", ""), code)
        elif sample.lines:
            Listing(page, sample).write()
        if sample.elsewhere:
            page.line()
            page.line((" Outside the view", "bold $foreground"))
            for text in sample.elsewhere:
                for line in fit(text, page.width - 3, _NOTE_LINES):
                    page.line((f"   {line}", "$foreground"))


class Listing:
    """The lines of one sample, each with its notes beside it, or below it if there is no room."""

    def __init__(self, page: Page, sample: Sample) -> None:
        self._page = page
        self._sample = sample
        self._digits = max(2, len(str(sample.lines[-1].number)))
        self._gutter = self._digits + 5
        longest = max(cell_len(line.text) for line in sample.lines)
        room = page.width - self._gutter - longest - _GAP
        self._beside = room >= _BESIDE
        self._width = longest if self._beside else page.width - self._gutter - 1
        self._room = room if self._beside else page.width - self._gutter - _HANG

    def write(self) -> None:
        """Write all lines."""
        code = coloured(tuple(line.text for line in self._sample.lines))
        for line, content in zip(self._sample.lines, code, strict=True):
            if line.current:
                self._page.mark_anchor()
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
            for text, tone in line_notes(line, self._sample.moment, wordy=self._room >= _WORDY)
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


def line_notes(line: SampleLine, moment: int, *, wordy: bool) -> Iterator[Part]:
    """Yield what a line has done by a moment, each with its style; ``wordy`` adds a verb."""
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
