"""Reads a capture from a position, and reads on as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from cookietrace.archive import PLAIN, PackedShelf, Shelf, VerdictShelf
from cookietrace.archive.exchange_log import WHOLE
from cookietrace.errors import CookietraceError
from cookietrace.events import Body, Event, Jar, Removed, Server
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.stores import START, Batch, CaptureStore, Passing, StoredEvents, Woken
from cookietrace.stores.pace import Pace
from cookietrace.trace import Trace, fold

BATCH: Final = 1_000
"""Most events per batch: no other thread runs while the events of one are decoded."""

_WOKEN_SECONDS: Final = 0.25
"""The longest wait for a store that says by itself that there is more: stopping takes as long."""

_TAKEN_SECONDS: Final = 0.5
"""Seconds between two checks whether to stop while a batch is being folded."""


def follow(
    store: CaptureStore,
    *,
    stop: threading.Event,
    take: Callable[[Batch], None],
    after: str = START,
    first: str | None = None,
) -> str:
    """Pass the store's events, existing and new, to ``take`` until ``stop`` is set.

    ``take`` gets them in batches, and one without events whenever everything has been read, but
    not the same one again. Reading continues when it returns. Returns the position reached. Run
    this in its own thread.
    If the beginning of the capture is removed meanwhile, the next batch says so. ``first`` was
    the position of the first event when those up to ``after`` were read.
    Raises ``CaptureError`` if the store does.
    """
    position, first = after, first if first is not None else store.first()
    nothing: Batch | None = None
    while not stop.is_set():
        batch = store.read(position, BATCH)
        if position != START and first != (first := store.first()):
            batch = msgspec.structs.replace(batch, cut=True, removed=_removed(store))
        position = batch.position
        if batch.events or batch.cut or batch != nothing:
            take(batch)
        nothing = None if batch.events else batch
        if nothing is not None:
            _wait(store, position, stop)
    return position


Watch = Callable[[Trace, TraceUpdate], object]
"""Looks at what an event changed in a trace that grows."""


def folded(events: Iterable[Event], browser: str = "auto", passing: Passing = iter) -> Trace:
    """Return the trace of all events, which go through ``passing`` one by one.

    If they can be read again, the trace is packed: what is not needed for the fold is read from
    them when asked for. Raises as reading them does.
    """
    if not isinstance(events, StoredEvents):
        return fold(passing(events), browser)
    trace = Trace(browser, PackedShelf(events.events_at))
    for _ in trace.apply_all(events.placed(passing)):
        pass
    return trace


_EVENTS_OF_ONE: Final = 2
"""An exchange has at least so many, unless its response is missing."""

_BESIDE_VERDICTS = (Body, Server)
"""The events on which no verdict depends."""


def judged(
    events: Iterable[Event],
    watch: Watch,
    browser: str = "auto",
    passing: Passing = iter,
    whole: int = WHOLE,
) -> Trace:
    """Return the trace of all events as ``folded`` does, for the verdicts on its exchanges alone.

    ``watch`` is called as soon as an event has been applied. The exchanges have no bodies, and
    nothing that the server saw; and what rows add to their exchanges cannot be read. ``whole`` is
    how many of the newest exchanges stay in memory: to pack the others and to read them takes time.
    """
    placed: Iterator[tuple[Event, int | None]]
    shelf: Shelf = PLAIN
    if isinstance(events, StoredEvents):
        if events.about() > _EVENTS_OF_ONE * whole:
            shelf = VerdictShelf(events.events_at, newest=whole)
        placed = iter(events.placed(passing))
    else:
        placed = ((event, None) for event in passing(events))
    trace = Trace(browser, shelf)
    for event, place in placed:
        if isinstance(event, _BESIDE_VERDICTS):
            trace.pass_over(event)
        else:
            watch(trace, trace.apply(event, place))
    return trace


def _wait(store: CaptureStore, position: str, stop: threading.Event) -> None:
    """Return once there is an event after the position, or ``stop`` is set."""
    if isinstance(store, Woken):
        store.woken(position, _WOKEN_SECONDS)
        return
    pace = Pace()
    while not store.ahead(position) and not stop.wait(pace.pause()):
        pass


def apply_batch(
    trace: Trace, batch: Batch, sessions: NewSessions | None = None
) -> Iterator[TraceUpdate]:
    """Apply the events of a batch, with fresh browsers that the reader adds.

    Yields what a few events at a time have changed.
    """
    if batch.cut:
        yield trace.cut(batch.removed)
    placed: Iterator[tuple[Event, int | None]] = zip(batch.events, batch.places, strict=True)
    if sessions is not None:
        placed = sessions.placed(placed)
    yield from trace.apply_all(placed)


def _removed(store: CaptureStore) -> Removed | None:
    """Return what the beginning of a capture says about what was removed before it."""
    for event in store.read(START, BATCH).events:
        if isinstance(event, Jar):
            return event.removed
    return None


class Follower:
    """Reads a capture on a thread of its own, one batch at a time, for another thread to fold."""

    def __init__(
        self,
        store: CaptureStore,
        *,
        read: Callable[[Batch, int], object],
        failed: Callable[[CookietraceError], object],
        broke: Callable[[Exception], object],
        after: str = START,
        first: str | None = None,
    ) -> None:
        """Read the events from the position ``after`` on; ``first`` as ``follow`` has it.

        These are called on the thread: ``read`` with each batch, and about how many events there
        were at the beginning, ``failed`` if the store can no longer be read, and ``broke`` with
        an exception that is a bug.
        """
        self._store = store
        self._read, self._failed, self._broke = read, failed, broke
        self._after, self._first = after, first
        self._stop = threading.Event()
        self._taken = threading.Event()
        self._total = 0
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def go_on(self) -> None:
        """Read the next batch: the last one has been folded.

        Reading it meanwhile would gain nothing, since one thread at a time runs Python code.
        """
        self._taken.set()

    def stop(self) -> None:
        """Ask the thread to end, which takes at most half a second. Safe to call twice."""
        self._stop.set()
        self._taken.set()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, so that its store can be closed."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._total = self._store.ahead(self._after)
            follow(
                self._store,
                stop=self._stop,
                take=self._take,
                after=self._after,
                first=self._first,
            )
        except CookietraceError as error:
            if not self._stop.is_set():
                self._failed(error)
        except Exception as error:  # noqa: BLE001 (a bug must end the program, not stall it)
            self._broke(error)

    def _take(self, batch: Batch) -> None:
        if self._stop.is_set():
            return
        self._taken.clear()
        self._read(batch, self._total)
        while not self._taken.wait(_TAKEN_SECONDS) and not self._stop.is_set():
            pass
