"""How a text may be spelled in what an app shows, and how to find it there.

Letter case never matters, and Base64 and hex may be broken into lines or groups.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_GAP = r"[\r\n\t ]{0,2}"
"""What may stand between two characters of Base64 or hex."""

_GAPS = b"\r\n\t "
_LOWER = bytes(range(256)).lower()

_CUT_HERE = "…'\""
"""What may follow a text that was cut: how the witness shows that."""


def searchable(text: str) -> bytes:
    """Return a text in the form in which ``Hidden`` looks for spellings, without their gaps."""
    return text.encode("utf-8", "surrogatepass").translate(_LOWER, _GAPS)


class Hidden:
    """A text that is replaced by another one, with up to ``most`` hex digits that follow it.

    Without at least ``least`` of those it is left alone.
    """

    def __init__(self, text: str, shown: str, *, least: int = 0, most: int = 0) -> None:
        self._shown = shown
        self._spellings: list[tuple[str, str]] = []
        """Each spelling in lower case, and the first half of it with one more character."""
        self._patterns: list[tuple[bytes, re.Pattern[str]]] = []
        """What a spelling needs to contain to be searched for, and its pattern."""
        for spelling, pattern in _spellings(text, least, most):
            lower = spelling.lower()
            self._spellings.append((lower, lower[: len(lower) // 2 + 1]))
            compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)
            self._patterns.append((lower.encode(), compiled))
        self._longest = max(len(lower) for lower, _ in self._spellings)

    @property
    def needles(self) -> tuple[bytes, ...]:
        """A ``searchable`` text that has none of these holds no spelling."""
        return tuple([needle for needle, _ in self._patterns])

    def replaced(self, text: str, searched: bytes) -> str:
        """Return the text without any spelling; ``searched`` is its ``searchable`` form."""
        for needle, pattern in self._patterns:
            if needle in searched:
                text = pattern.sub(self._shown, text)
        return text

    def without_start(self, text: str) -> str:
        """Return a text that does not end with more than half of a spelling."""
        whole = text.rstrip(_CUT_HERE)
        end = text[len(whole) :]
        last = whole[-self._longest :].lower()
        for spelling, half in self._spellings:
            begin = last.find(half)
            while begin >= 0:
                if spelling.startswith(last[begin:]):
                    return whole[: begin - len(last)] + self._shown + end
                begin = last.find(half, begin + 1)
        return text


def _spellings(text: str, least: int, most: int) -> Iterator[tuple[str, str]]:
    """Yield each spelling, and a pattern that matches it with the hex digits that follow."""
    digits = f"[0-9a-f]{{{least},{most}}}" if most else ""
    for plain in sorted(_written(text), key=len, reverse=True):
        yield plain, re.escape(plain) + digits
    pairs = f"(?:{_GAP}[0-9a-f]{{2}}){{{least},{most}}}" if most else ""
    in_hex = text.encode().hex()
    yield in_hex, _with_gaps(in_hex) + pairs
    shortest, longest = least * 4 // 3 - 2, most * 4 // 3 + 3
    rest = f"(?:{_GAP}[0-9A-Za-z+/_-]){{{max(0, shortest)},{longest}}}" if most else ""
    for packed in sorted(_in_base64(text)):
        yield packed, _with_gaps(packed) + rest


def _written(text: str) -> set[str]:
    """Return the text as it is, and as it is written in HTML, JSON, URLs and Python."""
    in_html = html.escape(text)
    return {
        text,
        in_html,
        in_html.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        json.dumps(text)[1:-1],
        json.dumps(repr(text)[1:-1])[1:-1],
        repr(text)[1:-1],
        quote(text, safe=""),
        quote_plus(text),
    }


def _in_base64(text: str) -> set[str]:
    """Return the text within Base64: what does not depend on the bytes before and after it."""
    found = set()
    for before in range(3):
        data = b"\0" * before + text.encode()
        first = (before * 8 + 5) // 6
        packed = base64.b64encode(data).decode()[first : len(data) * 8 // 6]
        found |= {packed, packed.replace("+", "-").replace("/", "_"), quote(packed, safe="")}
    return found


def _with_gaps(text: str) -> str:
    return _GAP.join(map(re.escape, text))
