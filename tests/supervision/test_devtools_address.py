"""Where a browser's DevTools are: one line if there are none, or none that we understand."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.supervision import devtools_address
from cookietrace.supervision.attached import warning_of
from cookietrace.supervision.devtools_address import Endpoint, find_devtools
from cookietrace.supervision.devtools_socket import DevToolsSocket
from tests.ports import held_ports

VERSION = {
    "Browser": "Chrome/156.0.8078.108",
    "Protocol-Version": "1.3",
    "webSocketDebuggerUrl": "ws://127.0.0.1:9222/devtools/browser/0a1b",
}


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.hosts.append(self.headers["Host"])
        self.send_response(self.server.status if self.path == "/json/version" else 404)
        self.end_headers()
        self.wfile.write(self.server.body)
        while self.server.drips and not self.server.ends.wait(0.02):
            with contextlib.suppress(OSError):
                self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


class Server(http.server.ThreadingHTTPServer):
    """What listens where a browser should."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body = b""
        self.hosts: list[str] = []
        self.drips = False
        self.ends = threading.Event()

    @property
    def address(self) -> Address:
        """Where it listens, by name."""
        return Address("localhost", self.server_address[1])


@pytest.fixture(scope="module")
def listener() -> Iterator[Server]:
    """A server that says what each test wants."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_browser(listener: Server) -> None:
    """It is asked by its address: Chrome refuses other names. The path alone is followed."""
    listener.status, listener.body = 200, json.dumps(VERSION).encode()
    port = listener.address.port
    found = find_devtools(listener.address)
    assert found == Endpoint(VERSION["Browser"], "127.0.0.1", port, "/devtools/browser/0a1b")
    assert found.name == "Chrome 156"
    assert listener.hosts[-1] == f"127.0.0.1:{port}"


NO_CHROME = "not a Chrome or Chromium with remote debugging"


ROWS: dict[str, tuple[object, str]] = {
    "text": ("hello", NO_CHROME),
    "bytes": (b"\xff\x00<html>", NO_CHROME),
    "deep": (b"[" * 100_000, NO_CHROME),
    "long": (b"{" + b" " * 100_000 + b"}", NO_CHROME),
    "list": ([], NO_CHROME),
    "nothing": ({}, NO_CHROME),
    "page": (VERSION | {"webSocketDebuggerUrl": "http://elsewhere.test/x"}, NO_CHROME),
    "no URL": (VERSION | {"webSocketDebuggerUrl": "ws://[/devtools/browser/1"}, NO_CHROME),
    "line": (VERSION | {"webSocketDebuggerUrl": "ws://h/devtools/\x7f"}, NO_CHROME),
    "number": (VERSION | {"webSocketDebuggerUrl": 1}, NO_CHROME),
    "newer": (VERSION | {"Protocol-Version": "2.0"}, "version 2.0 of the DevTools protocol"),
    "no version": (VERSION | {"Protocol-Version": ""}, "update cookietrace"),
    "escapes": (VERSION | {"Browser": "\x1b[2J", "Protocol-Version": "9"}, "update cookietrace"),
}


@pytest.mark.parametrize("name", [*ROWS, "not found"])
def test_no_browser_that_we_understand(listener: Server, name: str) -> None:
    """One line names the flag and the address, and says what is wrong."""
    said, words = ROWS.get(name, (VERSION, NO_CHROME))
    listener.status = 404 if name == "not found" else 200
    listener.body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with pytest.raises(LaunchError, match=words) as caught:
        find_devtools(listener.address)
    line = str(caught.value)
    assert line.startswith(f"--attach {listener.address}: ")
    assert line.isprintable()


def test_what_listens_never_ends_its_response(
    listener: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up after a while, though something came all the time."""
    monkeypatch.setattr(devtools_address, "SECONDS", 0.3)
    listener.status, listener.body, listener.drips = 200, b"{", True
    try:
        with pytest.raises(LaunchError, match=NO_CHROME):
            find_devtools(listener.address)
    finally:
        listener.drips = False
        listener.ends.set()


def test_nobody_listens() -> None:
    """The line says how to start a browser that does."""
    with held_ports() as free_port:
        address = Address("127.0.0.1", free_port())
        with pytest.raises(LaunchError, match=f"--remote-debugging-port={address.port}"):
            find_devtools(address)
        with pytest.raises(LaunchError, match="has closed its DevTools"):
            DevToolsSocket(Endpoint("", "127.0.0.1", address.port, "/devtools/browser/1"))


@pytest.mark.parametrize("host", ["no\x00host", "x" * 300, "\udc80"])
def test_a_host_that_is_none(host: str) -> None:
    """It is an error of the same kind."""
    with pytest.raises(LaunchError, match="no browser listens there"):
        find_devtools(Address(host, 9222))


def test_what_listens_is_no_web_socket(listener: Server) -> None:
    """A connection that is refused is one line as well."""
    endpoint = Endpoint("", "127.0.0.1", listener.address.port, "/devtools/browser/1")
    with pytest.raises(LaunchError, match="has closed its DevTools"):
        DevToolsSocket(endpoint)


@pytest.mark.parametrize(
    ("host", "warns"), [("127.0.0.1", False), ("localhost", False), ("::1", False), ("box", True)]
)
def test_a_browser_elsewhere(host: str, warns: bool) -> None:
    """Its port has neither a login nor encryption, which is said."""
    assert (warning_of(Address(host, 9222)) is not None) is warns
