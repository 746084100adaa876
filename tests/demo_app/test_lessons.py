"""Every URL of the demo app: its status, its exact Set-Cookie lines, its page."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo_app import create_app
from demo_app.lessons import LESSONS
from demo_app.lessons.refusals import REFUSALS

PAST = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"


class Row(NamedTuple):
    """A request, and the expected response."""

    path: str
    status: int = 200
    set_cookies: tuple[str, ...] = ()
    """The lines in order; dates that depend on the day are written as ``*``."""
    says: str = ""
    """A part of the response's text."""
    cookie: str = ""
    method: str = "GET"
    host: str = "shop.test"
    form: dict[str, str] = {}  # noqa: RUF012  (read only)
    leads_to: str = ""
    """The Location of a redirect; by default the path without its last part."""


SIGNED = "login=Alice.nuENMOFR7-fPJcC22ERM-rMT1c4"

ROWS = [
    Row("/", set_cookies=("user=Alice; Path=/",), says="Hello None"),
    Row("/", set_cookies=("user=Alice; Path=/",), says="Hello Alice", cookie="user=Alice"),
    Row("/", set_cookies=("user=Alice; Path=/",), says="Hello &lt;b&gt;", cookie="user=<b>"),
    Row("/favicon.ico", says="<svg"),
    Row("/lessons", says="Eight small lessons"),
    Row("/lessons", host="127.0.0.1:5000", says="http://shop.test/lessons"),
    Row("/lessons/greeting", says="The first visit sends no cookies"),
    Row("/lessons/greeting/quiet", says="Hello again Alice", cookie="user=Alice"),
    Row(
        "/lessons/greeting/rename",
        set_cookies=("user=Bob; Path=/",),
        says="Goodbye Alice",
        cookie="user=Alice",
    ),
    Row("/lessons/greeting/forget", set_cookies=(f"user=; {PAST}; Path=/",)),
    Row("/lessons/sign-in", says="No one is signed in"),
    Row("/lessons/sign-in", says="Signed in as Alice", cookie=SIGNED),
    Row("/lessons/sign-in", says="No one is signed in", cookie="login=Alice.forged"),
    Row("/lessons/sign-in", says="The session is empty", cookie="session=forged"),
    Row(
        "/lessons/sign-in/in",
        303,
        (f"{SIGNED}; HttpOnly; Path=/lessons/sign-in", "nickname=Alice; Path=/lessons/sign-in"),
        method="POST",
    ),
    Row(
        "/lessons/sign-in/in",
        303,
        (
            "login=Eve1.UtnXQUO90oGpNfsDfdbz27TXoUE; HttpOnly; Path=/lessons/sign-in",
            "nickname=Eve1; Path=/lessons/sign-in",
        ),
        method="POST",
        form={"name": "<Eve; 1>\r\n"},
    ),
    Row(
        "/lessons/sign-in/out",
        303,
        (
            f"login=; {PAST}; HttpOnly; Path=/lessons/sign-in",
            f"nickname=; {PAST}; Path=/lessons/sign-in",
        ),
        method="POST",
    ),
    Row(
        "/lessons/sign-in/flask-in",
        303,
        ("session=*; HttpOnly; Path=/lessons/sign-in; SameSite=Lax",),
        method="POST",
    ),
    Row(
        "/lessons/sign-in/flask-out",
        303,
        (f"session=; {PAST}; HttpOnly; Path=/lessons/sign-in; SameSite=Lax",),
        method="POST",
    ),
    Row("/lessons/lifetimes", says="brief was not sent"),
    Row("/lessons/lifetimes", says="keep = a-year", cookie="keep=a-year"),
    Row(
        "/lessons/lifetimes/brief",
        303,
        ("brief=ten-seconds; Expires=*; Max-Age=10; Path=/lessons/lifetimes",),
    ),
    Row("/lessons/lifetimes/visit", 303, ("visit=until-you-close-me; Path=/lessons/lifetimes",)),
    Row(
        "/lessons/lifetimes/keep",
        303,
        ("keep=a-year; Expires=*; Max-Age=31536000; Path=/lessons/lifetimes",),
    ),
    Row(
        "/lessons/lifetimes/too-long",
        303,
        ("keep=ten-years; Expires=*; Max-Age=315360000; Path=/lessons/lifetimes",),
    ),
    Row(
        "/lessons/lifetimes/both",
        303,
        ("brief=max-age-wins; Expires=*; Max-Age=10; Path=/lessons/lifetimes",),
    ),
    Row(
        "/lessons/lifetimes/nonsense",
        303,
        ("visit=no-such-date; Expires=tomorrow; Path=/lessons/lifetimes",),
    ),
    Row("/lessons/lifetimes/delete-wrong", 303, (f"keep=; {PAST}; Path=/",)),
    Row("/lessons/lifetimes/delete-right", 303, (f"keep=; {PAST}; Path=/lessons/lifetimes",)),
    Row("/lessons/scope", says="Three of them, two, one"),
    Row("/lessons/scope", says="sent 2 times: dark, light", cookie="shade=dark; shade=light"),
    Row("/lessons/scope/deep"),
    Row("/lessons/scope-nearby"),
    Row(
        "/lessons/scope/set-paths",
        303,
        (
            "shade=light; Path=/lessons",
            "shade=medium; Path=/lessons/scope",
            "shade=dark; Path=/lessons/scope/deep",
        ),
    ),
    Row("/lessons/scope/set-host", 303, ("place=this-host-only; Path=/lessons/scope",)),
    Row(
        "/lessons/scope/set-domain",
        303,
        ("place=all-of-shop; Domain=shop.test; Path=/lessons/scope",),
        host="www.shop.test",
    ),
    Row("/lessons/scope/set-deep-link", 303, ("place=default-path",)),
    Row(
        "/lessons/scope/clear",
        303,
        (
            f"shade=; {PAST}; Path=/lessons",
            f"shade=; {PAST}; Path=/lessons/scope",
            f"shade=; {PAST}; Path=/lessons/scope/deep",
            f"place=; {PAST}; Path=/lessons/scope",
            f"place=; Domain=shop.test; {PAST}; Path=/lessons/scope",
        ),
    ),
    Row(
        "/lessons/scope/clear",
        303,
        (
            f"shade=; {PAST}; Path=/lessons",
            f"shade=; {PAST}; Path=/lessons/scope",
            f"shade=; {PAST}; Path=/lessons/scope/deep",
            f"place=; {PAST}; Path=/lessons/scope",
        ),
        host="ads.test",
    ),
    Row("/lessons/same-site", says="None of them"),
    Row(
        "/lessons/same-site/set",
        303,
        (
            "strict=1; Path=/lessons/same-site; SameSite=Strict",
            "lax=1; Path=/lessons/same-site; SameSite=Lax",
            "none=1; Secure; Path=/lessons/same-site; SameSite=None",
            "plain=1; Path=/lessons/same-site",
        ),
    ),
    Row(
        "/lessons/same-site/clear",
        303,
        (
            f"strict=; {PAST}; Path=/lessons/same-site",
            f"lax=; {PAST}; Path=/lessons/same-site",
            f"none=; {PAST}; Path=/lessons/same-site",
            f"plain=; {PAST}; Path=/lessons/same-site",
        ),
    ),
    Row("/lessons/same-site/from-ads", host="ads.test", says="//shop.test/lessons/same-site/data"),
    Row("/lessons/same-site/from-ads", host="shop.test", says="You are on shop.test"),
    Row("/lessons/same-site/from-ads", host="localhost", says="http://ads.test/lessons"),
    Row("/lessons/same-site/arrive", says=">lax</code>", cookie="lax=1"),
    Row("/lessons/same-site/arrive", says="reached with POST", method="POST"),
    Row("/lessons/same-site/frame", says=">none</code>", cookie="none=1"),
    Row("/lessons/same-site/pixel.png", says="PNG"),
    Row("/lessons/same-site/data", says='{"received":["strict","lax"]}', cookie="lax=1; strict=1"),
    Row("/lessons/third-party", says="https://ads.test/lessons/third-party/widget"),
    Row("/lessons/third-party", host="localhost", says="https://shop.test/lessons/third-party"),
    Row(
        "/lessons/third-party/widget",
        set_cookies=(
            "tracker=1; Secure; Path=/lessons/third-party; SameSite=None",
            "widget=1; Secure; Path=/lessons/third-party; SameSite=None; Partitioned",
        ),
        says=">account</code>",
        cookie="account=1",
        host="ads.test",
    ),
    Row(
        "/lessons/third-party/visit",
        set_cookies=("account=1; Secure; Path=/lessons/third-party; SameSite=None",),
        says=">tracker</code>",
        cookie="tracker=1",
        host="ads.test",
    ),
    Row(
        "/lessons/third-party/clear",
        303,
        (
            f"account=; {PAST}; Secure; Path=/lessons/third-party; SameSite=None",
            f"tracker=; {PAST}; Secure; Path=/lessons/third-party; SameSite=None",
        ),
        host="ads.test",
        leads_to="https://shop.test/lessons/third-party",
    ),
    Row("/lessons/credentials", says=">own</code>", cookie="own=1"),
    Row("/lessons/credentials", says="//api.shop.test/lessons/credentials/sign-in/silent"),
    Row(
        "/lessons/credentials/sign-in/silent",
        set_cookies=("silent=1; Domain=shop.test; Path=/lessons/credentials",),
        says='{"received":["own"]}',
        cookie="own=1",
        host="api.shop.test",
    ),
    Row("/lessons/credentials/sign-in/other", says='{"received":[]}'),
    Row(
        "/lessons/credentials/clear",
        303,
        (
            f"silent=; Domain=shop.test; {PAST}; Path=/lessons/credentials",
            f"included=; Domain=shop.test; {PAST}; Path=/lessons/credentials",
            f"own=; Domain=shop.test; {PAST}; Path=/lessons/credentials",
        ),
    ),
    Row("/lessons/refused", says="prefix-host-http"),
    *(Row(f"/lessons/refused/{code}", 200, (row.line,)) for code, row in REFUSALS.items()),
    *(Row(f"/lessons/refused/{code}/fixed", 200, (r.fixed,)) for code, r in REFUSALS.items()),
    *(Row(f"/lessons/refused/{code}/pixel.png", 200, (r.line,)) for code, r in REFUSALS.items()),
    *(
        Row(f"/lessons/refused/{code}/first", 200, (row.first,))
        if row.first
        else Row(f"/lessons/refused/{code}/first", 404)
        for code, row in REFUSALS.items()
    ),
    Row("/lessons/refused/domain-mismatch/from-ads", host="ads.test", says="//shop.test/lessons"),
    Row("/lessons/refused/no-such-reason", 404),
    Row("/no-such-page", 404),
]


