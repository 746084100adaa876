"""What the supervision tests share: processes to look for, and an origin behind "the proxy"."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.browsers import Browser, find_browser


class Origin(http.server.ThreadingHTTPServer):
    """A plain server that plays the proxy: it answers whatever URL it is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.came = threading.Condition()

    @property
    def address(self) -> str:
        """Its ``host:port``."""
        return f"127.0.0.1:{self.server_address[1]}"

    def wait_for(self, url: str) -> None:
        """Return once the URL was asked for."""
        with self.came:
            assert self.came.wait_for(lambda: any(url == asked for asked, _ in self.asked), 60)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "user=Alice")
        self.end_headers()
        self.wfile.write(b"<p>here")
        with self.server.came:
            self.server.asked.append((self.path, self.headers.get("Cookie")))
            self.server.came.notify_all()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A server that notes what it was asked for."""
    with Origin() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def chromium() -> Browser:
    """The machine's Chromium; a machine without one fails the test and says how to get one."""
    try:
        return find_browser("chromium")
    except LaunchError as error:
        pytest.fail(f"this test needs a real browser: {error}", pytrace=False)
