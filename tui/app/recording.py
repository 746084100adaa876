"""Keeps the recording's state up to date: from the proxy's reports, or from the capture file."""

from __future__ import annotations

import msgspec

from cookietrace.addresses import is_open
from cookietrace.lesson.live.recording import Recording
from cookietrace.protocol import Report
from cookietrace.recorders import Place, is_recorded
from cookietrace.safe_text import safe
from cookietrace.stores import CaptureStore
from tui.app.host import Host
from tui.state.story import Story

OPEN_SECONDS = 15.0
"""How long the warning about a listener that others can use is shown."""


class RecordingMonitor:
    """Sets ``story.recording``, and draws it when it changes."""

    def __init__(self, host: Host, story: Story, store: CaptureStore, capture: Place) -> None:
        self._store = store
        self._host = host
        self._story = story
        self._capture = capture

    def proxy_reported(self, report: Report) -> None:
        """Show what the proxy reports, and who else can use a new listener."""
        known = self._story.recording.listeners
        self._set(self._story.recording.reported(report))
        for listener in report.listeners:
            if listener not in known and is_open(listener.address):
                self._host.notify(
                    f"{safe(listener.address)} is open to other machines, without a password: "
                    "what they do there is recorded too",
                    title="Open to other machines",
                    severity="warning",
                    timeout=OPEN_SECONDS,
                )

    def proxy_ended(self) -> None:
        """Show that nothing more will be recorded."""
        self._set(msgspec.structs.replace(self._story.recording, ended=True))

    def capture_failed(self, line: str) -> None:
        """Show why the capture cannot be read any more."""
        self._set(msgspec.structs.replace(self._story.recording, trouble=line))

    def capture_away(self, line: str | None) -> None:
        """Show why the capture cannot be read just now; None once it can."""
        self._set(msgspec.structs.replace(self._story.recording, trouble=line))

    def check_file(self) -> None:
        """Look whether a process still writes to the capture; needed if no proxy reports to us."""
        live = is_recorded(self._store, self._capture)
        self._set(msgspec.structs.replace(self._story.recording, live=live))

    def _set(self, recording: Recording) -> None:
        if recording == self._story.recording:
            return
        self._story.recording = recording
        screen = self._host.ready_screen
        if screen is not None:
            screen.show_story()
