"""Opening a capture again with its index, and when one is written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cookietrace.index import load_index
from cookietrace.index.index_folder import indexes_folder
from cookietrace.stores import MemoryStore, open_store
from tests.index.test_index import journey, read
from tests.tui import captures
from tests.tui.conftest import Open, Opened, PatientApp, screen_text, until
from tui.app.app import CookietraceApp
from tui.app.indexing import Indexing
from tui.messages import FollowerBroke
from tui.widgets.step_table import StepTable


@pytest.fixture(autouse=True)
def _indexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write indexes of the smallest captures, too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tui.app.indexing.WORTH_EVENTS", 1)


async def laid_out_anew(app: CookietraceApp, pilot: Pilot[None]) -> str:
    """Return the screen with columns as wide as its rows need.

    They may be wider for rows that were on the screen while the capture was being read.
    """
    for _ in range(2):
        app.screen.query_one(StepTable).reload()
        await pilot.pause()
    return screen_text(app)


async def test_it_opens_as_it_did(opened: Open) -> None:
    """With an index, the screen shows the same without reading the capture."""
    first = opened([*captures.rich(), captures.stopped()], live=False)
    async with first.app.run_test(size=(120, 40)) as pilot:
        await first.settled(pilot)
        shown = await laid_out_anew(first.app, pilot)
    path = first.app.options.capture
    assert isinstance(path, Path)
    with closing(open_store(path)) as store:
        again = Opened(PatientApp(store, first.app.options), first.writer, first.written)
        assert again.app._indexing.found is not None
        async with again.app.run_test(size=(120, 40)) as pilot:
            await again.settled(pilot)
            assert await laid_out_anew(again.app, pilot) == shown


async def test_a_fresh_browser_taken_back_can_be_kept(opened: Open) -> None:
    """What was read anew is written with the blocks that belong to it."""
    capture = opened(captures.rich(), live=False)
    app = capture.app
    async with app.run_test() as pilot:
        await capture.settled(pilot)
        app.stepping.go_to(app.story.count)
        for begun in (1, 0):
            before = app.story.trace
            app.fresh_browsers.begin()
            await until(pilot, lambda: app.story.trace is not before)  # noqa: B023
            await until(pilot, lambda: app.problems.at_rest and app.story.loading is None)
            assert len(app.story.begun) == begun
        first = app._indexing._thread
        assert first is not None
        await until(pilot, lambda: not first.is_alive())
        app._indexing._kept = 0
        (path,) = indexes_folder().iterdir()
        path.unlink()
    assert load_index(app._store, "auto")[0] is not None


def test_a_bug_ends_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not written over the screen by the thread in which it shows."""

    def broken(*_: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr("tui.app.indexing.save_index", broken)
    posted: list[object] = []
    indexing = Indexing(MemoryStore(journey().events), "auto", posted.append, wanted=True)
    content = read(MemoryStore(journey().events), 20)
    indexing.keep(content)
    indexing.keep_at_end(None)
    assert [type(each) for each in posted] == [FollowerBroke]


async def test_none_is_kept_of_a_deleted_capture(opened: Open) -> None:
    """It would hold the cookies that the user wanted to be gone."""
    capture = opened(captures.rich())
    async with capture.app.run_test() as pilot:
        await capture.settled(pilot)
        assert isinstance(capture.app.options.capture, Path)
        capture.app.options.capture.unlink()
    assert not indexes_folder().exists()
