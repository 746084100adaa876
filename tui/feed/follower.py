"""The thread that reads the capture, as it grows, for the app to fold."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from cookietrace import follow
from cookietrace.stores import START, Batch, CaptureStore
from tui.messages import CaptureAway, EventsRead, FollowerBroke, FollowerFailed


class Follower(follow.Follower):
    """Reads ``store`` on its own thread, one batch at a time, and posts each."""

    def __init__(
        self,
        store: CaptureStore,
        post: Callable[[Message], object],
        after: str = START,
        first: str | None = None,
    ) -> None:
        """Read the events from the position ``after`` on; ``first`` as ``follow`` has it."""
        self._trouble: str | None = None

        def read(batch: Batch, total: int) -> None:
            if batch.trouble != self._trouble:
                self._trouble = batch.trouble
                post(CaptureAway(batch.trouble))
            post(EventsRead(batch, total, self))

        super().__init__(
            store,
            read=read,
            failed=lambda error: post(FollowerFailed(str(error))),
            broke=lambda error: post(FollowerBroke(error)),
            after=after,
            first=first,
        )
