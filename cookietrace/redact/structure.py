"""JSON with tokens in the place of its secrets, which is JSON afterwards as well."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from cookietrace.redact.spans import Span

_BEGINS = ("{", "[", '"')
_BLANKS = " \t\r\n"
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_ELEMENT = re.compile(rf'{_STRING}|[^\s{{}}\[\],:"]++')
"""A string with its quotes, a number or a word; all else in JSON is structure."""
_ITEM = re.compile(rf'{_STRING}|[^\s{{}}\[\],:"]++|[{{}}\[\]]')
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\."
)
_PAIR = 12
"""The characters of an escape that stands for a character beyond the first plane."""
_BETWEEN = re.compile(r"\s*,\s*")


class _Item(NamedTuple):
    """A string, a number, a word, or an object or array as a whole."""

    start: int
    end: int
    in_array: bool


def json_of(text: str) -> Json | None:
    """Return a text as JSON; None if it is none, or no object, array or string."""
    return Json(text) if text.lstrip(_BLANKS)[:1] in _BEGINS and _is_json(text) else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


class Json:
    """A text that is JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._elements = [match.span() for match in _ELEMENT.finditer(text)]
        self._starts = [start for start, _ in self._elements]

    def clipped(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield the spans without the strings and numbers that hold nothing of their secrets.

        A reader may join ``["c2Vjcm", "V0"]``. So encoded text is looked for across strings, and
        replaced as a whole; but of ``{"token": "c2VjcmV0", "type": 1}`` the name that follows is
        no part of it.
        """
        for span in spans:
            if span.core is None or self._string_around(span.start, span.end) is not None:
                yield span
                continue
            start, end = span.core
            for at in range(_nearest(self._starts, start), len(self._elements)):
                first, last = self._elements[at]
                if first >= end:
                    break
                if last > start:
                    yield Span(max(span.start, first), min(span.end, last), span.token)

    def with_tokens(self, spans: Iterable[Span]) -> str:
        """Return the text with each of the spans, in order and without overlaps, replaced.

        A replacement never crosses the end of a string: each string that a span touches has the
        token in the place of what it touches. A number becomes a string, and so does an object, an
        array or a part of an array that is inside a span.
        """
        pieces: list[str] = []
        at = 0
        for span in spans:
            for start, end, token in self._replaced(span):
                if end > at:
                    start = max(start, at)
                    pieces += (self._text[at:start], token)
                    at = end
        return "".join((*pieces, self._text[at:])) if pieces else self._text

    def with_strings(self, replace: Callable[[str], str]) -> str:
        """Return the text with each string, given with its quotes, replaced."""
        return _ELEMENT.sub(
            lambda found: replace(found[0]) if found[0][0] == '"' else found[0], self._text
        )

    def _string_around(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the string that a span is inside of, without its quotes; None if it is in none."""
        nearest = bisect_right(self._starts, start) - 1
        if nearest < 0:
            return None
        first, last = self._elements[nearest]
        inside = first < start and end < last and self._text[first] == '"'
        return (first + 1, last - 1) if inside else None

    def _replaced(self, span: Span) -> Iterator[tuple[int, int, str]]:
        """Yield what replaces a span."""
        start, end, token, _ = span
        if (string := self._string_around(start, end)) is not None:
            yield (*self._whole_escapes(string, start, end), token)
            return
        quoted = f'"{token}"'
        whole: tuple[int, int] | None = None
        at = start
        items, starts = self._items
        for number in range(_nearest(starts, start), len(items)):
            first, last, in_array = items[number]
            if first >= end:
                break
            if last <= at:
                continue
            sign = self._text[first]
            if sign == '"':
                string = (first + 1, last - 1)
                begins, ends = max(start, first + 1), min(end, last - 1)
                at = last
                if begins >= ends:
                    continue
                if (begins, ends) != string:
                    if whole is not None:
                        yield (*whole, quoted)
                        whole = None
                    yield (*self._whole_escapes(string, begins, ends), token)
                    continue
            elif sign in "{[":
                if first < start or last > end:
                    continue
                at = last
            elif sign.isalpha():  # true, false and null say nothing
                continue
            if (
                whole is not None
                and in_array
                and _BETWEEN.fullmatch(self._text, whole[1], first) is not None
            ):
                whole = whole[0], last
                continue
            if whole is not None:
                yield (*whole, quoted)
            whole = first, last
        if whole is not None:
            yield (*whole, quoted)

    @cached_property
    def _items(self) -> tuple[list[_Item], list[int]]:
        """All items, and where they start."""
        items: list[_Item] = []
        open_ones: list[int] = []
        kinds = [False]
        for match in _ITEM.finditer(self._text):
            start, end = match.span()
            sign = self._text[start]
            if sign in "}]":
                kinds.pop()
                opened = open_ones.pop()
                items[opened] = items[opened]._replace(end=end)
                continue
            items.append(_Item(start, end, kinds[-1]))
            if sign in "{[":
                open_ones.append(len(items) - 1)
                kinds.append(sign == "[")
        return items, [item.start for item in items]

    def _whole_escapes(self, string: tuple[int, int], start: int, end: int) -> tuple[int, int]:
        """Return a span inside a string with the whole of the escapes at its edges."""
        if self._text.rfind("\\", max(string[0], start - _PAIR), end) < 0:
            return start, end
        return self._escape(string[0], start)[0], self._escape(string[0], end)[1]

    def _escape(self, first: int, at: int) -> tuple[int, int]:
        """Return the escape that a place is inside of; nothing at that place if there is none."""
        text = self._text
        nearest = text.rfind("\\", max(first, at - _PAIR + 1), at)
        for begins in (nearest - _PAIR // 2, nearest):
            if begins >= first and self._is_escape(first, begins):
                match = _ESCAPE.match(text, begins)
                if match is not None and begins < at < match.end():
                    return match.span()
        return at, at

    def _is_escape(self, first: int, at: int) -> bool:
        """Return whether there is a backslash at a place, and an even number right before it."""
        run = at
        while run > first and self._text[run - 1] == "\\":
            run -= 1
        return self._text[at] == "\\" and (at - run) % 2 == 0


def _nearest(starts: list[int], at: int) -> int:
    """Return which one of what starts at these places is the last that starts at or before one."""
    return max(0, bisect_right(starts, at) - 1)
