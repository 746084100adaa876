"""Begins with what an earlier run made of a capture, and keeps what this one made for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.errors import CaptureError
from cookietrace.index import Content, load_index, save_index
from cookietrace.stores import CaptureStore
from tui.messages import FollowerBroke, IndexNotKept

WORTH_EVENTS = 30_000
"""How many events more than the last index are worth another one: a second of folding."""

_PATIENCE = 5.0
"""For how many seconds the end waits for an index that is being written."""


class Indexing:
    """The index of the capture that is shown."""

    def __init__(
        self, store: CaptureStore, browser: str, post: Callable[[Message], object], *, wanted: bool
    ) -> None:
        """Read the index of a store, if it is wanted and there is one."""
        self._store = store
        self._browser = browser
        self._post = post
        self._wanted = wanted
        self.found: Content | None = None
        """What an earlier run made of the capture."""
        self.said: str | None = None
        """Why an index that is there cannot be used, in one line."""
        self.first = ""
        """The position of the first event when the index was read; empty if none is wanted."""
        if wanted:
            try:
                self.first = store.first()
            except CaptureError:  # whoever reads the capture says so
                self._wanted = False
            else:
                self.found, self.said = load_index(store, browser)
        self._kept = 0 if self.found is None else self.found.trace.position
        """How many events the latest index has."""
        self._thread: threading.Thread | None = None

    def is_worth(self, events: int) -> bool:
        """Return whether so many events are worth an index."""
        return self._wanted and events >= self._kept + WORTH_EVENTS

    def keep(self, content: Content) -> None:
        """Write an index in the background, once; none if the content changes meanwhile."""
        if self._thread is None and self.is_worth(content.trace.position):
            self._thread = threading.Thread(
                target=self._keep, args=(content,), name="index", daemon=True
            )
            self._thread.start()

    def keep_at_end(self, content: Content | None) -> None:
        """Wait for an index that is being written, and write one of this if that is worth it."""
        if self._thread is not None:
            self._thread.join(_PATIENCE)
            if self._thread.is_alive():
                return
        if content is not None and self.is_worth(content.trace.position):
            self._save(content)

    def _keep(self, content: Content) -> None:
        try:
            said = self._save(content)
        except Exception as error:  # noqa: BLE001 (a bug must end the app, not write over the screen)
            self._post(FollowerBroke(error))
            return
        if said is not None:
            self._post(IndexNotKept(said))

    def _save(self, content: Content) -> str | None:
        events = content.trace.position
        said = save_index(self._store, self._browser, content)
        if said is not None or content.is_unchanged:
            self._kept = events
        return said
