"""The settings of the frameworks' own session cookies: run where Python can, pinned for all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
import pytest
from django.conf import settings  # type: ignore[import-untyped]
from django.contrib.sessions.middleware import SessionMiddleware  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]
from django.middleware.csrf import CsrfViewMiddleware  # type: ignore[import-untyped]
from django.test import override_settings  # type: ignore[import-untyped]
from flask import Flask, session
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware as StarletteSessions
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cookietrace.cookies import SameSite, parse_set_cookie
from cookietrace.lesson.corrections import (
    FRAMEWORKS,
    SetCookieLine,
    code_of,
    is_probable,
    setting_of,
)
from cookietrace.lesson.corrections.session_settings import SESSION_COOKIES, WITNESSED
from tests.sessions.test_decoding import LARGE
from tests.sessions.test_decoding import django as django_value
from tests.sessions.test_decoding import flask as flask_value
from tests.sessions.test_decoding import starlette as starlette_value

BY_NAME = {framework.name: framework for framework in FRAMEWORKS}

FULL = SetCookieLine(
    name="",
    value="1",
    path="/account",
    domain="shop.example",
    max_age=3600,
    secure=True,
    http_only=True,
    same_site=SameSite.NONE,
)
BARE = SetCookieLine(name="", value="1")
LAX = SetCookieLine(name="", value="1", http_only=True, same_site=SameSite.LAX)


def flask(code: str, name: str) -> str:
    """Return what Flask sends with a setting."""
    app = Flask(__name__)
    app.secret_key = "key"

    @app.get("/")
    def _sign_in() -> str:
        session["user"] = 1
        session.permanent = "session.permanent = True" in code
        return ""

    exec(code, {"app": app, "session": msgspec.defstruct("Session", ["permanent"])})
    return app.test_client().get("/").headers["Set-Cookie"]


def django(code: str, name: str) -> str:
    """Return what Django sends with a setting."""
    if not settings.configured:
        settings.configure()
    given: dict[str, Any] = {}
    exec(code, {}, given)
    engine = "django.contrib.sessions.backends.cache"
    with override_settings(SESSION_ENGINE=engine, **given):
        request = HttpRequest()
        if name == "csrftoken":
            request.META["CSRF_COOKIE"], request.META["CSRF_COOKIE_NEEDS_UPDATE"] = "a" * 32, True
            response = CsrfViewMiddleware(HttpResponse).process_response(request, HttpResponse())
        else:
            middleware = SessionMiddleware(HttpResponse)
            middleware.process_request(request)
            request.session["user"] = 1
            response = middleware.process_response(request, HttpResponse())
    return str(response.cookies[name].OutputString())


def starlette(code: str, name: str) -> str:
    """Return what Starlette sends with a setting."""

    async def sign_in(request: Request) -> Response:
        request.session["user"] = 1
        return Response()

    app = Starlette(routes=[Route("/", sign_in)])
    exec(code, {"app": app, "SessionMiddleware": StarletteSessions, "secret_key": "key"})
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    return str(dict(sent[0]["headers"])[b"set-cookie"].decode())


RUN: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "session": ("Flask", flask),
    "sessionid": ("Django", django),
    "csrftoken": ("Django", django),
    "session ": ("FastAPI, Starlette", starlette),
}


@pytest.mark.parametrize("line", [FULL, BARE, LAX], ids=["full", "bare", "lax"])
@pytest.mark.parametrize("key", RUN)
def test_the_setting_sends_the_line(key: str, line: SetCookieLine) -> None:
    """The framework's own cookie has the attributes of the line, those that are off included."""
    framework, run = RUN[key]
    name = key.strip()
    code = setting_of(BY_NAME[framework], msgspec.structs.replace(line, name=name))
    if framework == "FastAPI, Starlette" and line is BARE:  # always has HttpOnly and SameSite
        assert code is None
        return
    assert code is not None
    got = parse_set_cookie(run(code, name))
    assert (got.name, got.path, got.domain) == (name, line.path, line.domain)
    assert (got.secure, got.http_only, got.same_site) == (
        line.secure,
        line.http_only,
        line.same_site,
    )
    assert (got.max_age is None and got.expires is None) is (line.max_age is None)


