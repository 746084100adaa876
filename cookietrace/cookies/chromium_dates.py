"""How Chromium reads a date in Expires: like -22 5.1.1, but token by token as a whole."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_NUMBER = re.compile(r"[0-9]{1,5}\Z")
_TIME = re.compile(r"0*([0-9]{1,2}):0*([0-9]{1,2}):0*([0-9]{1,2})\Z")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_EPOCH = date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146097
_LONGEST_CACHED = 64


def parse_chromium_date(text: str) -> float | None:
    """Return a date as Unix time in seconds, or None if Chromium cannot read it.

    A number or a time is a token of its own, a time has three numbers, and a year has up to
    five digits. Takes time linear in the length of the text; never raises.
    """
    return _cached(text) if len(text) <= _LONGEST_CACHED else _parse(text)


def _parse(text: str) -> float | None:
    """Match each token with the first part that it fits."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITERS.split(text):
        if not "0" <= token[:1] <= "9":
            month = month or _MONTHS.get(token[:3].lower())
        elif ":" in token:
            clock = _TIME.match(token)
            if time is None and clock is not None:
                time = (int(clock[1]), int(clock[2]), int(clock[3]))
        elif _NUMBER.match(token):
            if day is None and len(token) <= 2:
                day = int(token)
            elif year is None:
                year = int(token)
    if time is None or day is None or month is None or year is None:
        return None
    return _seconds(_full_year(year), month, day, time)


_cached = lru_cache(maxsize=1024)(_parse)


def _full_year(year: int) -> int:
    """Return a year with its century: 70 to 99 are 1970 to 1999, 0 to 69 are 2000 to 2069."""
    if 70 <= year <= 99:
        return year + 1900
    return year + 2000 if year <= 69 else year


def _seconds(year: int, month: int, day: int, time: tuple[int, int, int]) -> float | None:
    """Return the Unix time of a date that exists, in any year."""
    hour, minute, second = time
    if hour > 23 or minute > 59 or second > 59:
        return None
    # The calendar repeats every 400 years, and ``date`` ends in the year 9999.
    cycles = (year - 1) // _CYCLE_YEARS
    try:
        days = date(year - cycles * _CYCLE_YEARS, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    days += cycles * _CYCLE_DAYS
    return float(days * 86400 + hour * 3600 + minute * 60 + second)
