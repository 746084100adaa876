"""A recorder tells what the clients of one app did, and nothing of another's."""

from __future__ import annotations

import resource
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector

import pytest
from flask import Flask, Response, request

from cookietrace.errors import CaptureError, LaunchError
from cookietrace.formats import read_capture
from cookietrace.testing import Ignore, Recorder, Recorders
from cookietrace.testing.app_server import AppServer
from cookietrace.trace import fold
from tests.ports import FreePort
from tests.processes import wait_until


def shop(domain: str = "") -> Flask:
    """An app that sets a cookie for itself, and one that its ``domain`` makes refused."""
    app = Flask("shop")

    @app.get("/")
    def home() -> Response:
        response = Response(request.cookies.get("user", "nobody"))
        response.set_cookie("user", "secret-of-alice", httponly=True)
        if domain:
            response.set_cookie("ads", "secret-of-ads", domain=domain)
        return response

    @app.get("/account")
    def account() -> tuple[str, int]:
        return ("welcome", 200) if "user" in request.cookies else ("who?", 401)

    return app


@pytest.fixture(scope="module")
def recorders() -> Iterator[Recorders]:
    """One proxy for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch, Recorders() as recorders:
        patch.setenv("COOKIETRACE_SECRET", "a-secret-of-this-test")
        yield recorders


def browser() -> OpenerDirector:
    """A client that keeps cookies."""
    return urllib.request.build_opener(HTTPCookieProcessor(CookieJar()))


def visit(client: OpenerDirector, recorder: Recorder, path: str = "/") -> str:
    """Return the page at a path."""
    with client.open(recorder.base_url + path) as response:
        text: str = response.read().decode()
        return text


def test_what_it_tells(recorders: Recorders) -> None:
    """Set-Cookie lines, the jar and the story are those of the test's client, with values."""
    recorder = recorders.record(shop("other.test"))
    client = browser()
    assert [visit(client, recorder) for _ in range(2)] == ["nobody", "secret-of-alice"]
    outcomes = [(entry.name, entry.outcome) for entry in recorder.set_cookies()]
    assert outcomes[:2] == [("user", "created"), ("ads", "rejected")]
    assert [entry.reasons for entry in recorder.set_cookies("ads")] == [("domain-mismatch",)] * 2
    assert [(cookie.name, cookie.value) for cookie in recorder.jar()] == [
        ("user", "secret-of-alice")
    ]
    first, second = recorder.explain()
    assert first["request_cookies"] == []
    assert second["observed_cookie_header"] == "user=secret-of-alice"
    assert second["jar"][0]["name"] == "user"
    recorder.close()


def test_problems_and_warnings(recorders: Recorders) -> None:
    """A warning fails only if asked to; the message has the fix, and no value; ignores count."""
    recorder = recorders.record(shop())
    visit(browser(), recorder)
    with pytest.raises(urllib.error.HTTPError) as refused:
        visit(urllib.request.build_opener(), recorder, "/account")
    refused.value.close()
    recorder.assert_no_problems()
    assert recorder.problems() == ()
    (warning,) = recorder.problems(fail_on="warning")
    assert warning.code == "without-credentials"
    with pytest.raises(AssertionError) as failure:
        recorder.assert_no_problems(fail_on="warning")
    text = str(failure.value)
    assert "without-credentials: 'user' at 127.0.0.1" in text
    assert f"Fix:   {warning.fix[:40]}" in text
    assert "secret-of" not in text
    ignore = Ignore(cookie="user", reason="the test asks without it on purpose")
    recorder.assert_no_problems(fail_on="warning", ignore=[ignore])
    recorder.close()


def test_two_recorders_at_once(recorders: Recorders) -> None:
    """Each knows its own clients alone, and still knows them when it is closed."""
    one, other = recorders.record(shop()), recorders.record(shop(), host="localhost")
    assert other.base_url.startswith("http://localhost:")
    client = browser()
    visit(client, one)
    visit(client, one)
    visit(browser(), other, "/?other")
    assert [entry["number"] for entry in one.explain()] == [1, 2]
    one.close()
    assert [entry["url"] for entry in other.explain()] == [f"{other.base_url}/?other"]
    other.close()
    other.close()
    assert len(one.explain()) == 2


