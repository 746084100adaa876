"""What can be told of a response from the browser's jar before and after it.

A jar tells outcomes, not reasons. What another response, or a script, may have done as well is not
told: a line is then passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from cookietrace.cookies import parse_set_cookie
from cookietrace.listening.said import CookieSaid, text_of

MOST_OF_A_HOST: Final = 140
"""How many cookies of a host and its subdomains there may be: of more, the oldest are removed."""

SHORTEST_LIFE: Final = 30.0
"""Seconds that a cookie must live: one that has expired is in no jar either."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A cookie in a jar, as text."""

    name: str
    value: str
    domain: str
    """With a leading dot unless it is host-only."""
    path: str
    secure: bool
    http_only: bool
    same_site: str
    expires: float | None = None
    """In Unix seconds."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other cookies, but for partitions."""
        return self.name, self.domain, self.path


class Jar:
    """One reading of a jar: all that one user context holds, in all of its partitions."""

    def __init__(self, held: Iterable[Held] = (), asked: int = 0, replied: int = 0) -> None:
        """``asked`` and ``replied`` are where among the browser's messages it was read."""
        self.held = Counter(held)
        self.asked = asked
        self.replied = replied
        self.by_name: dict[str, list[Held]] = {}
        for one in self.held:
            self.by_name.setdefault(one.name, []).append(one)

    def many(self, host: str) -> bool:
        """Return whether there are so many cookies that the browser may remove some by itself."""
        if len(self.held) > 2000:
            return True
        parts = host.split(".")[-2:]
        end = "." + ".".join(parts)
        return sum(f".{one.domain.lstrip('.')}".endswith(end) for one in self.held) > MOST_OF_A_HOST


class Line(msgspec.Struct, gc=False):
    """One Set-Cookie line, and what is told of it."""

    number: int
    """Which one of its response, from 0."""
    name: str
    """As text, like the value."""
    value: str
    http_only: bool
    deletes: bool
    """Whether it has expired when it comes."""
    short: bool
    """Whether it expires so soon that it may be gone when the jar is read."""
    taken: bool | None = None
    """Whether the browser did what it asks for; None while that is not told."""
    reason: str | None = None
    domain: str | None = None
    path: str | None = None

    def said(self) -> CookieSaid:
        """Return what is told of it."""
        return CookieSaid(
            name=_wire(self.name),
            domain=self.domain,
            path=self.path,
            taken=bool(self.taken),
            reasons=() if self.reason is None else (self.reason,),
            line=self.number,
        )


class Write(msgspec.Struct, frozen=True, gc=False):
    """What one line may have done to the jar, and when."""

    number: int
    """Where among the browser's messages its response began."""
    name: str
    value: str
    clears: bool = False
    """Whether the response may have removed any cookie (Clear-Site-Data)."""


def lines_of(lines: Sequence[str], at: float) -> list[Line]:
    """Return the lines of a response that came ``at`` this time, as Firefox reads them."""
    return [_line(number, line, at) for number, line in enumerate(lines)]


def _line(number: int, line: str, at: float) -> Line:
    name, equals, value = line.partition(";")[0].partition("=")
    attributes = parse_set_cookie(line).attributes
    lives = _lives(attributes.firefox_max_age, attributes.firefox_expires, at)
    return Line(
        number=number,
        name=text_of(name.strip(" \t")),
        value=text_of(value.strip(" \t")) if equals else "",
        http_only=attributes.http_only,
        deletes=lives <= 0,
        short=lives < SHORTEST_LIFE,
    )


def _lives(max_age: int | None, expires: float | None, at: float) -> float:
    """Return how many seconds a cookie lives."""
    if max_age is not None:
        return float(max_age)
    return float("inf") if expires is None else expires - at


def tell(
    lines: Sequence[Line],
    url: str,
    before: Jar,
    after: Jar,
    writes: Sequence[Write],
    *,
    own_jar: bool,
) -> None:
    """Tell of each line what became of it, as far as the jar shows it.

    ``writes`` are all lines that came between the two readings, these too. ``own_jar`` says
    whether it is known that this jar, and no private window's, is that of the request.
    """
    host = _host(url)
    if not host:
        return
    names = Counter(one.name for one in writes)
    pairs = Counter((one.name, one.value) for one in writes)
    clears = any(one.clears for one in writes)
    added = added_by_name(before, after, host)
    for line in lines:
        if line.taken is not None:
            continue
        new = [one for one in added.get(line.name, ()) if one.value == line.value]
        if line.deletes:
            _tell_deletion(line, host, before, after, alone=names[line.name] == 1)
        elif new:
            if len(new) >= pairs[line.name, line.value]:
                line.taken = True
                if len(new) == 1:
                    line.domain, line.path = _wire(new[0].domain), _wire(new[0].path)
        elif (
            own_jar
            and line.http_only  # a script may have removed another one at once
            and not clears
            and not line.short
            and names[line.name] == 1
            and line.name not in added
            and not _holds(before, line, host)
            and not _holds(after, line, host)
            and not after.many(host)
        ):
            line.taken = False


def _host(url: str) -> str:
    """Return the host of a URL, in lower case; empty if it cannot be read."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _tell_deletion(line: Line, host: str, before: Jar, after: Jar, *, alone: bool) -> None:
    """Tell whether a line has removed a cookie, which is told if one and no other is gone."""
    had = {one.key for one in before.by_name.get(line.name, ()) if reaches(host, one.domain)}
    has = {one.key for one in after.by_name.get(line.name, ())}
    gone = had - has
    if alone and len(gone) == 1:
        line.taken = True
        [(_, domain, path)] = gone
        line.domain, line.path = _wire(domain), _wire(path)


def added_by_name(before: Jar, after: Jar, host: str | None = None) -> dict[str, list[Held]]:
    """Return what a jar holds that it did not hold before, of one host or of all."""
    found: dict[str, list[Held]] = {}
    for one, times in (after.held - before.held).items():
        if host is None or reaches(host, one.domain):
            found.setdefault(one.name, []).extend([one] * times)
    return found


def _holds(jar: Jar, line: Line, host: str) -> bool:
    return any(
        one.value == line.value and reaches(host, one.domain)
        for one in jar.by_name.get(line.name, ())
    )


def reaches(host: str, domain: str) -> bool:
    """Return whether a cookie of a domain may be that of a host."""
    bare = domain.removeprefix(".").lower()
    return host == bare or host.endswith(f".{bare}") or f"[{host}]" == bare


def held(cookies: object) -> Iterator[Held]:
    """Yield the cookies of a reply to ``storage.getCookies``; those that cannot be read are not."""
    for one in cookies if isinstance(cookies, list) else ():
        if isinstance(one, Mapping):
            yield Held(
                name=_name(one.get("name")),
                value=_value(one.get("value")),
                domain=_readable(one.get("domain")),
                path=_readable(one.get("path")),
                secure=one.get("secure") is True,
                http_only=one.get("httpOnly") is True,
                same_site=_readable(one.get("sameSite")),
                expires=_number(one.get("expiry")),
            )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else None


def _value(value: Any) -> str:
    return _readable(value.get("value")) if isinstance(value, Mapping) else ""


def _name(text: Any) -> str:
    """Return a name, of which Firefox has each byte as a character, as text."""
    if isinstance(text, str) and not text.isascii() and max(text) <= "\xff":
        return text_of(text)
    return _readable(text)


def _readable(text: Any) -> str:
    """Return text as ``text_of`` has it: what was lost is one mark."""
    if not isinstance(text, str):
        return ""
    return text if text.isascii() else text_of(_wire(text))


def _wire(text: str) -> str:
    """Return text as the latin-1 of its UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")
