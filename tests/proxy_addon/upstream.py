"""An app made of raw sockets: each path responds with exactly the bytes that a test wants."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self


class Visit:
    """A request that reached the app, and its connection."""

    def __init__(self, connection: socket.socket, head: bytes, rest: bytes) -> None:
        self.connection = connection
        self.head = head
        self._rest = rest

    @property
    def path(self) -> str:
        """The request target's path."""
        return self.head.split(b" ", 2)[1].decode("latin-1").partition("?")[0]

    def headers(self, name: str) -> list[bytes]:
        """Return the values of all headers of that name."""
        wanted = name.lower().encode()
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [value.strip() for each, _, value in lines if each.strip().lower() == wanted]

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.connection.sendall(data)

    def read(self, size: int) -> bytes:
        """Return that many bytes of the body."""
        while len(self._rest) < size:
            more = self.connection.recv(65536)
            if not more:
                break
            self._rest += more
        body, self._rest = self._rest[:size], self._rest[size:]
        return body

    @property
    def rest(self) -> bytes:
        """What has arrived but was not read."""
        return self._rest


Answer = bytes | Callable[[Visit], None]


def plain(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return a response of known length."""
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", b""]
    return b"\r\n".join(lines) + body


class Upstream:
    """Serves on a free port of 127.0.0.1 until it is closed; keeps connections alive."""

    def __init__(self, answers: dict[str, Answer], context: ssl.SSLContext | None = None) -> None:
        self.answers = answers
        self.visits: list[Visit] = []
        self.released = threading.Event()
        """Set by a test to release responses that wait for it."""
        self._context = context
        self._open: set[socket.socket] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The app's URL."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        """Serve each connection in a thread."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Respond to one request after another."""
        self._open.add(connection)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            rest = b""
            while True:
                while b"\r\n\r\n" not in rest:
                    more = connection.recv(65536)
                    if not more:
                        return
                    rest += more
                head, _, rest = rest.partition(b"\r\n\r\n")
                visit = Visit(connection, head, rest)
                self.visits.append(visit)
                answer = self.answers.get(visit.path, plain(b"no such page", status=b"404 None"))
                if callable(answer):
                    answer(visit)
                else:
                    visit.send(answer)
                rest = visit.rest
        except OSError:
            return
        finally:
            self._open.discard(connection)
            connection.close()

    def close(self) -> None:
        """Stop serving."""
        self.released.set()
        # Closing alone would not wake the threads that wait on these sockets.
        for each in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.close()