@pytest.fixture(scope="module")
def app() -> Flask:
    """A demo app whose signatures are always the same."""
    return create_app(secret_key="k" * 8)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that stores no cookies."""
    return app.test_client(use_cookies=False)


def steady(line: str) -> str:
    """Return a Set-Cookie line without the parts that depend on the day."""
    line = re.sub(r"Expires=(?!Thu, 01 Jan 1970)[^;]* GMT", "Expires=*", line)
    return re.sub(r"^session=[^;]+", "session=*", line)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_routes(client: FlaskClient, row: Row) -> None:
    """Each URL responds as in its row, with exactly those Set-Cookie lines."""
    response = client.open(
        row.path,
        method=row.method,
        headers={"Host": row.host, "Cookie": row.cookie},
        data=row.form,
    )
    assert response.status_code == row.status
    assert tuple(map(steady, response.headers.getlist("Set-Cookie"))) == row.set_cookies
    assert row.says in response.data.decode("latin-1")
    if row.status == 303:
        leads_to = row.leads_to or row.path.rpartition("/")[0]
        assert response.headers["Location"] == leads_to


def test_every_route_has_a_row(app: Flask) -> None:
    """The table covers every URL."""
    adapter = app.url_map.bind("shop.test")
    seen = {
        adapter.match(row.path, method=row.method, return_rule=True)[0].rule
        for row in ROWS
        if row.path != "/no-such-page"
    }
    assert seen == {rule.rule for rule in app.url_map.iter_rules()}


def test_the_greeting_is_a_plain_response(client: FlaskClient) -> None:
    """The page at / is the bare sentence, with the headers of any plain Flask response."""
    response = client.get("/")
    assert response.data == b"Hello None"
    assert list(response.headers) == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "10"),
        ("Set-Cookie", "user=Alice; Path=/"),
    ]


@pytest.mark.parametrize("path", ["/lessons/same-site/data", "/lessons/credentials/sign-in/own"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://ads.test", "https://ads.test"),
        ("http://www.shop.test", "http://www.shop.test"),
        ("https://evil.test", None),
        (None, None),
    ],
)
def test_only_the_demos_scripts_may_read_responses(
    client: FlaskClient, origin: str | None, allowed: str | None, path: str
) -> None:
    """Only scripts of the demo's own sites may read the response."""
    headers = {"Origin": origin} if origin else {}
    response = client.get(path, headers=headers)
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    assert response.headers["Vary"] == "Origin"


def test_index_lists_all(client: FlaskClient) -> None:
    """Every lesson is on the index."""
    page = client.get("/lessons").text
    listed = re.findall(r'<a href="([^"]+)"><b>', page)
    assert listed == [lesson.path for lesson in LESSONS]
