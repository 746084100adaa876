"""The base classes of the modes' screens: the bars around the body, and three kinds of body."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget

from cookietrace.lesson.decoded_cookies import Named, decoded_section
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES, TABLE, Mode
from cookietrace.lesson.sections import Section
from cookietrace.sessions.given_keys import given_keys
from tui.drawing.canvas import Part
from tui.messages import ModeRequested, StepRequested
from tui.state.story import Change, Story
from tui.widgets.covered import Covered
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.focus_line import FocusLine
from tui.widgets.guide import Guide
from tui.widgets.key_line import HintBar
from tui.widgets.mode_bar import ModeBar
from tui.widgets.notice_line import NoticeLine
from tui.widgets.page_view import Line, PageView
from tui.widgets.quick_compositor import QuickCompositor
from tui.widgets.status_line import StatusLine
from tui.widgets.steady_footer import SteadyFooter
from tui.widgets.sure_timers import SureTimers
from tui.widgets.too_small import TooSmall
from tui.widgets.virtual_table import VirtualTable

REDRAW_SECONDS: Final = 0.15
"""Seconds between two drawings while traffic flows."""

SLICE: Final = 0.008
"""Seconds that a board reads at a time, so that no key press has to wait."""

_BREAK: Final = 0.005
"""Seconds for keys and drawing between two slices."""

_PROGRESS_SECONDS: Final = 0.3
"""Seconds between two drawings while a board catches up."""


class ModeScreen(SureTimers, Screen[None]):
    """One mode. It reads the story, and asks the app for changes by message.

    The app calls ``story_changed`` while the mode is the current one, and ``show_story``
    when it becomes the current one or everything may have changed.
    """

    BLANK = True  # its widgets cover all of it

    MODE: ClassVar[Mode]
    GUIDE: ClassVar[Guide]
    """What ``?`` says about the mode."""
    USES_FOCUS: ClassVar[bool] = True
    """False for a mode that shows every exchange, whatever the focus is."""
    SHOWS_LATER_STEPS: ClassVar[bool] = True
    """False for a mode that shows nothing of the steps after the selected one."""

    def __init__(self, story: Story) -> None:
        super().__init__()
        self._compositor = QuickCompositor()
        self._shown = False
        self.story = story

    def compose(self) -> ComposeResult:
        """Yield the bars, with the mode's own body between them."""
        yield TooSmall()
        yield ModeBar(MODES, self.MODE)
        yield StatusLine()
        yield FocusLine()
        yield NoticeLine()
        with Covered(id="body"):
            yield from self.body()
        yield HintBar()
        yield SteadyFooter(compact=True, show_command_palette=False)

    def body(self) -> Iterable[Widget]:
        """Return the widgets of this mode."""
        return ()

    @property
    def ready(self) -> bool:
        """True while its widgets exist. An update can still arrive while the screen closes."""
        return self._shown and self._has(StatusLine) and self._has(FocusLine)

    def _has(self, kind: type[Widget]) -> bool:
        """Return whether there is a widget of a kind; Textual remembers the last answer."""
        try:
            self.query_one(kind)
        except NoMatches:
            return False
        return True

    def on_mount(self) -> None:
        """Show the story as it is."""
        self._shown = True
        self.show_story()

    def on_screen_resume(self) -> None:
        """Show what happened while another screen was in front."""
        if self.ready:
            self.show_story()

    # What the app calls -------------------------------------------------------------------

    def show_story(self) -> None:
        """Draw everything."""
        self.refresh_bars()
        self.refresh_body()

    def story_changed(self, change: Change) -> None:
        """Draw what one update changed."""
        self.refresh_bars()
        self.body_changed(change)

    def selection_changed(self) -> None:
        """Draw the newly selected step."""
        self.refresh_bars()
        self.refresh_body()

    def problems_changed(self) -> None:
        """Draw the problems and warnings found so far."""
        self.refresh_bars()

    def matches_changed(self) -> None:
        """Draw what the search has found so far."""
        self.refresh_bars()

    @property
    def at_rest(self) -> bool:
        """True if everything known so far has been drawn."""
        return True

    # What a mode overrides ---------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Draw the body for the story as it is now."""

    def body_changed(self, change: Change) -> None:
        """Draw what an update changed; by default, the whole body."""
        del change
        self.refresh_body()

    def refresh_bars(self) -> None:
        """Update the lines around the body."""
        story = self.story
        status = self.query_one(StatusLine)
        status.recording = story.recording
        status.clients = len(story.trace.clients)
        status.steps = story.count
        status.tally = story.tally.text or ("no problems" if story.asked_for_problems else "")
        status.worst = story.worst
        lasts = story.loading is not None and story.loading.lasting
        status.progress = story.loading if lasts else None
        line = self.query_one(FocusLine)
        line.title = self.MODE.title
        focus, elsewhere = (story.focus, story.table.elsewhere) if self.USES_FOCUS else (Focus(), 0)
        line.focus_text = shown(focus.describe())
        line.elsewhere = elsewhere
        line.where = story.where
        line.following = story.selection.following
        line.playing = story.playing.label
        line.predicting = story.predicting
        line.new = story.selection.new(story.count)
        line.open_ended = story.recording.open
        line.masked = story.masked
        line.needle = story.finder.needle
        line.matches = len(story.finder.matches)
        line.placing = story.placing if self.USES_FOCUS else None
        line.searching = story.finder.progress(story.table)
        self.query_one(NoticeLine).show(story.notices, story.new_problem, story.table)
        self.query_one(HintBar).display = story.hinting

    def request_step(self, step: int) -> None:
        """Ask the app to select a step."""
        self.post_message(StepRequested(step))

    def open_in_table(self, step: int) -> None:
        """Ask the app to select a step, and to show it in the execution table."""
        self.request_step(step)
        self.post_message(ModeRequested(TABLE.key))


