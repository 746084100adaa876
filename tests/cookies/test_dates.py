"""The cookie-date algorithm (5.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cookietrace.cookies import parse_cookie_date

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


def test_the_first_year_can_be_earlier() -> None:
    """``first_year`` allows years before 1601, for browsers that accept them."""
    assert parse_cookie_date("1 Jan 1500 0:0:0") is None
    assert (parse_cookie_date("1 Jan 1500 0:0:0", first_year=1) or 0.0) < -1e10
    assert parse_cookie_date("1 Jan 0000 0:0:0", first_year=1) is not None
