"""``captures compact`` and ``captures merge``, and parts of captures by ``export``."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.stores import open_store
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.cutting.test_merge import named, visit
from tests.stores.test_trimming import long_story, written
from tests.story import Story


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Return a capture of 1.3 MB, whose last cookie was set in its last exchange."""
    path = tmp_path / "long.cookietrace"
    written(path, long_story(900))
    return path


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Return a capture of 120 steps."""
    path = tmp_path / "short.cookietrace"
    written(path, long_story(60))
    return path


def explained(run: Run, path: Path) -> list[dict[str, object]]:
    """Return what is said about each exchange."""
    return [json.loads(line) for line in run("explain", "--json", path).out.splitlines()]


def test_a_capture_is_compacted(run: Run, capture: Path) -> None:
    """The oldest exchanges are gone and the file is small; steps and verdicts are as before."""
    before, size = explained(run, capture), capture.stat().st_size
    result = run("captures", "compact", capture, "--max-size", "1MB")
    assert result.status == 0
    assert "exchanges removed in all, " in result.out
    assert capture.stat().st_size <= 1_000_000 < size
    after = explained(run, capture)
    assert 0 < len(after) < 900
    for one, other in zip(after, before[-len(after) :], strict=True):
        assert {**one, "number": 0} == {**other, "number": 0}
    assert f"Note: {900 - len(after)} exchanges up to" in run("explain", capture).out
    assert b"n=10;" not in capture.read_bytes()
    again = run("captures", "compact", capture)
    assert "nothing was removed" in again.out


def test_captures_are_merged(run: Run, tmp_path: Path) -> None:
    """A capture and a file become one capture; what is there is not replaced."""
    paths = []
    for name in ("one", "two"):
        story = Story("https://shop.test")
        story.events = named(visit(f"{name}=1"), name, name)
        paths.append(tmp_path / f"{name}.cookietrace")
        written(paths[-1], story)
    har, out = tmp_path / "two.har", tmp_path / "both.cookietrace"
    assert run("export", paths[1], "-o", har, "--show-values").status == 0
    assert run("captures", "merge", paths[0], har, "-o", out).status == 0
    assert [each["set_cookies"][0]["name"] for each in explained(run, out)] == ["one", "two"]  # type: ignore[index]
    refused(run("captures", "merge", *paths, "-o", out), "already exists")
    refused(run("captures", "merge", paths[0], out, "-o", tmp_path / "x"), "the same recording")
    refused(run("captures", "merge", paths[0], "-o", tmp_path / "x"), "at least two captures")
    assert not (tmp_path / "x").exists()


def test_a_part_is_exported(run: Run, short: Path, tmp_path: Path) -> None:
    """By steps; the table of the copy has the numbers of the whole."""
    out = tmp_path / "part.csv"
    assert run("export", short, "-o", out, "--from", "101", "--to", "104").status == 0
    steps = [line.partition(",")[0] for line in out.read_text("utf-8").splitlines()[1:]]
    assert steps == ["101", "102", "103", "104"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("captures", "compact", "FILE", "--max-size", "10"), "--max-size must be a size of at"),
        (("captures", "compact", "FILE", "--max-age", "10"), "--max-age must be an age of at"),
        (("captures", "compact", "nothing"), "there is no capture nothing"),
        (("proxy", "--max-size", "big"), "--max-size must be a size of at least 1MB"),
        (("proxy", "--max-age", "-1d"), "--max-age must be an age of at least 1m"),
        (("export", "FILE", "-f", "csv", "--from", "9999"), "--from: there is no step 9999"),
        (("export", "FILE", "-f", "csv", "--to", "late"), "--to must be a step, such as 12, or"),
        (("export", "FILE", "-f", "csv", "--from", "9", "--to", "3"), "no exchange between"),
    ],
)
def test_what_makes_no_sense(run: Run, short: Path, arguments: tuple[str, ...], words: str) -> None:
    """One line says what is expected."""
    given = [str(short) if each == "FILE" else each for each in arguments]
    refused(run(*given), words)


def test_a_live_capture_is_not_compacted(run: Run, short: Path) -> None:
    """Its recorder can be started with a limit instead."""
    with closing(open_store(short, write=True)):
        refused(run("captures", "compact", short), "is being recorded", "--max-size")
