"""Looks why nothing is recorded, once nothing has been for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.stores import CaptureStore
from tui.advice import Advice
from tui.app.host import Host
from tui.feed.diagnosis import start_diagnosis
from tui.state.story import Story

QUIET_SECONDS = 20.0
"""How long nothing has been recorded when the doctor looks first."""

AGAIN_SECONDS = 60.0
"""How long until it looks again: the user may have changed something."""


class Doctoring:
    """Sets ``story.advice`` while there is no exchange, and draws it."""

    def __init__(
        self, host: Host, story: Story, store: CaptureStore, post: Callable[[Message], object]
    ) -> None:
        self._host = host
        self._story = story
        self._store = store
        self._post = post
        self._thread: threading.Thread | None = None
        self._waited = False
        """Whether nothing was recorded for long enough."""

    def start(self) -> None:
        """Wait; for recorders on other machines there is nothing to look at here."""
        if not self._story.recording.several:
            self._host.set_timer(QUIET_SECONDS, self._waited_for)

    def grew(self) -> None:
        """Look again: what was recorded is no exchange, but may be a connection that failed."""
        if self._waited:
            self._look()

    def spoke(self, advice: tuple[Advice, ...]) -> None:
        """Show what was found."""
        if self._nothing_yet and advice != self._story.advice:
            self._story.advice = advice
            screen = self._host.ready_screen
            if screen is not None:
                screen.show_story()

    def stop(self) -> None:
        """Wait a moment for the thread, which reads the capture."""
        if self._thread is not None:
            self._thread.join(1.0)

    def _waited_for(self) -> None:
        self._waited = True
        looks = self._look()
        if not self._story.trace.exchanges:
            self._host.set_timer(AGAIN_SECONDS if looks else QUIET_SECONDS, self._waited_for)

    def _look(self) -> bool:
        """Start to look, if there is a listener that has seen nothing; return whether it did."""
        busy = self._thread is not None and self._thread.is_alive()
        if busy or not self._nothing_yet or not self._story.recording.shown_listeners:
            return False
        self._thread = start_diagnosis(self._store, self._story.recording, self._post)
        return True

    @property
    def _nothing_yet(self) -> bool:
        return not self._story.trace.exchanges and self._story.recording.open
