"""What a Firefox that is driven over BiDi says about itself on the same connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from cookietrace.listening.bidi import EVENTS, BidiReader, Reading
from cookietrace.listening.said import Said
from tests.judge.browser import Json

SECONDS = 0.1
"""How often it is looked whether a jar is to be read."""


class Heard:
    """Feeds a reader with the events of a session, and reads jars when it wants them."""

    events = EVENTS

    def __init__(self, read_jar: Callable[[str], Future[Json]]) -> None:
        """``read_jar`` reads the jar of a user context."""
        self._read_jar = read_jar
        self._reader = BidiReader()
        self._lock = threading.RLock()
        self._said: list[Said] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def start(self, contexts: object) -> None:
        """Start with the contexts that there are."""
        with self._lock:
            self._reader.tree(contexts)
        self._thread.start()

    def event(self, method: str, params: Json) -> None:
        """Take an event."""
        if method not in self.events:
            return
        with self._lock:
            self._said += self._reader.event(method, params, time.monotonic())
            self._ask()

    def _ask(self) -> None:
        for reading in self._reader.wanted(time.monotonic()):
            took = partial(self._took, reading, time.time())
            self._read_jar(reading.user_context).add_done_callback(took)

    def _took(self, reading: Reading, at: float, reply: Future[Json]) -> None:
        cookies = None if reply.exception() is not None else reply.result()["cookies"]
        with self._lock:
            self._said += self._reader.jar(reading, cookies, time.monotonic(), at)

    def _wait(self) -> None:
        while not self._ended.wait(SECONDS):
            with self._lock:
                self._said += self._reader.waited(time.monotonic())
                self._ask()

    def end(self) -> tuple[Said, ...]:
        """Return all that was said."""
        self._ended.set()
        self._thread.join()
        with self._lock:
            self._said += self._reader.end(time.monotonic())
        return tuple(self._said)
