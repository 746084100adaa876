"""The cookie-date algorithm, -22 5.1.1: lenient about the format, strict about the result."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
"""What separates the tokens of a date."""
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
"""The first three letters of each month -> its number."""
_EPOCH = date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146097
_LONGEST_CACHED = 64

_FIRST_YEAR = 1601
"""The first year allowed in a cookie-date (step 5)."""


def parse_cookie_date(text: str) -> float | None:
    """Return a cookie-date as Unix time in seconds, or None if it cannot be parsed (5.1.1).

    Takes time linear in the length of the text; never raises.
    """
    return _cached(text) if len(text) <= _LONGEST_CACHED else _parse(text)


def _parse(text: str) -> float | None:
    """Steps 1 to 7: split into date-tokens, match each with the first part it fits, check."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in DELIMITERS.split(text):
        if time is None and (match := _TIME.match(token)):
            time = (int(match[1]), int(match[2]), int(match[3]))
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and (number := MONTHS.get(token[:3].lower())):
            month = number
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
    if time is None or day is None or month is None or year is None:
        return None
    complete = full_year(year)
    return unix_time(complete, month, day, time) if complete >= _FIRST_YEAR else None


_cached = lru_cache(maxsize=1024)(_parse)


def full_year(year: int) -> int:
    """Steps 3 and 4: 70 to 99 mean 1970 to 1999, 0 to 69 mean 2000 to 2069."""
    if 70 <= year <= 99:
        return year + 1900
    return year + 2000 if year <= 69 else year


def unix_time(year: int, month: int, day: int, time: tuple[int, int, int]) -> float | None:
    """Return the Unix time of a moment in any year, None if there is none (steps 5 and 6)."""
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
