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

from cookietrace.commands import demo_tables
from cookietrace.commands import recording as recording_module
from cookietrace.commands.recording import say_where_capture_is
from cookietrace.events import Recorder, Request
from cookietrace.safe_text import safe
from cookietrace.stores import create_capture, events_of, open_store
from cookietrace.supervision.recording import RecordingOptions
from cookietrace.supervision.recording_end import RecordingEnd
from cookietrace.supervision.visits import visit_with_own_client
from tests.cli.conftest import ROOT, Run
from tests.story import seed_story


def a_capture(path: Path) -> None:
    """Write a capture of the two visits."""
    with closing(create_capture(path)) as store:
        store.append(seed_story().events[1:])


def into(named: str | None) -> RecordingOptions:
    """Return the options of a recording, into a capture that the user named or not."""
    return RecordingOptions(capture=None if named is None else Path(named))


@pytest.mark.parametrize(
    ("make", "words"), [(Path.touch, "recording into"), (a_capture, "adding to")]
)
def test_a_capture_that_is_added_to(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    """A capture keeps what it holds, and Ctrl-C ends with status 0.

    The first lines say so, and which port was found where any would do; they are plain text,
    whatever the file is called.
    """
    path = tmp_path / "shop\x1b[31m.cookietrace"
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
    assert said == f"{words} {safe(str(path))}; press Ctrl-C to stop\n"
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
    path = Path("/c/a b.cookietrace")
    end = RecordingEnd(recorded_as=path, place=path, deleted=False, missing=None)
    assert say_where_capture_is(end, into("a b.cookietrace"))
    assert capsys.readouterr().err.splitlines() == [
        "The capture is /c/a b.cookietrace",
        f"  {command}'/c/a b.cookietrace'",
    ]


def test_the_command_for_a_name_that_acts_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name is quoted as bash and zsh understand it."""
    monkeypatch.setattr("sys.argv", ["/x/cookietrace/__main__.py", "proxy"])
    path = Path("/c/\x1b[2J\n\u202eé it's \\ \udcff.cookietrace")
    end = RecordingEnd(recorded_as=path, place=path, deleted=False, missing=None)
    assert say_where_capture_is(end, into("named"))
    assert capsys.readouterr().err.splitlines() == [
        f"The capture is {safe(str(path))}",
        r"  cookietrace view $'/c/\x1b[2J\x0a\xe2\x80\xaeé it\x27s \x5c \xff.cookietrace'",
    ]


HOME = Path("/c/a.cookietrace")
GAP = "3 exchanges were not recorded, or only in part"

ENDS: dict[str, tuple[RecordingEnd, list[str]]] = {
    "a gap": (
        RecordingEnd(recorded_as=HOME, place=HOME, deleted=False, missing=GAP),
        [f"The capture is {HOME}", f"It is not complete: {GAP}", f"view {HOME}"],
    ),
    "moved": (
        RecordingEnd(recorded_as=HOME, place=Path("/d/b c"), deleted=False, missing=None),
        [f"The capture is no longer {HOME}: it was moved to /d/b c", "view '/d/b c'"],
    ),
    "deleted": (
        RecordingEnd(recorded_as=HOME, place=None, deleted=True, missing=GAP),
        [f"The capture is gone: {HOME} was deleted while it was being", f"Missing: {GAP}"],
    ),
    "nobody knows": (
        RecordingEnd(recorded_as=HOME, place=None, deleted=False, missing=None),
        [f"The capture is no longer {HOME}: it was moved or deleted while it was being"],
    ),
}
"""How a recording may end that is not whole, and how the lines begin that say so."""


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("named", ["a.cookietrace", None])
def test_the_end_says_what_is_missing(
    name: str, named: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where what was kept is, and what was not: never a file that does not exist."""
    end, lines = ENDS[name]
    assert not say_where_capture_is(end, into(named))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(lines)
    for line, wanted in zip(said, lines, strict=True):
        assert wanted in line


@pytest.mark.parametrize("missing", [None, GAP])
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("target", [None, "http://localhost:3000"])
def test_a_capture_without_traffic_says_that_nothing_was_recorded(
    missing: str | None,
    named: bool,
    target: str | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And which command says why; what was lost, if something was. It is kept only if named."""
    path = tmp_path / "a.cookietrace"
    create_capture(path).close()
    end = RecordingEnd(recorded_as=path, place=path, deleted=False, missing=missing)
    recorded = RecordingOptions(capture=path if named else None, target=target)
    assert say_where_capture_is(end, recorded) is (missing is None)
    assert path.exists() is named
    doctor = "cookietrace doctor" + (f" {target}" if target else "")
    doctor += f" --capture {path}" if named else ""
    why = f"While it records, `{doctor}` says why traffic is missing."
    assert capsys.readouterr().err.splitlines() == [
        f"Nothing was recorded: the capture {path} is empty. {why}"
        if named
        else f"Nothing was recorded, so no capture was kept. {why}",
        *([] if missing is None else [f"Missing: {missing}"]),
    ]


@pytest.mark.parametrize("change", ["moved", "deleted"])
def test_a_capture_that_is_not_where_it_was(
    change: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """The exit status is 1. What was recorded before is complete in a file that was moved."""
    path, other = tmp_path / "shop.cookietrace", tmp_path / "moved.cookietrace"
    listen = f"127.0.0.1:{free_port()}"
    command = ["proxy", "--listen", listen, "--capture", str(path), "--confdir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "cookietrace", *command], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "Ctrl-C" in line)
        nowhere = f"http://127.0.0.1:{free_port()}/"
        visit_with_own_client(nowhere, proxy=listen)
        if change == "moved":
            path.rename(other)
        else:
            path.unlink()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 1
    assert "The capture is /" not in said
    if change == "deleted":
        assert f"The capture is gone: {path} was deleted" in said
        return
    assert f"The capture is no longer {path}: it was moved to {other}\n" in said
    with closing(open_store(other)) as store:
        requests = [event for event in events_of(store) if isinstance(event, Request)]
    assert {request.url for request in requests} == {nowhere}
    assert [each.name for each in tmp_path.glob("*.cookietrace*")] == [other.name]


class Ended:
    """A recording that has ended with a gap, and its screen, which was quit."""

    def __init__(self, path: Path) -> None:
        self.capture = path

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def load(self, *_: object) -> None:
        """Load the screen."""

    def run(self, *_: object) -> int:
        """Show the screen until the user quits."""
        return 0

    def end(self) -> RecordingEnd:
        """Return how it ended."""
        return RecordingEnd(
            recorded_as=self.capture, place=self.capture, deleted=False, missing=GAP
        )


def test_the_demo_without_a_screen_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1, and the tables of what was kept."""
    path = tmp_path / "demo.cookietrace"
    a_capture(path)
    monkeypatch.setattr(demo_tables, "recording", lambda *_: Ended(path))
    monkeypatch.setattr(demo_tables, "_visit", lambda *_: "a test")
    with pytest.raises(SystemExit) as caught:
        demo_tables.print_tables(RecordingOptions(demo=True), None, path="/", cookie="user")
    assert caught.value.code == 1
    out, err = capsys.readouterr()
    assert "Hello Alice" in out
    assert f"It is not complete: {GAP}" in err


def test_a_recording_with_the_screen_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1, although the screen was quit as usual."""
    path = tmp_path / "shop.cookietrace"
    monkeypatch.setattr(recording_module, "Screen", lambda: Ended(path))
    monkeypatch.setattr(recording_module, "recording", lambda *_, **__: Ended(path))
    with pytest.raises(SystemExit) as caught:
        recording_module.show_recording(RecordingOptions(capture=path))
    assert caught.value.code == 1
    assert f"It is not complete: {GAP}" in capsys.readouterr().err


@pytest.mark.parametrize("named", [False, True])
def test_a_demo_that_is_interrupted_before_its_first_visit(
    named: bool, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends it with 130. As with other recorders, an empty capture stays only if named."""
    file = tmp_path / "mine.cookietrace"
    monkeypatch.setattr(
        demo_tables, "visit_with_own_client", lambda *_, **__: signal.raise_signal(signal.SIGINT)
    )
    result = run(
        "demo", "--headless", "--browser", "none", "--confdir", tmp_path / "ca",
        "--listen", "127.0.0.1:0", "--reverse-listen", "127.0.0.1:0",
        *(("--capture", file) if named else ()),
    )  # fmt: skip
    assert (result.status, result.out) == (130, "")
    assert result.err.startswith("Nothing was recorded")
    assert file.exists() is named
    assert not list((tmp_path / "data").rglob("*.cookietrace"))
