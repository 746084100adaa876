"""The SQLite store across processes: killed writers, second writers, followers."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.errors import CaptureError
from cookietrace.events import Recorder
from cookietrace.stores import START, create_capture, delete_capture, is_live, open_store
from tests.stores.conftest import Start, line_from

WRITER = """
import sys
from cookietrace.events import Recorder
from cookietrace.stores import create_capture
store = create_capture(sys.argv[1])
number = 0
while True:
    store.append([Recorder(at=float(number), state="started"),
                  Recorder(at=float(number), state="stopped")])
    print(number, flush=True)
    number += 1
"""

HOLDER = """
import sys
from cookietrace.stores import create_capture
store = create_capture(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
store.close()
"""

FOLLOWER = """
import sys
from cookietrace.stores import START, open_store
store = open_store(sys.argv[1])
position, seen = START, 0
print("ready", flush=True)
while seen < int(sys.argv[2]):
    store.wait(position, 10)
    batch = store.read(position, 7)
    seen += len(batch.events)
    position = batch.position
print(seen, flush=True)
"""


def test_what_was_appended_survives_a_killed_process(path: Path, start: Start) -> None:
    """After SIGKILL every append that returned is there, in order and complete."""
    writer = start(WRITER, path)
    for _ in range(200):
        acknowledged = int(line_from(writer))
    writer.send_signal(signal.SIGKILL)
    assert writer.stdout is not None
    rest = writer.stdout.read().split()
    acknowledged = int(rest[-1]) if rest and rest[-1].isdecimal() else acknowledged
    writer.wait()
    assert not is_live(path)
    with closing(open_store(path, write=True)) as store:
        events = store.read(START, 1_000_000).events[1:]
        assert len(events) >= 2 * (acknowledged + 1)
        assert [(event.at, event.state) for event in events if isinstance(event, Recorder)] == [
            (float(number), state)
            for number in range(len(events) // 2)
            for state in ("started", "stopped")
        ]
        store.append([Recorder(at=0.0, state="started")])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_reader_cleans_up_after_a_killed_writer(path: Path, start: Start) -> None:
    """Opening and closing a killed writer's capture makes it one plain file again."""
    writer = start(WRITER, path)
    line_from(writer)
    writer.kill()
    writer.wait()
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    store = open_store(path)
    assert len(store.read().events) >= 3
    store.close()
    assert not path.with_name(path.name + "-wal").exists()
    delete_capture(path)
    assert list(path.parent.iterdir()) == []


def test_the_second_writer_gets_one_clear_line(path: Path, start: Start) -> None:
    """Two recorders never share a capture; the error names the other process."""
    holder = start(HOLDER, path)
    assert line_from(holder) == "ready"
    assert is_live(path)
    attempts: list[Callable[[], object]] = [
        lambda: open_store(path, write=True),
        lambda: create_capture(path),
    ]
    for attempt in attempts:
        with pytest.raises(CaptureError, match=f"process {holder.pid}"):
            attempt()
    with pytest.raises(CaptureError, match="being recorded"):
        delete_capture(path)
    holder.communicate("")
    assert not is_live(path)
    open_store(path, write=True).close()


def test_the_second_writer_in_one_process_is_refused_too(path: Path) -> None:
    """The lock belongs to a store, not to a process."""
    store = create_capture(path)
    with pytest.raises(CaptureError, match="being recorded"):
        open_store(path, write=True)
    store.close()


def test_a_writer_follows_a_killed_one(path: Path, start: Start) -> None:
    """The lock ends with its process, although its file is left behind."""
    holder = start(HOLDER, path)
    line_from(holder)
    holder.kill()
    holder.wait()
    assert path.with_name(path.name + "-lock").exists()
    open_store(path, write=True).close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_several_followers_see_everything(path: Path, start: Start) -> None:
    """Readers in other processes get each event once, while the capture is written."""
    with create_capture(path) as store:
        followers = [start(FOLLOWER, path, 501) for _ in range(2)]
        for follower in followers:
            assert line_from(follower) == "ready"
        for number in range(500):
            store.append([Recorder(at=float(number), state="started")])
        for follower in followers:
            assert line_from(follower) == "501"


def test_a_killed_reader_affects_nothing(path: Path, start: Start) -> None:
    """A killed reader does not keep the writer from closing cleanly."""
    with create_capture(path) as store:
        follower = start(FOLLOWER, path, 10_000)
        line_from(follower)
        follower.kill()
        follower.wait()
        store.append([Recorder(at=1.0, state="started")])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
