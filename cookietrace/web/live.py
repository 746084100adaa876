"""The story that all requests read: the capture, folded as it grows, with its boards.

Everything happens on the event loop: folding in turns of a few milliseconds, requests between
them. So a request always reads a trace in which every event is applied completely.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Final

import msgspec

from cookietrace.archive import PackedShelf
from cookietrace.errors import CookietraceError
from cookietrace.fold.exchange import NoteKind, TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.follow import Follower, apply_batch
from cookietrace.lesson.live.boards import Boards
from cookietrace.lesson.live.progress import Progress
from cookietrace.lesson.live.recording import Recording
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.lesson.problems import Tally, tally
from cookietrace.lesson.quiz import Question
from cookietrace.lesson.table import Table
from cookietrace.lesson.title import title
from cookietrace.lesson.transcript import Opening
from cookietrace.protocol import Report
from cookietrace.stores import Batch, CaptureStore, is_live
from cookietrace.trace import Trace, merge_updates
from cookietrace.web.changes import Changes
from cookietrace.web.options import PageOptions

TURN: Final = 0.005
"""Seconds of a turn: as long as a request may have to wait for it."""

_HOPS: Final = 8
"""How often everything else that is ready runs between two turns: a request takes several."""

_SEARCHED_AT_ONCE: Final = 50
_REST: Final = 0.3
"""The least seconds between two searches for problems while traffic flows."""

_SHARE: Final = 4
"""The rest after a search is this many times as long as the search was."""

_ADVICE_SECONDS: Final = 20.0
"""The least seconds between two looks why nothing is recorded: each reads files of browsers."""

_LOADING_SECONDS: Final = 0.25
"""Seconds between two reports of progress."""

_LOOK_SECONDS: Final = 1.0
"""Seconds between two looks at the capture's file."""

SEALED_CODE: Final = "The view's source and variables are not shown where values are hidden."
"""Instead of a view's source."""

TOPICS: Final = ("story", "problems", "progress", "state", "presenter")


class Place(msgspec.Struct, frozen=True):
    """Where the presenter looks."""

    step: int
    mode: str


