"""The settings of the frameworks' own session cookies, whose Set-Cookie line no app writes.

A cookie is known by the name that the framework gives it by default, or probably by the form of its
value. Every attribute is written, also those that are off, since the defaults differ. Flask, Django
and Starlette were run with what is written here; the others are as documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from cookietrace.cookies import SameSite
from cookietrace.lesson.corrections.frameworks import NAME, PLACE, Framework
from cookietrace.lesson.corrections.line import SetCookieLine
from cookietrace.lesson.corrections.literals import double_quoted, single_quoted
from cookietrace.lesson.corrections.renamed_sessions import likely_frameworks


class SessionCookie(msgspec.Struct, frozen=True, kw_only=True):
    """A cookie that a framework sets by itself."""

    framework: str
    """``Framework.name``."""
    names: str
    """The names that it has by default: a regular expression."""
    setting: Callable[[SetCookieLine], str | None]
    """Returns the code; None if no setting makes such a line."""
    deletes: bool = False
    """Whether the framework deletes the cookie by itself too, with the same attributes."""


def code_of(framework: Framework, line: SetCookieLine, *, hide_value: bool = False) -> str | None:
    """Return the code that makes an app send a line; None if it cannot be written in it.

    That is the framework's setting if the cookie is its own, otherwise ``Framework.code``.
    """
    setting = setting_of(framework, line)
    return framework.code(line, hide_value=hide_value) if setting is None else setting


def setting_of(framework: Framework, line: SetCookieLine) -> str | None:
    """Return the setting of a framework's own session cookie; None if it is no such cookie."""
    places = [line.path] if line.domain is None else [line.path, line.domain]
    if not all(map(PLACE.fullmatch, places)):
        return None
    row = _named(framework, line)
    if row is not None:
        return row.setting(line) if row.deletes or not line.deletes else None
    renamed = is_probable(framework, line)
    return _RENAMED[framework.name](line) if renamed else None


def is_probable(framework: Framework, line: SetCookieLine) -> bool:
    """Return whether only the value says that it is a framework's own session cookie."""
    return (
        framework.name in _RENAMED
        and not line.deletes
        and _named(framework, line) is None
        and NAME.fullmatch(line.name) is not None
        and framework.name in likely_frameworks(line.name, line.value)
    )


def _named(framework: Framework, line: SetCookieLine) -> SessionCookie | None:
    for row in SESSION_COOKIES:
        if row.framework == framework.name and re.fullmatch(row.names, line.name, re.ASCII):
            return row
    return None


def _flask(line: SetCookieLine) -> str:
    parts = [f"SESSION_COOKIE_PATH={double_quoted(line.path)}"]
    if line.name != "session":
        parts.insert(0, f"SESSION_COOKIE_NAME={double_quoted(line.name)}")
    if line.domain is not None:
        parts.append(f"SESSION_COOKIE_DOMAIN={double_quoted(line.domain)}")
    parts += [
        f"SESSION_COOKIE_SECURE={line.secure}",
        f"SESSION_COOKIE_HTTPONLY={line.http_only}",
        f"SESSION_COOKIE_SAMESITE={_python_same_site(line, 'None')}",
    ]
    if line.partitioned:
        parts.append("SESSION_COOKIE_PARTITIONED=True")
    if line.max_age is not None:
        parts.append(f"PERMANENT_SESSION_LIFETIME={line.max_age}")
    code = f"app.config.update({', '.join(parts)})"
    lasting = "\nsession.permanent = True  # in the view that signs the user in"
    return code if line.max_age is None else code + lasting


