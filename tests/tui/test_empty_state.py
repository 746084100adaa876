"""What a mode shows while there are no steps."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cookietrace.events import Failure, Listener
from cookietrace.stores import captures_folder
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.advice import doctor_command
from tui.modes import SCREENS
from tui.widgets.empty_state import page_to_open


@pytest.mark.parametrize(
    ("live", "message"),
    [(True, "Waiting for the first request."), (False, "1 exchange is outside the focus")],
)
async def test_housekeeping_alone(opened: Open, live: bool, message: str) -> None:
    """A favicon is recorded but is no first request: every mode with a focus says the same."""
    icon = captures.visit(1, "http://127.0.0.1:8081/favicon.ico")
    end = [] if live else [captures.stopped()]
    it = opened([captures.started(), captures.client(), *icon, *end], live=live)
    async with it.app.run_test(size=(80, 24)) as pilot:
        for screen in SCREENS:
            if screen.USES_FOCUS:
                assert message in await it.go_to(pilot, screen.MODE.key), screen.MODE.title


@pytest.mark.parametrize(
    ("width", "first", "rest"),
    [(60, "Proxy ", "\\"), (80, "Set as your proxy ", "example.com")],
)
async def test_a_proxy_alone(opened: Open, width: int, first: str, rest: str) -> None:
    """The first line is no alternative, the command stays in its column, and localhost is named."""
    it = opened([captures.started(captures.PROXY)])
    async with it.app.run_test(size=(width, 24)) as pilot:
        await it.settled(pilot)
        text = screen_text(it.app)
        assert f"{first}127.0.0.1:8080" in " ".join(text.split())
        command = next(line for line in text.splitlines() if "curl" in line)
        start = command.index("curl")
        assert command[start:].rstrip() == f"curl -x 127.0.0.1:8080 -c jar -b jar {rest}"
        if rest == "\\":
            below = text.splitlines()[text.splitlines().index(command) + 1]
            assert below.rstrip() == " " * start + "example.com"
        assert "bypass a proxy there" in " ".join(text.split())


async def test_the_advice_fits_a_narrow_screen(opened: Open) -> None:
    """At 60 columns each way to get traffic is one line, its address whole.

    Of many listeners the status line leaves out others than the one to open.
    """
    more = [
        Listener(mode="regular", address=f"127.0.0.1:{9000 + n}", label=f"b{n}") for n in (1, 2)
    ]
    it = opened([captures.started(*more, captures.PROXY, captures.REVERSE)])
    async with it.app.run_test(size=(60, 16)) as pilot:
        await it.settled(pilot)
        assert "  app 127.0.0.1:8081 " in screen_text(it.app).splitlines()[1]
        lines = [line.strip() for line in screen_text(it.app).splitlines()]
        assert [
            line for line in lines if line.startswith(("Open", "Proxy", "Or run", "Press"))
        ] == [
            "Open     http://127.0.0.1:8081/",
            "Proxy    127.0.0.1:8080, open http://shop.test/",
            "Or run   curl -c jar -b jar http://127.0.0.1:8081/",
            "Press     b  to open a fresh browser",
        ]


@pytest.mark.parametrize(
    ("target", "page"),
    [("http://localhost:3000", "http://localhost:3000/"), ("https://a.test/", "https://a.test/")],
)
async def test_the_proxy_leads_to_the_apps_own_address(
    opened: Open, target: str, page: str
) -> None:
    """A browser that uses the proxy opens the app as always, not the listener in front of it."""
    front = msgspec.structs.replace(captures.REVERSE, target=target)
    it = opened([captures.started(captures.PROXY, front)])
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        story = it.app.story
        assert page_to_open(story) == "http://shop.test/", "the demo's own"
        assert story.trace.capture is not None
        story.trace.capture = msgspec.structs.replace(story.trace.capture, sensitive=True)
        assert page_to_open(story) == page


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the doctor look at once, at a home without browsers and a path without programs."""
    monkeypatch.setattr("tui.app.doctoring.QUIET_SECONDS", 0.05)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")


REFUSED = Failure(client_id="c1", at=captures.START, host="a.test", kind="tls-client", message="x")


async def test_what_keeps_traffic_away(opened: Open, impatient: None) -> None:
    """If nothing comes for a while, the surest reason stands there with its fix.

    It does in every mode, whose widget is the same, and on every terminal; the first request
    takes it away.
    """
    told = [captures.started(captures.PROXY), captures.client("c1", "curl/8.5.0"), REFUSED]
    it = opened(told)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(it.app.story.advice))
        shown = [await it.go_to(pilot, "8"), await it.go_to(pilot, "3")]
        shown += [await it.resize(pilot, 60, 16), await it.resize(pilot, 160, 48)]
        for text in shown:
            assert "Nothing has arrived so far." in text
            assert "known:    curl ends its TLS connections to the proxy." in text
            assert "cookietrace ca" in text or "export CURL_CA_BUNDLE=" in text
        assert "cookietrace doctor --capture " in shown[-1]
        it.append(captures.visit(1, "http://a.test/", client_id="c1"))
        await it.settled(pilot)
        assert "refuses" not in screen_text(it.app)


@pytest.mark.parametrize(
    ("capture", "command"),
    [
        (Path("x.cookietrace"), "cookietrace doctor --capture x.cookietrace"),
        (Path("my shop.cookietrace"), "cookietrace doctor --capture 'my shop.cookietrace'"),
        ("redis://127.0.0.1/0", "cookietrace doctor"),
    ],
)
def test_the_command_finds_the_capture(capture: Path | str, command: str) -> None:
    """The command that the screen names is about its own capture, wherever that is."""
    assert doctor_command(capture) == command
    assert doctor_command(captures_folder() / "now.cookietrace") == "cookietrace doctor"


async def test_a_connection_that_fails_later(opened: Open, impatient: None) -> None:
    """A client that refuses the certificate while nothing has come is told of at once."""
    it = opened([captures.started(captures.PROXY)])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(it.app.story.advice))
        assert all(advice.sure != "known" for advice in it.app.story.advice)
        it.append([captures.client("c1", "curl/8.5.0"), REFUSED])
        await until(pilot, lambda: it.app.story.advice[0].sure == "known")


async def test_a_capture_that_is_over_has_no_doctor(opened: Open, impatient: None) -> None:
    """What is not being recorded any more is not waited for: the command is named instead."""
    it = opened([captures.started(), captures.stopped()], live=False)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        assert "cookietrace doctor says why" in screen_text(it.app)
        assert it.app.story.advice == ()
