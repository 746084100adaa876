"""The actions of the app that move the selected step: by a key, by the mouse, by the time."""

from __future__ import annotations

import msgspec
from textual import on
from textual.timer import Timer

from tui import messages
from tui.app.story_app import StoryApp
from tui.modes.base import ModeScreen
from tui.state.playing import Playing, stepped, toggled
from tui.state.selection import Selection


class SteppingApp(StoryApp):
    """The part of the app that owns where a person stands."""

    touched = False
    """True once a person has chosen a step."""
    _timer: Timer | None = None

    def select(self, selection: Selection, playing: Playing | None = None) -> None:
        """Stand somewhere else, and play on or, by default, no longer."""
        story = self.story
        before = (story.selection, story.playing)
        story.selection = selection
        story.playing = playing if playing is not None else story.playing.paused()
        if (story.selection, story.playing) == before:
            return
        self._wait_for_next()
        screen = self.mode_screen
        if screen is not None and screen.ready:
            if story.selection != before[0]:
                screen.selection_changed()
            else:
                screen.refresh_bars()

    # By a person --------------------------------------------------------------------------

    @on(messages.StepWanted)
    def _step_wanted(self, event: messages.StepWanted) -> None:
        self.stand_at(event.step)

    @on(messages.FollowPaused)
    def _follow_paused(self) -> None:
        self.select(self.story.selection.paused(self.story.count), self.story.playing)

    @on(messages.ClientWanted)
    def _client_wanted(self, event: messages.ClientWanted) -> None:
        self.select(msgspec.structs.replace(self.story.selection, client_id=event.client_id))

    def stand_at(self, step: int) -> None:
        """Go to a step because a person wants to."""
        self.touched = True
        self.select(self.story.selection.at(step, self.story.count))

    def action_step(self, by: int) -> None:
        """Go a step back or on."""
        self.stand_at(self.story.step + by)

    def action_first_step(self) -> None:
        """Go to the first step."""
        self.stand_at(1)

    def action_follow(self) -> None:
        """Go to the newest step, and along with it."""
        self.touched = True
        self.select(self.story.selection.follow(self.story.count))

    # By itself ----------------------------------------------------------------------------

    def action_play(self) -> None:
        """Step on by itself, or stop doing so."""
        self.touched = True
        story = self.story
        more = story.recording.open
        playing, selection = toggled(story.playing, story.selection, story.count, more=more)
        self.select(selection, playing)

    def action_speed(self, by: int) -> None:
        """Play faster, or slower."""
        playing = self.story.playing.faster(by)
        if not playing.on:
            self.notify(f"Space plays at {playing.name} now.", timeout=2)
        self.select(self.story.selection, playing)

    def _wait_for_next(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.story.playing.on:
            self._timer = self.set_timer(self.story.playing.wait, self._play_on)

    def _play_on(self) -> None:
        """Take the next step, unless a dialog is over the screen: then a little later."""
        if not isinstance(next(reversed(self.screen_stack), None), ModeScreen):
            self._wait_for_next()
            return
        story = self.story
        more = story.recording.open
        playing, selection = stepped(story.playing, story.selection, story.count, more=more)
        self.select(selection, playing)
