"""Follows the net log of a Chromium that we opened, and tells the recorder what is said in it.

The log is a pipe with a name in the browser's own profile: what Chromium writes is read at once,
and never is on the disk. A thread of the browser's keeper reads it, reads the capture beside it to
find the exchanges that are meant, and sends the events to the proxy, the only one that writes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cookietrace.errors import CookietraceError
from cookietrace.events import Browser
from cookietrace.listening.matching import Matcher
from cookietrace.listening.net_log import NetLogReader
from cookietrace.protocol import browser_commands
from cookietrace.stores import START
from cookietrace.stores.sqlite import SqliteStore, open_sqlite

SAID_BY: Final = "chromium-net-log"

END_PATIENCE: Final = 3.5
"""Seconds in which what a browser said at its end is read and sent."""

_PIPE_BYTES: Final = 1 << 20
"""How much the pipe holds, if the system allows it: a busy machine reads later."""

_READ: Final = 1 << 18
_SET_PIPE_SIZE: Final = 1031
"""``F_SETPIPE_SZ`` (Linux)."""

_LOOK_SECONDS: Final = 0.05
"""The shortest time between two looks: what a page asks for is read together."""

_IDLE_SECONDS: Final = 0.25


class NetLogFollower:
    """Reads one browser's log on a thread of its own until the browser ends."""

    def __init__(
        self,
        fd: int,
        *,
        capture: Path,
        listen: str,
        commands_fd: int,
        failed: Callable[[str], None],
    ) -> None:
        """``fd`` reads the pipe, without waiting; ``listen`` is the listener that the browser uses.

        ``failed`` is called, on the thread, with why the browser is not listened to any more.
        """
        self._capture = capture
        self._commands_fd = commands_fd
        self._sender = os.urandom(4).hex()
        self._failed = failed
        self._reader = NetLogReader()
        self._matcher = Matcher(listen, SAID_BY)
        self._position = START
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="net-log", daemon=True)
        self._fd = fd
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._fd, _SET_PIPE_SIZE, _PIPE_BYTES)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def finish(self) -> None:
        """Read and send the rest, within a few seconds; call this once the browser has ended."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(END_PATIENCE)
        with contextlib.suppress(OSError):
            os.close(self._commands_fd)

    def _run(self) -> None:
        try:
            store = open_sqlite(self._capture)
            try:
                self._position = store.end()  # what this browser does comes later
                self._follow(store)
            finally:
                store.close()
        except CookietraceError as error:
            self._failed(str(error))
        except OSError as error:
            self._failed(error.strerror or type(error).__name__)
        finally:
            os.close(self._fd)  # Chromium goes on without its log

    def _follow(self, store: SqliteStore) -> None:
        silent = time.monotonic()
        while True:
            data, ended = self._read()
            now = time.monotonic()
            if data:
                silent = now
                for said in self._reader.feed(data):
                    self._matcher.said(said, now)
            else:
                for change in self._reader.waited(now - silent):
                    self._matcher.said(change, now)
            if ended:
                for said in self._reader.end():
                    self._matcher.said(said, now)
            if self._matcher.waits:
                self._catch_up(store)
                self._send(now, last=ended)
            if ended:
                return
            if data:
                self._ending.wait(_LOOK_SECONDS)
            elif not self._ending.is_set():
                select.select([self._fd], [], [], _IDLE_SECONDS)
                if not self._reader.begun:  # nobody writes yet, which counts as ready
                    self._ending.wait(_LOOK_SECONDS)

    def _read(self) -> tuple[bytes, bool]:
        """Return what there is to read, and whether that is all there will ever be."""
        pieces: list[bytes] = []
        ending = self._ending.is_set()
        while len(pieces) < 2 * _PIPE_BYTES // _READ:
            try:
                data = os.read(self._fd, _READ)
            except BlockingIOError:
                return b"".join(pieces), ending and not pieces
            if not data:
                return b"".join(pieces), (ending or self._reader.begun) and not pieces
            pieces.append(data)
        return b"".join(pieces), False

    def _catch_up(self, store: SqliteStore) -> None:
        """Read what was recorded meanwhile."""
        while True:
            batch = store.read(self._position)
            self._position = batch.position
            if not batch.events:
                return
            for event in batch.events:
                self._matcher.recorded(event)

    def _send(self, now: float, *, last: bool) -> None:
        for event in self._matcher.take(now, last=last):
            self._write(event)

    def _write(self, event: Browser) -> None:
        """Send an event to the proxy; wait for a proxy that is busy, unless the browser ends."""
        for line in browser_commands(event, self._sender):
            deadline = time.monotonic() + END_PATIENCE
            while True:
                try:
                    os.write(self._commands_fd, line)
                    break
                except BlockingIOError:
                    if self._ending.is_set() and time.monotonic() > deadline:
                        raise
                    select.select([], [self._commands_fd], [], _IDLE_SECONDS)
