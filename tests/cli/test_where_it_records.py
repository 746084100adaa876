"""What ``cookietrace proxy`` says of the file it records into."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.events import Recorder
from cookietrace.stores import create_capture, events_of, open_store
from tests.cli.conftest import ROOT
from tests.ports import FreePort
from tests.story import seed_story


def nothing(path: Path) -> None:
    """No such file."""


def a_capture(path: Path) -> None:
    """A capture of the two visits."""
    with closing(create_capture(path)) as store:
        store.append(seed_story().events[1:])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (nothing, "recording into"),
        (Path.touch, "recording into"),
        (a_capture, "recording goes on in"),
    ],
)
def test_a_capture_that_is_added_to_is_said_so(
    make: Callable[[Path], object], words: str, tmp_path: Path, free_port: FreePort
) -> None:
    """A capture with something in it keeps all of it, and the line tells of the going on."""
    path = tmp_path / "shop.cookietrace"
    make(path)
    before = 0
    if words == "recording goes on in":
        with closing(open_store(path)) as store:
            before = len(list(events_of(store)))
    command = ["proxy", "--listen", f"127.0.0.1:{free_port()}"]
    command += ["--capture", str(path), "--confdir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "cookietrace", *command], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "Ctrl-C stops" in line)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode == 0
    assert said == f"{words} {path}; Ctrl-C stops\n"
    with closing(open_store(path)) as store:
        added = list(events_of(store))[before:]
    assert [event.state for event in added if isinstance(event, Recorder)] == ["started", "stopped"]
