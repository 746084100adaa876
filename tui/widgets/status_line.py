"""What is being recorded, where to point a browser, how much there is: a line, two in trouble."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cookietrace.events import Listener
from cookietrace.safe_text import display, safe
from tui.drawing.fit import cut
from tui.state.recording import Recording, State

_SIGNS: Final[dict[State, tuple[str, str]]] = {
    State.WAITING: ("○", "$quiet"),
    State.RECORDING: ("●", "bold $sent"),
    State.GAP: ("◐", "bold $withheld"),
    State.TROUBLE: ("▲", "bold $refused"),
    State.STOPPED: ("■", "bold $foreground"),
    State.FILE: ("▤", "bold $foreground"),
}


def short_text(listener: Listener) -> str:
    """Return a listener in the fewest words, e.g. ``app 127.0.0.1:8081``."""
    name = safe(listener.label) if listener.label else "proxy"
    return f"{'app' if listener.mode == 'reverse' else name} {safe(listener.page_address)}"


def listener_text(listener: Listener) -> str:
    """Return a listener as one would point a browser at it."""
    if listener.mode == "reverse":
        return f"app http://{safe(listener.page_address)}"
    return short_text(listener)


def long_text(listener: Listener) -> str:
    """Return a listener with what lies behind it."""
    text = listener_text(listener)
    return f"{text} → {short_target(listener.target)}" if listener.target else text


def short_target(target: str) -> str:
    """Return a target without what goes without saying."""
    return safe(display(target)).removeprefix("http://").removesuffix("/")


class StatusLine(Widget):
    """Shows a ``Recording`` and two counts."""

    ALLOW_SELECT = False

    recording: reactive[Recording] = reactive(Recording(""), layout=True)
    clients: reactive[int] = reactive(0)
    steps: reactive[int] = reactive(0)

    def render(self) -> Content:
        """Draw the state at the left, the counts at the right, listeners between."""
        width = self.size.width
        state = self.recording.state
        sign, style = _SIGNS[state]
        counts = f"{_some(self.clients, 'client')} · {_some(self.steps, 'step')} "
        head = f" {sign} {state.value}"
        room = width - cell_len(head) - cell_len(counts) - 4
        middle = cut(self._middle(room), max(0, room))
        blank = " " * max(1, width - cell_len(head) - 2 - cell_len(middle) - cell_len(counts))
        line = Content.assemble(
            (head, style), "  ", (middle, "$foreground"), blank, (counts, "$quiet")
        )
        more = self._more()
        if not more:
            return line
        return Content.assemble(line, "\n", (cut(f"   {more}", width), style))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Take a second line only while there is something wrong to tell."""
        del container, viewport, width
        return 2 if self._more() else 1

    def _more(self) -> str:
        recording = self.recording
        if recording.trouble is not None:
            return f"{safe(recording.trouble)}. Traffic still flows, but it is not recorded."
        if recording.ended:
            return "The proxy has ended. What was recorded stays: look around, e exports, q quits."
        if recording.state is State.GAP and recording.gap is not None:
            return f"Some traffic is missing: {safe(recording.gap)}"
        return ""

    def _middle(self, room: int) -> str:
        """Return the listeners in the longest form that fits, else the capture's name."""
        shown = self.recording.shown_listeners
        for form in (long_text, listener_text, short_text):
            text = " · ".join(form(listener) for listener in shown)
            if text and cell_len(text) <= room:
                return text
        for count in range(len(shown) - 1, 0, -1):
            told = [*map(short_text, shown[:count]), f"+{len(shown) - count} more"]
            if cell_len(" · ".join(told)) <= room or count == 1:
                return " · ".join(told)
        return safe(self.recording.name) if not shown else short_text(shown[0])


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
