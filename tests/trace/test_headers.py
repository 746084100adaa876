"""What the fold reads out of headers."""

from __future__ import annotations

import pytest

from cookietrace.fold.headers import ResponseHeaders, header, response_headers

Headers = tuple[tuple[str, str], ...]

ANSWERS: list[tuple[Headers, ResponseHeaders]] = [
    ((), ResponseHeaders((), (), None, None, None)),
    (
        (
            ("Server", "x"),
            ("SET-COOKIE", "a=1"),
            ("Date", "first"),
            ("set-cookie", "b=2"),
            ("date", "second"),
            ("Content-Type", "text/css"),
            ("Clear-Site-Data", '"cookies"'),
            ("Location", "/x"),
        ),
        ResponseHeaders(("a=1", "b=2"), ('"cookies"',), "first", "/x", "text/css"),
    ),
]


@pytest.mark.parametrize(("headers", "expected"), ANSWERS)
def test_an_answer_is_read_in_one_pass(headers: Headers, expected: ResponseHeaders) -> None:
    """All Set-Cookie and Clear-Site-Data fields in order, the first of what comes once."""
    assert response_headers(headers) == expected


def test_a_header_is_found_in_any_case() -> None:
    """The first of that name counts."""
    headers = (("ACCEPT", "x"), ("Accept", "y"))
    assert (header(headers, "accept"), header(headers, "host")) == ("x", None)
