"""The cookie-date algorithm (5.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cookietrace.cookies import parse_cookie_date
from cookietrace.cookies.chromium_dates import parse_chromium_date
from cookietrace.cookies.firefox_dates import parse_firefox_date

DATES = [
    ("Wed, 09 Jun 2027 10:18:14 GMT", "2027-06-09T10:18:14"),
    ("Wednesday, 09-Jun-27 10:18:14 GMT", "2027-06-09T10:18:14"),
    ("Wed Jun  9 10:18:14 2027", "2027-06-09T10:18:14"),
    ("10:18:14 9 jUNE 2027 whatever +0200", "2027-06-09T10:18:14"),
    ("9 Jun 2027 1:2:3", "2027-06-09T01:02:03"),
    ("9th Jun 2027x 10:18:14pm", "2027-06-09T10:18:14"),
    ("1 Jan 70 0:0:0", "1970-01-01T00:00:00"),
    ("1 Jan 99 0:0:0", "1999-01-01T00:00:00"),
    ("1 Jan 69 0:0:0", "2069-01-01T00:00:00"),
    ("1 Jan 00 0:0:0", "2000-01-01T00:00:00"),
    ("29 Feb 2028 0:0:0", "2028-02-29T00:00:00"),
    ("1 Jan 1601 0:0:0", "1601-01-01T00:00:00"),
    ("1 Jan 2027 23:59:59", "2027-01-01T23:59:59"),
    ("", None),
    ("Wed, 09 Jun 2027", None),
    ("Jun 2027 10:18:14", None),
    ("09 2027 10:18:14", None),
    ("09 Jun 10:18:14", None),
    ("29 Feb 2027 0:0:0", None),
    ("0 Jan 2027 0:0:0", None),
    ("32 Jan 2027 0:0:0", None),
    ("1 Jan 1600 0:0:0", None),
    ("1 Jan 2027 24:0:0", None),
    ("1 Jan 2027 0:60:0", None),
    ("1 Jan 2027 0:0:60", None),
    ("1 Jan 2027 0:0", None),
    ("1 Jan 20270 0:0:0", None),
    ("001 Jan 2027 0:0:0", None),
    ("1 Jan 2027 000:0:0", None),
    ("² Jan 2027 0:0:0", None),
]


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_a_date_is_parsed_or_refused(text: str, expected: str | None) -> None:
    """The order of the tokens does not matter, and a date must exist in the calendar."""
    moment = parse_cookie_date(text)
    read = None if moment is None else datetime.fromtimestamp(moment, UTC)
    assert (read and read.replace(tzinfo=None).isoformat()) == expected


def test_a_long_date_is_parsed() -> None:
    """Dates that are too long for the cache give the same result."""
    assert parse_cookie_date(" " * 1000 + "1 Jan 1970 0:0:1") == 1.0


IN_CHROMIUM = [
    ("1 Jan 2098 10:20:30", "2098-01-01T10:20:30"),
    ("1 Jan 2098 010:20:30", "2098-01-01T10:20:30"),
    ("1 Jan 02098 10:020:030", "2098-01-01T10:20:30"),
    ("10:20:x 11:20:30 1 xJan Jan 8", "2008-01-01T11:20:30"),
    ("1 Jan 99 10:20:30 3 2003", "1999-01-01T10:20:30"),
    ("1 Jan 1500 0:0:0 11:11:11", "1500-01-01T00:00:00"),
    ("1 Jan 2098 10:20:30:40", None),
    ("1 Jan 2098 10:20:30x", None),
    ("1 Jan 2098 10:20:30:", None),
    ("1 Jan 2098x 10:20:30", None),
    ("1st Jan 2098 10:20:30", None),
    ("1 Jan 002098 10:20:30", None),
    ("1 Jan 2098 24:00:00", None),
    ("1 Jan 2098 10:60:00", None),
    ("1 Jan 2098 10:20:60", None),
    ("30 Feb 2098 10:20:30", None),
    ("1 2098 10:20:30", None),
]

IN_FIREFOX = [
    ("Thu, 01 Jan 1970 00:00:07 GMT", "1970-01-01T00:00:07"),
    ("31 Feb 2029 25:00:00", "2029-03-04T01:00:00"),
    ("01 Jan 2030", "2030-01-01T00:00:00"),
    ("1 Jan 30 10:20:30 +0200", "2030-01-01T08:20:30"),
    ("1 Jan 30 10:20:30 GMT+2 +0500", "2030-01-01T08:20:30"),
    ("1 Jan 30 10:20:30 -05", "2030-01-01T15:20:30"),
    ("1 Jan 30 10:20:30 +123", "2030-01-01T10:20:30"),
    ("1 Jan 30 10:20:30 -0001", "2030-01-01T10:20:30"),
    ("1 Jan 30 10:20:30 EST +0200", "2030-01-01T15:20:30"),
    ("1 Jan 30 10:20:30 UT PDT", "2030-01-01T10:20:30"),
    ("1 Jan 30 10:20:30 UTC PDT Feb", "2030-01-01T17:20:30"),
    ("1 Jan 30 10:20:30pm", "2030-01-01T22:20:30"),
    ("1 Jan 30 12:20:30 AM 1:1:1", "2030-01-01T00:20:30"),
    ("1 Jan 30 12:20:30 PM", "2030-01-01T12:20:30"),
    ("1 Jan 30 9:20:30 am", "2030-01-01T09:20:30"),
    ("1 Jan 30 13:20:30 pm", "2030-01-01T13:20:30"),
    ("1 Jan 30 10:20 GMT", "2030-01-01T10:19:44"),
    ("1 Jan 30 10:20", "2030-01-01T10:19:12"),
    ("1 Jan 30 10:20/", "2030-01-01T10:20:00"),
    ("1 Jan 30 10:20é", "2030-01-01T10:18:49"),
    ("1 Jan 30 10:20:456", "2030-01-01T00:00:00"),
    ("1 Jan 30 100:20:45 99 31 5", "2030-01-01T00:00:00"),
    ("6/16/95", "1995-06-16T00:00:00"),
    ("16-6-95 10:20:30", "1995-06-16T10:20:30"),
    ("95/6/16 7 8 1999", "1995-06-16T00:00:00"),
    ("16/0/95", "1994-12-16T00:00:00"),
    ("Jan 6/16/95 6", "1995-01-06T00:00:00"),
    ("30-Aug-2066 (Monday)", "2066-08-30T00:00:00"),
    ("32 Jan 5 99", "2032-01-05T00:00:00"),
    ("1 Jan 2030x 12345678 1999", "1999-01-01T00:00:00"),
    ("3 Jan 30 13/13/30 --", "2030-01-03T00:00:00"),
    ("3 Jan", None),
    ("Jan 2030", None),
    ("3 2030", None),
    ("13/13/30", None),
    ("95/13/16", None),
    ("95/1/32", None),
    ("1/2/30x", None),
    ("1 Jan 40000", None),
    ("x " * 1001 + "1 Jan 2030", None),
]


@pytest.mark.parametrize(("text", "expected"), IN_CHROMIUM)
def test_chromium_reads_a_date_token_by_token(text: str, expected: str | None) -> None:
    """A token is a number or a time as a whole; years have up to five digits."""
    assert _iso(parse_chromium_date(text)) == expected


@pytest.mark.parametrize(("text", "expected"), IN_FIREFOX)
def test_firefox_reads_many_formats(text: str, expected: str | None) -> None:
    """Zones, AM and PM, dates in numbers, and values over their limit count on."""
    assert _iso(parse_firefox_date(text)) == expected


def test_far_years_are_read() -> None:
    """Both browsers read years that ``datetime`` does not know."""
    assert parse_chromium_date("1 Jan 20980 10:20:30") == 599897701230.0
    assert parse_firefox_date("1 Jan 20980 10:20:30") == 599897701230.0
    assert parse_chromium_date(" " * 1000 + "1 Jan 1970 0:0:1") == 1.0
    assert parse_firefox_date(" " * 1000 + "1 Jan 1970 0:0:1") == 1.0


def _iso(moment: float | None) -> str | None:
    """Return a Unix time as a date and time."""
    if moment is None:
        return None
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment))
        .replace(tzinfo=None)
        .isoformat()
    )
