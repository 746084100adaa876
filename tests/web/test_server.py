"""The page's server on a real socket: its connections, and its end."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from cookietrace.formats import open_capture
from cookietrace.stores import create_capture
from cookietrace.web.options import PageOptions
from cookietrace.web.server import _Page
from tests.story import seed_story
from tests.web.pages import PATIENCE, TOKENS

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[int, asyncio.Task[None], int]]:
    """Serve a capture; yield the port, the server's task, and the end of its lifeline."""
    path = folder / "page.cookietrace"
    with closing(create_capture(path, sensitive=False)) as writer:
        writer.append(seed_story().events[1:])
    ready = asyncio.Event()
    theirs, ours = os.pipe()
    with closing(open_capture(path)) as store, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        page = _Page(store, PageOptions(capture=str(path), tokens=TOKENS), (), frozenset())
        task = asyncio.create_task(page.run(listening, theirs, None, ready.set))
        await asyncio.wait_for(ready.wait(), PATIENCE)
        try:
            yield listening.getsockname()[1], task, ours
        finally:
            if not task.done():
                os.close(ours)
            await asyncio.wait_for(task, PATIENCE)


@pytest.mark.parametrize("sent", [b"", b"G", HEAD, HEAD + b"\r\n" + HEAD])
async def test_a_connection_that_goes_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Whoever sends no request, or half of one, is disconnected: the place is free again."""
    monkeypatch.setattr("cookietrace.web.server.HEAD_SECONDS", 0.05)
    async with served(tmp_path) as (port, _, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        got = await asyncio.wait_for(reader.read(), PATIENCE)
        assert got.count(b"HTTP/1.1 200 OK") == sent.count(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_connection_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks, and takes no response, is disconnected: the place is free again."""
    monkeypatch.setattr("cookietrace.web.server.STUCK", 0.3)
    async with served(tmp_path) as (port, _, _):
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.setblocking(False)
            asked = (HEAD.replace(b"/ H", b"/assets/style.css H") + b"\r\n") * 200_000
            sending = asyncio.get_running_loop().sock_sendall(silent, asked)
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(sending, PATIENCE)


async def test_a_stream_is_not_disconnected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that reads the stream stays connected, until the server ends with its lifeline."""
    monkeypatch.setattr("cookietrace.web.server.HEAD_SECONDS", 0.02)
    async with served(tmp_path) as (port, task, ours):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        token = f"Authorization: Bearer {TOKENS.viewer}\r\n\r\n".encode()
        writer.write(HEAD.replace(b"/ H", b"/api/stream H") + token)
        await asyncio.wait_for(reader.readuntil(b"event: rows"), PATIENCE)
        silent, other = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(silent.read(), PATIENCE) == b""  # so much time has passed
        other.close()
        await other.wait_closed()
        assert not reader.at_eof()
        os.close(ours)
        rest = await asyncio.wait_for(reader.read(), PATIENCE)
        assert rest.endswith(b"0\r\n\r\n")
        await asyncio.wait_for(asyncio.shield(task), PATIENCE)
        writer.close()
        await writer.wait_closed()