class Live:
    """The growing story of one capture."""

    def __init__(
        self,
        store: CaptureStore,
        options: PageOptions,
        *,
        mask: Mask = unmasked,
        sealed: bool = False,
        lost: tuple[str, ...] = (),
        begun: frozenset[str] = frozenset(),
    ) -> None:
        """``sealed`` says that the store leaves out what could be a secret.

        ``lost`` lists what of the file could not be read; ``begun`` are the exchanges with which
        fresh browsers begin.
        """
        self.sealed = sealed
        self.options = options
        self.path = options.capture_path
        self.trace = Trace(options.browser_profile, PackedShelf(store.events_at))
        self.table = Table(self.trace, options.focus, mask=mask)
        self.boards = Boards(self.table)
        self.notices = NoticeBoard(self.trace, lost)
        self.opening = Opening(self.trace)
        self.changes = Changes(int(time.time() * 1000), TOPICS)
        self.recording = Recording(
            name=self.path.name, attached=options.attached, live=is_live(self.path)
        )
        self.deleted = False
        """Whether the capture is gone."""
        self.progress: Progress | None = Progress()
        """How far what there was at the beginning is read; None once all of it is."""
        self.presenter: Place | None = None
        self.found: tuple[Moment, ...] = ()
        """The problems and warnings found so far, the worst first."""
        self._found_at: dict[int, tuple[Moment, ...]] = {}
        self._sessions = NewSessions(begun) if begun else None
        self._store = store
        self._advice: asyncio.Task[tuple[tuple[str, str, str], ...]] | None = None
        self._advised = 0.0
        self._loop = asyncio.get_running_loop()
        self._batches: asyncio.Queue[tuple[Batch, int] | Exception] = asyncio.Queue()
        self._follower = Follower(
            store,
            read=lambda batch, total: self._post((batch, total)),
            failed=self._post,
            broke=self._post,
        )
        self.quizzes: dict[int, tuple[Question, ...]] = {}
        """The rounds of questions that were made, by their seeds."""
        self.quizzes_of: tuple[Table, int] = self.table, 0
        """The table, and how many steps it had then."""
        self._opens = options.focus_opens
        self._to_search = asyncio.Event()
        self._told_progress = 0.0
        self._told: tuple[object, ...] = ()

    def _post(self, item: tuple[Batch, int] | Exception) -> None:
        """Pass what the follower has read to the loop; on the follower's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._batches.put_nowait, item)

    # --- running

    async def run(self) -> None:
        """Fold until cancelled. Raises what a bug raises."""
        self._follower.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._fold_all(), name="fold")
                tasks.create_task(self._search_all(), name="problems")
                tasks.create_task(self._look_at_file(), name="file")
        finally:
            self._follower.stop()
            self._follower.join(2.0)

    async def _fold_all(self) -> None:
        while True:
            item = await self._batches.get()
            if isinstance(item, CookietraceError):
                self._set_recording(msgspec.structs.replace(self.recording, trouble=str(item)))
                self._end_progress()  # what was read until then is the story
                return
            if isinstance(item, Exception):
                raise item
            batch, total = item
            if self.progress is not None and not self.progress.total:
                self.progress = Progress(total=total)
            left = apply_batch(self.trace, batch, self._sessions)
            before = self.trace.position
            async for updates in self._turns(left):
                self._grown(merge_updates(updates))
                if self.progress is not None and batch.events:
                    self.progress = self.progress.plus(self.trace.position - before)
                    before = self.trace.position
                    self._tell_progress()
            if self.progress is not None and (
                not batch.events or self.progress.done >= self.progress.total
            ):
                self._end_progress()
            self._follower.go_on()

    def _end_progress(self) -> None:
        self.progress = None
        self.changes.topic("progress")
        self._to_search.set()

    async def advice(self) -> tuple[tuple[str, str, str], ...]:
        """Return what the doctor says, while there is a listener and nothing was recorded.

        It is looked for once in a while, however many pages ask.
        """
        if self.trace.exchanges or not self.recording.shown_listeners:
            return ()
        if self._advice is None or time.monotonic() - self._advised > _ADVICE_SECONDS:
            self._advised = time.monotonic()
            self._advice = asyncio.create_task(asyncio.to_thread(self._look_why))
        return await asyncio.shield(self._advice)

    def _look_why(self) -> tuple[tuple[str, str, str], ...]:
        # A page on which traffic appears at once needs none of it.
        from cookietrace.doctor import brief_findings

        try:
            return brief_findings(self._store, self.recording)
        except CookietraceError:
            return ()  # the capture cannot be read, which the page says by itself

    async def _turns(self, left: Iterator[TraceUpdate]) -> AsyncIterator[list[TraceUpdate]]:
        """Yield what each turn of folding changed; everything else runs between two turns."""
        done = False
        while not done:
            updates: list[TraceUpdate] = []
            end, done = time.monotonic() + TURN, True
            for update in left:
                updates.append(update)
                if time.monotonic() >= end:
                    done = False
                    break
            if updates:
                yield updates
            if not done:
                await pause()

    def _grown(self, update: TraceUpdate) -> None:
        """Bring what was folded into the table and the boards, and enter what changed."""
        before = len(self.table)
        change = self.table.update(update)
        self.boards.add_update(update)
        self.notices.update()
        if update.recorder:
            self._show_recorder()
        if self._opens and any(map(self._leaves_out, update.exchanges)):
            self._show_everything()
        elif change.first_added is not None or change.changed:
            first = change.first_added if change.first_added is not None else before + 1
            self.changes.rows(first, len(self.table), change.changed)
        told = (self.title, self.table.headings, len(self.notices), self.notices.newest)
        if told != self._told:
            self._told = told
            self.changes.topic("story")
        self._to_search.set()

    def _leaves_out(self, exchange_id: str) -> bool:
        return self.table.focus.leaves_out(self.trace.exchange(exchange_id))

    def _show_everything(self) -> None:
        """Remove the focus: every row is another one."""
        self._opens = False
        self.table = Table(self.trace, mask=self.table.mask)
        self.boards = Boards(self.table, self.boards.histories.board)
        self.found, self._found_at = (), {}
        self.changes.rows(1, len(self.table))
        self.changes.topic("problems")

    def _tell_progress(self) -> None:
        now = time.monotonic()
        if now - self._told_progress >= _LOADING_SECONDS:
            self._told_progress = now
            self.changes.topic("progress")

    # --- what went wrong

    async def _search_all(self) -> None:
        while True:
            await self._to_search.wait()
            self._to_search.clear()
            used = await self._search()
            if self.progress is None:
                await asyncio.sleep(max(_REST, _SHARE * used))

    async def _search(self) -> float:
        """Search what there is; return how many seconds that took."""
        used, boards, done = 0.0, self.boards, False
        lazy, grading = boards.problems, False
        while not done:
            begun = time.monotonic()
            while not done and time.monotonic() - begun < TURN:
                if grading:
                    done = lazy.board.grade(1)
                elif lazy.catch_up(_SEARCHED_AT_ONCE):
                    grading = self.progress is None
                    done = not grading
            used += time.monotonic() - begun
            await pause()
        if grading and boards is self.boards:
            self._show_problems(lazy.board.problems())
        return used

    def _show_problems(self, found: tuple[Moment, ...]) -> None:
        """Enter what has changed: the list, and the rows whose problem is another one."""
        if found == self.found:
            return
        before = self._found_at
        self.found = found
        now: dict[int, tuple[Moment, ...]] = {}
        for moment in found:
            now[moment.row] = (*now.get(moment.row, ()), moment)
        self._found_at = now
        rows = {step for step in before.keys() | now.keys() if before.get(step) != now.get(step)}
        if rows:
            self.changes.rows(len(self.table) + 1, len(self.table), rows)
        self.changes.topic("problems")

    def problems_at(self, step: int) -> tuple[Moment, ...]:
        """Return the problems and warnings of a step's row, the worst first."""
        return self._found_at.get(step, ())

    @property
    def problem_steps(self) -> tuple[int, ...]:
        """The steps whose rows show one, in ascending order."""
        return tuple(sorted(self._found_at))

    @property
    def tally(self) -> Tally:
        """How many problems and warnings there are."""
        return tally(self.found)

    # --- the recording

    async def _look_at_file(self) -> None:
        """Notice that nobody writes to the capture any more, or that it was deleted."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            live, deleted = is_live(self.path), not self.path.exists()
            if deleted != self.deleted:
                self.deleted = deleted
                self.changes.topic("state")
            if live != self.recording.live:
                self._set_recording(msgspec.structs.replace(self.recording, live=live))

    def proxy_reported(self, report: Report | None) -> None:
        """Take in a report of the proxy; None once it has ended."""
        recording = self.recording
        self._set_recording(
            msgspec.structs.replace(recording, ended=True)
            if report is None
            else recording.reported(report)
        )

    def _show_recorder(self) -> None:
        gaps = [note.message for note in self.trace.notes if note.kind is NoteKind.GAP]
        self._set_recording(
            self.recording.with_recorder(
                self.trace.recorder, self.trace.listeners, gaps[-1] if gaps else None
            )
        )

    def _set_recording(self, recording: Recording) -> None:
        if recording != self.recording:
            self.recording = recording
            self.changes.topic("state")

    # --- the presenter

    def present(self, place: Place) -> None:
        """Show the followers where to look."""
        if place != self.presenter:
            self.presenter = place
            self.changes.topic("presenter")

    # --- reading

    @property
    def title(self) -> str:
        """What the page is about."""
        return title(self.table)

    @property
    def redacted(self) -> bool:
        """Whether cookie values are hidden."""
        capture = self.trace.capture
        return self.table.mask is not unmasked or (capture is not None and capture.redacted)


async def pause() -> None:
    """Let everything else that is ready run."""
    for _ in range(_HOPS):
        await asyncio.sleep(0)
