"""A Flask app does not notice its witness: without a mark, with one, and under load."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Thread
from types import FrameType
from typing import Any, NamedTuple

import pytest
from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.serving import make_server

from cookietrace.events import Server
from cookietrace.witness.decoding import decode
from cookietrace.witness.flask import witness
from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.report import REPORT_HEADER
from cookietrace.witness.trust import WITNESS_VARIABLE
from tests.witness import ROOT
from tests.witness.asking import SECRET, ask, marked
from tests.witness.flask_app import make_app

# The cookie of /session holds the time of day, so that no two responses are equal.
PAGES = {rule.rule.replace("<int:number>", "2") for rule in make_app().url_map.iter_rules()}
REQUESTS = sorted(
    (method, path, cookie)
    for path in {*PAGES, "/early", "/no-such-page"} - {"/session"}
    for method in ("GET", "HEAD", "OPTIONS", "POST")
    for cookie in ("", "user=A; in=1; twice=x; twice=y; sid=forged")
)


class Seen(NamedTuple):
    """What a client can see of a response."""

    status: str
    headers: Headers
    body: bytes


def forged() -> dict[str, str]:
    """Return a mark that was made with another secret."""
    return {MARK_HEADER: mark("e1", "localhost:80", time.time(), mark_key("a-wrong-secret"))}


def responses(
    app: Flask, headers: Callable[[], dict[str, str]], peer: str
) -> dict[tuple[str, str, str], Seen]:
    """Return the app's response to each of the requests."""
    client = app.test_client(use_cookies=False)
    given = {}
    for method, path, cookie in REQUESTS:
        response = client.open(
            path,
            method=method,
            headers={**headers(), "Cookie": cookie},
            environ_base={"REMOTE_ADDR": peer},
        )
        given[method, path, cookie] = Seen(response.status, response.headers, response.data)
    return given


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        (dict, "127.0.0.1"),
        (forged, "127.0.0.1"),
        (lambda: {MARK_HEADER: SECRET}, "127.0.0.1"),
        (marked, "192.0.2.7"),
        (marked, "not an address"),
        (marked, "2001:db8::1"),
    ],
)
def test_nothing_without_the_right_mark(
    app: Flask, headers: Callable[[], dict[str, str]], peer: str
) -> None:
    """Without the right mark, from this machine, each response is the bare app's, byte for byte."""
    assert responses(app, headers, peer) == responses(make_app(), headers, peer)
    assert app.request_class is Flask.request_class


def test_only_the_report_is_added(app: Flask) -> None:
    """With the right mark every response is the bare app's with one more header."""
    bare = responses(make_app(), marked, "127.0.0.1")
    witnessed = responses(app, marked, "127.0.0.1")
    for response in witnessed.values():
        assert response.headers.pop(REPORT_HEADER)
    assert witnessed == bare


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_loopback(app: Flask, peer: str) -> None:
    """Every loopback address counts as this machine."""
    response = app.test_client().get("/", headers=marked(), environ_base={"REMOTE_ADDR": peer})
    assert REPORT_HEADER in response.headers


@pytest.mark.parametrize(
    ("debug", "switch", "given", "on"),
    [
        (False, None, False, False),
        (True, None, False, True),
        (False, "1", False, True),
        (False, "yes", False, False),
        (False, None, True, True),
        (True, "0", True, False),
    ],
)
def test_switches(
    monkeypatch: pytest.MonkeyPatch, debug: bool, switch: str | None, given: bool, on: bool
) -> None:
    """It is on in debug mode, by its variable, or by a secret; 0 switches it off."""
    monkeypatch.setenv("COOKIETRACE_SECRET", SECRET)
    monkeypatch.delenv(WITNESS_VARIABLE, raising=False)
    if switch is not None:
        monkeypatch.setenv(WITNESS_VARIABLE, switch)
    app = make_app()
    witness(app, secret=SECRET if given else None)
    app.debug = debug
    response = app.test_client().get("/", headers=marked())
    assert (REPORT_HEADER in response.headers) is on


def test_the_app_does_not_see_the_mark(app: Flask) -> None:
    """The mark is removed from the request before the app can see it."""
    app.add_url_rule("/headers", view_func=lambda: str(request.headers))
    response, _ = ask(app, "/headers")
    assert SECRET not in response.text
    assert "cookietrace" not in response.text.lower()


def test_twice(app: Flask) -> None:
    """A second call changes nothing."""
    inner = app.wsgi_app
    witness(app, secret="another-secret")
    assert app.wsgi_app is inner


def test_exceptions_leave_as_they_came(app: Flask) -> None:
    """If the app lets errors through, the same one is raised, and tracing ends."""
    app.testing = True
    app.add_url_rule("/through", view_func=raises)
    with pytest.raises(RuntimeError, match="let through") as caught:
        ask(app, "/through")
    assert caught.traceback[-1].name == "raises"
    assert ask(app, "/")[1].function == "hello"


def raises() -> str:
    """Fail."""
    raise RuntimeError("let through")


def test_requests_inside_requests(app: Flask) -> None:
    """A request that a view makes to its own app is not reported as the view's."""

    def outer() -> str:
        inner = app.test_client().get("/", headers={"Cookie": "user=inner"})
        assert REPORT_HEADER not in inner.headers
        _, server = ask(app, "/", "user=marked")
        assert server.function == "hello"
        assert [r.value for r in server.reads] == [None, "marked"]
        return str(request.cookies.get("outer"))

    app.add_url_rule("/outer", view_func=outer)
    _, server = ask(app, "/outer", "outer=1")
    assert server.function == "outer"
    assert [r.name for r in server.reads] == ["sid", "outer"]
    assert server.writes == ()


def test_a_debugger_goes_on(app: Flask) -> None:
    """A trace function that was set before sees the view's lines, and is set afterwards."""
    seen: list[tuple[str, str]] = []

    def tracer(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_name == "hello":
            seen.append((event, frame.f_code.co_name))
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        _, server = ask(app, "/")
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is tracer
    assert [event for event, _ in seen] == ["call", "line", "line", "line", "line", "return"]
    assert len(server.lines) == 4


def test_coverage_goes_on() -> None:
    """A coverage tool measures the view's lines, and the witness reports them as well."""
    outcome = subprocess.run(
        [sys.executable, "-m", "tests.witness.measured"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.stdout.split() == ["4", "lines", "reported", "and", "measured"], outcome.stderr


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The port of a threaded server with the app."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()


def test_many_at_once(port: int) -> None:
    """Requests that are handled at the same time are not mixed up."""

    def visit(number: int) -> tuple[str, Server | None]:
        connection = HTTPConnection("127.0.0.1", port)
        path = "/async" if number % 3 == 0 else "/"
        name = f"user-{number}"
        headers = {**marked(port), "Cookie": f"user={name}"}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        value = response.getheader(REPORT_HEADER, "")
        connection.close()
        return name, decode(value, str(number), 1.0)

    with ThreadPoolExecutor(8) as pool:
        for name, server in pool.map(visit, range(60)):
            assert server is not None
            assert [r.value for r in server.reads if r.name == "user"] == [name]
            assert server.locals[0].text == name
            assert len(server.writes) == 1


def test_streams_are_not_delayed(port: int) -> None:
    """A streamed response has its report in the headers, and is complete."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/stream", headers=marked(port))
    response = connection.getresponse()
    server = decode(response.getheader(REPORT_HEADER, ""), "e1", 1.0)
    assert response.read() == b"ab"
    connection.close()
    assert server is not None
    assert server.streamed
