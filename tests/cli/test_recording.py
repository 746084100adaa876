"""What a recording says about its capture, at the start and at the end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.commands.recording import say_where_capture_is
from cookietrace.events import Recorder
from cookietrace.stores import create_capture, events_of, open_store
from tests.cli.conftest import ROOT
from tests.story import seed_story


def a_capture(path: Path) -> None:
    """Write a capture of the two visits."""
    with closing(create_capture(path)) as store:
        store.append(seed_story().events[1:])


@pytest.mark.parametrize(
    ("make", "words"), [(Path.touch, "recording into"), (a_capture, "adding to")]
)
def test_a_capture_that_is_added_to(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    """A capture keeps what it holds, and Ctrl-C ends with status 0.

    The first lines say so, and which port was found where any would do.
    """
    path = tmp_path / "shop.cookietrace"
    make(path)
    before = 0
    if make is a_capture:
        with closing(open_store(path)) as store:
            before = len(list(events_of(store)))
    command = ["proxy", "--listen", "127.0.0.1:0"]
    command += ["--capture", str(path), "--confdir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "cookietrace", *command], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        listening = re.match(r"proxy on 127\.0\.0\.1:(\d+): ", next(process.stderr))
        assert listening is not None
        assert int(listening[1]) > 0
        said = next(line for line in process.stderr if "Ctrl-C" in line)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode == 0
    assert said == f"{words} {path}; press Ctrl-C to stop\n"
    with closing(open_store(path)) as store:
        added = list(events_of(store))[before:]
    assert [event.state for event in added if isinstance(event, Recorder)] == ["started", "stopped"]


@pytest.mark.parametrize(
    ("called", "on_path", "command"),
    [
        (".venv/bin/cookietrace", False, ".venv/bin/cookietrace view "),
        (".venv/bin/cookietrace", True, "cookietrace view "),
        ("/a b/cookietrace", False, "'/a b/cookietrace' view "),
        ("/x/cookietrace/__main__.py", False, "cookietrace view "),
    ],
)
def test_the_command_that_opens_the_capture_again(
    called: str,
    on_path: bool,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It can be typed as it is printed: with its path if it is not on PATH, and quoted."""
    if on_path:
        (tmp_path / "cookietrace").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [called, "proxy"])
    say_where_capture_is(Path("/c/a b.cookietrace"), "a b.cookietrace")
    assert capsys.readouterr().err.splitlines() == [
        "The capture is /c/a b.cookietrace",
        f"  {command}'/c/a b.cookietrace'",
    ]
