"""How a recording ended: where the capture is, and what the proxy said is missing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cookietrace.protocol import Report, encode_line
from cookietrace.supervision.recording_end import CaptureInUse, RecordingEnd
from cookietrace.supervision.reports import Reports

LISTENING = Report(type="listening")
TROUBLE = Report(type="trouble", message="recording has stopped")
RECOVERED = Report(type="recovered", message="recording again")
STOPPED = Report(type="stopped")
LOST = Report(type="stopped", missing=2, lost="2 exchanges were not recorded")
KILLED = "the proxy was killed: exchanges that were in progress may be missing or incomplete"


def reported(*reports: Report) -> Reports:
    """Return the reports of a child that has ended."""
    received = Reports()
    with received.starting():
        for report in reports:
            os.write(received.child_fd, encode_line(report))
    return received


@pytest.mark.parametrize(
    ("reports", "missing"),
    [
        ([STOPPED], None),
        ([TROUBLE, RECOVERED, STOPPED], None),
        ([TROUBLE, RECOVERED, LOST], LOST.lost),
        ([TROUBLE, LOST], LOST.lost),
        ([TROUBLE, STOPPED], TROUBLE.message),
        ([], None),
        ([LISTENING, TROUBLE], f"how many exchanges are missing is not known: {TROUBLE.message}"),
        ([LISTENING], KILLED),
        ([LISTENING, TROUBLE, RECOVERED], KILLED),
    ],
)
def test_what_is_missing(reports: list[Report], missing: str | None) -> None:
    """What the last report says, or that the proxy said nothing at its end: it was killed."""
    assert reported(*reports).missing() == missing


def moved(path: Path) -> None:
    """Give the file another name."""
    path.rename(path.with_name("moved"))


def replaced(path: Path) -> None:
    """Put another file in its place, and delete it."""
    path.with_name("other").write_text("other")
    path.with_name("other").replace(path)


def moved_and_replaced(path: Path) -> None:
    """Give it another name, and put another file in its place."""
    moved(path)
    path.write_text("other")


@pytest.mark.parametrize(
    ("change", "place", "deleted"),
    [
        (lambda _: None, "capture", False),
        (moved, "moved", False),
        (moved_and_replaced, "moved", False),
        (Path.unlink, None, True),
        (replaced, None, True),
    ],
)
def test_where_the_capture_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], object],
    place: str | None,
    deleted: bool,
) -> None:
    """By the file, not by its name; if the system does not say, a moved one is just not there."""
    monkeypatch.chdir(tmp_path)
    path = Path("capture")
    path.write_text("a capture")
    in_use = CaptureInUse(path)
    change(tmp_path / path)
    end = in_use.end(reported(STOPPED))
    if place == "moved":
        assert end.place == (tmp_path / "moved" if sys.platform == "linux" else None)
    else:
        assert end.place == (None if place is None else Path(place))
    assert end.deleted is deleted
    assert end.whole is (place == "capture")


def test_a_name_that_only_looks_deleted(tmp_path: Path) -> None:
    """Linux adds a word to the name of a deleted file, and a file may be called that."""
    path = tmp_path / "a (deleted)"
    path.write_text("a capture")
    in_use = CaptureInUse(path)
    path.rename(tmp_path / "b (deleted)")
    end = in_use.end(reported(STOPPED))
    assert not end.deleted
    assert end.place in (tmp_path / "b (deleted)", None)


def test_a_capture_with_a_gap_is_not_whole(tmp_path: Path) -> None:
    """Although it is where it was."""
    path = tmp_path / "capture"
    end = RecordingEnd(recorded_as=path, place=path, deleted=False, missing="some")
    assert not end.whole
