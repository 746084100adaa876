"""Every message that crosses from a thread, or between a screen and the app."""

from __future__ import annotations

from textual.message import Message

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.protocol import Report


class TraceGrew(Message):
    """The follower folded a batch of events; ``update`` says what that changed."""

    def __init__(self, update: TraceUpdate) -> None:
        super().__init__()
        self.update = update


class FollowerFailed(Message):
    """The capture cannot be read any more; ``line`` says why and what to do."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class FollowerBroke(Message):
    """The follower met a defect; raising ``error`` ends the app with its traceback."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class ProxyReported(Message):
    """The proxy said something over its reports pipe."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class ProxyEnded(Message):
    """The proxy closed its reports pipe: nothing more will be recorded."""


class StepWanted(Message):
    """A screen asks for another step to be the selected one."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class FollowPaused(Message):
    """A person looks away from the newest step."""


class FocusWanted(Message):
    """A screen asks for another focus."""

    def __init__(self, focus: Focus) -> None:
        super().__init__()
        self.focus = focus


class ClientWanted(Message):
    """A screen asks for another client's jar."""

    def __init__(self, client_id: str) -> None:
        super().__init__()
        self.client_id = client_id


class BrowserOpened(Message):
    """A browser runs behind the listener at ``address``."""

    def __init__(self, browser: str, address: str) -> None:
        super().__init__()
        self.browser = browser
        self.address = address


class BrowserFailed(Message):
    """A browser could not be opened; ``line`` says why and what to do."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class ExportDone(Message):
    """An export ended; ``line`` says what came of it."""

    def __init__(self, line: str, *, failed: bool) -> None:
        super().__init__()
        self.line = line
        self.failed = failed


class SearchWanted(Message):
    """A screen asks to look for a text; an empty one ends the search."""

    def __init__(self, needle: str) -> None:
        super().__init__()
        self.needle = needle


class QuizAnswered(Message):
    """A question of the quiz was answered, rightly or not."""

    def __init__(self, *, right: bool) -> None:
        super().__init__()
        self.right = right
