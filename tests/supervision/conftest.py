"""Fixtures of the supervision tests: a server that stands in for the proxy, and Chromium."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.browsers import Browser, find_browser


class Origin(http.server.ThreadingHTTPServer):
    """A plain server instead of the proxy: it responds to every URL."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str | None]] = []
        self.changed = threading.Condition()

    @property
    def address(self) -> str:
        """Its ``host:port``."""
        return f"127.0.0.1:{self.server_address[1]}"

    def wait_for(self, url: str) -> None:
        """Return once the URL was requested."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(url == each for each, _ in self.requests), 60)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "user=Alice")
        self.end_headers()
        self.wfile.write(b"<p>here")
        with self.server.changed:
            self.server.requests.append((self.path, self.headers.get("Cookie")))
            self.server.changed.notify_all()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A server that records its requests."""
    with Origin() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def chromium() -> Browser:
    """The machine's Chromium; without one the test fails and says how to install it."""
    try:
        return find_browser("chromium")
    except LaunchError as error:
        pytest.fail(f"this test needs a real browser: {error}", pytrace=False)