class Page:
    """Lines of styled parts, and the line to scroll to."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.anchor: int | None = None

    def line(self, *parts: Part | Content) -> None:
        """Add a line."""
        self.lines.append(parts)

    def mark_anchor(self) -> None:
        """Scroll to the line that is added next."""
        self.anchor = len(self.lines)


class PageScreen(ModeScreen):
    """A mode that is one page of text; ``write`` fills it."""

    VIEW: ClassVar[type[PageView]] = PageView
    """``LinesView`` if the page can be long."""

    def body(self) -> Iterable[Widget]:
        """Return the page."""
        self._due = False
        yield self.VIEW(id="page")

    @property
    def view(self) -> PageView:
        """The widget that shows the page."""
        return self.query_one("#page", self.VIEW)

    def write(self, page: Page) -> None:
        """Write the page for the story as it is."""

    def advise(self) -> bool:
        """If there are no steps yet, show what to do instead of the page, and return True.

        For a mode with an ``EmptyState`` beside its page.
        """
        view, empty = self.view, self.query_one(EmptyState).advise(self.story)
        if empty:
            view.display = False
        elif not view.display:
            view.display = True
            view.focus()
        return empty

    def on_mount(self) -> None:
        """Give the page the keyboard focus."""
        self.view.focus()

    @property
    def at_rest(self) -> bool:
        """True if no drawing is scheduled."""
        return not self._due

    def body_changed(self, change: Change) -> None:
        """Write the page again soon."""
        del change
        if not self._due:
            self._due = True
            self.set_timer(REDRAW_SECONDS, self.refresh_body)

    def refresh_body(self) -> None:
        """Write the page for the story as it is now."""
        self.redraw()

    @on(PageView.RoomChanged)
    def redraw(self) -> None:
        """Write the page."""
        self._due = False
        view = self.view
        page = Page(view.text_width)
        self.write(page)
        view.show(page.lines, page.anchor)


class BoardScreen(ModeScreen):
    """A mode whose board reads a long trace in small portions, with drawing in between."""

    _due = False
    _drawn_at = 0.0
    caught_up = False
    """True if the board has read every step."""

    def read_more(self) -> bool:
        """Let the board read one portion; return True if nothing is left."""
        return True

    def draw(self) -> None:
        """Draw the board as far as it has read."""

    @property
    def at_rest(self) -> bool:
        """True if the board has read everything, and all of it is drawn."""
        return self.caught_up and not self._due

    def body_changed(self, change: Change) -> None:
        """Read on soon."""
        del change
        self.caught_up = False
        self._schedule(REDRAW_SECONDS)

    def refresh_body(self) -> None:
        """Draw the story as it is now, as far as the board has read it."""
        self._read_slice()
        self._draw()
        if not self.caught_up:
            self._schedule(_BREAK)

    def _schedule(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self.set_timer(seconds, self._continue)

    def _continue(self) -> None:
        self._due = False
        if not self.ready or not self.is_current:
            return
        self._read_slice()
        if self.caught_up or time.monotonic() - self._drawn_at >= _PROGRESS_SECONDS:
            self._draw()
        if not self.caught_up:
            self._schedule(_BREAK)

    def _read_slice(self) -> None:
        end = time.monotonic() + SLICE
        self.caught_up = self.read_more()
        while not self.caught_up and time.monotonic() < end:
            self.caught_up = self.read_more()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        self._advise()
        self.draw()

    def _advise(self) -> None:
        """Show what to do instead of the board while there are no steps."""
        empty = self.query_one(EmptyState).advise(self.story)
        self.query_one("#board").display = not empty

    def progress(self, seen: int) -> str:
        """Return how far the board has read, while it is behind."""
        if self.caught_up:
            return ""
        return f"read {seen:,} of {self.story.count:,} steps"


class PanedScreen(ModeScreen):
    """A mode with a table and a detail pane, which can be hidden or fill the whole body."""

    decodes = False
    """Whether the pane begins with what is inside the cookies."""

    @property
    def front(self) -> VirtualTable:
        """The table that has the keyboard focus unless the pane fills the body."""
        return self.query_one(VirtualTable)

    @property
    def pane(self) -> DetailPane:
        """The detail pane."""
        return self.query_one(DetailPane)

    def show_detail(self) -> None:
        """Show the row under the cursor in the pane."""

    def leave(self) -> None:
        """Do what Escape does unless the pane fills the body."""

    def action_decode(self) -> None:
        """Show what is inside the cookies, or stop doing so."""
        self.decodes = not self.decodes
        if self.decodes and not self.pane.display:
            self.action_toggle_detail()
        self.show_detail()

    def decoded(self, cookies: Iterable[Named]) -> tuple[Section, ...]:
        """Return the section on what is inside some cookies, if it was asked for."""
        if not self.decodes:
            return ()
        return (decoded_section(cookies, given_keys(), self.story.mask),)

    def action_toggle_detail(self) -> None:
        """Hide or show the pane."""
        self.remove_class("-zoomed")
        self.toggle_class("-no-detail")
        self.front.focus()
        self.call_after_refresh(self.show_detail)

    def action_zoom_detail(self) -> None:
        """Let the pane fill the body, or make it small again."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self._zoomed)

    def _zoomed(self) -> None:
        self.show_detail()
        (self.pane if self.has_class("-zoomed") else self.front).focus()

    def action_back(self) -> None:
        """Leave the zoomed pane, or whatever else the mode can leave."""
        if self.has_class("-zoomed"):
            self.action_zoom_detail()
        else:
            self.leave()
