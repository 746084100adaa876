"""The frameworks that a corrected Set-Cookie is written for: the line of code in each.

Each row was run with its framework and compared with the line that it stands for, except Spring
and ASP.NET, which are written from their documentation and source. Partitioned was run in Flask
and Express; in the others it is as documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from cookietrace.cookies import SameSite
from cookietrace.lesson.corrections.line import SetCookieLine
from cookietrace.lesson.corrections.literals import double_quoted, single_quoted
from cookietrace.lesson.session_names import is_session_like, is_state_like
from cookietrace.safe_text import safe

LONGEST_VALUE: Final = 40
"""The most characters of a value in a line of code; a longer one becomes a variable."""

_TOKEN = re.compile(r"(?=.*[0-9])[A-Za-z0-9._~+/=:-]{8,}", re.ASCII)
"""A value that may well be an identifier or a secret of this one user; a word is not."""

NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""A name that is a token."""

_PLAIN_NAME = re.compile(r"[\w*.-]+", re.ASCII)
PLACE = re.compile(r"[\w!$%&'()*+,./:=@~-]+", re.ASCII)
"""A path or domain that every framework passes on as it is."""


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """How one framework sets a cookie. In templates, ``{}`` is replaced."""

    key: str
    """One letter to choose it by."""
    name: str
    sets: str
    """The code around ``{name}``, ``{value}`` and ``{options}``."""
    deletes: str
    options: Mapping[str, str]
    """Each attribute that can be written, in order: max_age, path, domain, secure, ..."""
    joint: str = ", "
    """What stands between two options."""
    literal: Callable[[str], str] = double_quoted
    variable: str = "value"
    """What stands for a value that is hidden, of one session, long, or not text that this
    framework can send."""
    same_site: Mapping[SameSite, str]
    """The values of SameSite; for ``DEFAULT``, only where leaving it out would add one."""
    kept: str
    """The characters of a value, besides letters and digits, that are sent as they are."""
    encodes: bool = False
    """Whether all others are percent-encoded; otherwise values with others are not written."""
    respells: str = ""
    """The characters of a value that it sends in a way of its own."""
    plain_names: bool = False
    """Whether it would percent-encode a name with anything but letters, digits, ``*-._``."""
    partitioned: str = ""
    """The statement that adds Partitioned, if that is no option."""
    partitioned_needs: str
    """The version that knows Partitioned."""

    def code(self, line: SetCookieLine, *, hide_value: bool = False) -> str | None:
        """Return the code that sends a line; None if it cannot be written in it.

        That is a name that is not a token, or a path or domain with unusual characters.
        """
        places = [line.path] if line.domain is None else [line.path, line.domain]
        names = _PLAIN_NAME if self.plain_names else NAME
        if not names.fullmatch(line.name) or not all(map(PLACE.fullmatch, places)):
            return None
        template = self.deletes if line.deletes else self.sets
        name = self.literal(line.name)
        code = template.format(
            name=name,
            value=self.variable if hide_value or _is_live(line) else self._value(line.value),
            options=self.joint.join(self._options(line)),
        )
        if line.partitioned and self.partitioned:
            code += "\n" + self.partitioned.format(name=name)
        return code

    def needs(self, line: SetCookieLine) -> str:
        """Return the version that the code needs; empty if any will do."""
        return f"Partitioned needs {self.partitioned_needs}." if line.partitioned else ""

    def _value(self, wire: str) -> str:
        """Return the value that the app has to pass, so that the wire has this one."""
        text = wire
        if self.encodes:
            try:
                text = unquote(wire, errors="strict")
            except UnicodeDecodeError:
                return self.variable
            if quote(text, safe=self.kept) != wire:
                return self.variable
        elif not all(_is_plain(character) or character in self.kept for character in wire):
            return self.variable
        if len(text) > LONGEST_VALUE or safe(text) != text or set(self.respells) & set(text):
            return self.variable
        return self.literal(text)

    def _options(self, line: SetCookieLine) -> list[str]:
        wanted = {
            "max_age": None if line.deletes or line.max_age is None else str(line.max_age),
            "path": self.literal(line.path),
            "domain": None if line.domain is None else self.literal(line.domain),
            "secure": "" if line.secure else None,
            "http_only": "" if line.http_only else None,
            "same_site": self.same_site.get(line.same_site),
            "partitioned": "" if line.partitioned else None,
        }
        return [
            template.format(wanted[option])
            for option, template in self.options.items()
            if wanted[option] is not None
        ]


