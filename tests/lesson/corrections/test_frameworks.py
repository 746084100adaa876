"""How each framework writes a cookie: run where Python can, and pinned for all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest
from django.conf import settings  # type: ignore[import-untyped]
from django.http import HttpResponse  # type: ignore[import-untyped]
from flask import Response as FlaskResponse
from starlette.responses import Response as StarletteResponse

from cookietrace.cookies import SameSite, parse_set_cookie
from cookietrace.lesson.corrections import FRAMEWORKS, Framework, SetCookieLine

BY_NAME = {framework.name: framework for framework in FRAMEWORKS}

FULL = SetCookieLine(
    name="tab",
    value="abc-123",
    path="/account",
    domain="shop.example",
    max_age=3600,
    secure=True,
    http_only=True,
    same_site=SameSite.NONE,
)
PLAIN = SetCookieLine(name="tab", value="abc")
GONE = SetCookieLine(name="tab", path="/account", domain="shop.example", secure=True, deletes=True)
PARTITIONED = SetCookieLine(
    name="tab", value="a", secure=True, same_site=SameSite.NONE, partitioned=True
)
ENCODED = SetCookieLine(name="tab", value="%22%27%5C%24%7Bx%7D%23%7By%7D")

LINES = (
    FULL,
    PLAIN,
    GONE,
    SetCookieLine(name="__Host-tab", value="a", secure=True, same_site=SameSite.STRICT),
    SetCookieLine(name="tab", value="a.b_c~d", http_only=True, same_site=SameSite.LAX, max_age=1),
    SetCookieLine(name="a$b'c", value="a%20b", path="/it's/$x"),
    SetCookieLine(name="tab", value="a'b$x#%7Ey|!*", same_site=SameSite.LAX),
)

NEW: dict[str, Callable[[], object]] = {
    "Flask": FlaskResponse,
    "Django": HttpResponse,
    "FastAPI, Starlette": StarletteResponse,
}


def sent(name: str, line: SetCookieLine) -> list[str]:
    """Return the Set-Cookie lines of a response for which a framework ran its code."""
    if not settings.configured:
        settings.configure()
    code = BY_NAME[name].code(line)
    assert code is not None
    response = NEW[name]()
    exec(code, {"response": response, "value": line.value})  # our own code
    if isinstance(response, HttpResponse):
        return [morsel.OutputString() for morsel in response.cookies.values()]
    assert isinstance(response, FlaskResponse | StarletteResponse)
    every = getattr(response.headers, "getlist")("Set-Cookie")  # noqa: B009 (two libraries)
    assert isinstance(every, list)
    return every


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.name}={line.value}")
@pytest.mark.parametrize("name", NEW)
def test_the_code_sends_the_line(name: str, line: SetCookieLine) -> None:
    """What the framework sends means to a browser what the line means."""
    (header,) = sent(name, line)
    got = parse_set_cookie(header)
    assert got.name == line.name
    assert (got.path, got.domain) == (line.path, line.domain)
    assert (got.secure, got.http_only) == (line.secure, line.http_only)
    assert got.same_site is line.same_site
    if line.deletes:
        assert got.max_age == 0
        assert got.expires is not None
        assert got.expires <= time.time()
        return
    assert got.value == line.value
    assert got.max_age == line.max_age
    assert (got.expires is None) or line.max_age is not None


@pytest.mark.parametrize("name", NEW)
def test_partitioned(name: str) -> None:
    """Flask knows Partitioned; the others need a Python whose http.cookies does."""
    if name == "Flask" or sys.version_info >= (3, 14):
        (header,) = sent(name, PARTITIONED)
        assert parse_set_cookie(header).attributes.partitioned
    else:
        with pytest.raises(Exception, match=r"(?i)partitioned"):
            sent(name, PARTITIONED)
        assert BY_NAME[name].needs(PARTITIONED) == "Partitioned needs Python 3.14."
    assert BY_NAME[name].needs(FULL) == ""


WRITTEN = {
    "Flask": (
        'response.set_cookie("tab", "abc-123", max_age=3600, path="/account", '
        'domain="shop.example", secure=True, httponly=True, samesite="None")',
        'response.delete_cookie("tab", path="/account", domain="shop.example", secure=True)',
        'response.set_cookie("tab", "a", path="/", secure=True, samesite="None", partitioned=True)',
    ),
    "Django": (
        'response.set_cookie("tab", "abc-123", max_age=3600, path="/account", '
        'domain="shop.example", secure=True, httponly=True, samesite="None")',
        'response.set_cookie("tab", "", max_age=0, path="/account", domain="shop.example", '
        "secure=True)",
        'response.set_cookie("tab", "a", path="/", secure=True, samesite="None")\n'
        'response.cookies["tab"]["partitioned"] = True',
    ),
    "FastAPI, Starlette": (
        'response.set_cookie("tab", "abc-123", max_age=3600, path="/account", '
        'domain="shop.example", secure=True, httponly=True, samesite="none")',
        'response.delete_cookie("tab", path="/account", domain="shop.example", secure=True, '
        "samesite=None)",
        'response.set_cookie("tab", "a", path="/", secure=True, samesite="none", partitioned=True)',
    ),
    "Express": (
        'res.cookie("tab", "abc-123", { maxAge: 3600 * 1000, path: "/account", '
        'domain: "shop.example", secure: true, httpOnly: true, sameSite: "none" });',
        'res.clearCookie("tab", { path: "/account", domain: "shop.example", secure: true });',
        'res.cookie("tab", "a", { path: "/", secure: true, sameSite: "none", partitioned: true });',
    ),
    "Rails": (
        "cookies['tab'] = { value: 'abc-123', expires: 3600.seconds, path: '/account', "
        "domain: 'shop.example', secure: true, httponly: true, same_site: :none }",
        "cookies.delete('tab', path: '/account', domain: 'shop.example', secure: true)",
        "cookies['tab'] = { value: 'a', path: '/', secure: true, same_site: :none, "
        "partitioned: true }",
    ),
    "PHP": (
        "setcookie('tab', 'abc-123', ['expires' => time() + 3600, 'path' => '/account', "
        "'domain' => 'shop.example', 'secure' => true, 'httponly' => true, "
        "'samesite' => 'None']);",
        "setcookie('tab', '', ['expires' => 1, 'path' => '/account', "
        "'domain' => 'shop.example', 'secure' => true]);",
        "setcookie('tab', 'a', ['path' => '/', 'secure' => true, 'samesite' => 'None', "
        "'partitioned' => true]);",
    ),
    "Spring": (
        'response.addHeader(HttpHeaders.SET_COOKIE, ResponseCookie.from("tab", "abc-123")'
        '.maxAge(Duration.ofSeconds(3600)).path("/account").domain("shop.example").secure(true)'
        '.httpOnly(true).sameSite("None").build().toString());',
        'response.addHeader(HttpHeaders.SET_COOKIE, ResponseCookie.from("tab", "").maxAge(0)'
        '.path("/account").domain("shop.example").secure(true).build().toString());',
        'response.addHeader(HttpHeaders.SET_COOKIE, ResponseCookie.from("tab", "a").path("/")'
        '.secure(true).sameSite("None").partitioned(true).build().toString());',
    ),
    "ASP.NET Core": (
        'Response.Cookies.Append("tab", "abc-123", new CookieOptions { '
        'MaxAge = TimeSpan.FromSeconds(3600), Path = "/account", Domain = "shop.example", '
        "Secure = true, HttpOnly = true, SameSite = SameSiteMode.None });",
        'Response.Cookies.Append("tab", "", new CookieOptions { MaxAge = TimeSpan.Zero, '
        'Path = "/account", Domain = "shop.example", Secure = true });',
        'Response.Cookies.Append("tab", "a", new CookieOptions { Path = "/", Secure = true, '
        'SameSite = SameSiteMode.None, Extensions = { "Partitioned" } });',
    ),
    "Go": (
        'http.SetCookie(w, &http.Cookie{Name: "tab", Value: "abc-123", MaxAge: 3600, '
        'Path: "/account", Domain: "shop.example", Secure: true, HttpOnly: true, '
        "SameSite: http.SameSiteNoneMode})",
        'http.SetCookie(w, &http.Cookie{Name: "tab", MaxAge: -1, Path: "/account", '
        'Domain: "shop.example", Secure: true})',
        'http.SetCookie(w, &http.Cookie{Name: "tab", Value: "a", Path: "/", Secure: true, '
        "SameSite: http.SameSiteNoneMode, Partitioned: true})",
    ),
}


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_what_is_written(framework: Framework) -> None:
    """Names, units and defaults are the framework's own, to set, to delete and to partition."""
    lines = (FULL, GONE, PARTITIONED)
    assert tuple(map(framework.code, lines)) == WRITTEN[framework.name]


