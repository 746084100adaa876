"""However it ends, nothing is left: no process, no profile, no changed terminal."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.events import Recorder, Request
from cookietrace.stores import events_of, is_live, open_store
from cookietrace.supervision.visits import visit_with_own_client
from tests.e2e.terminal import ROOT, Terminal, terminal
from tests.ports import FreePort
from tests.processes import running_with, wait_until

Ending = Callable[[Terminal], None]


def kill(name: str, number: signal.Signals) -> Ending:
    """Return an ending that sends a signal to one of the processes."""

    def end(shown: Terminal) -> None:
        os.kill(shown.children()[name], number)

    return end


ENDINGS: dict[str, tuple[Ending, set[int]]] = {
    "q": (lambda shown: shown.press("q"), {0}),
    "Ctrl-C": (lambda shown: shown.press("\x03"), {0}),
    "SIGINT": (kill("cookietrace", signal.SIGINT), {130}),
    "SIGTERM": (kill("cookietrace", signal.SIGTERM), {143}),
    "SIGHUP": (kill("cookietrace", signal.SIGHUP), {129}),
    "SIGKILL": (kill("cookietrace", signal.SIGKILL), {-9}),
    "the window is closed": (lambda shown: shown.hang_up(), {129, 0}),
    "the screen is killed": (kill("tui", signal.SIGKILL), {137}),
    "the screen is asked to end": (kill("tui", signal.SIGTERM), {0}),
}


@pytest.fixture
def shown(tmp_path: Path, confdir: Path, free_port: FreePort) -> Iterator[Terminal]:
    """The demo on a terminal, with one visit on its screen."""
    listen = f"127.0.0.1:{free_port()}"
    options = ["--listen", listen, "--reverse-listen", f"127.0.0.1:{free_port()}"]
    options += ["--capture", str(tmp_path / "test.cookietrace"), "--confdir", str(confdir)]
    with terminal("demo", *options, mark=secrets.token_hex(8)) as running:
        running.wait_for(listen)
        visit_with_own_client("http://shop.test/", proxy=listen)
        running.wait_for("Hello Alice")
        yield running


@pytest.mark.parametrize("name", ENDINGS)
def test_nothing_is_left(shown: Terminal, tmp_path: Path, name: str) -> None:
    """However it ends, all processes end, the capture is one complete file, the terminal restored.

    The terminal is restored if its line settings are those from before and the main
    screen and the cursor are back.
    """
    end, statuses = ENDINGS[name]
    assert {"cookietrace", "tui", "proxy_addon", "demo_app"} <= set(shown.children())
    end(shown)
    assert shown.wait() in statuses
    wait_until(shown.nothing_left, "all processes have ended")

    capture = tmp_path / "test.cookietrace"
    wait_until(lambda: not is_live(capture), "nothing is being recorded")
    with closing(open_store(capture)) as store:
        events = list(events_of(store))
    assert len([event for event in events if isinstance(event, Request)]) == 2
    last = events[-1]
    assert isinstance(last, Recorder)
    assert last.state == "stopped"
    assert [file.name for file in tmp_path.glob("test.cookietrace*")] == ["test.cookietrace"]

    if name != "the window is closed":
        shown.catch_up()
        assert shown.settings() == shown.attributes
        assert shown.raw.rindex("\x1b[?1049l") > shown.raw.rindex("\x1b[?1049h")
        assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")


def test_a_killed_proxy_is_reported_and_loses_nothing(shown: Terminal, tmp_path: Path) -> None:
    """The screen survives its proxy, says so, keeps every event, and ends cleanly.

    What was in progress then is not known, so the end does not call the capture complete.
    """
    os.kill(shown.children()["proxy_addon"], signal.SIGKILL)
    shown.wait_for("stopped")
    shown.press("q")
    assert shown.wait() == 1
    assert "It is not complete: the proxy was killed" in shown.text
    wait_until(shown.nothing_left, "all processes have ended")
    with closing(open_store(tmp_path / "test.cookietrace")) as store:
        requests = [event for event in events_of(store) if isinstance(event, Request)]
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)]
)
def test_the_recorder_alone(
    tmp_path: Path, confdir: Path, free_port: FreePort, number: signal.Signals, status: int
) -> None:
    """``cookietrace proxy`` is stopped by signals: that is no failure."""
    mark = secrets.token_hex(8)
    capture = tmp_path / "test.cookietrace"
    command = ["proxy", "--listen", f"127.0.0.1:{free_port()}"]
    command += ["--capture", str(capture), "--confdir", str(confdir)]
    process = subprocess.Popen(
        [sys.executable, "-m", "cookietrace", *command],
        cwd=ROOT,
        env={**os.environ, "COOKIETRACE_TEST_MARK": mark},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        output = ""
        while "Ctrl-C to stop" not in output:
            line = process.stderr.readline()
            assert line, output
            output += line
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == status
    assert (f"the capture {capture} is empty" in rest) == (number != signal.SIGKILL)
    wait_until(lambda: running_with(mark) == [], "all processes have ended")
    assert not is_live(capture)