def test_two_clients_of_one_app(recorders: Recorders) -> None:
    """Clients with different User-Agents have a jar each; one that was never there has none."""
    recorder = recorders.record(shop())
    for agent in ("first", "second"):
        client = browser()
        client.addheaders = [("User-Agent", agent)]
        visit(client, recorder)
    assert [len(recorder.jar(client)) for client in (0, 1, 2, 3)] == [0, 1, 1, 0]
    recorder.close()


def test_an_app_at_a_url(recorders: Recorders) -> None:
    """An app that runs already is reached through the recorder, which it outlives."""
    server = AppServer(shop())
    recorder = recorders.record(f"http://localhost:{server.port}/ignored/path")
    assert recorder.base_url.startswith("http://localhost:")
    assert visit(browser(), recorder) == "nobody"
    recorder.close()
    assert visit(browser(), recorder) == "nobody"
    assert len(recorder.explain()) == 2
    server.close()


def test_saving(recorders: Recorders, tmp_path: Path) -> None:
    """A saved capture has the recorder's story alone, and only its owner can read it."""
    others = recorders.record(shop())
    visit(browser(), others)
    recorder = recorders.record(shop())
    visit(browser(), recorder)
    path = tmp_path / "new folder" / "test.cookietrace"
    recorder.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert tuple(read_capture(path)) == recorder.events()
    assert len(fold(read_capture(path)).exchanges) == 1
    with pytest.raises(CaptureError, match="already exists"):
        recorder.save(path)
    for each in (others, recorder):
        each.close()


@pytest.mark.parametrize(
    ("url", "problem"), [("localhost", "is not the URL of an app"), ("http://a:x", "not a URL")]
)
def test_a_url_that_is_none(url: str, problem: str, recorders: Recorders) -> None:
    """A bad URL is one clear line."""
    with pytest.raises(LaunchError, match=problem):
        recorders.record(url)


async def asgi(*_: object) -> None:
    """An ASGI app."""


class Asgi:
    """An ASGI app as frameworks have them."""

    async def __call__(self, *_: object) -> None:
        """Respond."""


@pytest.mark.parametrize("app", [asgi, Asgi()])
def test_an_asgi_app(app: Any, recorders: Recorders) -> None:
    """An app that needs another server is told so."""
    with pytest.raises(LaunchError, match="this is an ASGI app: start it with a server"):
        recorders.record(app)


def test_unknown_rules(recorders: Recorders) -> None:
    """A browser whose rules are not known is one clear line."""
    with pytest.raises(LaunchError, match="no cookie rules for chrome: choose one of auto, spec"):
        recorders.record(shop(), browser="chrome")


def test_an_app_that_is_not_there(recorders: Recorders, free_port: FreePort) -> None:
    """Requests to an app that does not run are recorded as failed."""
    recorder = recorders.record(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(urllib.error.HTTPError) as failure:
        visit(browser(), recorder)
    failure.value.close()
    assert [entry["failure"]["kind"] for entry in recorder.explain()] == ["connect"]
    recorder.close()


def test_a_recording_with_a_gap_says_so() -> None:
    """No verdict rests on a part of the traffic, not even once recording works again."""
    free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    recorders = Recorders()
    recorder = recorders.record(shop())
    assert recorders._proxy is not None
    pid, reports = recorders._proxy.child.process.pid, recorders._proxy.reports
    visit(browser(), recorder)
    recorder.assert_no_problems()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, free[1]))
    visit(browser(), recorder)
    wait_until(lambda: reports.trouble is not None, "the proxy reports that recording has stopped")
    with pytest.raises(CaptureError, match="not complete: recording has stopped"):
        recorder.assert_no_problems()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, free)
    wait_until(lambda: reports.trouble is None, "recording works again")
    for use in (recorder.assert_no_problems, recorder.jar, recorder.explain):
        with pytest.raises(CaptureError, match="not complete: 1 exchange was not recorded"):
            use()
    assert recorder.events()
    later = recorders.record(shop())
    visit(browser(), later)
    later.assert_no_problems()
    with pytest.raises(CaptureError, match="of these tests is not complete: 1 exchange was not"):
        recorders.close()
    recorders.close()