def test_every_framework_has_a_key_of_its_own() -> None:
    """One letter chooses each; ``h`` is the header."""
    keys = {framework.key for framework in FRAMEWORKS}
    assert len(keys) == len(FRAMEWORKS)
    assert "h" not in keys
    assert set(WRITTEN) == set(BY_NAME)


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("Rails", r"""'"\'\\${x}#{y}'"""),
        ("PHP", r"""'"\'\\${x}#{y}'"""),
        ("ASP.NET Core", '''"\\"'\\\\${x}#{y}"'''),
        ("Express", "value"),  # which leaves apostrophes as they are
        ("Flask", '"%22%27%5C%24%7Bx%7D%23%7By%7D"'),
        ("Go", '"%22%27%5C%24%7Bx%7D%23%7By%7D"'),
    ],
)
def test_a_hostile_value(name: str, literal: str) -> None:
    """A value is a literal of the language and cannot leave it; decoded, if it gets encoded."""
    code = BY_NAME[name].code(ENCODED)
    assert code is not None
    assert f" {literal}," in code


@pytest.mark.parametrize(
    "value",
    ["x" * 41, "a\x1b[31m", "%1B%5B31m", "%E2%80%AE", "%FF", 'a"b', "a\\b", "a;b", "\xe9", "%0A"],
)
@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_a_value_that_is_not_written(framework: Framework, value: str) -> None:
    """A long value, or one that would act on a terminal or change its bytes, is a variable.

    A framework that does not decode writes the percent signs as they are.
    """
    code = framework.code(SetCookieLine(name="tab", value=value))
    assert code is not None
    assert code.isascii()
    assert code.isprintable()
    if framework.encodes or "%" not in value:
        assert f" {framework.variable}" in code
        assert value not in code


