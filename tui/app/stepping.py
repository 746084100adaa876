"""Moves the selected step: by a key, by the mouse, or by playing."""

from __future__ import annotations

import msgspec
from textual.timer import Timer

from tui.app.host import Host
from tui.state.playing import Playing, stepped, toggled
from tui.state.selection import Selection
from tui.state.story import Story


class Stepping:
    """The only part of the app that changes ``story.selection`` and ``story.playing``.

    The story itself moves the selection when it grows or its table is replaced.
    """

    def __init__(self, host: Host, story: Story, opened_at: float = 0.0) -> None:
        """``opened_at`` is the time at which the capture was opened."""
        self._host = host
        self._story = story
        self._opened_at = opened_at
        self._was_open = story.recording.attached or story.recording.live
        self._opened_problem = False
        self._timer: Timer | None = None
        self._moved_by_user = False

    def go_to(self, step: int) -> None:
        """Select a step for the user; out of range, the nearest one. Playing pauses."""
        self._moved_by_user = True
        self._select(self._story.selection.at(step, self._story.count))

    def step(self, by: int) -> None:
        """Move the selection by ``by`` steps."""
        self.go_to(self._story.step + by)

    def follow(self) -> None:
        """Go to the newest step, and follow live traffic."""
        self._moved_by_user = True
        self._select(self._story.selection.follow(self._story.count))

    def pause_following(self) -> None:
        """Stay at the selected step while traffic continues."""
        self._select(self._story.selection.paused(self._story.count), self._story.playing)

    def show_client(self, client_id: str) -> None:
        """Show the jar of another client at the selected step."""
        self._select(msgspec.structs.replace(self._story.selection, client_id=client_id))

    def show_start_of_finished(self) -> None:
        """Select the first step if the capture was finished when it was opened.

        A finished capture is read from its beginning. Does nothing once the user has moved.
        """
        if not self._opened_problem:
            self._open(1)

    def open_at(self, step: int) -> None:
        """Select the step of its worst problem instead."""
        self._opened_problem = True
        self._open(step)

    def _open(self, step: int) -> None:
        story = self._story
        if not self._moved_by_user and self._is_finished:
            self._select(story.selection.at(step, story.count))

    @property
    def _is_finished(self) -> bool:
        """True if the recording had ended before the capture was opened."""
        story = self._story
        recorder = story.trace.recorder
        if story.recording.open:
            return False
        if recorder is not None and recorder.state == "stopped":
            return recorder.at < self._opened_at
        return not self._was_open

    def play_or_pause(self) -> None:
        """Start to step automatically, or stop."""
        self._moved_by_user = True
        story = self._story
        playing, selection = toggled(
            story.playing, story.selection, story.count, more=story.recording.open
        )
        self._select(selection, playing)

    def change_speed(self, by: int) -> None:
        """Play faster, or slower if ``by`` is negative."""
        playing = self._story.playing.faster(by)
        if not playing.on:
            self._host.notify(f"Playing speed: {playing.name}. Space plays.", timeout=2)
        self._select(self._story.selection, playing)

    def _select(self, selection: Selection, playing: Playing | None = None) -> None:
        """Change the selection; pause unless ``playing`` says otherwise."""
        story = self._story
        before = (story.selection, story.playing)
        story.selection = selection
        if story.new_problem is not None and story.new_problem.row == story.step:
            story.new_problem = None
        story.playing = playing if playing is not None else story.playing.paused()
        if (story.selection, story.playing) == before:
            return
        self._set_timer()
        screen = self._host.ready_screen
        if screen is not None:
            if story.selection != before[0]:
                screen.selection_changed()
            else:
                screen.refresh_bars()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._story.playing.on:
            self._timer = self._host.set_timer(self._story.playing.wait, self._play_step)

    def _play_step(self) -> None:
        """Advance one step; while a dialog is open, wait instead."""
        if self._host.dialog_open:
            self._set_timer()
            return
        story = self._story
        playing, selection = stepped(
            story.playing, story.selection, story.count, more=story.recording.open
        )
        self._select(selection, playing)
