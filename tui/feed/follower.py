"""The thread that folds the capture as it grows, and posts one message per batch."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.follow import follow
from cookietrace.stores import CaptureStore
from cookietrace.trace import Trace
from tui.messages import FollowerBroke, FollowerFailed, TraceGrew


class Follower:
    """Folds ``store`` into ``trace`` on its own thread. No other thread applies events."""

    def __init__(
        self, store: CaptureStore, trace: Trace, post: Callable[[Message], object]
    ) -> None:
        self._store = store
        self._trace = trace
        self._post = post
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Start to read, from the beginning of the capture."""
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
            follow(self._store, self._trace, stop=self._stop, publish=self._publish)
        except CookietraceError as error:
            if not self._stop.is_set():
                self._post(FollowerFailed(str(error)))
        except Exception as error:  # noqa: BLE001 (a bug must end the app, not stall it)
            self._post(FollowerBroke(error))

    def _publish(self, update: TraceUpdate) -> None:
        if not self._stop.is_set():
            self._post(TraceGrew(update))
