"""Who may ask the live page's server, from where, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cookietrace.web.guard import MOST_HEADERS, Guard, Names
from cookietrace.web.options import Tokens
from tests.story import seed_story
from tests.web.pages import BASE, HOST, TOKENS, Page, bearer, page_of

VIEWER = bearer(TOKENS.viewer)
PRESENTER = bearer(TOKENS.presenter)
PLACE = b'{"step": 1, "mode": "jar"}'

Headers = Mapping[str, str]

REFUSED: list[tuple[str, str, str, Headers, bytes, int]] = [
    ("no token", "GET", "/api/story", {}, b"", 401),
    ("wrong token", "GET", "/api/story", bearer("viewer-tokeN"), b"", 401),
    ("part of the token", "GET", "/api/story", bearer("viewer"), b"", 401),
    ("empty token", "GET", "/api/story", {"Authorization": "Bearer "}, b"", 401),
    ("another scheme", "GET", "/api/story", {"Authorization": "Basic viewer-token"}, b"", 401),
    ("token in the query", "GET", "/api/story?token=viewer-token", {}, b"", 401),
    ("no token, unknown path", "GET", "/api/nope", {}, b"", 401),
    ("no token, stream", "GET", "/api/stream", {}, b"", 401),
    ("another name", "GET", "/", {"Host": "evil.test:8090"}, b"", 421),
    ("another name, with token", "GET", "/api/story", VIEWER | {"Host": "evil.test"}, b"", 421),
    ("a subdomain", "GET", "/", {"Host": "a.localhost:8090"}, b"", 421),
    ("another address", "GET", "/", {"Host": "10.0.0.1:8090"}, b"", 421),
    ("another origin", "GET", "/api/story", VIEWER | {"Origin": "http://evil.test"}, b"", 403),
    ("the app's port", "GET", "/api/story", VIEWER | {"Origin": "http://127.0.0.1:5000"}, b"", 403),
    ("another scheme", "GET", "/api/story", VIEWER | {"Origin": f"https://{HOST}"}, b"", 403),
    ("null origin", "GET", "/api/story", VIEWER | {"Origin": "null"}, b"", 403),
    ("cross-site", "GET", "/api/story", VIEWER | {"Sec-Fetch-Site": "cross-site"}, b"", 403),
    ("same-site", "GET", "/api/story", VIEWER | {"Sec-Fetch-Site": "same-site"}, b"", 403),
    ("preflight", "OPTIONS", "/api/story", {"Origin": "http://evil.test"}, b"", 403),
    ("writes the page", "POST", "/", VIEWER, b"", 405),
    ("deletes the page", "DELETE", "/assets/index.html", VIEWER, b"", 405),
    ("writes the story", "POST", "/api/story", PRESENTER, b"{}", 405),
    ("writes rows", "PUT", "/api/rows?from=1&to=2", PRESENTER, b"{}", 405),
    ("reads the presenter", "GET", "/api/presenter", PRESENTER, b"", 405),
    ("viewer presents", "POST", "/api/presenter", VIEWER, PLACE, 403),
    ("presents nothing", "POST", "/api/presenter", PRESENTER, b"", 400),
    ("presents no JSON", "POST", "/api/presenter", PRESENTER, b"\xff{", 400),
    ("presents more", "POST", "/api/presenter", PRESENTER, PLACE[:-1] + b',"x":1}', 400),
    ("presents no mode", "POST", "/api/presenter", PRESENTER, b'{"step":1,"mode":"x"}', 400),
    ("presents no step", "POST", "/api/presenter", PRESENTER, b'{"step":9,"mode":"jar"}', 400),
    ("presents a text", "POST", "/api/presenter", PRESENTER, b'{"step":"1","mode":"jar"}', 400),
    ("presents too much", "POST", "/api/presenter", PRESENTER, b" " * 2000 + PLACE, 413),
    ("unknown path", "GET", "/nope", {}, b"", 404),
    ("unknown file", "GET", "/assets/nope.js", {}, b"", 404),
    ("a folder above", "GET", "/assets/../app.py", {}, b"", 404),
    ("a folder above, escaped", "GET", "/assets/%2e%2e/app.py", {}, b"", 404),
    ("unknown api", "GET", "/api/nope", VIEWER, b"", 404),
    ("unknown mode", "GET", "/api/mode/nope", VIEWER, b"", 404),
    ("no such step", "GET", "/api/mode/flow?step=99", VIEWER, b"", 404),
    ("negative step", "GET", "/api/mode/flow?step=-1", VIEWER, b"", 400),
    ("step of digits of another script", "GET", "/api/mode/flow?step=%D9%A3", VIEWER, b"", 400),
    ("huge step", "GET", "/api/mode/flow?step=" + "9" * 400, VIEWER, b"", 400),
    ("no rows", "GET", "/api/rows", VIEWER, b"", 400),
    ("rows from 0", "GET", "/api/rows?from=0&to=2", VIEWER, b"", 400),
    ("a parameter twice", "GET", "/api/rows?from=1&from=2&to=3", VIEWER, b"", 400),
    ("an unknown parameter", "GET", "/api/story?x=1", VIEWER, b"", 400),
    ("no query", "GET", "/api/story?%zz&&&", VIEWER, b"", 400),
    ("many parameters", "GET", "/api/story?" + "&".join("abcdefghi"), VIEWER, b"", 400),
    ("after what", "GET", "/api/stream?after=x", VIEWER, b"", 400),
    ("a long query", "GET", "/api/story?" + "x" * 2000, VIEWER, b"", 414),
    ("a long path", "GET", "/" + "x" * 2000, VIEWER, b"", 414),
    ("a long field", "GET", "/api/story", VIEWER | {"X-A": "x" * 5000}, b"", 431),
    ("no question", "GET", "/api/quiz/answer", VIEWER, b"", 400),
    (
        "unknown question",
        "GET",
        "/api/quiz/answer?kind=x&step=1&choice=0",
        VIEWER,
        b"",
        404,
    ),
    (
        "another question",
        "GET",
        "/api/quiz/answer?kind=outcome&step=1&choice=0&key=x",
        VIEWER,
        b"",
        409,
    ),
    ("unknown client", "GET", "/api/mode/jar?client=x", VIEWER, b"", 404),
    ("no flag", "GET", "/api/mode/table?all=yes", VIEWER, b"", 400),
    ("a large seed", "GET", "/api/mode/quiz?seed=99999999", VIEWER, b"", 400),
]


async def _ask(
    page: Page, method: str, path: str, headers: Headers, body: bytes
) -> tuple[int, str]:
    page.client.headers.pop("Authorization", None)
    response = await page.client.request(method, path, headers=dict(headers), content=body)
    for name, value in response.headers.items():
        assert name != "set-cookie"
        assert not name.startswith("access-control-"), value
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "'unsafe" not in response.headers["content-security-policy"]
    assert (response.headers["cache-control"] == "no-store") is path.startswith("/api/")
    return response.status_code, response.text


async def test_what_is_refused(tmp_path: Path) -> None:
    """Each bad request is one line of JSON with its status; it sets no cookie and changes nothing.

    No response has a CORS header, and none from ``/api/`` is kept by the browser.
    """
    async with page_of(tmp_path, seed_story().events) as page:
        for name, method, path, headers, body, status in REFUSED:
            got, text = await _ask(page, method, path, headers, body)
            assert (got, text.count("\n")) == (status, 1), (name, got, text)
            assert text.startswith('{"error":"'), name
            assert "token" not in text.replace("the token is missing or wrong", ""), name
        assert page.live.presenter is None
        many = VIEWER | {f"X-{number}": "x" for number in range(MOST_HEADERS)}
        assert (await _ask(page, "GET", "/api/story", many, b""))[0] == 431


async def test_what_is_served(tmp_path: Path) -> None:
    """The page needs no token; everything of the capture is read with either of them."""
    async with page_of(tmp_path, seed_story().events) as page:
        for headers in ({}, {"Host": "localhost:8090"}, {"Host": "[::1]:9999"}):
            status, text = await _ask(page, "GET", "/", headers, b"")
            assert (status, text.startswith("<!doctype html>")) == (200, True)
        for headers in (
            VIEWER,
            PRESENTER,
            VIEWER | {"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
            VIEWER | {"Host": "localhost:4711", "Origin": "http://localhost:4711"},
        ):
            assert (await _ask(page, "GET", "/api/story", headers, b""))[0] == 200
        assert (await _ask(page, "POST", "/api/presenter", PRESENTER, PLACE))[0] == 200
        assert page.live.presenter is not None
        page.client.headers.update(PRESENTER)
        assert (await page.json("/api/story"))["presents"] is True


async def test_an_unchanged_file_is_not_sent_again(tmp_path: Path) -> None:
    """A browser that has a file asks whether it has changed."""
    async with page_of(tmp_path, seed_story().events) as page:
        tag = (await page.get("/")).headers["etag"]
        again = await page.get("/", **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("listens", "names", "host", "end", "ours"),
    [
        ("127.0.0.1", (), "127.0.0.1:1", "127.0.0.1", True),
        ("127.0.0.1", (), "localhost", "127.0.0.1", True),
        ("127.0.0.1", (), "LOCALHOST.:1", "127.0.0.1", True),
        ("127.0.0.1", (), "[::1]:1", "127.0.0.1", True),
        ("127.0.0.1", (), "lab.test:1", "127.0.0.1", False),
        ("127.0.0.1", (), "127.0.0.1.evil.test:1", "127.0.0.1", False),
        ("127.0.0.1", (), "", "127.0.0.1", False),
        ("127.0.0.1", (), "a@127.0.0.1", "127.0.0.1", False),
        ("0.0.0.0", ("lab.test",), "lab.test:1", "10.0.0.7", True),
        ("0.0.0.0", ("lab.test",), "Lab.test", "10.0.0.7", True),
        ("0.0.0.0", ("lab.test",), "x.lab.test", "10.0.0.7", False),
        ("0.0.0.0", ("*.lab.test",), "x.lab.test", "10.0.0.7", True),
        ("0.0.0.0", ("*.lab.test",), "y.x.lab.test", "10.0.0.7", False),
        ("0.0.0.0", (), "10.0.0.7:1", "10.0.0.7", True),
        ("0.0.0.0", (), "10.0.0.8:1", "10.0.0.7", False),
        ("::", (), "[2001:db8::7]:1", "2001:db8::7", True),
        ("::", (), "10.0.0.7", "::ffff:10.0.0.7", True),
        ("0.0.0.0", (), "localhost:1", "127.0.0.1", True),
    ],
)
def test_which_names_are_ours(
    listens: str, names: tuple[str, ...], host: str, end: str, ours: bool
) -> None:
    """A name is that of the machine, of the certificate, or the address that was connected to.

    The port may be another one: ``ssh -L`` forwards from one.
    """
    assert Names(listens, names).have(host, (end, 8090)) is ours


def test_a_page_needs_tokens() -> None:
    """Without tokens there is no server: an empty one would let everybody in."""

    async def nothing(*_: object) -> None: ...

    with pytest.raises(ValueError, match="without tokens"):
        Guard(nothing, Names("127.0.0.1"), Tokens("", ""), scheme="http")
