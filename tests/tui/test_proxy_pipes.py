"""The two pipes to the proxy, as the screen uses them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec
import pytest
from textual.app import App

from cookietrace.errors import LaunchError
from cookietrace.lesson.live.recording import State
from cookietrace.supervision.browsers import LISTENED_TO, WATCHED, Browser
from cookietrace.trace import fold
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.app.editing import named_of
from tui.dialogs.menu import MenuDialog
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH


class Pipe:
    """A pipe whose ends are closed at the end of the test."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()
        self.written = False

    def say(self, **report: object) -> None:
        """Write one report."""
        os.write(self.write_fd, msgspec.json.encode(report) + b"\n")

    def end(self) -> None:
        """Close our end."""
        if not self.written:
            self.written = True
            os.close(self.write_fd)


@pytest.fixture
def reports() -> Iterator[Pipe]:
    """The pipe of the proxy's reports; the screen owns the reading end."""
    pipe = Pipe()
    yield pipe
    pipe.end()


@pytest.fixture
def commands() -> Iterator[Pipe]:
    """The pipe of the screen's commands."""
    pipe = Pipe()
    yield pipe
    os.close(pipe.read_fd)
    pipe.end()


def dialog_text(app: App[None]) -> str:
    """Return what a box shows, in one line."""
    rows = [row.split("│") for row in screen_text(app).splitlines()]
    return " ".join(" ".join(row[-2] for row in rows if len(row) > 2).split())


LISTENERS = [
    {"mode": "regular", "address": "127.0.0.1:7001"},
    {"mode": "reverse", "address": "127.0.0.1:7002", "target": "http://localhost:3000"},
]


async def test_listeners_are_in_the_header_and_in_the_advice(opened: Open, reports: Pipe) -> None:
    """The header and the empty screen name the listeners that the proxy reports."""
    it = opened([captures.started()], reports_fd=reports.read_fd)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        reports.say(type="listening", listeners=LISTENERS, ca="/home/me/ca.pem")
        await until(pilot, lambda: "127.0.0.1:7001" in screen_text(it.app))
        text = screen_text(it.app)
        assert "http://localhost:7002/ → localhost:3000" in text
        assert "curl -c jar -b jar http://localhost:7002/" in text
        assert "cookietrace ca" in text
        reports.end()


async def test_trouble_is_shown_until_it_is_over(opened: Open, reports: Pipe) -> None:
    """The header says that recording fails until it works again."""
    it = opened(captures.seed(), reports_fd=reports.read_fd)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        reports.say(type="trouble", message="the disk is full: [bold]free some\x1b space")
        await until(pilot, lambda: "▲ not recording" in screen_text(it.app))
        assert r"the disk is full: [bold]free some\x1b space" in screen_text(it.app)
        reports.say(type="recovered")
        await until(pilot, lambda: "● recording" in screen_text(it.app))
        reports.end()


async def test_a_warning_is_shown_until_it_is_over(opened: Open, reports: Pipe) -> None:
    """What is wrong with the proxy is said below the header; recording continues."""
    it = opened(captures.seed(), reports_fd=reports.read_fd)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        reports.say(type="warning", message="out of file descriptors: [bold]close\x1b pages")
        await until(pilot, lambda: "out of file descriptors" in screen_text(it.app))
        assert r"out of file descriptors: [bold]close\x1b pages." in screen_text(it.app)
        assert "● recording" in screen_text(it.app)
        reports.say(type="warning")
        await until(pilot, lambda: "out of file descriptors" not in screen_text(it.app))
        reports.end()


async def test_the_end_of_the_proxy_is_shown(opened: Open, reports: Pipe) -> None:
    """Once the pipe is closed nothing more is recorded; what was recorded stays."""
    it = opened(captures.seed(), reports_fd=reports.read_fd)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        os.write(reports.write_fd, b"this is no report\n")
        reports.end()
        await until(pilot, lambda: it.app.story.recording.state is State.STOPPED)
        await until(pilot, lambda: "The proxy has ended" in screen_text(it.app))
        assert it.app.story.count == 3


