"""How Chromium reads a date in Expires: like -22 5.1.1, but token by token as a whole."""

from __future__ import annotations

import re
from functools import lru_cache

from cookietrace.cookies.dates import DELIMITERS, MONTHS, full_year, unix_time

_NUMBER = re.compile(r"[0-9]{1,5}\Z")
_TIME = re.compile(r"0*([0-9]{1,2}):0*([0-9]{1,2}):0*([0-9]{1,2})\Z")
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
    for token in DELIMITERS.split(text):
        if not "0" <= token[:1] <= "9":
            month = month or MONTHS.get(token[:3].lower())
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
    return unix_time(full_year(year), month, day, time)


_cached = lru_cache(maxsize=1024)(_parse)
