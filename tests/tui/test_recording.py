"""What the header says about the recording."""

from __future__ import annotations

import re

import msgspec
import pytest

from cookietrace.events import Listener, Recorder
from cookietrace.lesson.live.recording import Recording, State
from cookietrace.protocol import Report
from cookietrace.supervision.browser_profile import NO_CERTUTIL
from cookietrace.supervision.browsers import LISTENED_TO
from tests.checking.sign_ins import broken_sign_in
from tests.tui.conftest import Open, screen_text
from tui.widgets.status_line import StatusLine, listeners_text
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH

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


WARNING = Report(type="warning", message=NO_CERTUTIL)
NOTICE = Report(type="notice", message=LISTENED_TO["firefox"])
TROUBLE = Report(
    type="trouble",
    message="the capture cannot be written: no space left on the device. What arrives waits in "
    "memory, up to 64 MB; make room, and it is written",
)
LONG = Report(type="warning", message="a word " * 200)


@pytest.mark.parametrize("report", [WARNING, TROUBLE])
@pytest.mark.parametrize("width", [60, 80])
def test_a_problem_that_is_longer_than_a_line(report: Report, width: int) -> None:
    """What to do about it stands at its end, and is there too."""
    line = StatusLine()
    line.recording = Recording("f", attached=True).reported(LISTENING).reported(report)
    lines = line.more_lines(width)
    assert line.get_content_height(None, None, width) == 1 + len(lines)
    assert all(len(each) <= width for each in lines)
    assert report.message is not None
    assert " ".join(each.strip() for each in lines) == f"{report.message}."


def test_a_problem_without_end() -> None:
    """It takes four lines at most, and shows that there is more."""
    line = StatusLine()
    line.recording = Recording("f", attached=True).reported(LONG)
    lines = line.more_lines(80)
    assert len(lines) == 4
    assert lines[-1].endswith("…")


def test_a_gap_is_told_whole() -> None:
    """What is missing, and why."""
    line = StatusLine()
    gap = "another program held the capture for so long that 1,204 events did not fit in memory"
    line.recording = Recording("f", live=True, recorder="started", gap=gap)
    told = " ".join(each.strip() for each in line.more_lines(80))
    assert told == f"Some traffic is missing: {gap}"


def test_the_worst_is_told_first() -> None:
    """What holds from the start to the end hides nothing that comes later; it is told again."""
    line = StatusLine()
    recording = Recording("f", attached=True, recorder="started").reported(NOTICE)
    told = []
    for each in (
        recording,
        recording := recording.reported(WARNING),
        recording := msgspec.structs.replace(recording, gap="the disk was full"),
        recording := recording.reported(UNHEARD),
        recording := msgspec.structs.replace(recording, ended=True),
        recording.reported(TROUBLE),
    ):
        line.recording = each
        told.append(line.more_lines(200)[0].strip()[:20])
    assert told == [
        "Firefox is listened ",
        "Firefox will refuse ",
        "Some traffic is miss",
        "The Chrome 156 at 12",
        "The proxy has ended.",
        "the capture cannot b",
    ]
    later = msgspec.structs.replace(recording, ended=False, gap=None)
    line.recording = later.reported(HEARD).reported(Report(type="warning"))
    assert line.more_lines(200)[0].strip()[:20] == told[0]


async def test_the_address_stays_whole(opened: Open) -> None:
    """Beside a gap and problems, too, in the narrowest terminal; a warning looks like one."""
    it = opened(broken_sign_in(), live=False)
    async with it.app.run_test(size=(MIN_WIDTH, MIN_HEIGHT)) as pilot:
        await it.settled(pilot)
        story, screen = it.app.story, it.app.ready_screen
        assert screen is not None
        shown = Recording("f", attached=True, recorder="started").reported(LISTENING)
        story.recording = msgspec.structs.replace(shown, gap="the disk was full")
        screen.refresh_bars()
        await it.settled(pilot)
        assert re.search(r"◐ gap +app localhost:8081 .*▲ 1 problem", screen_text(it.app))
        story.recording = shown.reported(WARNING)
        screen.refresh_bars()
        await it.settled(pilot)
        content = screen.query_one(StatusLine).render()
        assert "Firefox will refuse https" in content.plain
        assert content.spans[-1].style == "bold $withheld"
