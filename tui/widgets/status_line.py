"""The state of the recording, the addresses for a browser, and two counts."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cookietrace.events import Listener
from cookietrace.lesson.display_text import plural, shown
from cookietrace.lesson.live.progress import Progress
from cookietrace.lesson.live.recording import Recording, State
from cookietrace.lesson.moments import Severity
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.step_verdict import SEVERITY_MARKS
from cookietrace.safe_text import safe
from tui.drawing.fit import cut, fit
from tui.drawing.tones import tone

_SIGNS: Final[dict[State, tuple[str, str]]] = {
    State.WAITING: ("○", "$quiet"),
    State.RECORDING: ("●", "bold $sent"),
    State.GAP: ("◐", "bold $withheld"),
    State.TROUBLE: ("▲", "bold $refused"),
    State.STOPPED: ("■", "bold $foreground"),
    State.FILE: ("▤", "bold $foreground"),
}

_GAP: Final = "gap"
"""The state with a gap, where more words would hide the address to open."""

_BAR: Final = 10
"""How many cells the bar of the progress takes in a narrow terminal."""

_LONG_BAR: Final = 20
_WIDE: Final = 100
"""From how many cells on a long bar leaves room for the rest."""


def short_text(listener: Listener) -> str:
    """Return a listener in its shortest form, e.g. ``app 127.0.0.1:8081``."""
    name = safe(listener.label) if listener.label else "proxy"
    return f"{'app' if listener.mode == 'reverse' else name} {safe(listener.page_address)}"


def listener_text(listener: Listener) -> str:
    """Return a listener with the address to use in a browser."""
    if listener.mode == "reverse":
        return f"app http://{safe(listener.page_address)}"
    return short_text(listener)


def long_text(listener: Listener) -> str:
    """Return a listener with its address and its target."""
    text = listener_text(listener)
    return f"{text} → {short_target(listener.target)}" if listener.target else text


def short_target(target: str) -> str:
    """Return a target without ``http://`` and a final slash."""
    return shown(target).removeprefix("http://").removesuffix("/")


_MOST_LINES: Final = 4
"""How many lines a problem may take."""


class StatusLine(Widget):
    """Shows a ``Recording`` in one line, and a problem below it."""

    ALLOW_SELECT = False

    recording: reactive[Recording] = reactive(Recording(""), layout=True)
    clients: reactive[int] = reactive(0)
    steps: reactive[int] = reactive(0)

    tally: reactive[str] = reactive("")
    """How many problems and warnings there are; empty for nothing to say."""
    worst: reactive[Severity] = reactive(Severity.NOTE)
    """The severity of the worst of them."""
    progress: reactive[Progress | None] = reactive[Progress | None](None)
    """How far the capture is read; None for nothing to say."""

    def render(self) -> Content:
        """Draw the state on the left, the counts on the right, the listeners between them.

        The problems and an address to open stay whole; counts go first if there is no room.
        """
        width = self.size.width
        state = self.recording.state
        sign, style = _SIGNS[state]
        head = f" {sign} {state.value}"
        found, found_style = self._found()
        counts = f"{plural(self.clients, 'client')} · {plural(self.steps, 'step')} "
        room = width - cell_len(head) - cell_len(found) - 4
        if self.recording.shown_listeners:
            short = cell_len(listeners_text(self.recording, 0))
            if short > room and state is State.GAP:
                head = f" {sign} {_GAP}"
                room = width - cell_len(head) - cell_len(found) - 4
            counts = counts if short + cell_len(counts) <= room else ""
        room -= cell_len(counts)
        middle = cut(self._middle(room), max(0, room))
        taken = cell_len(head) + 2 + cell_len(middle) + cell_len(found) + cell_len(counts)
        line = Content.assemble(
            (head, style),
            "  ",
            (middle, "$foreground"),
            " " * max(1, width - taken),
            (found, found_style),
            (counts, "$quiet"),
        )
        more = self.more_lines(width)
        if not more:
            return line
        if state is State.RECORDING:
            style = _SIGNS[State.GAP][1]
        return Content.assemble(line, "\n", ("\n".join(more), style))

    def _found(self) -> tuple[str, str]:
        """Return how many problems there are, with the sign of the worst one, and the style.

        While the capture is being read, how far that is: problems are known in the end.
        """
        if self.progress is not None:
            bar = self.progress.text(_BAR if self.size.width < _WIDE else _LONG_BAR)
            return f"loading {bar}   ", "$foreground"
        if not self.tally:
            return "", ""
        mark = SEVERITY_MARKS.get(self.worst)
        if mark is None:
            return f"{self.tally}   ", "$foreground"
        return f"{SIGNS[mark]} {self.tally}   ", f"bold ${tone(mark)}"

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return 1, and more while there is a problem to show: as many lines as it takes."""
        del container, viewport
        return 1 + len(self.more_lines(width))

    def more_lines(self, width: int) -> list[str]:
        """Return the problem to show, in lines of so many cells.

        What to do about it stands at its end most often, so all of it is there, unless it is longer
        than some lines.
        """
        more = self._more()
        return [f"   {line}" for line in fit(more, max(20, width - 4), _MOST_LINES)] if more else []

    def _more(self) -> str:
        """Return what to say, the worst of it first: most of it holds until the recording ends."""
        recording = self.recording
        if recording.trouble is not None:
            return f"{safe(recording.trouble)}."
        if recording.ended:
            return "The proxy has ended. You can still look around; e exports, q quits."
        if recording.unheard is not None:
            return f"{safe(recording.unheard[:1].upper() + recording.unheard[1:])}."
        if recording.state is State.GAP and recording.gap is not None:
            return f"Some traffic is missing: {safe(recording.gap)}"
        if recording.warning is not None:
            return f"{safe(recording.warning)}."
        if recording.notice is not None:
            return f"{safe(recording.notice[:1].upper() + recording.notice[1:])}."
        return ""

    def _middle(self, room: int) -> str:
        """Return the listeners in the longest form that fits; without listeners, the file name."""
        if not self.recording.shown_listeners:
            return safe(self.recording.name)
        return listeners_text(self.recording, room)


def listeners_text(recording: Recording, room: int) -> str:
    """Return the listeners in the longest form that fits, the address to open first and whole."""
    reverse = recording.reverse()
    listeners = sorted(recording.shown_listeners, key=lambda listener: listener is not reverse)
    heard = recording.heard if recording.unheard is None else None
    for form in (long_text, listener_text, short_text):
        text = " · ".join(form(listener) for listener in listeners)
        if heard is not None:
            for words in (f"listening to {heard}", f"hears {heard.partition(' at ')[0]}"):
                longer = f"{text} · {safe(words)}"
                if cell_len(longer) <= room:
                    return longer
        if cell_len(text) <= room:
            return text
    for count in range(len(listeners) - 1, 0, -1):
        text = " · ".join([*map(short_text, listeners[:count]), f"+{len(listeners) - count} more"])
        if cell_len(text) <= room or count == 1:
            break
    return text if cell_len(text) <= room else short_text(listeners[0])
