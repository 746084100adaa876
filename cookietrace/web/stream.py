"""Server-sent events: everything that changes, merged for a reader that is slow.

A reader is an id in the log of changes, and what it has not taken yet is one message: the memory
that it costs is bounded, however fast the traffic is. Every event but the last of a message has the
id from before it, so that a connection which breaks in between loses nothing: it tells again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

from starlette.types import Receive, Scope, Send

from cookietrace.web.changes import News
from cookietrace.web.live import Live
from cookietrace.web.refusals import RefusedError
from cookietrace.web.shapes import Json, encoded, topic

MOST_STREAMS: Final = 64
"""How many may be open."""

HEARTBEAT: Final = 15.0
"""Seconds without a change after which a comment shows that the connection is alive."""

STUCK: Final = 60.0
"""Seconds after which a reader that takes nothing is given up."""

PAUSE: Final = 0.02
"""The least seconds between two messages to one reader."""

_HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"x-accel-buffering", b"no"),
]


class Streams:
    """The open streams."""

    def __init__(self, live: Live, most: int = MOST_STREAMS, heartbeat: float = HEARTBEAT) -> None:
        self._live = live
        self._most = most
        self._heartbeat = heartbeat
        self.open = 0
        """How many there are."""
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End all of them: the server ends."""
        self._closed.set()

    async def serve(self, after: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell one reader what changes after an id, until it goes. Raises ``RefusedError``."""
        del scope
        if self.open >= self._most:
            raise RefusedError(
                503, f"{self._most} pages are open already: close one, and this one continues"
            )
        self.open += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            telling = asyncio.create_task(self._tell(after, send), name="stream")
            gone = asyncio.create_task(_gone(receive), name="stream-gone")
            closed = asyncio.create_task(self._closed.wait(), name="stream-closed")
            tasks = telling, gone, closed
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if not telling.cancelled():
                with contextlib.suppress(TimeoutError, OSError):
                    telling.result()
            if self._closed.is_set():
                await send({"type": "http.response.body", "body": b""})
        finally:
            self.open -= 1

    async def _tell(self, told: int, send: Send) -> None:
        changes = self._live.changes
        await _send(send, b": cookietrace\n\n")
        while True:
            try:
                async with asyncio.timeout(self._heartbeat):
                    await changes.wait(told)
            except TimeoutError:
                await _send(send, b": alive\n\n")
                continue
            news = changes.since(told)
            await _send(send, b"".join(events(self._live, news, told)))
            told = news.id
            await asyncio.sleep(PAUSE)


def events(live: Live, news: News, told: int) -> Iterator[bytes]:
    """Yield what has changed as events; the last one has the id up to which all is told."""
    listed: list[tuple[str, Json]] = [
        (name, topic(live, name)) for name in ("story", "state", "progress") if name in news.topics
    ]
    if news.rows is not None:
        rows = news.rows
        listed.append(
            (
                "rows",
                {
                    "first": rows.first,
                    "last": rows.last,
                    "changed": rows.changed,
                    "steps": len(live.table),
                    "last_number": live.table.numbers[1],
                },
            )
        )
    listed += [
        (name, topic(live, name)) for name in ("problems", "presenter") if name in news.topics
    ]
    before = told if told <= news.id else 0  # an id of the future is not known
    for at, (name, data) in enumerate(listed, 1):
        number = news.id if at == len(listed) else before
        yield b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), encoded(data))


async def _send(send: Send, body: bytes) -> None:
    message = {"type": "http.response.body", "body": body, "more_body": True}
    async with asyncio.timeout(STUCK):
        await send(message)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
