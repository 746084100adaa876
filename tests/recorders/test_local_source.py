"""Captures in files as one story: named, or by a pattern that is looked at again and again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cookietrace import events as ev
from cookietrace.errors import CaptureError
from cookietrace.formats import export, write_export
from cookietrace.recorders import (
    JoinedStore,
    Life,
    Several,
    files_of,
    open_place,
    place_events,
    place_of,
)
from cookietrace.stores import START, SUFFIX, captures_folder, create_capture
from cookietrace.trace import Trace, fold
from tests.recorders.lab import recording
from tests.recorders.test_joined_store import read_on, told, torn, visit


def saved(path: Path, name: str, events: list[ev.Event] | None = None) -> list[ev.Event]:
    """Write a capture, and return its events."""
    path.parent.mkdir(parents=True, exist_ok=True)
    events = recording(visit("a=1").events if events is None else events, name)
    info, *rest = events
    assert isinstance(info, ev.Capture)
    with closing(create_capture(path, info=info)) as store:
        store.append(rest)
    return events


def test_a_word_is_a_file_a_name_or_a_pattern(tmp_path: Path) -> None:
    """Files that SQLite keeps beside a capture match no pattern; the data folder's names do."""
    one, two = tmp_path / "lab-1.cookietrace", tmp_path / "lab-2.cookietrace"
    saved(one, "one")
    saved(two, "two")
    for beside in ("-wal", "-shm", ".txt"):
        two.with_name(two.name + beside).write_bytes(b"x")
    (tmp_path / "lab-3.cookietrace").touch()
    mine = captures_folder() / f"lab-mine{SUFFIX}"
    saved(mine, "mine")
    assert place_of([one]) == one
    pattern = f"{tmp_path}/lab-*"
    assert place_of([pattern]) == Several((pattern,))
    assert files_of(Several((pattern,))) == (one, two)
    assert files_of(Several((str(one), str(two), str(one)))) == (one, two, one)
    assert files_of(Several(("lab-*",))) == (mine,)
    assert files_of(Several(("lab-mine", str(one)))) == (mine, one)
    with closing(open_place(Several((str(one), str(two), str(one))))) as store:
        assert isinstance(store, JoinedStore)
        assert [state.name for state in store.recorders()] == ["lab-1", "lab-2"]
    with pytest.raises(CaptureError, match="there is no capture nowhere"):
        open_place(Several((str(one), "nowhere")))
    with pytest.raises(CaptureError, match="name one URL and no files with it"):
        place_of(["redis://localhost?capture=a", one])
    bracket = tmp_path / "shop[1].cookietrace"
    saved(bracket, "bracket")
    assert place_of([bracket]) == bracket


def test_files_of_other_formats_join_too(tmp_path: Path) -> None:
    """A JSONL beside a capture, and each tells what it tells alone."""
    one = saved(tmp_path / "one.cookietrace", "one", torn(3))
    two = recording(torn(2), "two")
    write_export(tmp_path / "two.jsonl", export(two, "jsonl", show_values=True))
    words = (str(tmp_path / "one.cookietrace"), str(tmp_path / "two.jsonl"))
    with place_events(Several(words)) as events:
        trace = fold(events)
    assert told(trace, "one") == told(fold(one))
    assert told(trace, "two.jsonl") == told(fold(two))


def test_a_file_that_matches_later_is_added(tmp_path: Path) -> None:
    """While it is written it is live; once its recorder has ended, that is seen."""
    with closing(open_place(Several((f"{tmp_path}/lab-*",)))) as store:
        assert isinstance(store, JoinedStore)
        trace = Trace()
        assert store.is_live
        assert read_on(store, trace, START) == START
        info, *rest = recording(visit("a=1").events, "one")
        assert isinstance(info, ev.Capture)
        with closing(create_capture(tmp_path / "lab-1.cookietrace", info=info)) as writer:
            writer.append(rest)
            store._looked_at = 0.0
            position = read_on(store, trace, START)
            assert [state.life for state in store.recorders()] == [Life.LIVE]
            writer.append(recording(torn(2), "one")[2:])
            assert store.wait(position, 30)
            position = read_on(store, trace, position)
        store._looked_at = 0.0
        read_on(store, trace, position)
        assert [state.life for state in store.recorders()] == [Life.ENDED]
        assert [state.recorder for state in trace.clients] == ["lab-1"]


def test_a_damaged_file_is_told_or_refused(tmp_path: Path) -> None:
    """A viewer shows the others; a check needs --lenient for that."""
    saved(tmp_path / "lab-1.cookietrace", "one")
    (tmp_path / "lab-2.cookietrace").write_bytes(b"SQLite format 3\0 and no more" * 99)
    place = Several((f"{tmp_path}/lab-*",))
    with closing(open_place(place)) as store:
        trace = Trace()
        read_on(store, trace, START)  # type: ignore[arg-type]
        (line,) = store.tellings()  # type: ignore[attr-defined]
        assert line.startswith("lab-2 is not shown: ")
        assert len(trace.exchanges) == 1
    with pytest.raises(CaptureError, match="--lenient leaves it out"):
        place_events(place)
    lines: list[str] = []
    with place_events(place, lenient=True, lost=lines.append) as events:
        assert len(fold(events).exchanges) == 1
    assert lines