EXPRESS = "s%3AXq9yHq1R5lYw0bXyq0Nn4bBq2xkT7c8a.f2QF2bA0y5VhJmKk5J0vY9m0X1u3rZ8wq7tPpLsN6cE"
"""What express-session sends; so long are an id and a signature of it."""

SESSIONS = {
    "Flask": (flask, flask_value({"user": 1}), {"Flask", "FastAPI, Starlette"}),
    "Flask, compressed": (flask, flask_value(LARGE), {"Flask", "FastAPI, Starlette"}),
    "Django": (django, django_value({"user": 1}), {"Django"}),
    "Starlette": (starlette, starlette_value({"user": 1}), {"FastAPI, Starlette"}),
    "Express": (None, EXPRESS, {"Express"}),
}
"""How a framework's setting is run, a value that it made, and whose it may be."""


@pytest.mark.parametrize("key", SESSIONS)
def test_a_session_with_a_name_of_its_own(key: str) -> None:
    """Its value tells whose it probably is: the setting has its name, too, and is marked so."""
    run, value, whose = SESSIONS[key]
    line = msgspec.structs.replace(FULL, name="shop", value=value)
    found = {each.name: setting_of(each, line) for each in FRAMEWORKS}
    assert {name for name, code in found.items() if code is not None} == whose
    assert {each.name for each in FRAMEWORKS if is_probable(each, line)} == whose
    code = found["FastAPI, Starlette" if key == "Starlette" else key.split(",")[0]]
    assert code is not None
    if run is None:
        assert code == (
            'app.use(session({ ...options, name: "shop", cookie: { path: "/account", '
            'domain: "shop.example", secure: true, httpOnly: true, sameSite: "none", '
            "maxAge: 3600 * 1000 } }));"
        )
        return
    got = parse_set_cookie(run(code, "shop"))
    assert (got.name, got.path, got.domain, got.secure) == ("shop", "/account", line.domain, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shop", "12345678901234567890123456789012"),
        ("shop", flask_value("an address that is signed")),
        ("shop", django_value([1, 2])),
        ("shop", "s%3Ashort.signature"),
        ("shop", jwt.encode({"sub": "1"}, "k" * 32)),
        ("csrf_token", flask_value({"user": 1})),
        ("x y", flask_value({"user": 1})),
    ],
    ids=["an id", "a text", "a list", "a word", "a JWT", "a form token", "no token as a name"],
)
def test_what_is_no_session_of_a_framework(name: str, value: str) -> None:
    """Nobody's setting is offered for a cookie that only looks a little like one."""
    line = msgspec.structs.replace(FULL, name=name, value=value)
    assert [setting_of(each, line) for each in FRAMEWORKS] == [None] * len(FRAMEWORKS)
    gone = msgspec.structs.replace(line, name="shop", value=EXPRESS, deletes=True)
    assert not any(is_probable(each, gone) for each in FRAMEWORKS)


def test_a_usual_name_is_no_guess() -> None:
    """A session with the framework's own name is not called probable."""
    line = msgspec.structs.replace(FULL, name="session", value=flask_value({"user": 1}))
    assert setting_of(BY_NAME["Flask"], line) is not None
    assert "NAME" not in str(setting_of(BY_NAME["Flask"], line))
    assert not any(is_probable(each, line) for each in FRAMEWORKS)