def _django(line: SetCookieLine) -> str:
    """Return lines for ``settings.py``: of the session or of the token against CSRF."""
    csrf = line.name == "csrftoken"
    prefix = "CSRF_COOKIE" if csrf else "SESSION_COOKIE"
    parts = [f"{prefix}_PATH = {double_quoted(line.path)}"]
    if line.name not in ("sessionid", "csrftoken"):
        parts.insert(0, f"{prefix}_NAME = {double_quoted(line.name)}")
    if line.domain is not None:
        parts.append(f"{prefix}_DOMAIN = {double_quoted(line.domain)}")
    parts += [
        f"{prefix}_SECURE = {line.secure}",
        f"{prefix}_HTTPONLY = {line.http_only}",
        f"{prefix}_SAMESITE = {_python_same_site(line, 'False')}",
    ]
    if line.max_age is not None:
        parts.append(f"{prefix}_AGE = {line.max_age}")
    elif not line.deletes:
        parts.append("CSRF_COOKIE_AGE = None" if csrf else "SESSION_EXPIRE_AT_BROWSER_CLOSE = True")
    if line.partitioned:
        parts.append(
            f"# No setting: in a middleware listed above Django's own, with Python 3.14\n"
            f'response.cookies[{double_quoted(line.name)}]["partitioned"] = True'
        )
    return "\n".join(parts)


def _starlette(line: SetCookieLine) -> str | None:
    """Return the middleware; it always sends HttpOnly and one of the three values of SameSite."""
    if not line.http_only or line.same_site is SameSite.DEFAULT:
        return None
    parts = [f"path={double_quoted(line.path)}"]
    if line.name != "session":
        parts.insert(0, f"session_cookie={double_quoted(line.name)}")
    if line.domain is not None:
        parts.append(f"domain={double_quoted(line.domain)}")
    parts += [f'same_site="{line.same_site.value}"', f"https_only={line.secure}"]
    if not line.deletes:
        parts.append(f"max_age={line.max_age}")
    if line.partitioned:
        parts.append("partitioned=True")
    return f"app.add_middleware(SessionMiddleware, secret_key=secret_key, {', '.join(parts)})"


def _express(line: SetCookieLine) -> str:
    same_site = "false" if line.same_site is SameSite.DEFAULT else f'"{line.same_site.value}"'
    parts = [f"path: {double_quoted(line.path)}"]
    if line.domain is not None:
        parts.append(f"domain: {double_quoted(line.domain)}")
    parts += [
        f"secure: {_lower(line.secure)}",
        f"httpOnly: {_lower(line.http_only)}",
        f"sameSite: {same_site}",
    ]
    if line.max_age is not None:
        parts.append(f"maxAge: {line.max_age} * 1000")  # milliseconds
    if line.partitioned:
        parts.append("partitioned: true")
    name = "" if line.name == "connect.sid" else f"name: {double_quoted(line.name)}, "
    return f"app.use(session({{ ...options, {name}cookie: {{ {', '.join(parts)} }} }}));"


def _rails(line: SetCookieLine) -> str:
    same_site = "nil" if line.same_site is SameSite.DEFAULT else f":{line.same_site.value}"
    parts = [f"key: {single_quoted(line.name)}", f"path: {single_quoted(line.path)}"]
    if line.domain is not None:
        parts.append(f"domain: {single_quoted(line.domain)}")
    parts += [
        f"secure: {_lower(line.secure)}",
        f"httponly: {_lower(line.http_only)}",
        f"same_site: {same_site}",
    ]
    if line.max_age is not None:
        parts.append(f"expire_after: {line.max_age}.seconds")
    if line.partitioned:
        parts.append("partitioned: true")
    return f"Rails.application.config.session_store :cookie_store, {', '.join(parts)}"


def _php(line: SetCookieLine) -> str:
    same_site = "" if line.same_site is SameSite.DEFAULT else line.same_site.value.capitalize()
    parts = [f"'lifetime' => {line.max_age or 0}", f"'path' => {single_quoted(line.path)}"]
    if line.domain is not None:
        parts.append(f"'domain' => {single_quoted(line.domain)}")
    parts += [
        f"'secure' => {_lower(line.secure)}",
        f"'httponly' => {_lower(line.http_only)}",
        f"'samesite' => '{same_site}'",
    ]
    if line.partitioned:
        parts.append("'partitioned' => true")
    return f"session_set_cookie_params([{', '.join(parts)}]);  // before session_start()"


