"""Replaces a value that is a whole parameter, quoted string or part of a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

Exact = Callable[[str], str | None]
"""Returns the token if a text is a value in any spelling; otherwise None."""

_LONGEST = 64
"""The longest spelling of a short value. Longer values are found by searching."""

_PARAMETERS = (
    re.compile(r"(=)([^&;#\r\n]+)"),
    re.compile(r"(=)([^&;?#,\s]+)"),
)
"""A whole value; and the parameters of a URL inside that value."""

_QUERY = re.compile(
    r"""([?&;"'\\](?:(?<=\\)u0026|(?<!\\) ?)[^=&?#;\s"'<>]{1,100}=)([^&;?#\s"'<>\\]+)"""
)
_QUOTED = tuple(
    re.compile(
        rf"{mark}(?=([^{mark}\\\r\n]{{0,{_LONGEST}}}(?:\\.[^{mark}\\\r\n]{{0,8}}){{0,8}}){mark})"
    )
    for mark in "\"'"
)
_ESCAPED = re.compile(rf"""(\\["'])([^"'\\\r\n]{{1,{_LONGEST}}})(?=\\["'])""")
_PART = re.compile(rf"((?:\r?\n){{2}})([^\r\n]{{1,{_LONGEST}}})(?=\r?\n--|\r?\n?\Z)")
_USER = re.compile(r"""(?<=://)[^/?#@\s"'<>\\]+(?=@)""")


def parameters(text: str, exact: Exact) -> str:
    """Return a URL, form or header field; each parameter that is a value is replaced."""
    if "=" not in text:
        return text
    for pattern in _PARAMETERS:
        text = _replaced(pattern, text, lambda value: exact(value) or _nested(value, exact))
    return text


def queries(text: str, exact: Exact) -> str:
    """Return a text; values in the parameters of its URLs and cookie strings are replaced."""
    return _replaced(_QUERY, text, exact) if "=" in text else text


def quoted(text: str, exact: Exact) -> str:
    """Return JSON, HTML or a ``repr``; each quoted string that is a value is replaced."""
    for pattern in _QUOTED:
        if not any(map(exact, filter(None, set(pattern.findall(text))))):
            continue
        pieces: list[str] = []
        end = 0
        for match in pattern.finditer(text):
            token = exact(match[1]) if match[1] and match.end() >= end else None
            if token is not None:
                pieces += (text[end : match.end()], token)
                end = match.end(1)
        text = "".join((*pieces, text[end:])) if pieces else text
    return _replaced(_ESCAPED, text, exact) if "\\" in text else text


def parts(text: str, exact: Exact) -> str:
    """Return a multipart form; each one-line part that is a value is replaced."""
    return _replaced(_PART, text, exact)


def users(text: str, token: Callable[[str], str]) -> str:
    """Return a text with the user and password of each URL in it replaced."""
    return _USER.sub(lambda match: token(match[0]), text) if "@" in text else text


def passwords(text: str) -> tuple[str, ...]:
    """Return the passwords in a text's URLs; a user without a password counts as one."""
    found = _USER.findall(text) if "@" in text else ()
    return tuple(user.partition(":")[2] or user for user in found)


def _nested(value: str, exact: Exact) -> str | None:
    """Return a percent-encoded URL with its parameters replaced; None if nothing changed."""
    if "%3d" not in value.lower():
        return None
    plain = unquote_to_bytes(value).decode("latin-1")
    replaced = parameters(plain, exact)
    return None if replaced == plain else quote(replaced, safe="", encoding="latin-1")


def _replaced(pattern: re.Pattern[str], text: str, exact: Exact) -> str:
    if not any(map(exact, {found[1] for found in pattern.findall(text)})):
        return text  # most texts hold no value, and many the same strings again and again
    return pattern.sub(lambda match: match[1] + (exact(match[2]) or match[2]), text)
