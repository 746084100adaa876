"""What the header says about the recording."""

from __future__ import annotations

import pytest

from cookietrace.events import Listener, Recorder
from cookietrace.lesson.live.recording import Recording, State
from cookietrace.protocol import Report
from tui.widgets.status_line import StatusLine, listeners_text

LISTENING = Report(
    type="listening",
    listeners=(
        Listener(mode="regular", address="127.0.0.1:8080"),
        Listener(mode="reverse", address="127.0.0.1:8081", target="http://localhost:3000"),
        Listener(mode="regular", address="127.0.0.1:9", label="chromium"),
    ),
    ca="/ca.pem",
)
STARTED = Recorder(at=1.0, state="started", listeners=LISTENING.listeners)


@pytest.mark.parametrize(
    ("recording", "state"),
    [
        (Recording("f"), State.FILE),
        (Recording("f", recorder="stopped"), State.STOPPED),
        (Recording("f", live=True), State.WAITING),
        (Recording("f", several=True, live=True, recorder="stopped"), State.RECORDING),
        (Recording("f", several=True, recorder="stopped"), State.STOPPED),
        (Recording("f", live=True, recorder="started"), State.RECORDING),
        (Recording("f", attached=True).reported(LISTENING), State.RECORDING),
        (Recording("f", attached=True, ended=True), State.STOPPED),
        (Recording("f", live=True, recorder="started", gap="disk full"), State.GAP),
        (
            Recording("f", attached=True).reported(Report(type="trouble", message="disk full")),
            State.TROUBLE,
        ),
        (
            Recording("f", attached=True, recorder="started", trouble="disk full").reported(
                Report(type="recovered")
            ),
            State.RECORDING,
        ),
        (Recording("f", attached=True).reported(Report(type="stopped")), State.STOPPED),
        (
            Recording("f", attached=True, recorder="started").reported(Report(type="news")),
            State.RECORDING,
        ),
    ],
)
def test_state(recording: Recording, state: State) -> None:
    """Each state of a recording has one word; trouble comes first."""
    assert recording.state is state


def test_addresses_to_point_a_browser_at() -> None:
    """The proxy is the forward listener that belongs to no single browser."""
    recording = Recording("f", attached=True).reported(LISTENING)
    assert recording.proxy_address() == "127.0.0.1:8080"
    reverse = recording.reverse()
    assert reverse is not None
    assert reverse.target == "http://localhost:3000"


def test_no_addresses_once_it_is_over() -> None:
    """A capture file names no addresses: nothing listens there any more."""
    recording = Recording("f").with_recorder(STARTED, STARTED.listeners, None)
    assert recording.shown_listeners == ()
    assert recording.proxy_address() is None


HEARD = Report(type="attached", label="Chrome 156 at 127.0.0.1:9222")
UNHEARD = Report(
    type="attached",
    label="Chrome 156 at 127.0.0.1:9222",
    message="the Chrome 156 at 127.0.0.1:9222 does not use this proxy: start it with "
    "--proxy-server=http://127.0.0.1:8080; it is not recorded yet",
)


@pytest.mark.parametrize(
    ("room", "end"),
    [
        (140, " · listening to Chrome 156 at 127.0.0.1:9222"),
        (110, " · hears Chrome 156"),
        (70, "chromium 127.0.0.1:9"),
    ],
)
def test_a_browser_that_is_listened_to(room: int, end: str) -> None:
    """The user's own browser stands behind the listeners, as long as there is room."""
    recording = Recording("f", attached=True).reported(LISTENING).reported(HEARD)
    assert listeners_text(recording, room).endswith(end)
    assert "Chrome" not in listeners_text(recording.reported(UNHEARD), room)


def test_a_browser_that_is_not_heard() -> None:
    """What to do is there whole, on the smallest usual screen too, until it is done."""
    line = StatusLine()
    line.recording = Recording("f", attached=True).reported(LISTENING).reported(UNHEARD)
    assert line.get_content_height(None, None, 80) == 3
    lines = line.more_lines(80)
    assert all(len(each) <= 80 for each in lines)
    told = " ".join(each.strip() for each in lines)
    assert UNHEARD.message is not None
    assert told == f"T{UNHEARD.message[1:]}."
    line.recording = line.recording.reported(HEARD)
    assert line.get_content_height(None, None, 80) == 1
