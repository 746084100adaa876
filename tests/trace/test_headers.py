"""What the fold reads from headers."""

from __future__ import annotations

import pytest

from cookietrace.fold.headers import ResponseHeaders, header, response_headers

Headers = tuple[tuple[str, str], ...]

RESPONSES: list[tuple[Headers, ResponseHeaders]] = [
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


@pytest.mark.parametrize(("headers", "expected"), RESPONSES)
def test_response_headers(headers: Headers, expected: ResponseHeaders) -> None:
    """All Set-Cookie and Clear-Site-Data fields in order; of the others, the first."""
    assert response_headers(headers) == expected


def test_a_header_is_found_in_any_case() -> None:
    """The first header of the name counts."""
    headers = (("ACCEPT", "x"), ("Accept", "y"))
    assert (header(headers, "accept"), header(headers, "host")) == ("x", None)
