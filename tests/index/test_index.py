"""A trace that is read from an index, and continues from there, is the trace of all events."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.archive import FileBlocks, PackedShelf
from cookietrace.cli import cookietrace_command
from cookietrace.events import Event
from cookietrace.follow import apply_batch, follow
from cookietrace.index import Content, content_of, delete_index, load_index, save_index
from cookietrace.index.index_folder import indexes_folder
from cookietrace.lesson.problems import ProblemBoard, problems
from cookietrace.lesson.table import Table
from cookietrace.redact import redacted
from cookietrace.stores import START, Batch, CaptureStore, MemoryStore, create_capture
from cookietrace.trace import Trace, fold
from tests.archive.test_packed_trace import assert_same
from tests.lesson.random_traces import random_story
from tests.story import Story
from tests.trace.test_properties import stories


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def read(store: CaptureStore, events: int) -> Content:
    """Return what an index of the first events holds."""
    blocks = FileBlocks()
    trace = Trace(shelf=PackedShelf(store.events_at, blocks, newest=2, block=2))
    batch = store.read(limit=events)
    for _ in apply_batch(trace, batch):
        pass
    board = ProblemBoard(Table(trace))
    board.update()
    board.grade()
    return content_of(trace, board, batch.position, batch.places[-1], store.first(), blocks)


def go_on(content: Content, store: CaptureStore) -> None:
    """Apply the events that an index does not have."""
    batch: Batch = store.read(content.position, limit=100_000)
    for update in apply_batch(content.trace, batch):
        content.problems.table.update(update)
        content.problems.update(update)


def kept(store: CaptureStore, events: int) -> Content:
    """Return the content of an index of the first events, written and read."""
    assert save_index(store, "auto", read(store, events)) is None
    content, said = load_index(store, "auto")
    assert said is None
    assert content is not None
    return content


@settings(max_examples=40)
@given(story=stories(), share=st.floats(0.0, 1.0))
def test_any_traffic_goes_on(story: Story, share: float) -> None:
    """Wherever the index ends, what comes after it has the verdicts of the whole."""
    store = MemoryStore(story.events)
    content = kept(store, max(1, int(share * len(story.events))))
    go_on(content, store)
    assert_same(fold(story.events), content.trace)


@pytest.mark.parametrize("seed", range(8))
def test_problems_go_on(seed: int) -> None:
    """The problems that were found are there, and later ones are found; also in redacted ones."""
    events: Sequence[Event] = random_story(seed, 24).events
    if seed % 4 == 3:
        events = list(redacted(events))
    store = MemoryStore(events)
    content = kept(store, len(events) * (seed + 1) // 9)
    go_on(content, store)
    assert_same(fold(events), content.trace)
    assert content.problems.problems() == problems(Table(fold(events)))


def journey() -> Story:
    """Return a few exchanges."""
    story = Story()
    for number in range(6):
        story.visit(f"/{number}", None, f"a={number}")
    return story


def test_another_state_of_the_capture_is_not_used() -> None:
    """An index is of one capture, one profile and events that are still there.

    It is deleted if the capture's beginning was: it holds what is not to be kept any more.
    """
    story = journey()
    store = MemoryStore(story.events)
    save_index(store, "auto", read(store, len(story.events)))
    other_end = MemoryStore([*story.events[:-1], story.events[3]])
    cut = MemoryStore([story.events[0], *story.events[3:], *story.events[1:3]])
    assert load_index(other_end, "auto") == (None, None)
    assert load_index(store, "firefox") == (None, None)
    assert load_index(store, "auto")[0] is not None
    assert load_index(cut, "auto") == (None, None)
    assert list(indexes_folder().iterdir()) == []


def test_what_changes_meanwhile_is_not_kept() -> None:
    """Also asking for something can change what is being written; and a cut begins it anew."""
    store = MemoryStore(journey().events)

    def asked(content: Content) -> Content:
        content.problems.histories.carried("c1", "a")
        return content

    def placed(content: Content) -> Content:
        assert content.problems.table.host is not None
        return content

    def cut(content: Content) -> Content:
        return msgspec.structs.replace(content, first="another")

    for change in (asked, placed, cut):
        assert save_index(store, "auto", change(read(store, 20))) is None
        assert load_index(store, "auto") == (None, None), change


def test_a_cut_after_an_index_was_read_is_seen() -> None:
    """Reading on says that the beginning was removed, also if it was before the first look."""
    store, stop = MemoryStore(journey().events), threading.Event()
    taken: list[Batch] = []

    def take(batch: Batch) -> None:
        taken.append(batch)
        stop.set()

    for first in (store.first(), "another"):
        stop.clear()
        follow(store, stop=stop, take=take, after=store.read(limit=4).position, first=first)
    assert [batch.cut for batch in taken] == [False, True]


def damaged(data: bytes) -> Iterator[bytes]:
    """Yield an index cut off, with one byte changed in each part, and of another version."""
    yield b""
    yield data[: len(data) // 2]
    for at in range(0, len(data), max(1, len(data) // 40)):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    yield data.replace(b"cktrindex\x01", b"cktrindex\x02", 1)


def test_a_damaged_index_is_thrown_away_and_said_once() -> None:
    """Whatever is wrong with the file, it is not used, and a new one can be made."""
    story = journey()
    store = MemoryStore(story.events)
    save_index(store, "auto", read(store, len(story.events)))
    (path,) = indexes_folder().iterdir()
    data = path.read_bytes()
    for broken in damaged(data):
        path.write_bytes(broken)
        content, said = load_index(store, "auto")
        assert content is None
        assert said is not None
        assert said.startswith("the index of this capture cannot be used (it is ")
        assert load_index(store, "auto") == (None, None)
    save_index(store, "auto", read(store, len(story.events)))
    assert load_index(store, "auto")[0] is not None


def test_an_id_may_be_anything() -> None:
    """No id names a file elsewhere, or costs the index."""
    for name in ("../../../x", "a" * 999, "6f1e-4c", ""):
        events = journey().events
        events = [msgspec.structs.replace(events[0], capture_id=name), *events[1:]]
        store = MemoryStore(events)
        assert save_index(store, "auto", read(store, 8)) is None
        assert load_index(store, "auto")[0] is not None
        (path,) = indexes_folder().iterdir()
        delete_index(name)
        assert not path.exists()


class Evil:
    """Calls something when it is unpickled."""

    def __init__(self, *call: object) -> None:
        self._call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self._call


@pytest.mark.parametrize(
    "call", [(print, ("this must not run",)), (FileBlocks, (), {"_file": 10_000})]
)
def test_an_index_names_nothing_else(
    call: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that would call any other function, or close a descriptor, is refused."""
    store = MemoryStore(journey().events)
    content = read(store, 8)
    content.trace.capture = Evil(*call)  # type: ignore[assignment]
    save_index(store, "auto", content)
    found, said = load_index(store, "auto")
    assert found is None
    assert said is not None
    assert capsys.readouterr().out == ""


def test_the_folder_is_the_users_alone_and_bounded(tmp_path: Path) -> None:
    """Only the owner can read an index; the oldest go; a deleted capture's goes with it."""
    folder = indexes_folder()
    for number in range(22):
        store = create_capture(tmp_path / f"{number}.cookietrace")
        store.append(journey().events[1:])
        save_index(store, "auto", read(store, 8))
        store.close()
    assert len(list(folder.iterdir())) == 20
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    deleted = CliRunner().invoke(
        cookietrace_command, ["captures", "delete", str(tmp_path / "21.cookietrace")]
    )
    assert deleted.exit_code == 0
    assert len(list(folder.iterdir())) == 19


def test_no_room_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be made costs the index, and nothing else."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    store = MemoryStore(journey().events)
    said = save_index(store, "auto", read(store, 8))
    assert said == "no index of this capture was saved: Not a directory"
    assert store.read(START, 1).events
