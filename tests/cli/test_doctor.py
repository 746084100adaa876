"""``cookietrace doctor``: exit statuses, and errors of one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cookietrace.doctor.facts import Holds, Seen
from cookietrace.events import Listener, Recorder
from cookietrace.stores import captures_folder, create_capture
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.doctor.test_checks import of, store

CLOSED = Listener(mode="regular", address="127.0.0.1:1")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at an empty home, without programs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    # Other recorders, and other proxies, may run on this machine.
    monkeypatch.setattr("cookietrace.doctor.looking.gather.listening_here", lambda: ())
    monkeypatch.setattr("cookietrace.doctor.looking.recorders.captures_of", lambda machine: ())


def test_without_a_recorder(run: Run) -> None:
    """The first thing that it says is that nothing records; the exit status is 1."""
    result = run("doctor", "http://localhost:3000", "--json")
    assert result.status == 1
    entry = json.loads(result.out)
    assert entry["recorder"] is None
    assert entry["findings"][0]["check"] == "recorder"
    assert entry["findings"][0]["fixes"][0]["do"] == "cookietrace watch http://localhost:3000"


def test_a_capture_that_is_being_recorded(
    run: Run, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest one in the data folder is found, and where its recorder listens."""
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    captures_folder().mkdir(parents=True, mode=0o700)
    path = captures_folder() / "now.cookietrace"
    with create_capture(path) as store:
        store.append([Recorder(at=store.info.at, state="started", listeners=(CLOSED,))])
        result = run("doctor")
    assert result.status == 1
    assert str(path) in result.out.replace("\n", "")
    assert "known: Nothing accepts connections on 127.0.0.1:1." in result.out
    ended = run("doctor", "--capture", "now")
    assert "known: The capture is not being recorded." in ended.out


@pytest.mark.parametrize(("holds", "status"), [(Holds.NOTHING, 0), (Holds.NO_FILE, 1)])
def test_guesses_alone_are_no_fault(
    run: Run, monkeypatch: pytest.MonkeyPatch, holds: Holds, status: int
) -> None:
    """While traffic arrives and nothing points to a cause, the exit status is 0."""
    facts = of(seen=Seen(requests=9), **store("curl", holds, variable="CURL_CA_BUNDLE"))
    # Which browsers run on this machine is not for a test to say.
    monkeypatch.setattr("cookietrace.commands.doctor.gather", lambda wanted: facts)
    result = run("doctor")
    assert (result.status, "Nothing was found" in result.out) == (status, not status)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("localhost:3000",), "is not the URL of an app"),
        (("ftp://a.test/",), "is not the URL of an app"),
        (("--proxy", "x"), "write it as HOST:PORT"),
        (("--capture", "missing"), "there is no capture missing"),
        (("--capture", __file__), "is not a capture"),
    ],
)
def test_what_is_not_valid(run: Run, arguments: tuple[str, ...], line: str) -> None:
    """One line says what to write instead, with exit status 2."""
    assert line in refused(run("doctor", *arguments))
