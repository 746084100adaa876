"""``--browser``: the command opens a real browser behind its own listener, and ends it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from cookietrace.formats import read_capture
from cookietrace.supervision.browsers import Browser, launch
from cookietrace.supervision.proxy import RunningDemoApp
from cookietrace.trace import fold
from tests.e2e.terminal import Terminal, terminal
from tests.ports import FreePort
from tests.processes import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def windowless(chromium: Browser, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which ``chromium`` is the real one, without a window.

    Its temporary folder is empty and has a short path: see ``LONGEST_PARENT``.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "chromium"
    program.write_text(f'#!/bin/sh\nexec "{chromium.path}" --headless --disable-gpu "$@"\n')
    program.chmod(0o755)
    profiles = tempfile.mkdtemp(prefix="ct-", dir="/tmp")
    yield {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "DISPLAY": ":0",
        "TMPDIR": profiles,
    }
    shutil.rmtree(profiles)


def completed(capture: Path, url: str) -> int:
    """Return how many requests under the URL have a response so far."""
    exchanges = fold(read_capture(capture)).exchanges
    return sum(e.request.url.startswith(url) and e.response is not None for e in exchanges)


def quit_it(shown: Terminal) -> None:
    """Press q."""
    shown.press("q")


def kill_it(shown: Terminal) -> None:
    """Kill the command."""
    os.kill(shown.process.pid, signal.SIGKILL)


@pytest.mark.parametrize(("end", "flags"), [(quit_it, ["--headless"]), (kill_it, [])])
def test_watch_opens_it_on_the_app(
    windowless: dict[str, str],
    tmp_path: Path,
    confdir: Path,
    free_port: FreePort,
    end: Callable[[Terminal], None],
    flags: list[str],
) -> None:
    """It opens the app on localhost through the proxy, and ends with the command.

    With ``--headless``, it needs no display.
    """
    app = RunningDemoApp.start()
    url = app.wait_until_listening().replace("127.0.0.1", "localhost") + "/"
    capture = tmp_path / "test.cookietrace"
    options = ["--capture", str(capture), "--confdir", str(confdir), "--browser", "chromium"]
    options += ["--listen", f"127.0.0.1:{free_port()}"]
    options += ["--reverse-listen", f"127.0.0.1:{free_port()}", *flags]
    if flags:
        windowless |= {"PATH": os.environ["PATH"], "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with terminal(
        "watch", url, *options, mark=secrets.token_hex(8), environment=windowless
    ) as shown:
        shown.wait_for("recording")
        wait_until(lambda: completed(capture, url) == 2, "the page and its icon have responses")
        assert "cookietrace.supervision.browser_keeper" in shown.children()
        end(shown)
        shown.wait()
        wait_until(shown.nothing_left, "all processes have ended")
    assert list(Path(windowless["TMPDIR"]).iterdir()) == []
    app.stop()
    trace = fold(read_capture(capture))
    own = [each for each in trace.exchanges if each.request.url.startswith(url)]
    assert app.served() == len(own)
    assert {trace.client(each.request.client_id).label for each in own} == {"chromium"}


LATER = b"<script>setTimeout(() => fetch('/later'), 3000)</script>"
"""A page that asks for something once Firefox has started what it does by itself."""


def test_a_firefox_asks_only_for_its_pages(firefox: Browser) -> None:
    """Nothing that Firefox wants for itself passes through the proxy: no settings, no updates."""
    asked: list[str] = []
    done = threading.Event()

    class Proxy(StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode("latin-1").rpartition(" ")[0]
            asked.append(line)
            length = f"Content-Length: {len(LATER)}\r\nContent-Type: text/html\r\n\r\n".encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + LATER)
            if line.endswith("/later"):
                done.set()

    with ThreadingTCPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"127.0.0.1:{server.server_address[1]}"
        opened = launch(firefox, proxy=proxy, url="http://shop.test/", headless=True)
        try:
            assert done.wait(60), asked
        finally:
            opened.close()
            server.shutdown()
    assert {line.split("/")[2] for line in asked} == {"shop.test"}
