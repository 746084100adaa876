"""``captures``: captures are listed, read by name, and deleted only on request."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click
import pytest

from cookietrace.cli import cookietrace_command
from cookietrace.commands.view import view
from cookietrace.stores import create_capture, open_store
from tests.cli.conftest import Run
from tests.story import seed_story


@pytest.fixture
def folder(data_folder: Path) -> Path:
    """Return the folder of captures, with two in it."""
    folder = data_folder / "cookietrace" / "captures"
    for name in ("one", "two"):
        with closing(create_capture(folder / f"{name}.cookietrace")) as store:
            store.append(seed_story().events[1:])
    return folder


def names(folder: Path) -> set[str]:
    """Return the names of the captures that are left."""
    return {path.stem for path in folder.glob("*.cookietrace")}


def test_an_empty_list_says_how_to_begin(run: Run) -> None:
    """If there are no captures, the list says how to make one."""
    assert "cookietrace demo" in run("captures").out


def test_the_list(run: Run, folder: Path) -> None:
    """Each capture has a line with its name, date and size; a live one is marked."""
    with closing(open_store(folder / "two.cookietrace", write=True)):
        result = run("captures")
        assert result.out == run("captures", "list").out
    assert result.status == 0
    head, one, two = result.out.splitlines()
    assert str(folder) in head
    assert one.split()[0] == "one"
    assert "events" in one
    assert "KiB" in one
    assert two.endswith("recording now")


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("one",), {"two"}),
        (("one.cookietrace", "two"), set()),
        (("--all", "--yes"), set()),
        (("--all",), {"one", "two"}),
    ],
)
def test_deleting(run: Run, folder: Path, arguments: tuple[str, ...], left: set[str]) -> None:
    """By name, by name with the suffix, or all of them; all of them only with --yes."""
    run("captures", "delete", *arguments)
    assert names(folder) == left


def test_deleting_all_without_a_terminal(run: Run, folder: Path) -> None:
    """There is no one to ask: one line names --yes, and nothing is deleted."""
    result = run("captures", "delete", "--all")
    assert result.status == 2
    assert result.err.count("\n") == 1
    assert "--yes" in result.err
    assert names(folder) == {"one", "two"}


def test_deleting_by_path(run: Run, folder: Path) -> None:
    """A path can name a capture in any folder."""
    assert run("captures", "delete", folder / "one.cookietrace").status == 0
    assert names(folder) == {"two"}


def test_a_live_capture_is_not_deleted(run: Run, folder: Path) -> None:
    """Neither by name nor with --all."""
    with closing(open_store(folder / "two.cookietrace", write=True)):
        assert run("captures", "delete", "two").status == 2
        assert run("captures", "delete", "--all", "--yes").status == 0
    assert names(folder) == {"two"}


def test_what_is_no_file_is_not_deleted(run: Run, folder: Path) -> None:
    """By name it is refused in one line; --all deletes the others."""
    os.mkfifo(folder / "pipe.cookietrace")
    result = run("captures", "delete", "pipe")
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "is a pipe, not a capture" in result.err
    assert run("captures", "delete", "--all", "--yes").status == 0
    assert names(folder) == {"pipe"}


READING = {"explain": (), "export": ("--format", "csv")}


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("name", ["one", "one.cookietrace"])
def test_reading_by_name(run: Run, folder: Path, command: str, name: str) -> None:
    """A name from the list works like the path of that capture."""
    by_path = run(command, folder / "one.cookietrace", *READING[command])
    assert by_path.status == 0
    assert run(command, name, *READING[command]) == by_path


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("name", ["./one", "captures/one", "three", "n" * 300])
def test_a_name_that_is_not_listed(run: Run, folder: Path, command: str, name: str) -> None:
    """A name with a slash is a path; the line repeats what was typed."""
    assert names(folder) == {"one", "two"}
    result = run(command, name, *READING[command])
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert name.removeprefix("./") in result.err
    assert str(folder) not in result.err


def test_viewing_by_name(folder: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``view`` accepts a name, and prefers a file with that path."""
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    monkeypatch.chdir(data_folder)

    def file_of(text: str) -> object:
        # A command keeps the help option of its first context, so that must be as in real use.
        group = click.Context(cookietrace_command, **cookietrace_command.context_settings)
        return view.make_context("view", [text], parent=group).params["file"]

    assert file_of("one") == folder / "one.cookietrace"
    (data_folder / "one").touch()
    assert file_of("one") == Path("one")
    assert file_of("two") == folder / "two.cookietrace"
