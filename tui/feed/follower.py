"""The threads that fold the capture: as it grows, and anew with other sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.archive import PackedShelf
from cookietrace.errors import CookietraceError
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.follow import BATCH, apply_batch, follow
from cookietrace.stores import START, CaptureStore
from cookietrace.trace import Trace
from tui.messages import FollowerBroke, FollowerFailed, Refolded, TraceGrew


class Follower:
    """Folds ``store`` into ``trace`` on its own thread. No other thread applies events."""

    def __init__(
        self,
        store: CaptureStore,
        trace: Trace,
        post: Callable[[Message], object],
        sessions: NewSessions | None = None,
        after: str = START,
    ) -> None:
        """``sessions`` and ``trace`` have seen the events up to ``after``."""
        self._store = store
        self._trace = trace
        self._post = post
        self._sessions = sessions
        self._after = after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end, which takes at most half a second. Safe to call twice."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, so that its store can be closed."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            follow(
                self._store,
                self._trace,
                stop=self._stop,
                publish=self._publish,
                after=self._after,
                sessions=self._sessions,
            )
        except CookietraceError as error:
            if not self._stop.is_set():
                self._post(FollowerFailed(str(error)))
        except Exception as error:  # noqa: BLE001 (a bug must end the app, not stall it)
            self._post(FollowerBroke(error))

    def _publish(self, update: TraceUpdate) -> None:
        if not self._stop.is_set():
            self._post(TraceGrew(update, self._trace))


class Refold:
    """Folds what is in ``store`` anew on a thread of its own, and posts the whole trace."""

    def __init__(
        self,
        store: CaptureStore,
        browser: str,
        begun: frozenset[str],
        post: Callable[[Message], object],
    ) -> None:
        """``begun`` are the exchanges with which fresh browsers begin."""
        self._store = store
        self._trace = Trace(browser, PackedShelf(store.events_at))
        self._begun = begun
        self._post = post
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refold", daemon=True)

    def start(self) -> None:
        """Start to read, from the beginning of the capture."""
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Give up, and wait until the thread has ended, so that its store can be closed."""
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        sessions, position = NewSessions(self._begun), START
        try:
            while not self._stop.is_set():
                batch = self._store.read(position, BATCH)
                position = batch.position
                if not batch.events:
                    self._post(Refolded(self._trace, sessions, self._begun, position))
                    return
                for _ in apply_batch(self._trace, batch, sessions):
                    pass
        except CookietraceError as error:
            self._post(FollowerFailed(str(error)))
        except Exception as error:  # noqa: BLE001 (as above)
            self._post(FollowerBroke(error))
