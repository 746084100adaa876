"""The state of the recording, the addresses for a browser, and two counts."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cookietrace.events import Listener
from cookietrace.lesson.display_text import plural, shown
from cookietrace.safe_text import safe
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


class StatusLine(Widget):
    """Shows a ``Recording`` in one line, and a problem in a second one."""

    ALLOW_SELECT = False

    recording: reactive[Recording] = reactive(Recording(""), layout=True)
    clients: reactive[int] = reactive(0)
    steps: reactive[int] = reactive(0)

    def render(self) -> Content:
        """Draw the state on the left, the counts on the right, the listeners between them."""
        width = self.size.width
        state = self.recording.state
        sign, style = _SIGNS[state]
        counts = f"{plural(self.clients, 'client')} · {plural(self.steps, 'step')} "
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
        """Return 2 while there is a problem to show, otherwise 1."""
        del container, viewport, width
        return 2 if self._more() else 1

    def _more(self) -> str:
        recording = self.recording
        if recording.trouble is not None:
            return f"{safe(recording.trouble)}. Traffic continues, but it is not recorded."
        if recording.ended:
            return "The proxy has ended. You can still look around; e exports, q quits."
        if recording.state is State.GAP and recording.gap is not None:
            return f"Some traffic is missing: {safe(recording.gap)}"
        return ""

    def _middle(self, room: int) -> str:
        """Return the listeners in the longest form that fits; without listeners, the file name."""
        listeners = self.recording.shown_listeners
        for form in (long_text, listener_text, short_text):
            text = " · ".join(form(listener) for listener in listeners)
            if text and cell_len(text) <= room:
                return text
        for count in range(len(listeners) - 1, 0, -1):
            text = " · ".join(
                [*map(short_text, listeners[:count]), f"+{len(listeners) - count} more"]
            )
            if cell_len(text) <= room or count == 1:
                return text
        return safe(self.recording.name) if not listeners else short_text(listeners[0])
