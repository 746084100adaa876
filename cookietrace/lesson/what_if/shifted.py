"""A response that comes later: the dates that its app computed from the clock are later too."""

from __future__ import annotations

from cookietrace.cookies import parse_cookie_date
from cookietrace.events import Headers


def shifted_headers(headers: Headers, at: float, seconds: float) -> Headers:
    """Return the headers of a response at ``at`` (Unix time) as they are ``seconds`` later.

    These are Date, and Expires in Set-Cookie. A date that is over by then deletes, and stays; so
    does one without meaning. Whether an app computed a date or has it fixed cannot be seen: this
    takes it to have computed it.
    """
    shifted = []
    for name, value in headers:
        lower = name.lower()
        if lower == "date":
            value = _later(value, seconds)
        elif lower == "set-cookie" and "expires" in value.lower():
            pair, *parts = value.split(";")
            value = ";".join([pair, *(_part(part, at, seconds) for part in parts)])
        shifted.append((name, value))
    return tuple(shifted)


def _part(part: str, at: float, seconds: float) -> str:
    name, equals, value = part.partition("=")
    moment = parse_cookie_date(value) if name.strip().lower() == "expires" else None
    return part if moment is None or moment <= at else f"{name}{equals}{_later(value, seconds)}"


def _later(value: str, seconds: float) -> str:
    from email.utils import formatdate  # with what reads e-mail: few scenarios are later

    moment = parse_cookie_date(value)
    if moment is None:
        return value
    try:
        return formatdate(moment + seconds, usegmt=True)
    except (OverflowError, ValueError, OSError):  # beyond the year 9999
        return value
