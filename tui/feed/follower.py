"""The thread that reads the capture, as it grows, for the app to fold."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.follow import follow
from cookietrace.stores import START, Batch, CaptureStore
from tui.messages import CaptureAway, EventsRead, FollowerBroke, FollowerFailed

_TAKEN_SECONDS = 0.5
"""Seconds between two checks whether to stop while a batch is being folded."""


class Follower:
    """Reads ``store`` on its own thread, one batch at a time, and posts each."""

    def __init__(
        self,
        store: CaptureStore,
        post: Callable[[Message], object],
        after: str = START,
        first: str | None = None,
    ) -> None:
        """Read the events from the position ``after`` on; ``first`` as ``follow`` has it."""
        self._store = store
        self._post = post
        self._after, self._first = after, first
        self._stop = threading.Event()
        self._taken = threading.Event()
        self._total = 0
        self._trouble: str | None = None
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
                self._post(FollowerFailed(str(error)))
        except Exception as error:  # noqa: BLE001 (a bug must end the app, not stall it)
            self._post(FollowerBroke(error))

    def _take(self, batch: Batch) -> None:
        if self._stop.is_set():
            return
        if batch.trouble != self._trouble:
            self._trouble = batch.trouble
            self._post(CaptureAway(batch.trouble))
        self._taken.clear()
        self._post(EventsRead(batch, self._total, self))
        while not self._taken.wait(_TAKEN_SECONDS) and not self._stop.is_set():
            pass
