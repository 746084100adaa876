"""A fast app, and clients that keep it busy through a proxy; both fill in a ledger."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import socket
import threading
from collections.abc import Callable
from typing import Self

from tests.soak.ledger import REQUEST_HEADER, Ledger, Receipt

PATIENCE = 60.0
"""Seconds to wait for a byte."""
SLOW_SECONDS = 0.03
LARGE = 1_100_000
"""Bytes of a body that the proxy streams."""

PATHS = {"/fast": 60, "/slow": 15, "/chunked": 15, "/form": 8, "/large": 2}
"""What clients request, and how often."""

_ID = REQUEST_HEADER.lower().encode()


class FastApp:
    """An app in a thread of its own; each response sets two cookies named after its request.

    ``/events`` never ends.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._visits: set[_Visit] = set()
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Visit(ledger, self._visits), "127.0.0.1", 0)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The app's URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop serving, and close every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        """Close the listener and the connections."""
        self._server.close()
        while self._visits:
            for visit in list(self._visits):
                visit.close()
            await asyncio.sleep(0)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.close()


class _Visit(asyncio.Protocol):
    """One connection to the app."""

    def __init__(self, ledger: Ledger, visits: set[_Visit]) -> None:
        self._ledger = ledger
        self._visits = visits
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where responses go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._visits.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._visits.discard(self)

    def close(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Respond to the requests that are complete."""
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, rest = self._rest.partition(b"\r\n\r\n")
            request_id, size = "", 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == _ID:
                    request_id = value.strip().decode()
                elif name.lower() == b"content-length":
                    size = int(value)
            if len(rest) < size:
                return
            self._rest = rest[size:]
            self._ledger.saw(request_id)
            self._respond(head.split(b" ", 2)[1].decode(), request_id)

    def _respond(self, path: str, request_id: str) -> None:
        """Send the response of a path."""
        later = asyncio.get_running_loop().call_later
        cookies = (
            f"Set-Cookie: soak={request_id}; Path=/\r\nSet-Cookie: again={request_id}; HttpOnly\r\n"
        ).encode()
        ok = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + cookies
        if path == "/events":
            self._send(ok.replace(b"text/plain", b"text/event-stream") + b"\r\ndata: first\n\n")
        elif path == "/chunked":
            self._send(ok + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n")
            later(SLOW_SECONDS / 10, self._send, b"3\r\nend\r\n0\r\n\r\n")
        else:
            body = b"x" * (LARGE if path == "/large" else 200)
            whole = ok + b"Content-Length: %d\r\n\r\n" % len(body) + body
            if path == "/slow":
                later(SLOW_SECONDS, self._send, whole)
            else:
                self._send(whole)

    def _send(self, data: bytes) -> None:
        """Send bytes, if the connection is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


class Clients:
    """Clients on keep-alive connections that request one page after another until stopped.

    Each has a User-Agent of its own. When its connection is closed, a client opens another.
    """

    def __init__(
        self,
        ledger: Ledger,
        address: tuple[str, int],
        *,
        count: int = 6,
        target: str = "",
        host: str = "127.0.0.1",
        streams: int = 1,
        seed: int = 0,
    ) -> None:
        """``target`` stands before each path: the app's URL if the proxy is a forward proxy.

        ``streams`` more clients each keep one response open that never ends.
        """
        self._ledger = ledger
        self._address = address
        self._target = target
        self._host = host
        self._stopping = threading.Event()
        self._sockets: set[socket.socket] = set()
        choose = random.Random(seed)
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(f"{choose.getrandbits(32):08x}", choose.getrandbits(32), number < streams),
                daemon=True,
            )
            for number in range(streams + count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and wait until every client has read what was sent to it."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=1)
            if thread.is_alive():  # it waits for a response that does not come
                for each in list(self._sockets):
                    with contextlib.suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                thread.join()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _run(self, name: str, seed: int, streaming: bool) -> None:
        """Be one client."""
        choose = random.Random(seed)
        paths, weights = list(PATHS), list(PATHS.values())
        numbers = itertools.count()
        while not self._stopping.is_set():
            try:
                connection = socket.create_connection(self._address, timeout=PATIENCE)
            except OSError:
                self._stopping.wait(0.02)
                continue
            self._sockets.add(connection)
            try:
                wire = _Wire(connection)
                while not self._stopping.is_set():
                    path = "/events" if streaming else choose.choices(paths, weights)[0]
                    receipt = self._ledger.sent(f"{name}-{next(numbers)}")
                    connection.sendall(self._request(path, name, receipt.request_id))
                    self._receive(wire, receipt)
            except (OSError, EOFError):
                pass
            finally:
                self._sockets.discard(connection)
                connection.close()

    def _request(self, path: str, name: str, request_id: str) -> bytes:
        """Return a request."""
        method, body = ("POST", "a=1&b=2") if path == "/form" else ("GET", "")
        lines = [
            f"{method} {self._target}{path} HTTP/1.1",
            f"Host: {self._host}",
            f"User-Agent: soak/{name}",
            f"{REQUEST_HEADER}: {request_id}",
        ]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", body]).encode()

    def _receive(self, wire: _Wire, receipt: Receipt) -> None:
        """Read a response, and write down each thing as soon as it is there."""
        head = wire.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = [
            (name.lower(), value.strip())
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        ]
        known = dict(fields)
        self._ledger.head(
            receipt,
            int(head[0].split(" ", 2)[1]),
            [value for name, value in fields if name == "set-cookie"],
            by_proxy=known.get("server", "").startswith("mitmproxy"),
        )
        if known.get("transfer-encoding") == "chunked":
            size = 0
            while chunk := int(wire.until(b"\r\n"), 16):
                wire.skip(chunk + 2)
                size += chunk
            wire.skip(2)
        elif "content-length" in known:
            size = int(known["content-length"])
            wire.skip(size)
        else:
            while True:  # until the proxy closes: never complete
                wire.skip(1)
        self._ledger.complete(receipt, size)


class _Wire:
    """A connection that is read by marks and sizes; raises ``EOFError`` at its end."""

    def __init__(self, connection: socket.socket) -> None:
        self._receive: Callable[[int], bytes] = connection.recv
        self._rest = b""

    def until(self, mark: bytes) -> bytes:
        """Return all bytes before ``mark``."""
        while mark not in self._rest:
            self._more()
        text, _, self._rest = self._rest.partition(mark)
        return text

    def skip(self, size: int) -> None:
        """Read that many bytes."""
        while size > len(self._rest):
            size -= len(self._rest)
            self._rest = b""
            self._more()
        self._rest = self._rest[size:]

    def _more(self) -> None:
        """Read what is there, waiting for at least one byte."""
        data = self._receive(65536)
        if not data:
            raise EOFError
        self._rest += data
