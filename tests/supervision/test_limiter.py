"""A recording with a limit: the real proxy, and a client that never notices."""

from __future__ import annotations

import http.server
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.cutting.limits import Limits
from cookietrace.events import Recorder
from cookietrace.fold.exchange import NoteKind
from cookietrace.stores import events_of, open_store
from cookietrace.supervision import limiter
from cookietrace.supervision.recording import RecordingOptions, recording
from cookietrace.trace import fold
from tests.processes import wait_until

BODY = b"x" * 60_000
MOST = 1_000_000


class _App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(BODY)))
        self.send_header("Set-Cookie", f"n={self.path[1:]}; Path=/; Max-Age=900")
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


def test_a_recording_stays_within_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest exchanges are removed while it records; no response is lost or judged anew."""
    monkeypatch.setattr(limiter, "EVERY", 0.05)
    path = tmp_path / "long.cookietrace"
    options = RecordingOptions(
        listen="127.0.0.1:0",
        capture=path,
        confdir=tmp_path / "ca",
        limits=Limits(most_bytes=MOST),
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _App) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        with recording(options, lambda _: None) as running:
            through = urllib.request.build_opener(
                urllib.request.ProxyHandler({"http": f"http://{running.listen}"})
            )
            cookie, count = "", 0
            with closing(open_store(path)) as store:
                first = store.first()
                while store.first() == first or count < 30:
                    request = urllib.request.Request(
                        f"http://127.0.0.1:{app.server_address[1]}/{count}",
                        headers={"Cookie": cookie} if cookie else {},
                    )
                    with through.open(request, timeout=120) as response:
                        assert response.read() == BODY
                    cookie, count = f"n={count}", count + 1
                    assert count < 500, "nothing was removed"
        app.shutdown()
    with closing(open_store(path)) as store:
        events = list(events_of(store))
    trace = fold(events)
    assert trace.removed is not None
    assert trace.removed.exchanges + len(trace.exchanges) == count
    assert trace.removed.most_bytes == MOST
    assert [note.kind for note in trace.notes] == [NoteKind.REMOVED]
    assert not any(isinstance(each, Recorder) and each.state == "gap" for each in events)
    for exchange in trace.exchanges:
        assert exchange.request.observed == exchange.request.expected
        assert exchange.response is not None
        assert exchange.response_body is not None
    assert trace.rows[-1].number == 2 * count
    wait_until(lambda: not path.with_name(f"{path.name}-wal").exists(), "the log is moved")
