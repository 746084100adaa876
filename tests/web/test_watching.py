"""``cookietrace watch --web`` in real processes: recorder, page, and a browser that uses both."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from cookietrace.events import Request, encode
from cookietrace.stores import events_of, open_store
from cookietrace.web.stream import MOST_STREAMS
from tests.processes import PATIENCE, running_with, wait_until
from tests.web.watched import Watching, watched_app


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """Record an app, and serve the page."""
    with watched_app(tmp_path_factory.mktemp("watching")) as made:
        yield made


def test_the_page_is_not_recorded(watching: Watching) -> None:
    """A browser that uses the proxy also for this machine records the app, and never the page.

    The page works through the proxy, its stream included, and sets no cookie.
    """
    with httpx.Client(proxy=watching.proxy, timeout=PATIENCE, trust_env=False) as browser:
        port = httpx.URL(watching.page).port
        assert browser.get(watching.app).text == "ok"
        for host in ("127.0.0.1", "localhost"):
            page = f"http://{host}:{port}/"
            assert browser.get(page).status_code == 200
            assert browser.get(f"{page}assets/nope.js").status_code == 404
            story = browser.get(f"{page}api/story", headers=watching.headers)
            assert story.status_code == 200, story.text
            assert story.json()["state"]["text"] == "recording"
        with browser.stream(
            "GET", f"{watching.page}api/stream?after=0", headers=watching.headers
        ) as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line == "event: rows")
            browser.get(f"{watching.app}again")
            assert next(line for line in lines if line == "event: rows")
        assert "app-session-1" in browser.cookies.values()
    with closing(open_store(watching.capture)) as store:
        events = list(events_of(store))
    asked = [event.url for event in events if isinstance(event, Request)]
    assert asked == [watching.app, f"{watching.app}again"]
    text = b"\n".join(map(encode, events)).decode()
    assert not any(token in text for token in watching.tokens)
    assert f":{port}" not in text


def test_what_is_recorded_is_on_the_page(watching: Watching) -> None:
    """The page shows what the recorder has written, by the time that it says so."""
    with httpx.Client(timeout=PATIENCE, trust_env=False, headers=watching.headers) as viewer:
        with httpx.Client(proxy=watching.proxy, timeout=PATIENCE, trust_env=False) as browser:
            browser.get(f"{watching.app}seen", headers={"Cookie": "session=app-session-1"})

        def is_there() -> bool:
            rows = viewer.get(f"{watching.page}api/rows?from=1&to=99").json()["rows"]
            return any("/seen" in row["cells"][1] and row["cells"][5] != "…" for row in rows)

        wait_until(is_there, "the row was on the page")


def test_pages_are_bounded(watching: Watching) -> None:
    """Only so many streams are open at a time; the next one is told so in one line."""
    limits = httpx.Limits(max_connections=2 * MOST_STREAMS)
    with (
        httpx.Client(
            timeout=PATIENCE, trust_env=False, limits=limits, headers=watching.headers
        ) as client,
        ExitStack() as stack,
    ):
        stream = f"{watching.page}api/stream"
        streams = [stack.enter_context(client.stream("GET", stream)) for _ in range(MOST_STREAMS)]
        assert {response.status_code for response in streams} == {200}
        refused = client.get(stream)
        assert refused.status_code == 503
        assert refused.text.startswith('{"error":"64 pages are open')
        story = client.get(f"{watching.page}api/story")
        assert story.status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\n\r\n",
        b"GET /api/story HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET http://evil.test/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /api/presenter HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n",
    ],
    ids=lambda sent: sent[:40].hex(),
)
def test_what_is_not_http(watching: Watching, sent: bytes) -> None:
    """Whatever arrives on the port gets an error or nothing, and the server continues."""
    url = httpx.URL(watching.page)
    with socket.create_connection((url.host, url.port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        got = connection.recv(65_536)
    status = int(got.split()[1]) if got else 400
    assert status >= 400 or b"HTTP/1.1 200" not in got
    assert b"Traceback" not in got
    assert watching.process.poll() is None


def test_ctrl_c_ends_it(watching: Watching) -> None:
    """Ctrl-C ends the page and the recorder, with status 0, while a browser is connected.

    Nothing is left of it, and nothing was printed of what was asked.
    """
    process = watching.process
    assert process.stderr is not None
    with httpx.stream(
        "GET", f"{watching.page}api/stream", headers=watching.headers, trust_env=False
    ):
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(PATIENCE) == 0
    assert rest.splitlines()[0] == f"The capture is {watching.capture}"
    assert all(token not in rest for token in watching.tokens)
    assert running_with(str(watching.capture)) == []
