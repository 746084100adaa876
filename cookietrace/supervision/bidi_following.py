"""Follows a Firefox that we opened over WebDriver BiDi, and tells the recorder what it says.

A thread of the browser's keeper holds the session. It begins before the first page is opened, so
that nothing of that page is missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cookietrace.errors import LaunchError
from cookietrace.events import Event, Response
from cookietrace.listening.bidi import EVENTS, BidiReader, Reading
from cookietrace.listening.said import set_cookie_lines
from cookietrace.supervision.bidi_connection import (
    ENDED,
    BidiConnection,
    Message,
    address_in,
    connected,
)
from cookietrace.supervision.telling import BrowserFollower, Place, Teller

SAID_BY: Final = "firefox-bidi"

START_SECONDS: Final = 60.0
"""How long Firefox may take to open its port."""

CLOSING_SECONDS: Final = 30.0
"""How long a browser may take to end after it has ended the connection."""

_LOOK_SECONDS: Final = 0.1
_SEND_SECONDS: Final = 0.25
"""How long messages may come without a pause before what they say is sent."""


class BidiFollower(BrowserFollower):
    """Listens to one Firefox on a thread of its own until the browser ends."""

    def __init__(
        self,
        profile: Path,
        place: Place,
        *,
        url: str | None,
        failed: Callable[[str], None],
        warned: Callable[[str], None],
    ) -> None:
        """``url`` is opened once we listen.

        ``failed`` is called, on the thread, with why the browser is not listened to any more, and
        ``warned`` with why not all of what it says is told.
        """
        super().__init__(SAID_BY, place, failed)
        self._profile = profile
        self._url = url
        self._warned = warned
        self._reader = BidiReader()
        self._readings: dict[int, tuple[Reading, float]] = {}
        """Readings of jars that were asked for: which one, and when. Of each jar, the latest."""
        self._sent = 0.0

    def _fail(self, why: str) -> None:
        """Say why nobody listens any more, unless that is because the browser has ended."""
        if self._ending.wait(CLOSING_SECONDS if why == ENDED else 0):
            return
        by_hand = "" if self._url is None else f". Go to {self._url} yourself"
        super()._fail(f"{why}{by_hand}")

    def _follow(self, teller: Teller) -> None:
        address = self._address()
        if address is None:
            return
        with connected(*address) as connection:
            connection.begin(self._profile)
            contexts = connection.call("browsingContext.getTree", {}).get("contexts")
            self._reader.tree(contexts)
            connection.call("session.subscribe", {"events": list(EVENTS)})
            self._open(connection, contexts)
            try:
                while not self._ending.is_set():
                    self._look(connection, teller)
            finally:
                self._rest(teller)

    def _address(self) -> tuple[str, int] | None:
        """Wait until Firefox says where it listens; None if it ends first."""
        deadline = time.monotonic() + START_SECONDS
        while (address := address_in(self._profile)) is None:
            if time.monotonic() > deadline:
                raise LaunchError("it does not speak WebDriver BiDi")
            if self._ending.wait(_LOOK_SECONDS):
                return None
        return address

    def _open(self, connection: BidiConnection, contexts: object) -> None:
        """Open the first page, as if its address had been typed."""
        url, self._url = self._url, None
        first = contexts[0] if isinstance(contexts, list) and contexts else None
        if url is not None and isinstance(first, dict):
            page = {"context": first.get("context"), "url": url, "wait": "none"}
            connection.send("browsingContext.navigate", page)

    def _look(self, connection: BidiConnection, teller: Teller) -> None:
        """Take the next messages, and tell what they say."""
        message = connection.receive(_LOOK_SECONDS)
        now = time.monotonic()
        if message is not None:
            self._take(message, teller, now)
        if message is None or now - self._sent > _SEND_SECONDS:
            self._sent = now
            for said in self._reader.waited(now):
                teller.said(said, now)
            if teller.waits:
                teller.catch_up(self._recorded)
                teller.send(now)
        for reading in self._reader.wanted(now):
            partition = {"type": "storageKey", "userContext": reading.user_context}
            number = connection.send("storage.getCookies", {"partition": partition})
            self._readings = {
                before: (one, at)
                for before, (one, at) in self._readings.items()
                if one.user_context != reading.user_context
            }
            self._readings[number] = reading, time.time()
        for line in self._reader.troubles():
            self._warned(line)

    def _take(self, message: Message, teller: Teller, now: float) -> None:
        if message.type == "event":
            found = self._reader.event(message.method, message.params, now)
        elif message.id in self._readings:
            reading, at = self._readings.pop(message.id)
            teller.catch_up(self._recorded)
            cookies = message.result.get("cookies") if message.type == "success" else None
            found = self._reader.jar(reading, cookies, now, at)
        else:
            return
        for said in found:
            teller.said(said, now)

    def _recorded(self, event: Event) -> None:
        """Take what was recorded: Firefox does not tell of each response."""
        if isinstance(event, Response):
            self._reader.recorded(set_cookie_lines(event.headers))

    def _rest(self, teller: Teller) -> None:
        """Tell what is left."""
        teller.catch_up(self._recorded)
        now = time.monotonic()
        for said in self._reader.end(now):
            teller.said(said, now)
        teller.send(now, last=True)