async def test_without_a_proxy_no_browser(opened: Open) -> None:
    """Without a proxy ``b`` says why no browser is opened, and what to do instead."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "cookietrace watch" in screen_text(it.app))


async def test_a_browser_gets_a_listener_of_its_own(
    opened: Open, commands: Pipe, reports: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``b`` asks the proxy for a labelled listener, one label per browser."""
    monkeypatch.setenv("DISPLAY", ":99")
    it = opened(captures.seed(), commands_fd=commands.write_fd, reports_fd=reports.read_fd)
    monkeypatch.setattr("tui.feed.launcher.kinds", lambda: ("chromium",))
    monkeypatch.setattr(
        "tui.feed.launcher.find_browser",
        lambda kind: Browser(kind, "/bin/false"),
    )
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("b", "c", "b", "c")
        await pilot.pause()
        asked = [msgspec.json.decode(line) for line in os.read(commands.read_fd, 4096).splitlines()]
        assert asked == [
            {"type": "listen", "mode": "regular@127.0.0.1:0", "label": "chromium"},
            {"type": "listen", "mode": "regular@127.0.0.1:0", "label": "chromium 2"},
        ]
        reports.end()


async def test_a_firefox_can_be_listened_to(
    opened: Open, commands: Pipe, reports: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog offers it as a choice of its own, and its listener's name says so."""
    monkeypatch.setenv("DISPLAY", ":99")
    it = opened(captures.seed(), commands_fd=commands.write_fd, reports_fd=reports.read_fd)
    monkeypatch.setattr("tui.feed.launcher.kinds", lambda: ("firefox",))
    monkeypatch.setattr(
        "tui.feed.launcher.find_browser",
        lambda kind: Browser(kind, "/bin/false"),
    )
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("b", "f", "b", "l", "b", "l")
        await pilot.pause()
        asked = [msgspec.json.decode(line) for line in os.read(commands.read_fd, 4096).splitlines()]
        assert [each["label"] for each in asked] == [
            "firefox",
            "firefox (over a port)",
            "firefox 2 (over a port)",
        ]
        reports.end()


async def test_a_browser_whose_scripts_are_watched(
    opened: Open, commands: Pipe, reports: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog offers it, with all that is to be known before; its scripts are watched then."""
    monkeypatch.setenv("DISPLAY", ":99")
    started: list[dict[str, object]] = []

    def launch(browser: Browser, **options: object) -> None:
        started.append({"kind": browser.kind, **options})
        raise LaunchError("enough")

    it = opened(captures.seed(), commands_fd=commands.write_fd, reports_fd=reports.read_fd)
    monkeypatch.setattr("tui.feed.launcher.launch", launch)
    monkeypatch.setattr(
        "tui.feed.launcher.find_browser",
        lambda kind: Browser(kind, "/bin/false"),
    )
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("b")
        await dialog(pilot, MenuDialog)
        for note in (WATCHED, LISTENED_TO["firefox"]):
            assert f"{note}." in dialog_text(it.app)
        for key in ("w", "b", "l"):
            await pilot.press(key)
        await until(pilot, lambda: not it.app.dialog_open)
        labels = ["chromium (scripts watched)", "firefox (over a port)"]
        asked = [msgspec.json.decode(line) for line in os.read(commands.read_fd, 4096).splitlines()]
        assert [each["label"] for each in asked] == labels
        reports.say(
            type="listening",
            listeners=[
                {"mode": "regular", "address": "127.0.0.1:1", "label": each} for each in labels
            ],
        )
        await until(pilot, lambda: len(started) == 2)
        watched = {each["kind"]: each["watch_scripts"] for each in started}
        assert watched == {"chromium": True, "firefox": False}
        reports.end()


@pytest.mark.parametrize(
    ("height", "moves", "notes"),
    [
        (MIN_HEIGHT, 0, ()),
        (MIN_HEIGHT, 2, (LISTENED_TO["firefox"],)),
        (MIN_HEIGHT, 3, (WATCHED,)),
        (22, 0, (LISTENED_TO["firefox"], WATCHED)),
    ],
)
async def test_what_to_know_on_the_smallest_screen(
    height: int,
    moves: int,
    notes: tuple[str, ...],
    opened: Open,
    commands: Pipe,
    reports: Pipe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The highlighted entry's note is there in full, and so are the keys, without scrolling."""
    monkeypatch.setenv("DISPLAY", ":99")
    it = opened(captures.seed(), commands_fd=commands.write_fd, reports_fd=reports.read_fd)
    monkeypatch.setattr(
        "tui.feed.launcher.find_browser",
        lambda kind: Browser(kind, "/bin/false"),
    )
    async with it.app.run_test(size=(MIN_WIDTH, height)) as pilot:
        await it.settled(pilot)
        await pilot.press("b")
        await dialog(pilot, MenuDialog)
        await pilot.press(*["down"] * moves)
        await pilot.pause()
        shown = dialog_text(it.app)
        assert shown.startswith("Open a browser")
        assert shown.endswith("Esc closes")
        for note in (LISTENED_TO["firefox"], WATCHED):
            assert (f"{note}." in shown) is (note in notes)
        reports.end()


async def test_a_fresh_browser_is_the_recorders_to_mark(
    opened: Open, commands: Pipe, reports: Pipe
) -> None:
    """``B`` asks the proxy, for the client of the selected step, and says what it replies."""
    it = opened(captures.seed(), commands_fd=commands.write_fd, reports_fd=reports.read_fd)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("B")
        client_id = it.app.story.trace.clients[0].client_id
        asked = [msgspec.json.decode(line) for line in os.read(commands.read_fd, 4096).splitlines()]
        assert asked == [{"type": "session", "client_id": client_id}]
        reports.say(type="session", message="it is already a fresh browser")
        await until(pilot, lambda: "No fresh browser: it is already" in screen_text(it.app))
        reports.say(type="session")
        await until(pilot, lambda: "Recorded: from now on" in screen_text(it.app))
        reports.end()


async def test_a_cookie_is_changed_by_the_proxy(
    opened: Open, commands: Pipe, reports: Pipe
) -> None:
    """``E`` asks the proxy, for the step's host; a refusal is said, and ``0`` ends what is done."""

    def asked() -> dict[str, object]:
        (line,) = os.read(commands.read_fd, 4096).splitlines()
        found: dict[str, object] = msgspec.json.decode(line)
        return found

    it = opened(
        captures.seed(),
        commands_fd=commands.write_fd,
        reports_fd=reports.read_fd,
        edit=("127.0.0.1:5000",),
    )
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        it.app.stepping.go_to(1)
        await pilot.press("E")
        await dialog(pilot, MenuDialog)
        assert "From now on, towards " in screen_text(it.app)
        await pilot.press("x")
        await until(pilot, lambda: not it.app.dialog_open)
        command = asked()
        host = command["host"]
        assert command == {"type": "edit", "host": host, "responses": ["-user"]}
        reports.say(type="edited", message=f"start again with --edit {host}")
        await until(pilot, lambda: "Not changed: start again" in screen_text(it.app))
        await pilot.press("E")
        await dialog(pilot, MenuDialog)
        assert "change nothing any more" not in screen_text(it.app)
        await pilot.press("r")
        await until(pilot, lambda: not it.app.dialog_open)
        assert asked() == {"type": "edit", "host": host, "requests": ["-user"]}
        reports.say(type="edited")
        await until(pilot, lambda: "Changed from now on, by hand" in screen_text(it.app))
        await pilot.press("E")
        await dialog(pilot, MenuDialog)
        await pilot.press("0")
        await until(pilot, lambda: not it.app.dialog_open)
        assert asked() == {"type": "edit", "host": host}
        reports.end()


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ((), None),
        (("elsewhere.test", "127.0.0.1:5001", "7.0.0.1"), None),
        (("127.0.0.1",), "127.0.0.1"),
        (("127.0.0.1:5000",), "127.0.0.1:5000"),
        (("127.0.0.1:8081",), "127.0.0.1:8081"),
    ],
)
def test_an_app_has_its_own_name_and_the_browsers(
    named: tuple[str, ...], found: str | None
) -> None:
    """The screen finds a named host as the proxy does, also behind a reverse listener."""
    assert named_of(named, fold(captures.seed()).exchanges[0].request) == found


async def test_a_host_that_was_not_named_is_refused_at_once(opened: Open, commands: Pipe) -> None:
    """``E`` shows no menu for it, but how to name it."""
    it = opened(captures.seed(), commands_fd=commands.write_fd, edit=("elsewhere.test",))
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        it.app.stepping.go_to(1)
        await pilot.press("E")
        await until(pilot, lambda: "--edit 127.0.0.1:8081" in screen_text(it.app))
        assert not it.app.dialog_open


async def test_without_a_proxy_nothing_is_changed(opened: Open) -> None:
    """Without one ``E`` says when it can be done."""
    it = opened(captures.seed(), live=False)
    async with it.app.run_test(size=(120, 36), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("E")
        await until(pilot, lambda: "To change cookies on the wire" in screen_text(it.app))
