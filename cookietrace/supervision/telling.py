"""Tells the recorder what a browser said: finds the exchanges in the capture, and sends events.

Every source of statements uses this. The proxy stays the only one that writes the capture.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from cookietrace.errors import CookietraceError
from cookietrace.events import Browser, BrowserChange, Event, Request
from cookietrace.listening.matching import Matcher
from cookietrace.listening.said import Said
from cookietrace.protocol import browser_commands
from cookietrace.stores.sqlite import SqliteStore, open_sqlite

END_PATIENCE: Final = 3.5
"""Seconds in which what a browser said at its end is sent."""

_WAIT: Final = 0.25


class Teller:
    """Matches statements to what is recorded, and sends them; used by one thread."""

    def __init__(
        self,
        capture: Path,
        *,
        after: str,
        listen: str | frozenset[str],
        said_by: str,
        commands_fd: int,
        ending: threading.Event,
        since: float = 0.0,
        may_bypass: bool = False,
        waiting: Callable[[], object] = lambda: None,
    ) -> None:
        """``listen`` is the listener that the browser uses, or those that it may use.

        ``after`` is a position in the capture from before the browser made any request. If its
        clients may be older than what is said, it is the start: requests from before the time
        ``since`` are passed over then. ``may_bypass`` says that the browser may use none of the
        listeners, as in ``Matcher``. ``waiting`` is called again and again while a proxy that is
        busy takes nothing. Raises ``CookietraceError`` if the capture cannot be read.
        """
        self._store: SqliteStore = open_sqlite(capture)
        self._position = after
        self._matcher = Matcher(listen, said_by, may_bypass=may_bypass)
        self._commands_fd = commands_fd
        self._sender = os.urandom(4).hex()
        self._ending = ending
        self._since = since
        self._waiting = waiting

    def close(self) -> None:
        """Close the capture."""
        self._store.close()

    def said(self, said: Said, now: float) -> None:
        """Take what was said."""
        self._matcher.said(said, now)

    def tried(self, at: float, attempt: BrowserChange) -> None:
        """Take what a script wrote at some time, and the browser did not store."""
        self._matcher.tried(at, attempt)

    def restarted(self, at: float) -> None:
        """Take that the browser was gone at some time, and was restarted."""
        self._matcher.restarted(at)

    @property
    def matched(self) -> int:
        """How many statements were about a recorded exchange."""
        return self._matcher.matched

    @property
    def unspoken(self) -> int:
        """How many recorded exchanges are over, and nothing was said of them so far."""
        return self._matcher.unspoken

    @property
    def waits(self) -> bool:
        """Whether something was said that has not been sent."""
        return self._matcher.waits

    def catch_up(self, each: Callable[[Event], None] | None = None) -> None:
        """Read what was recorded meanwhile, and hand ``each`` event on."""
        while True:
            batch = self._store.read(self._position)
            self._position = batch.position
            if not batch.events:
                return
            for event in batch.events:
                if isinstance(event, Request) and event.at < self._since:
                    continue
                self._matcher.recorded(event)
                if each is not None:
                    each(event)

    def send(
        self,
        now: float,
        *,
        last: bool = False,
        wanted: Callable[[Browser], bool] | None = None,
    ) -> None:
        """Send what can be matched; all that is left if it is the ``last`` time.

        With ``wanted``, only the events for which it returns True are sent.
        """
        for event in self._matcher.take(now, last=last):
            if wanted is None or wanted(event):
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
                    self._waiting()
                    with contextlib.suppress(OSError):
                        select.select([], [self._commands_fd], [], _WAIT)


class TellingThread(ABC):
    """Tells what one source says, on a thread of its own, until that ends or cannot be told."""

    def __init__(self, name: str, open_teller: Callable[[threading.Event], Teller]) -> None:
        """``open_teller`` is called on the thread; the event is set once the source has ended."""
        self._open_teller = open_teller
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()

    def finish(self) -> None:
        """Tell the rest, within a few seconds; call this once the source has ended."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(END_PATIENCE)

    def _run(self) -> None:
        try:
            with contextlib.closing(self._open_teller(self._ending)) as teller:
                self._follow(teller)
        except CookietraceError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(error.strerror or type(error).__name__)
        except Exception as error:
            self._fail(f"internal error ({type(error).__name__}): please report it")
            raise

    @abstractmethod
    def _follow(self, teller: Teller) -> None:
        """Tell what is said until it ends. Raises ``CookietraceError`` and ``OSError``."""

    @abstractmethod
    def _fail(self, why: str) -> None:
        """Say why nothing is told any more."""


class Place(NamedTuple):
    """Where what one browser says is to be recorded."""

    capture: Path
    after: str
    """A position in the capture from before the browser made any request."""
    listen: str
    """The listener that the browser uses."""
    commands_fd: int
    """The pipe to the proxy that records it."""


class BrowserFollower(TellingThread):
    """Tells what a browser says that we opened, until it ends."""

    def __init__(self, said_by: str, place: Place, failed: Callable[[str], None]) -> None:
        """``failed`` is called, on the thread, with why the browser is not listened to any more."""
        super().__init__(
            said_by,
            lambda ending: Teller(
                place.capture,
                after=place.after,
                listen=place.listen,
                said_by=said_by,
                commands_fd=place.commands_fd,
                ending=ending,
                waiting=self._waiting,
            ),
        )
        self._commands_fd = place.commands_fd
        self._failed = failed

    def finish(self) -> None:
        """Tell the rest, within a few seconds; call this once the browser has ended."""
        super().finish()
        with contextlib.suppress(OSError):
            os.close(self._commands_fd)

    def _fail(self, why: str) -> None:
        self._failed(why)

    def _waiting(self) -> None:
        """Do what cannot wait while the proxy takes nothing."""
