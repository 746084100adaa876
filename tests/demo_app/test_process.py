"""The demo app as a process: ports, reports, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark
from cookietrace.witness.report import REPORT_HEADER

SECRET = "a-secret-of-the-tests"
PATIENCE = 120.0


class Running:
    """A demo app that was started as the command line starts it."""

    def __init__(self) -> None:
        lifeline, self.parent_end = os.pipe()
        reports, child_end = os.pipe()
        self.process = subprocess.Popen(
            command("--port", "0", "--lifeline-fd", str(lifeline), "--reports-fd", str(child_end)),
            pass_fds=(lifeline, child_end),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(lifeline)
        os.close(child_end)
        self.reports: IO[str] = os.fdopen(reports)
        self.url = str(self.report()["url"])

    def report(self) -> dict[str, object]:
        """Return the next report."""
        report: dict[str, object] = json.loads(self.reports.readline())
        return report

    def cut(self) -> None:
        """Let go of the lifeline."""
        if self.parent_end >= 0:
            os.close(self.parent_end)
            self.parent_end = -1

    def close(self) -> None:
        """Leave nothing behind."""
        self.cut()
        self.process.kill()
        self.process.communicate()
        self.reports.close()


def command(*arguments: str) -> list[str]:
    """Return the command line of the demo app."""
    return [sys.executable, "-P", "-m", "demo_app", *arguments]


def environment() -> dict[str, str]:
    """Return an environment in which the demo app is found, and its secret known."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "COOKIETRACE_SECRET": SECRET}


@pytest.fixture
def running() -> Iterator[Running]:
    """A demo app that runs."""
    running = Running()
    yield running
    running.close()


def get(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, str | None]:
    """Return the body at a URL, and the witness's report where there is one."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as response:
        return response.read(), response.headers[REPORT_HEADER]


def test_lifeline(running: Running) -> None:
    """It serves until its lifeline is cut; then it tells how many requests it got, and ends."""
    assert get(running.url + "/") == (b"Hello None", None)
    assert get(running.url + "/", {"Cookie": "user=Alice"}) == (b"Hello Alice", None)
    assert get(running.url + "/favicon.ico")[0].startswith(b"<svg")
    running.cut()
    assert running.report() == {"type": "served", "requests": 3}
    assert running.process.wait(PATIENCE) == 0
    assert running.process.stdout is not None
    assert running.process.stdout.read() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals(running: Running, number: signal.Signals) -> None:
    """The usual signals end it in the same way."""
    running.process.send_signal(number)
    assert running.report() == {"type": "served", "requests": 0}
    assert running.process.wait(PATIENCE) == 0


def test_the_seed_view(running: Running) -> None:
    """With the proxy's mark, / tells what it read, set and held: the trace that started it all."""
    for cookie, user in (({}, None), ({"Cookie": "user=Alice"}, "Alice")):
        _, report = get(running.url + "/", {MARK_HEADER: mark("e1", SECRET), **cookie})
        server = decode(report or "", "e1", 0.0)
        assert server is not None
        assert (server.function, server.file) == ("hello", "demo_app/lessons/greeting.py")
        assert [(r.name, r.value, r.where) for r in server.reads if r.where == "view"] == [
            ("user", user, "view")
        ]
        assert [(w.name, w.value, w.where) for w in server.writes] == [("user", "Alice", "view")]
        assert [(item.name, item.text) for item in server.locals] == [
            ("user", user),
            ("response", None),
        ]
        assert len(server.lines) == 4
        assert server.source is not None
        assert server.source.count("\n") == 7


def test_port_in_use() -> None:
    """A port that is taken is one line that names it and what to do, and status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcome = subprocess.run(
            command("--port", port), env=environment(), capture_output=True, text=True, check=False
        )
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert port in outcome.stderr
    assert "--port" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--port", "99999"), "--port"), (("--port", "x"), "--port"), (("--nonsense",), "--nonsense")],
)
def test_bad_arguments(arguments: tuple[str, ...], word: str) -> None:
    """Arguments that mean nothing end it with status 2, and no traceback."""
    outcome = subprocess.run(
        command(*arguments), env=environment(), capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 2
    assert word in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_by_hand() -> None:
    """Started by hand it says in one line where it is, and ends at Ctrl-C without complaint."""
    with subprocess.Popen(
        command("--port", "0"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest, complaints) == (0, "", "")
