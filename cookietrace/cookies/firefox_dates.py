"""How Firefox reads a date in Expires: more formats than -22 5.1.1, and time zones.

Firefox 153 was asked about some hundred dates, and NSPR's date reader, which it uses, about many
more: both give what this module gives.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ZONES = {
    "pst": -480, "pdt": -420, "mst": -420, "mdt": -360, "cst": -360, "cdt": -300, "est": -300,
    "edt": -240, "ast": -240, "nst": -210, "gmt": 0, "bst": 60, "met": 60, "eet": 120, "jst": 540,
}  # fmt: skip
"""Minutes east of Greenwich."""

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?![0-9])|:(?![0-9])|(?![0-9:]))")
_MERIDIEM = re.compile(r"[ \t]*([ap])m", re.IGNORECASE)
_NUMERIC = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4,5}|[0-9]{1,2})(?![0-9A-Za-z])")
_NUMERIC_AHEAD = re.compile(r"[0-9]+[/-][0-9]")
_OFFSET = re.compile(r"[+-]([0-9]*)")
_DIGITS = re.compile(r"[0-9]+")
_UNIVERSAL = re.compile(r"ut(?![a-z])", re.IGNORECASE)
_REST = re.compile(r"[^ \t,;+/()\[\]-]*")
_BETWEEN = re.compile(r"[ \t,;/()\[\]]*")
_MOST_TOKENS = 1000
_LONGEST_CACHED = 64
_LARGEST_YEAR = 32767


def parse_firefox_date(text: str) -> float | None:
    """Return a date as Unix time in seconds, or None if Firefox cannot read it.

    ``text`` is wire text (latin-1). Takes time linear in its length; never raises.
    """
    return _cached(text) if len(text) <= _LONGEST_CACHED else _parse(text)


def _parse(text: str) -> float | None:
    """Read the text token by token; the first of each kind counts."""
    return _Reader(text).read()


_cached = lru_cache(maxsize=1024)(_parse)


class _Reader:
    """One date while it is being read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._month: int | None = None
        self._day: int | None = None
        self._year: int | None = None
        self._time: tuple[int, int, int] | None = None
        self._zone: int | None = None
        """Minutes east of Greenwich, from a name or an offset."""
        self._has_offset = False

    def read(self) -> float | None:
        """Return the Unix time, or None without a day, a month or a year."""
        at, tokens = 0, 0
        while at < len(self._text):
            tokens += 1
            if tokens > _MOST_TOKENS:
                return None
            at = self._after(self._token(at))
        if self._month is None or self._day is None or self._year is None:
            return None
        return self._seconds(self._year, self._month, self._day)

    def _token(self, at: int) -> int:
        """Read the token at a position; return how far it was understood."""
        char = self._text[at]
        if "0" <= char <= "9":
            return self._number(at)
        if char in "+-":
            return self._offset(at)
        self._word(at)
        return at

    def _word(self, at: int) -> None:
        """Read the name of a month or a zone by its first three letters."""
        word = self._text[at : at + 3].lower()
        if word in _MONTHS:
            if self._month is None:
                self._month = _MONTHS[word]
        elif self._zone is None:
            if word in _ZONES:
                self._zone = _ZONES[word]
            elif _UNIVERSAL.match(self._text, at):
                self._zone = 0

    def _offset(self, at: int) -> int:
        """Read an offset from Greenwich in hours, or in hours and minutes."""
        if self._has_offset or self._zone:
            return at + 1
        found = _OFFSET.match(self._text, at)
        digits = found[1] if found is not None else ""
        if len(digits) in (1, 2, 4):
            minutes = int(digits) * 60
            if len(digits) == 4:
                minutes = int(digits[:2]) * 60 + int(digits[2:])
            self._has_offset = self._text[at] == "+" or minutes != 1
            self._zone = minutes if self._text[at] == "+" else -minutes
            if not self._has_offset:
                self._zone = 0  # Firefox uses one minute west as its sign for "none yet".
        return at + 1

    def _number(self, at: int) -> int:
        """Read a time, a date in numbers, a year or a day."""
        found = _DIGITS.match(self._text, at)
        digits = found[0] if found is not None else ""
        end = at + len(digits)
        following = self._text[end : end + 1]
        if following == ":":
            return self._clock(at, end)
        if _NUMERIC_AHEAD.match(self._text, at):
            return self._numeric(at) if self._month is None else end
        if following.isascii() and following.isalpha():
            return end
        number = int(digits) if len(digits) <= len(str(_LARGEST_YEAR)) else 0
        if len(digits) in (4, 5):
            if self._year is None:
                self._year = number
        elif len(digits) == 1 or (len(digits) == 2 and self._day is None and number < 32):
            if self._day is None:
                self._day = number
        elif len(digits) == 2 and self._year is None:
            self._year = _full_year(number)
        return end

    def _clock(self, at: int, end: int) -> int:
        """Read hours and minutes, with or without seconds, AM or PM."""
        found = _TIME.match(self._text, at)
        if self._time is not None or found is None:
            return end
        hour, minute = int(found[1]), int(found[2])
        if found[3] is not None:
            second = int(found[3])
        else:
            second = _seconds_from(self._text[found.end() : found.end() + 1])
        half = _MERIDIEM.match(self._text, found.end())
        if half is not None and hour <= 12:
            hour = hour % 12 + (12 if half[1] in "pP" else 0)
        self._time = (hour, minute, second)
        return found.end()

    def _numeric(self, at: int) -> int:
        """Read 6/16/95, 16/6/95 or 95/6/16, with slashes or hyphens."""
        found = _NUMERIC.match(self._text, at)
        if found is None:
            return at
        first, second, third = (int(number) for number in found.groups())
        if first > 31 or first == 0:
            if second <= 12 and third <= 31:
                self._year, self._month, self._day = _full_year(first), second, third
                return found.end()
            return at
        if first > 12 and second > 12:
            return found.end()
        self._year = _full_year(third)
        if first > 12:
            self._month, self._day = second, first
        else:
            self._month, self._day = first, second
        return found.end()

    def _after(self, at: int) -> int:
        """Return where the next token begins. A hyphen is passed over unless it is a sign."""
        text = self._text
        at = _end(_REST, text, at)
        while True:
            at = _end(_BETWEEN, text, at)
            if text[at : at + 1] != "-":
                return at
            letter_before = at > 0 and text[at - 1].isascii() and text[at - 1].isalpha()
            digit_after = "0" <= text[at + 1 : at + 2] <= "9"
            if digit_after and not (letter_before and self._year is None):
                return at
            at += 1

    def _seconds(self, year: int, month: int, day: int) -> float | None:
        """Return the Unix time. What is over a limit counts on: 31 February is in March."""
        if year > _LARGEST_YEAR:
            return None
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        # The calendar repeats every 400 years, and ``date`` ends in the year 9999.
        cycles = (year - 1) // 400
        days = date(year - cycles * 400, month, 1).toordinal() - date(1970, 1, 1).toordinal()
        days += cycles * 146097 + day - 1
        hour, minute, second = self._time or (0, 0, 0)
        minutes = hour * 60 + minute - (self._zone or 0)
        return float(days * 86400 + minutes * 60 + second)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where the match of a pattern that matches everywhere ends."""
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _seconds_from(following: str) -> int:
    """Return the seconds of a time without any: Firefox takes the next character for a digit."""
    code = ord(following or "\0")
    second = (code if code < 128 else code - 256) - ord("0")
    return 0 if second == -1 else second


def _full_year(year: int) -> int:
    """Return a year with its century: 70 to 99 are 1970 to 1999, 0 to 69 are 2000 to 2069."""
    if year < 70:
        return year + 2000
    return year + 1900 if year < 100 else year
