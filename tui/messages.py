"""The messages from threads to the app, and from screens and dialogs to the app."""

from __future__ import annotations

from typing import Protocol

from textual.message import Message

from cookietrace.lesson.focus import Focus
from cookietrace.protocol import Report
from cookietrace.stores import Batch
from tui.advice import Advice


class Reader(Protocol):
    """What reads a capture, one batch of events at a time."""

    def start(self) -> None:
        """Start to read."""

    def go_on(self) -> None:
        """Read the next batch: the last one has been folded."""

    def stop(self) -> None:
        """Ask it to end. Safe to call twice."""

    def join(self, seconds: float) -> None:
        """Wait until it has ended, but no longer than that."""


class EventsRead(Message):
    """A reader read the next events; none if it has read everything for now.

    ``total`` is about how many there were to read when it began.
    """

    def __init__(self, batch: Batch, total: int, reader: Reader) -> None:
        super().__init__()
        self.batch = batch
        self.total = total
        self.reader = reader


class IndexNotKept(Message):
    """The next viewer has to read the capture again; ``line`` says why."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class CaptureAway(Message):
    """The capture's server is away: why, in one line; None once it is back."""

    def __init__(self, line: str | None) -> None:
        super().__init__()
        self.line = line


class FollowerFailed(Message):
    """The capture cannot be read any more; ``line`` says why and what to do."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class FollowerBroke(Message):
    """Work in the background hit a bug; raising ``error`` ends the app with its traceback."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class ProxyReported(Message):
    """The proxy sent a report."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class ProxyEnded(Message):
    """The proxy closed its report pipe: nothing more will be recorded."""


class ModeRequested(Message):
    """Switch to the mode with this key."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class StepRequested(Message):
    """Select this step."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class FollowPaused(Message):
    """The user scrolled away from the newest step."""


class FocusRequested(Message):
    """Change the focus."""

    def __init__(self, focus: Focus) -> None:
        super().__init__()
        self.focus = focus


class ClientRequested(Message):
    """Show the jar of this client."""

    def __init__(self, client_id: str) -> None:
        super().__init__()
        self.client_id = client_id


class SearchRequested(Message):
    """Search for a text; an empty one ends the search."""

    def __init__(self, needle: str) -> None:
        super().__init__()
        self.needle = needle


class QuizAnswered(Message):
    """The user answered a question of the quiz, or a prediction."""

    def __init__(self, *, right: bool) -> None:
        super().__init__()
        self.right = right


class BrowserOpened(Message):
    """A browser now uses the listener at ``address``."""

    def __init__(self, browser: str, address: str) -> None:
        super().__init__()
        self.browser = browser
        self.address = address


class BrowserFailed(Message):
    """A browser could not be opened; ``line`` says why and what to do."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class DoctorSpoke(Message):
    """It was looked at why nothing is recorded; the surest reason is first."""

    def __init__(self, advice: tuple[Advice, ...]) -> None:
        super().__init__()
        self.advice = advice


class ExportDone(Message):
    """An export finished or failed; ``line`` says which."""

    def __init__(self, line: str, *, failed: bool) -> None:
        super().__init__()
        self.line = line
        self.failed = failed


class WhatIfTold(Message):
    """How far a what-if has come, or what it found.

    ``run`` is its number. ``progress`` is the share that is folded; ``lines`` are the report, or
    the one line that says why there is none (``failed``).
    """

    def __init__(
        self,
        run: int,
        *,
        progress: float = 0.0,
        lines: tuple[str, ...] | None = None,
        first: str | None = None,
        failed: bool = False,
    ) -> None:
        """``first`` is the first exchange that differs."""
        super().__init__()
        self.run = run
        self.progress = progress
        self.lines = lines
        self.first = first
        self.failed = failed
