"""``cookietrace watch --web`` in front of an app on the same host, in real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

from tests.cli.conftest import ROOT
from tests.web.pages import bearer


class _App(BaseHTTPRequestHandler):
    """An app that sets a cookie, at the same host as the page."""

    def do_GET(self) -> None:
        """Respond."""
        self.send_response(200)
        self.send_header("Set-Cookie", "session=app-session-1; Path=/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Watching(msgspec.Struct):
    """A recording with its page."""

    process: subprocess.Popen[str]
    capture: Path
    app: str
    proxy: str
    page: str
    """The page's address, without the token."""
    tokens: tuple[str, str]
    said: list[str]

    @property
    def headers(self) -> dict[str, str]:
        """What the viewer's page sends."""
        return {**bearer(self.tokens[0]), "Sec-Fetch-Site": "same-origin"}


@contextmanager
def watched_app(folder: Path) -> Iterator[Watching]:
    """Record an app with ``cookietrace watch --web``, all of it in processes of its own."""
    capture = folder / "app.cookietrace"
    with ExitStack() as stack:
        app = ThreadingHTTPServer(("127.0.0.1", 0), _App)
        stack.callback(app.server_close)
        threading.Thread(target=app.serve_forever, daemon=True).start()
        stack.callback(app.shutdown)
        command = ["watch", "--web", "--web-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]
        command += ["--capture", str(capture), "--confdir", str(folder)]
        environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "cookietrace", *command],
                cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        stack.callback(process.kill)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "Ctrl-C" in line:
                break
        proxy = re.search(r"proxy on (\S+):", "".join(said))
        pages = re.findall(r"(http://127\.0\.0\.1:\d+/)#token=([\w-]{40,})\n", "".join(said))
        assert proxy is not None, said
        assert len(pages) == 2, said
        assert f"recording into {capture}\n" in "".join(said)
        yield Watching(
            process=process,
            capture=capture,
            app=f"http://127.0.0.1:{app.server_port}/",
            proxy=f"http://{proxy[1]}",
            page=pages[0][0],
            tokens=(pages[0][1], pages[1][1]),
            said=said,
        )
