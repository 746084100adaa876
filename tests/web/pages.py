"""The live page of a capture that a test writes, asked in this process, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec
from starlette.types import ASGIApp, Message, Scope

from cookietrace.events import Capture, Event
from cookietrace.formats import open_capture
from cookietrace.stores import CaptureStore, create_capture
from cookietrace.web.app import build_app
from cookietrace.web.live import Live
from cookietrace.web.options import PageOptions, Tokens
from cookietrace.web.server import live_of
from cookietrace.web.stream import Streams

TOKENS = Tokens("viewer-token", "presenter-token")
HOST = "127.0.0.1:8090"
BASE = f"http://{HOST}"
PATIENCE = 120.0
"""Seconds to wait for a condition, long enough for a busy machine."""


def bearer(token: str) -> dict[str, str]:
    """Return the header field with a token."""
    return {"Authorization": f"Bearer {token}"}


class Page:
    """A running page."""

    def __init__(self, writer: CaptureStore, live: Live, app: ASGIApp, streams: Streams) -> None:
        self.writer, self.live, self.app, self.streams = writer, live, app, streams
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=BASE, headers=bearer(TOKENS.viewer)
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask with the viewer's token."""
        return await self.client.get(path, headers=headers)

    async def json(self, path: str) -> Any:
        """Return what there is at a path, which must be there."""
        response = await self.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def append(self, events: Sequence[Event]) -> None:
        """Add events to the capture, and wait until they are in the story."""
        wanted = self.live.trace.position + len(events)
        self.writer.append(events)
        await self.until(lambda: self.live.trace.position >= wanted)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.002)

    def read(self, after: int = 0) -> Reader:
        """Return a reader of the stream."""
        return Reader(self.app, after)


@asynccontextmanager
async def page_of(
    folder: Path, events: Sequence[Event], *, streams: int = 64, **options: Any
) -> AsyncIterator[Page]:
    """Serve the page of a capture with these events, the first of which describes it."""
    info = events[0]
    assert isinstance(info, Capture)
    path = folder / "page.cookietrace"
    writer = create_capture(path, info=info)
    try:
        if len(events) > 1:
            writer.append(events[1:])
        store = open_capture(path)
        try:
            wanted = PageOptions(capture=str(path), tokens=TOKENS, host="127.0.0.1", **options)
            live = live_of(store, wanted)
            open_streams = Streams(live, streams)
            page = Page(writer, live, build_app(live, open_streams), open_streams)
            running = asyncio.create_task(live.run())
            try:
                await page.until(lambda: live.progress is None)
                yield page
            finally:
                running.cancel()
                await asyncio.wait((running,))
                await page.client.aclose()
        finally:
            store.close()
    finally:
        writer.close()


class StreamEvent(msgspec.Struct, frozen=True):
    """One event of a stream."""

    id: int
    kind: str
    data: Any


class Reader:
    """A reader of the stream, as slow as a test wants: it takes a message when it is asked to."""

    def __init__(self, app: ASGIApp, after: int, headers: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/stream",
            "raw_path": b"/api/stream",
            "root_path": "",
            "query_string": f"after={after}".encode(),
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in (headers or {"Host": HOST, **bearer(TOKENS.viewer)}).items()
            ],
            "server": ("127.0.0.1", 8090),
            "client": ("127.0.0.1", 1234),
        }
        self._gone = asyncio.Event()
        self._sent: asyncio.Queue[Message] = asyncio.Queue(maxsize=1)
        self._task: asyncio.Task[None] | None = None
        self.status = 0
        self.after = after
        """The id of the last event."""

    async def __aenter__(self) -> Self:
        """Connect."""

        async def run() -> None:
            await self._app(self._scope, self._receive, self._sent.put)

        self._task = asyncio.create_task(run())
        self.status = (await self._next())["status"]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Go away."""
        assert self._task is not None
        self._gone.set()
        while not self._task.done():
            if not self._sent.empty():
                self._sent.get_nowait()
            await asyncio.sleep(0)
        await self._task

    async def _receive(self) -> Message:
        if not self._scope.get("asked"):
            self._scope["asked"] = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _next(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return await self._sent.get()

    async def body(self) -> bytes:
        """Return the next message as it is."""
        body: bytes = (await self._next())["body"]
        return body

    async def message(self) -> list[StreamEvent]:
        """Return the events of the next message that has some."""
        while True:
            events = list(parsed(await self.body()))
            if events:
                self.after = events[-1].id
                return events

    async def until(self, condition: Callable[[StreamEvent], bool]) -> list[StreamEvent]:
        """Return all events up to the first that fulfils a condition."""
        read: list[StreamEvent] = []
        while not any(map(condition, read)):
            read += await self.message()
        return read


def parsed(text: bytes) -> list[StreamEvent]:
    """Return the events in a part of a stream."""
    found = []
    for block in text.decode().split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":")
        )
        if fields:
            data = msgspec.json.decode(fields["data"])
            found.append(StreamEvent(int(fields["id"]), fields["event"], data))
    return found