def _spring(line: SetCookieLine) -> str:
    """Return lines for ``application.properties`` of Spring Boot."""
    omitted = line.same_site is SameSite.DEFAULT
    parts = [f"path={line.path}"]
    if line.domain is not None:
        parts.append(f"domain={line.domain}")
    parts += [
        f"secure={_lower(line.secure)}",
        f"http-only={_lower(line.http_only)}",
        f"same-site={'omitted' if omitted else line.same_site.value}",
    ]
    if line.max_age is not None:
        parts.append(f"max-age={line.max_age}s")
    if line.partitioned:
        parts.append("partitioned=true")
    return "\n".join(f"server.servlet.session.cookie.{part}" for part in parts)


_ASP_NET: Final = {
    ".AspNetCore.Session": "builder.Services.AddSession",
    ".AspNetCore.Identity.Application": "builder.Services.ConfigureApplicationCookie",
    ".AspNetCore.Cookies": "builder.Services.AddAuthentication().AddCookie",
}


def _asp_net(line: SetCookieLine) -> str:
    unspecified = line.same_site is SameSite.DEFAULT
    same_site = "Unspecified" if unspecified else line.same_site.value.capitalize()
    parts = [f"Path = {double_quoted(line.path)}"]
    if line.domain is not None:
        parts.append(f"Domain = {double_quoted(line.domain)}")
    parts += [
        f"SecurePolicy = CookieSecurePolicy.{'Always' if line.secure else 'None'}",
        f"HttpOnly = {_lower(line.http_only)}",
        f"SameSite = SameSiteMode.{same_site}",
    ]
    if line.max_age is not None:
        parts.append(f"MaxAge = TimeSpan.FromSeconds({line.max_age})")
    if line.partitioned:
        parts.append('Extensions.Add("Partitioned")')
    body = "".join(f"    options.Cookie.{part};\n" for part in parts)
    return f"{_ASP_NET[line.name]}(options => {{\n{body}}});"


def _python_same_site(line: SetCookieLine, unset: str) -> str:
    if line.same_site is SameSite.DEFAULT:
        return unset
    return f'"{line.same_site.value.capitalize()}"'


def _lower(yes: bool) -> str:
    return "true" if yes else "false"


SESSION_COOKIES: Final = (
    SessionCookie(framework="Flask", names="session", setting=_flask, deletes=True),
    SessionCookie(framework="Django", names="sessionid", setting=_django, deletes=True),
    SessionCookie(framework="Django", names="csrftoken", setting=_django),
    SessionCookie(
        framework="FastAPI, Starlette", names="session", setting=_starlette, deletes=True
    ),
    SessionCookie(framework="Express", names=r"connect\.sid", setting=_express),
    SessionCookie(framework="Rails", names=r"_\w+_session", setting=_rails),
    SessionCookie(framework="PHP", names="PHPSESSID", setting=_php),
    SessionCookie(framework="Spring", names="JSESSIONID", setting=_spring),
    SessionCookie(
        framework="ASP.NET Core", names="|".join(map(re.escape, _ASP_NET)), setting=_asp_net
    ),
)
"""Every such cookie. To add one: a row here, and one of its test."""

_RENAMED: Final[dict[str, Callable[[SetCookieLine], str | None]]] = {
    "Flask": _flask,
    "Django": _django,
    "FastAPI, Starlette": _starlette,
    "Express": _express,
}
"""What writes the setting of a session with a name of the app's own."""

WITNESSED: Final = {
    "flask": "Flask",
    "quart": "Flask",
    "django": "Django",
    "starlette": "FastAPI, Starlette",
}
"""The framework that the server witness names: its row in ``FRAMEWORKS``. Quart has the classes and
settings of Flask."""
