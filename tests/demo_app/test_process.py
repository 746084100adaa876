"""The demo app as a process: ports, reports, and how it stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.report import REPORT_HEADER
from demo_app.__main__ import main

SECRET = "a-secret-of-the-tests"
PATIENCE = 120.0


class Running:
    """A demo app, started as the command line starts it."""

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
        """Cut the lifeline."""
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
    """Return an environment in which the demo app can be imported, with a known secret."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "COOKIETRACE_SECRET": SECRET}


@pytest.fixture
def running() -> Iterator[Running]:
    """A running demo app."""
    running = Running()
    yield running
    running.close()


def get(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, str | None]:
    """Return the body at a URL, and the witness's report if there is one."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as response:
        return response.read(), response.headers[REPORT_HEADER]


def test_lifeline(running: Running) -> None:
    """It serves until its lifeline is cut; then it reports the number of requests and ends."""
    assert get(running.url + "/") == (b"Hello None", None)
    assert get(running.url + "/", {"Cookie": "user=Alice"}) == (b"Hello Alice", None)
    assert get(running.url + "/favicon.ico")[0].startswith(b"<svg")
    running.cut()
    assert running.report() == {"type": "served", "requests": 3}
    assert running.process.wait(PATIENCE) == 0
    assert running.process.stdout is not None
    assert running.process.stdout.read() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals(running: Running, number: signal.Signals) -> None:
    """Signals end it in the same way (Ctrl-C: ``test_started_by_hand``)."""
    running.process.send_signal(number)
    assert running.report() == {"type": "served", "requests": 0}
    assert running.process.wait(PATIENCE) == 0


def test_the_seed_view(running: Running) -> None:
    """With the proxy's mark, the view at / reports what it read, set and held."""
    for cookie, user in (({}, None), ({"Cookie": "user=Alice"}, "Alice")):
        address = f"localhost:{running.url.rpartition(':')[2]}"
        marked = mark("e1", address, time.time(), mark_key(SECRET))
        _, report = get(running.url + "/", {MARK_HEADER: marked, **cookie})
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
    """A port in use gives one line that names it and the fix, and status 2."""
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
def test_bad_arguments(
    arguments: tuple[str, ...],
    word: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Invalid arguments give status 2 and a line that names them."""
    monkeypatch.setenv("COOKIETRACE_SECRET", SECRET)
    try:
        status: object = main(list(arguments))
    except SystemExit as leave:
        status = leave.code
    assert status == 2
    assert word in capsys.readouterr().err


def test_started_by_hand() -> None:
    """Started by hand it prints its URL in one line, and Ctrl-C ends it without an error."""
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
