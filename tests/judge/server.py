"""The scenarios' hosts: a server of sockets and threads that can send any octets."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections import Counter
from http import HTTPStatus
from typing import Self

from tests.judge.scenario import Answer, Scenario

PATIENCE = 60.0
"""Seconds after which a connection or a condition is given up."""

SERIAL = "judge-serial"
"""The response header that numbers every answer, so that all who saw it can be matched."""

SCENARIO_HEADER = "judge-scenario"
URL_HEADER = "judge-url"
"""What the proxy tells about a request behind the recorder's back: whose it is, and its URL."""

_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_EMPTY_PAGE = "<!doctype html><title>judge</title>"


class _Asked:
    """One request as it came."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method = lines[0].partition(" ")[0]
        self.headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }


class Server:
    """Answers as the scenarios say; a URL that none speaks of is an empty page."""

    def __init__(self) -> None:
        self._scenarios: dict[str, Scenario] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        self._answered: Counter[tuple[str, str]] = Counter()
        self._serial = 0
        self._changed = threading.Condition()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._socket.getsockname()[1])

    def add(self, scenario: Scenario) -> None:
        """Answer for a scenario from now on."""
        self._scenarios[scenario.name] = scenario

    def answered(self, scenario: str, url: str) -> int:
        """Return how often a URL was answered."""
        with self._changed:
            return self._answered[scenario, url]

    def wait_answered(self, scenario: str, url: str, times: int) -> None:
        """Wait until a URL was answered that often; raises ``TimeoutError``."""
        self._wait(self._answered, (scenario, url), times)

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
        """Answer one request, and close."""
        connection.settimeout(PATIENCE)
        with connection:
            try:
                asked = _read(connection)
                if asked is not None:
                    self._reply(connection, asked)
            except OSError:
                return

    def _reply(self, connection: socket.socket, asked: _Asked) -> None:
        name, url = asked.headers.get(SCENARIO_HEADER, ""), asked.headers.get(URL_HEADER, "")
        with self._changed:
            self._serial += 1
            serial = self._serial
            number = self._seen[name, url]
            if asked.method != "OPTIONS":
                self._seen[name, url] += 1
            self._changed.notify_all()
        if asked.method == "OPTIONS":
            answer = self._answer(name, f"OPTIONS {url}", 0, Answer(status=204))
        else:
            answer = self._answer(name, url, number, Answer())
        for other in answer.after:
            self._wait(self._seen, (name, other), 1)
        connection.sendall(_octets(answer, asked, serial))
        with self._changed:
            self._answered[name, url] += 1
            self._changed.notify_all()
        if answer.websocket:
            while connection.recv(4096):
                pass

    def _answer(self, name: str, url: str, number: int, default: Answer) -> Answer:
        scenario = self._scenarios.get(name)
        found = scenario.answers.get(url) if scenario is not None else None
        if isinstance(found, tuple):
            return found[min(number, len(found) - 1)]
        return found if found is not None else default

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take no more connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def _read(connection: socket.socket) -> _Asked | None:
    """Read one request with its body; None where the other side just closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    asked = _Asked(head)
    missing = int(asked.headers.get("content-length", "0")) - len(body)
    while missing > 0:
        more = connection.recv(65536)
        if not more:
            return None
        missing -= len(more)
    return asked


def _octets(answer: Answer, asked: _Asked, serial: int) -> bytes:
    """Return the whole response."""
    if answer.websocket:
        key = asked.headers.get("sec-websocket-key", "").encode()
        digest = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest())
        lines = [
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: " + digest,
        ]
        body = b""
    else:
        body = (answer.body or _EMPTY_PAGE).encode() if answer.status not in (204, 304) else b""
        reason = HTTPStatus(answer.status).phrase
        lines = [
            f"HTTP/1.1 {answer.status} {reason}".encode(),
            b"Connection: close",
        ]
        if answer.status not in (204, 304):
            lines.append(b"Content-Length: %d" % len(body))
        if not any(line.startswith(b"Content-Type:") for line in answer.headers):
            lines.append(b"Content-Type: text/html")
        if not any(line.startswith(b"Cache-Control:") for line in answer.headers):
            lines.append(b"Cache-Control: no-store")
    lines.append(f"{SERIAL}: {serial}".encode())
    origin = asked.headers.get("origin")
    if origin is not None:
        lines += [
            f"Access-Control-Allow-Origin: {origin}".encode("latin-1"),
            b"Access-Control-Allow-Credentials: true",
            b"Access-Control-Allow-Headers: x-judge",
            b"Access-Control-Allow-Methods: GET, POST, PUT",
        ]
    if answer.location is not None:
        lines.append(b"Location: " + answer.location.encode("latin-1"))
    lines += answer.headers
    lines += [b"Set-Cookie: " + line for line in answer.set_cookies]
    return b"\r\n".join([*lines, b"", b""]) + body
