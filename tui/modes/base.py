"""What every mode's screen has: the bars around its body, and how it hears of changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from tui.messages import StepWanted
from tui.state.story import Change, Story
from tui.widgets.focus_line import FocusLine
from tui.widgets.help_data import HelpData
from tui.widgets.hint_bar import HintBar
from tui.widgets.mode_bar import ModeBar
from tui.widgets.notice_line import NoticeLine
from tui.widgets.status_line import StatusLine
from tui.widgets.too_small import TooSmall


class ModeScreen(Screen[None]):
    """A mode: reads the story, never changes it; asks the app by message.

    The app calls ``story_changed`` while the screen is the one in front, and
    ``show_story`` when it comes to the front or when everything may be different.
    """

    GUIDE: ClassVar[HelpData] = HelpData(title="", text="")
    KEY: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    TITLE_TEXT: ClassVar[str] = ""
    IN_FOCUS: ClassVar[bool] = True
    """False for a mode that shows every exchange, whatever is in focus."""
    TELLS_AHEAD: ClassVar[bool] = True
    """False for a mode that shows nothing of what comes after the selected step."""

    def __init__(self, story: Story, modes: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._shown = False
        self.story = story
        self._modes = modes

    def compose(self) -> ComposeResult:
        """The bars, with the mode's own body between them."""
        yield TooSmall()
        yield ModeBar(self._modes, self.KEY)
        yield StatusLine()
        yield FocusLine()
        yield NoticeLine()
        with Container(id="body"):
            yield from self.body()
        yield HintBar()
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> Iterable[Widget]:
        """The widgets of this mode."""
        return ()

    @property
    def ready(self) -> bool:
        """True while its widgets are there: an update may still come as the screen is closed."""
        return self._shown and bool(self.query(StatusLine)) and bool(self.query(FocusLine))

    def on_mount(self) -> None:
        """Show what there is."""
        self._shown = True
        self.show_story()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was in front."""
        if self.ready:
            self.show_story()

    # What the app calls -------------------------------------------------------------------

    def show_story(self) -> None:
        """Show everything anew."""
        self.refresh_bars()
        self.refresh_body()

    def story_changed(self, change: Change) -> None:
        """Take in one update."""
        self.refresh_bars()
        self.body_changed(change)

    def selection_changed(self) -> None:
        """Show another selected step."""
        self.refresh_bars()
        self.refresh_body()

    def matches_changed(self) -> None:
        """Show what the search has found so far."""
        self.refresh_bars()

    @property
    def at_rest(self) -> bool:
        """True where everything that is known has been drawn."""
        return True

    # What a mode says ---------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Draw the body for the story as it is now."""

    def body_changed(self, change: Change) -> None:
        """Draw what an update changed; by default everything."""
        del change
        self.refresh_body()

    def refresh_bars(self) -> None:
        """Bring the lines above the body up to date."""
        story = self.story
        status = self.query_one(StatusLine)
        status.recording = story.recording
        status.clients = len(story.trace.clients)
        status.steps = story.count
        line = self.query_one(FocusLine)
        line.title = self.TITLE_TEXT
        focus, elsewhere = (story.focus, story.table.elsewhere) if self.IN_FOCUS else (Focus(), 0)
        line.focus_text = shown(focus.describe())
        line.elsewhere = elsewhere
        line.step = story.step
        line.count = story.count
        line.following = story.selection.following
        line.playing = story.playing.told
        line.predicting = story.predicting
        line.new = story.selection.new(story.count)
        line.open_ended = story.recording.open
        line.masked = story.masked
        line.needle = story.finder.needle
        line.matches = len(story.finder.matches)
        self.query_one(NoticeLine).show(story.notices)
        self.query_one(HintBar).display = story.hinting

    def want_step(self, step: int) -> None:
        """Ask for another selected step."""
        self.post_message(StepWanted(step))