def _is_live(line: SetCookieLine) -> bool:
    """Return whether a value belongs to one session, so that code must not repeat it."""
    if not line.value:
        return False
    personal = is_session_like(line.name) or is_state_like(line.name)
    return personal or _TOKEN.fullmatch(unquote(line.value)) is not None


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


_NOT_QUOTED = "!#$%&'*+-.^_`|~:"
"""What Python's http.cookies sends without quotation marks."""
_COOKIE_OCTETS = "!#$%&'()*+-./:<=>?@[]^_`{|}~"
"""What RFC 6265bis allows in a value (4.1.1)."""

_PYTHON = {
    "max_age": "max_age={}",
    "path": "path={}",
    "domain": "domain={}",
    "secure": "secure=True",
    "http_only": "httponly=True",
    "same_site": "samesite={}",
}
_PYTHON_SAME_SITE = {
    SameSite.STRICT: '"Strict"',
    SameSite.LAX: '"Lax"',
    SameSite.NONE: '"None"',
}
_LOWER_SAME_SITE = {
    SameSite.STRICT: '"strict"',
    SameSite.LAX: '"lax"',
    SameSite.NONE: '"none"',
}

FRAMEWORKS: Final = (
    Framework(
        key="f",
        name="Flask",
        sets="response.set_cookie({name}, {value}, {options})",
        deletes="response.delete_cookie({name}, {options})",
        options={**_PYTHON, "partitioned": "partitioned=True"},
        same_site=_PYTHON_SAME_SITE,
        kept=_COOKIE_OCTETS,
        partitioned_needs="Flask 3.1",
    ),
    Framework(
        key="d",
        name="Django",
        sets="response.set_cookie({name}, {value}, {options})",
        # delete_cookie() knows no secure, httponly or partitioned.
        deletes='response.set_cookie({name}, "", max_age=0, {options})',
        options=_PYTHON,
        same_site=_PYTHON_SAME_SITE,
        kept=_NOT_QUOTED,
        partitioned='response.cookies[{name}]["partitioned"] = True',
        partitioned_needs="Python 3.14",
    ),
    Framework(
        key="s",
        name="FastAPI, Starlette",
        sets="response.set_cookie({name}, {value}, {options})",
        deletes="response.delete_cookie({name}, {options})",
        options={**_PYTHON, "partitioned": "partitioned=True"},
        same_site={**_LOWER_SAME_SITE, SameSite.DEFAULT: "None"},  # otherwise it sends Lax
        kept=_NOT_QUOTED,
        partitioned_needs="Python 3.14",
    ),
    Framework(
        key="e",
        name="Express",
        sets="res.cookie({name}, {value}, {{ {options} }});",
        deletes="res.clearCookie({name}, {{ {options} }});",
        options={
            "max_age": "maxAge: {} * 1000",  # milliseconds
            "path": "path: {}",
            "domain": "domain: {}",
            "secure": "secure: true",
            "http_only": "httpOnly: true",
            "same_site": "sameSite: {}",
            "partitioned": "partitioned: true",
        },
        same_site=_LOWER_SAME_SITE,
        kept="-_.!~*'()",
        encodes=True,
        partitioned_needs="Express 4.19",
    ),
    Framework(
        key="r",
        name="Rails",
        sets="cookies[{name}] = {{ value: {value}, {options} }}",
        deletes="cookies.delete({name}, {options})",
        options={
            "max_age": "expires: {}.seconds",  # a duration, from now on
            "path": "path: {}",
            "domain": "domain: {}",
            "secure": "secure: true",
            "http_only": "httponly: true",
            "same_site": "same_site: {}",
            "partitioned": "partitioned: true",
        },
        literal=single_quoted,
        same_site={SameSite.STRICT: ":strict", SameSite.LAX: ":lax", SameSite.NONE: ":none"},
        kept="*-._",
        encodes=True,
        respells=" ~",
        plain_names=True,
        partitioned_needs="Rack 3.1",
    ),
    Framework(
        key="p",
        name="PHP",
        sets="setcookie({name}, {value}, [{options}]);",
        deletes="setcookie({name}, '', ['expires' => 1, {options}]);",
        options={
            "max_age": "'expires' => time() + {}",  # a point in time
            "path": "'path' => {}",
            "domain": "'domain' => {}",
            "secure": "'secure' => true",
            "http_only": "'httponly' => true",
            "same_site": "'samesite' => {}",
            "partitioned": "'partitioned' => true",
        },
        literal=single_quoted,
        variable="$value",
        same_site={SameSite.STRICT: "'Strict'", SameSite.LAX: "'Lax'", SameSite.NONE: "'None'"},
        kept="-_.~",
        encodes=True,
        partitioned_needs="PHP 8.5",
    ),
    Framework(
        key="j",
        name="Spring",
        sets="response.addHeader(HttpHeaders.SET_COOKIE, "
        "ResponseCookie.from({name}, {value}){options}.build().toString());",
        deletes="response.addHeader(HttpHeaders.SET_COOKIE, "
        'ResponseCookie.from({name}, "").maxAge(0){options}.build().toString());',
        options={
            "max_age": ".maxAge(Duration.ofSeconds({}))",
            "path": ".path({})",
            "domain": ".domain({})",
            "secure": ".secure(true)",
            "http_only": ".httpOnly(true)",
            "same_site": ".sameSite({})",
            "partitioned": ".partitioned(true)",
        },
        joint="",
        same_site=_PYTHON_SAME_SITE,
        kept=_COOKIE_OCTETS,
        partitioned_needs="Spring 6.2",
    ),
    Framework(
        key="a",
        name="ASP.NET Core",
        sets="Response.Cookies.Append({name}, {value}, new CookieOptions {{ {options} }});",
        # Delete() takes only some of the options.
        deletes='Response.Cookies.Append({name}, "", '
        "new CookieOptions {{ MaxAge = TimeSpan.Zero, {options} }});",
        options={
            "max_age": "MaxAge = TimeSpan.FromSeconds({})",
            "path": "Path = {}",
            "domain": "Domain = {}",
            "secure": "Secure = true",
            "http_only": "HttpOnly = true",
            "same_site": "SameSite = {}",
            "partitioned": 'Extensions = {{ "Partitioned" }}',
        },
        same_site={
            SameSite.STRICT: "SameSiteMode.Strict",
            SameSite.LAX: "SameSiteMode.Lax",
            SameSite.NONE: "SameSiteMode.None",
        },
        kept="-_.~",
        encodes=True,
        partitioned_needs="ASP.NET Core 8",
    ),
    Framework(
        key="g",
        name="Go",
        sets="http.SetCookie(w, &http.Cookie{{Name: {name}, Value: {value}, {options}}})",
        deletes="http.SetCookie(w, &http.Cookie{{Name: {name}, MaxAge: -1, {options}}})",
        options={
            "max_age": "MaxAge: {}",
            "path": "Path: {}",
            "domain": "Domain: {}",
            "secure": "Secure: true",
            "http_only": "HttpOnly: true",
            "same_site": "SameSite: {}",
            "partitioned": "Partitioned: true",
        },
        same_site={
            SameSite.STRICT: "http.SameSiteStrictMode",
            SameSite.LAX: "http.SameSiteLaxMode",
            SameSite.NONE: "http.SameSiteNoneMode",
        },
        kept=_COOKIE_OCTETS,
        partitioned_needs="Go 1.23",
    ),
)
"""Every framework, in the order of the menu. To add one: a row here, and one of its test."""
