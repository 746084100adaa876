"""Decodes one layer of escapes in a text, and maps each character back to its source."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from functools import cached_property, lru_cache

_PERCENT = r"%[0-9A-Fa-f]{2}"
_BACKSLASH = (
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}|\\."
)
"""Escapes of JSON, JavaScript, Python and quoted strings."""
_REFERENCE = r"&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
"""Character references of HTML."""

ANY_ESCAPE = re.compile(f"{_PERCENT}|{_BACKSLASH}|{_REFERENCE}", re.DOTALL)

ESCAPES = {
    "%": re.compile(_PERCENT),
    "\\": re.compile(_BACKSLASH, re.DOTALL),
    "&": re.compile(_REFERENCE),
}
"""Each kind of escape, by its first character."""

_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


class Unescaped:
    """A text with its outermost escapes decoded, of every kind or of one."""

    def __init__(self, source: str, escape: re.Pattern[str] = ANY_ESCAPE) -> None:
        """Decode the escapes, in time linear in the text's length."""
        self._source = source
        self._escape = escape
        self.text = escape.sub(lambda match: _character(match[0]), source)

    @property
    def changed(self) -> bool:
        """Whether there was an escape."""
        return self.text != self._source

    @cached_property
    def _map(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        """Where each decoded escape starts in the text; and its length, and its span in the source.

        Computed on first use, since most texts contain no secret.
        """
        decoded: list[int] = []
        spans: list[tuple[int, int, int]] = []
        at = end = 0
        for match in self._escape.finditer(self._source):
            at += match.start() - end
            decoded.append(at)
            length = len(_character(match[0]))
            spans.append((length, match.start(), match.end()))
            at += length
            end = match.end()
        return decoded, spans

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._edges(start)[0], self._edges(end - 1)[1]

    def _edges(self, index: int) -> tuple[int, int]:
        """Return the span in the source for one character of the text."""
        decoded, spans = self._map
        nearest = bisect_right(decoded, index) - 1
        if nearest < 0:
            return index, index + 1
        length, begins, ends = spans[nearest]
        beyond = index - decoded[nearest] - length
        return (begins, ends) if beyond < 0 else (ends + beyond, ends + beyond + 1)


@lru_cache(maxsize=4096)
def _character(escape: str) -> str:
    """Return the text of one escape; percent-encoded bytes become latin-1 characters."""
    if escape[0] == "%":
        return chr(int(escape[1:], 16))
    if escape[0] == "&":
        return html.unescape(escape)
    kind = escape[1]
    if len(escape) == 2:
        return _CONTROLS.get(kind, kind)
    if kind in "01234567":
        return chr(int(escape[1:], 8))
    if len(escape) == 12 and kind == "u":
        return bytes.fromhex(escape[2:6] + escape[8:12]).decode("utf-16-be")
    number = int(escape[2:], 16)
    return chr(number) if number <= 0x10FFFF else escape
