"""Changes of one cookie: of the lines that set it, imagined or on the wire, and of what is sent.

A line gets attributes or loses them, or is left out; a cookie that is sent gets another value, or
is left out.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Literal, Self

import msgspec

from cookietrace.cookies import parse_cookie_date, parse_set_cookie
from cookietrace.did_you_mean import did_you_mean
from cookietrace.errors import FormatError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
KNOWN = (
    "Domain", "Expires", "HttpOnly", "Max-Age", "Partitioned", "Path", "Priority", "SameSite",
    "Secure",
)  # fmt: skip
"""The attributes that a browser reads."""

_SPELLED = {name.lower(): name for name in KNOWN}

_VALUES = {"SameSite": ("Strict", "Lax", "None"), "Priority": ("Low", "Medium", "High")}
"""The attributes of which a browser reads only these values."""

_SECONDS = re.compile(r"-?[0-9]+")


class LineChange(msgspec.Struct, frozen=True):
    """What becomes of the lines that set one cookie."""

    name: str
    """The cookie's; text from the wire."""
    attributes: tuple[tuple[str, str | None], ...] = ()
    """What is set: a name with its value, or with None if it has none."""
    removed: tuple[str, ...] = ()
    """The attributes that are left out."""
    drop: bool = False
    """True if the cookie is not set at all."""
    exchange_id: str | None = None
    """The only response that changes; None for all."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the change that ``NAME: Attribute=Value; Attribute; -Attribute`` stands for.

        Raises ``FormatError`` if it does not stand for one.
        """
        name, colon, rest = text.partition(":")
        if not colon or not name.strip():
            raise FormatError(f"not a change: {text} (such as 'sid: SameSite=None; Secure')")
        attributes: list[tuple[str, str | None]] = []
        removed: list[str] = []
        for part in filter(None, map(str.strip, rest.split(";"))):
            word, equals, value = part.partition("=")
            removes = word.startswith("-")
            spelled = _SPELLED.get(word.removeprefix("-").strip().lower())
            if spelled is None or (removes and equals):
                raise FormatError(
                    f"not an attribute: {part}.{did_you_mean(word.lstrip('-').strip(), KNOWN)} "
                    f"The attributes are {', '.join(KNOWN)}"
                )
            if removes:
                removed.append(spelled)
            else:
                attributes.append((spelled, value.strip() if equals else None))
        if not attributes and not removed:
            raise FormatError(f"no attribute to change: {text} (--drop removes the cookie)")
        return cls(name.strip(), tuple(attributes), tuple(removed))

    def with_known_values(self) -> Self:
        """Return this change. Raises ``FormatError`` if a browser would not read a value of it."""
        for name, value in self.attributes:
            given = value or ""
            if name in _VALUES and given.lower() not in map(str.lower, _VALUES[name]):
                expected = ", ".join(_VALUES[name])
            elif name == "Max-Age" and not _SECONDS.fullmatch(given):
                expected = "seconds, such as 3600"
            elif name == "Expires" and parse_cookie_date(given) is None:
                expected = "a date, such as Wed, 21 Oct 2026 07:28:00 GMT"
            else:
                continue
            written = name if value is None else f"{name}={value}"
            raise FormatError(f"no browser knows {written} (known: {expected})")
        return self

    @property
    def text(self) -> str:
        """The text that ``HandEdit.parse`` reads as this change of a response."""
        if self.drop:
            return f"-{self.name}"
        parts = [name if value is None else f"{name}={value}" for name, value in self.attributes]
        return f"{self.name}: {'; '.join([*parts, *(f'-{name}' for name in self.removed)])}"

    def is_about(self, line: str) -> bool:
        """Return whether a line sets this cookie."""
        return parse_set_cookie(line).name == self.name

    def applied_to(self, line: str) -> str | None:
        """Return the changed line; None if it is left out.

        A line that says all this already stays as it is.
        """
        if self.drop:
            return None
        changed = {name.lower(): (name, value) for name, value in self.attributes}
        gone = {name.lower() for name in self.removed} | changed.keys()
        pair, *parts = line.split(";")
        kept = [part for part in parts if part.partition("=")[0].strip().lower() not in gone]
        added = [
            f" {name}" if value is None else f" {name}={value}" for name, value in changed.values()
        ]
        result = ";".join([pair, *kept, *added])
        same = parse_set_cookie(result).attributes == parse_set_cookie(line).attributes
        return line if same else result


_CONTROL = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\xff]")


class HandEdit(msgspec.Struct, frozen=True):
    """One cookie that is changed or left out on the wire."""

    of: Literal["request", "response"]
    name: str
    line: LineChange | None = None
    """Of responses: what becomes of the lines that set it."""
    value: str | None = None
    """Of requests: the value that is passed on; None if the cookie is left out."""

    @classmethod
    def parse(cls, text: str, of: Literal["request", "response"]) -> Self:
        """Return what a text stands for: ``-NAME`` leaves the cookie out.

        Otherwise it is a change of a line for a response, and ``NAME=VALUE`` for a request. Raises
        ``FormatError`` if it is neither, or if it could be more than one header field.
        """
        if _CONTROL.search(text):
            raise FormatError("a change of a cookie cannot hold control characters")
        if text.startswith("-") and text[1:].strip():
            name = text[1:].strip()
            line = LineChange(name, drop=True) if of == "response" else None
            return cls(of, name, line)
        if of == "response":
            change = LineChange.parse(text)
            return cls(of, change.name, change)
        name, equals, value = text.partition("=")
        if not name.strip() or not equals or ";" in value:
            raise FormatError(f"not a cookie to send: {text} (such as sid=2, or -sid)")
        return cls(of, name.strip(), value=value.strip())


def plain_host(host: str) -> str:
    """Return a host as it is sent: in lower case, in Punycode, without brackets and final dot."""
    plain = host.strip().lower().rstrip(".").replace("[", "").replace("]", "")
    try:
        return plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


def host_and_port(text: str) -> tuple[str, int | None]:
    """Return the host of ``host:port`` as it is sent, and the port if there is one."""
    name, colon, port = text.strip().rpartition(":")
    if colon and port.isdecimal() and (":" not in name or name.endswith("]")):
        return plain_host(name), int(port)
    return plain_host(text), None


def named_host(names: Container[str], host: str, port: int | None) -> str | None:
    """Return which of the hosts that the user named (``--edit``) this is; None if it is none.

    Both are plain. One that was named without a port stands for all of its ports.
    """
    for name in (f"{host}:{port}", host):
        if name in names:
            return name
    return None