@pytest.mark.parametrize(
    "line",
    [
        SetCookieLine(name="", value="a"),
        SetCookieLine(name="a b", value="a"),
        SetCookieLine(name='a"b', value="a"),
        SetCookieLine(name="\xe9", value="a"),
        SetCookieLine(name="a", path='/"b'),
        SetCookieLine(name="a", path="/\x1b"),
        SetCookieLine(name="a", domain="x y"),
    ],
    ids=repr,
)
def test_a_line_without_code(line: SetCookieLine) -> None:
    """A name, path or domain that could leave its literal, or is not sent as it is, has none."""
    assert [framework.code(line) for framework in FRAMEWORKS] == [None] * len(FRAMEWORKS)


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("sid", "abc", "value"),
        ("oauth_state", "abc", "value"),
        ("tab", "d17593b1ce", "value"),
        ("tab", "YWJjZGVmZ2g9%3D", "value"),
        ("tab", "1234567", '"1234567"'),
        ("theme", "high-contrast", '"high-contrast"'),
        ("sid", "", '""'),
    ],
)
def test_a_value_of_one_session_is_a_variable(name: str, value: str, written: str) -> None:
    """Code must not send every user the session, the state or the token of one of them."""
    code = BY_NAME["Flask"].code(SetCookieLine(name=name, value=value))
    assert code is not None
    assert f'set_cookie("{name}", {written}, ' in code


def test_a_hidden_value() -> None:
    """A value that is hidden on the screen is a variable in the code."""
    for framework in FRAMEWORKS:
        code = framework.code(FULL, hide_value=True)
        assert code is not None
        assert "abc-123" not in code