WRITTEN = {
    "session": (
        'app.config.update(SESSION_COOKIE_PATH="/account", SESSION_COOKIE_DOMAIN="shop.example", '
        'SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="None", '
        "PERMANENT_SESSION_LIFETIME=3600)\n"
        "session.permanent = True  # in the view that signs the user in",
        'app.add_middleware(SessionMiddleware, secret_key=secret_key, path="/account", '
        'domain="shop.example", same_site="none", https_only=True, max_age=3600)',
    ),
    "sessionid": (
        'SESSION_COOKIE_PATH = "/account"\nSESSION_COOKIE_DOMAIN = "shop.example"\n'
        "SESSION_COOKIE_SECURE = True\nSESSION_COOKIE_HTTPONLY = True\n"
        'SESSION_COOKIE_SAMESITE = "None"\nSESSION_COOKIE_AGE = 3600',
    ),
    "csrftoken": (
        'CSRF_COOKIE_PATH = "/account"\nCSRF_COOKIE_DOMAIN = "shop.example"\n'
        "CSRF_COOKIE_SECURE = True\nCSRF_COOKIE_HTTPONLY = True\n"
        'CSRF_COOKIE_SAMESITE = "None"\nCSRF_COOKIE_AGE = 3600',
    ),
    "connect.sid": (
        'app.use(session({ ...options, cookie: { path: "/account", domain: "shop.example", '
        'secure: true, httpOnly: true, sameSite: "none", maxAge: 3600 * 1000 } }));',
    ),
    "_shop_session": (
        "Rails.application.config.session_store :cookie_store, key: '_shop_session', "
        "path: '/account', domain: 'shop.example', secure: true, httponly: true, "
        "same_site: :none, expire_after: 3600.seconds",
    ),
    "PHPSESSID": (
        "session_set_cookie_params(['lifetime' => 3600, 'path' => '/account', "
        "'domain' => 'shop.example', 'secure' => true, 'httponly' => true, "
        "'samesite' => 'None']);  // before session_start()",
    ),
    "JSESSIONID": (
        "server.servlet.session.cookie.path=/account\n"
        "server.servlet.session.cookie.domain=shop.example\n"
        "server.servlet.session.cookie.secure=true\n"
        "server.servlet.session.cookie.http-only=true\n"
        "server.servlet.session.cookie.same-site=none\n"
        "server.servlet.session.cookie.max-age=3600s",
    ),
    ".AspNetCore.Session": (
        "builder.Services.AddSession(options => {\n"
        '    options.Cookie.Path = "/account";\n    options.Cookie.Domain = "shop.example";\n'
        "    options.Cookie.SecurePolicy = CookieSecurePolicy.Always;\n"
        "    options.Cookie.HttpOnly = true;\n"
        "    options.Cookie.SameSite = SameSiteMode.None;\n"
        "    options.Cookie.MaxAge = TimeSpan.FromSeconds(3600);\n});",
    ),
    "sid": (),
    "mysession": (),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written(name: str) -> None:
    """Only a framework whose own cookie it is has a setting for it; the others set a cookie."""
    line = msgspec.structs.replace(FULL, name=name)
    found = {each.name: setting_of(each, line) for each in FRAMEWORKS}
    assert tuple(code for code in found.values() if code is not None) == WRITTEN[name]
    for framework in FRAMEWORKS:
        assert code_of(framework, line) == (found[framework.name] or framework.code(line))


@pytest.mark.parametrize("row", SESSION_COOKIES, ids=lambda row: row.names)
def test_every_row(row: Any) -> None:
    """A row is of a framework that there is, has a name here, and no setting for what is hostile.

    A deletion has one only if the framework deletes the cookie itself.
    """
    framework = BY_NAME[row.framework]
    name = next(name for name in WRITTEN if re.fullmatch(row.names, name))
    line = msgspec.structs.replace(FULL, name=name)
    for bad in ({"path": '/"\n'}, {"domain": "x y"}, {"path": "/\x1b"}):
        assert setting_of(framework, msgspec.structs.replace(line, **bad)) is None
    gone = msgspec.structs.replace(line, value="", max_age=None, deletes=True)
    assert (setting_of(framework, gone) is not None) is row.deletes
    partitioned = setting_of(framework, msgspec.structs.replace(line, partitioned=True))
    assert partitioned is not None
    assert "partitioned" in partitioned.lower()


def test_what_the_witness_names_has_a_row() -> None:
    """Each name leads to a framework that a line can be written for."""
    assert set(WITNESSED.values()) <= set(BY_NAME)
