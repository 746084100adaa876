"""``--new-session``: a file is read as if a fresh browser began at a step."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.events import Session
from cookietrace.formats import read_capture
from cookietrace.stores import create_capture
from tests.cli.conftest import Run
from tests.lesson.test_new_sessions import private_window


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A window and a private window in one client; the private one's first request is step 4."""
    path = tmp_path / "two.cookietrace"
    with closing(create_capture(path, sensitive=False)) as store:
        store.append(private_window().events[1:])
    return path


def test_explain_says_where_it_begins(run: Run, capture: Path) -> None:
    """The story has a note, and each request is judged by its own client's jar."""
    told = run("explain", capture, "--new-session", 4, "--new-session", 8)
    assert told.status == 0, told
    assert told.out.count("A fresh browser from here on: client ") == 2
    printed = run("explain", capture, "--new-session", 4, "--json")
    explained = [json.loads(line) for line in printed.out.splitlines()]
    assert [each["missing"] for each in explained[:4]] == [[]] * 4
    plain = run("explain", capture, "--json")
    assert [json.loads(line)["missing"] == [] for line in plain.out.splitlines()][2] is False


def test_an_export_keeps_it(run: Run, capture: Path) -> None:
    """Written as JSONL and read again, the session is an event like any other."""
    path = capture.with_suffix(".jsonl")
    assert run("export", capture, "--new-session", 4, "-o", path).status == 0
    (session,) = [event for event in read_capture(path) if isinstance(event, Session)]
    assert session.follows == "c1"


def test_check_reads_it_too(run: Run, capture: Path) -> None:
    """The exit status is that of a capture with a jar per browser."""
    assert run("check", capture, "--new-session", 4, "--new-session", 8).status == 0


@pytest.mark.parametrize("command", [("explain",), ("export", "--format", "csv"), ("check",)])
def test_a_step_that_is_not_there(run: Run, capture: Path, command: tuple[str, ...]) -> None:
    """One line, and the exit status 2."""
    name, *rest = command
    told = run(name, capture, *rest, "--new-session", 99)
    assert told.status == 2
    assert told.err.splitlines() == [
        "cookietrace: --new-session: there is no step 99 in this capture: its steps are 1 to 8"
    ]


@pytest.mark.parametrize("wrong", ["x", "0", "-1", "²", "1.5"])
def test_what_is_no_step(run: Run, capture: Path, wrong: str) -> None:
    """It says that the number of a step is wanted."""
    told = run("explain", capture, f"--new-session={wrong}")
    assert told.status == 2
    assert f"'{wrong}' is not the number of a step, which counts from 1" in told.err
