"""The scenarios' hosts: a server of sockets and threads that can send any bytes."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections import Counter
from http import HTTPStatus
from typing import Self

from tests.judge.scenario import Response, Scenario

PATIENCE = 120.0
"""Seconds to wait for a connection or a condition."""

SERIAL = "judge-serial"
"""The response header that numbers each response, so that all records of it can be matched."""

SCENARIO_HEADER = "judge-scenario"
URL_HEADER = "judge-url"
"""Added by the proxy after the recorder: a request's browser and scenario, and its URL."""

_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_EMPTY_PAGE = "<!doctype html><title>judge</title>"


class _Request:
    """One request."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method = lines[0].partition(" ")[0]
        self.headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }


class Server:
    """Responds as the scenarios say; a URL that none mentions is an empty page."""

    def __init__(self) -> None:
        self._scenarios: dict[str, Scenario] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        self._served: Counter[tuple[str, str]] = Counter()
        self._serial = 0
        self._changed = threading.Condition()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._socket.getsockname()[1])

    def add(self, key: str, scenario: Scenario) -> None:
        """Serve a scenario from now on, as played by one browser: ``BROWSER/NAME``."""
        self._scenarios[key] = scenario

    def served(self, scenario: str, url: str) -> int:
        """Return how many responses for a URL were sent."""
        with self._changed:
            return self._served[scenario, url]

    def wait_served(self, scenario: str, url: str, times: int) -> None:
        """Wait until that many responses were sent; raises ``TimeoutError``."""
        self._wait(self._served, (scenario, url), times)

    def _wait(self, counts: Counter[tuple[str, str]], key: tuple[str, str], times: int) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: counts[key] >= times, PATIENCE):
                raise TimeoutError(f"{key[0]}: {key[1]} was seen {counts[key]} times, not {times}")

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Serve one request, and close."""
        connection.settimeout(PATIENCE)
        with connection:
            try:
                request = _read(connection)
                if request is not None:
                    self._reply(connection, request)
            except OSError:
                return

    def _reply(self, connection: socket.socket, request: _Request) -> None:
        name, url = request.headers.get(SCENARIO_HEADER, ""), request.headers.get(URL_HEADER, "")
        with self._changed:
            self._serial += 1
            serial = self._serial
            number = self._seen[name, url]
            if request.method != "OPTIONS":
                self._seen[name, url] += 1
            self._changed.notify_all()
        if request.method == "OPTIONS":
            response = self._response(name, f"OPTIONS {url}", 0, Response(status=204))
        else:
            response = self._response(name, url, number, Response())
        for other in response.after:
            self._wait(self._seen, (name, other), 1)
        connection.sendall(_encode(response, request, serial))
        with self._changed:
            self._served[name, url] += 1
            self._changed.notify_all()
        if response.websocket:
            while connection.recv(4096):
                pass

    def _response(self, name: str, url: str, number: int, default: Response) -> Response:
        scenario = self._scenarios.get(name)
        found = scenario.responses.get(url) if scenario is not None else None
        if isinstance(found, tuple):
            return found[min(number, len(found) - 1)]
        return found if found is not None else default

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Accept no more connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def _read(connection: socket.socket) -> _Request | None:
    """Read one request with its body; None if the client just closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    request = _Request(head)
    missing = int(request.headers.get("content-length", "0")) - len(body)
    while missing > 0:
        more = connection.recv(65536)
        if not more:
            return None
        missing -= len(more)
    return request


def _encode(response: Response, request: _Request, serial: int) -> bytes:
    """Return the whole response."""
    if response.websocket:
        key = request.headers.get("sec-websocket-key", "").encode()
        digest = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest())
        lines = [
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: " + digest,
        ]
        body = b""
    else:
        body = (response.body or _EMPTY_PAGE).encode() if response.status not in (204, 304) else b""
        reason = HTTPStatus(response.status).phrase
        lines = [
            f"HTTP/1.1 {response.status} {reason}".encode(),
            b"Connection: close",
        ]
        if response.status not in (204, 304):
            lines.append(b"Content-Length: %d" % len(body))
        if not any(line.startswith(b"Content-Type:") for line in response.headers):
            lines.append(b"Content-Type: text/html")
        if not any(line.startswith(b"Cache-Control:") for line in response.headers):
            lines.append(b"Cache-Control: no-store")
    lines.append(f"{SERIAL}: {serial}".encode())
    origin = request.headers.get("origin")
    if origin is not None:
        lines += [
            f"Access-Control-Allow-Origin: {origin}".encode("latin-1"),
            b"Access-Control-Allow-Credentials: true",
            b"Access-Control-Allow-Headers: x-judge",
            b"Access-Control-Allow-Methods: GET, POST, PUT",
        ]
    if response.location is not None:
        lines.append(b"Location: " + response.location.encode("latin-1"))
    lines += response.headers
    lines += [b"Set-Cookie: " + line for line in response.set_cookies]
    return b"\r\n".join([*lines, b"", b""]) + body
