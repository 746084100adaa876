"""Escapes that stand for one character each: percent, backslash, HTML reference and others."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from functools import lru_cache
from html.entities import html5

from cookietrace.redact.layer import Replaced

_PERCENT = r"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}"
_BACKSLASH = (
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,8}\}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}"
    r"|\\[0-3][0-7]{2}|\\[0-7]{1,2}|\\N\{[A-Za-z0-9 -]{1,80}\}|\\\r?\n|\\."
)
"""Escapes of JSON, JavaScript, Python and quoted strings, and a line that continues."""
_BARE_NAMES = "|".join(
    sorted((name for name in html5 if not name.endswith(";")), key=len, reverse=True)
)
_REFERENCE = (
    r"&(?:\#0*+[0-9]{1,7};?|\#[xX]0*+[0-9A-Fa-f]{1,6};?"
    rf"|[A-Za-z][A-Za-z0-9]{{1,31}};|(?:{_BARE_NAMES}))"
)
"""Character references of HTML, as browsers read them: also without a semicolon."""

ANY_ESCAPE = re.compile(f"{_PERCENT}|{_BACKSLASH}|{_REFERENCE}", re.DOTALL)

ESCAPES = {
    "%": re.compile(_PERCENT),
    "\\": re.compile(_BACKSLASH, re.DOTALL),
    "&": re.compile(_REFERENCE),
}
"""Each kind of escape, by its first character."""

_LONG = r"\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,8}\}|\\x[0-9A-Fa-f]{2}"
LONG_ESCAPES = re.compile(f"{_PERCENT}|{_LONG}|{_REFERENCE}")
"""Those that programs write for any character, and no shorter ones."""

CSS = re.compile(r"\\[0-9A-Fa-f]{1,6}(?:\r\n|[ \t\r\n\f])?|\\\r?\n|\\.", re.DOTALL)
QUOTED_PRINTABLE = re.compile(r"=[0-9A-Fa-f]{2}|=[ \t]{0,8}\r?\n")
UTF_7 = re.compile(r"\+[A-Za-z0-9+/]{2,}-?")
PUNYCODE = re.compile(r"xn--[A-Za-z0-9-]{1,59}", re.IGNORECASE)

_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_LAST = 0x10FFFF


class Unescaped(Replaced):
    """A text with its outermost escapes decoded, of every kind or of one."""

    def __init__(self, source: str, escape: re.Pattern[str] = ANY_ESCAPE) -> None:
        """Decode the escapes, in time linear in the text's length."""
        super().__init__(source, escape, character)


@lru_cache(maxsize=4096)
def character(escape: str) -> str:
    """Return the text of one escape; percent-encoded bytes become latin-1 characters."""
    if escape[0] == "%":
        return chr(int(escape[2:] if escape[1] == "u" else escape[1:], 16))
    if escape[0] == "&":
        return _referenced(escape)
    kind = escape[1]
    if kind in "\r\n":
        return ""
    if len(escape) == 2:
        return _CONTROLS.get(kind, chr(int(kind)) if kind in "1234567" else kind)
    if kind in "01234567":
        return chr(int(escape[1:], 8))
    if kind == "N":
        return _named(escape)
    if len(escape) == 12 and kind == "u" and escape[6] == "\\":
        return bytes.fromhex(escape[2:6] + escape[8:12]).decode("utf-16-be")
    return _numbered(escape[2:].strip("{}"), escape)


def css_character(escape: str) -> str:
    """Return the text of one escape of CSS."""
    digits = escape[1:].rstrip()
    if not digits:
        return ""
    if digits[0] in "0123456789abcdefABCDEF":
        return _numbered(digits, escape)
    return digits


def quoted_printable_character(escape: str) -> str:
    """Return the text of one escape of a quoted-printable text; nothing for a soft line break."""
    return "" if escape[-1] == "\n" else chr(int(escape[1:], 16))


@lru_cache(maxsize=1024)
def punycode_label(label: str) -> str:
    """Return the text of a host's label in punycode."""
    try:
        return label[4:].encode().decode("punycode")
    except (UnicodeError, ValueError):
        return label


@lru_cache(maxsize=1024)
def utf_7_run(run: str) -> str:
    """Return the text of a run of UTF-7, as it is if it is none."""
    digits = run.strip("+-")
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    try:
        text = base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-16-be")
    except (binascii.Error, UnicodeError):
        return run
    return text if all(0x20 <= ord(each) < 0x250 for each in text) else run


def _numbered(digits: str, escape: str) -> str:
    number = int(digits, 16)
    return chr(number) if number <= _LAST else escape


def _named(escape: str) -> str:
    try:
        return unicodedata.lookup(escape[3:-1])
    except KeyError:
        return escape


def _referenced(escape: str) -> str:
    """Return the text of a reference; its number may begin with any number of zeros."""
    if escape[1] != "#":
        return html.unescape(escape)
    base = 16 if escape[2] in "xX" else 10
    number = int(escape[3 if base == 16 else 2 :].rstrip(";"), base)
    return html.unescape(f"&#{number};") if number <= _LAST else "\ufffd"
