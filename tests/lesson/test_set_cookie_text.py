"""Set-Cookie lines as text."""

from __future__ import annotations

import pytest

from cookietrace.lesson.mask import masked, unmasked
from cookietrace.lesson.set_cookie_text import hidden_line, masked_line


@pytest.mark.parametrize(
    "line",
    [
        "sid=abcdef; Path=/; Secure",
        "sid=; Path=/",
        "abcdef; Path=/",
        "sid=abcdef; Path=/secret; extra=abc, theme=dark; Path=/",
        "secret=abcdef",
        "sid=abcdef; Path=/masked-0000000000",
        "masked-0000000000=abcdef; Path=/0000000000",
        "",
    ],
)
@pytest.mark.parametrize("mask", [masked, unmasked])
@pytest.mark.parametrize("secret", ["secret", "masked", "0000000000", "; Path", "sid=abc"])
def test_values_that_are_set_aside_make_no_difference(line: str, mask: object, secret: str) -> None:
    """What is secret in the rest is hidden as if the whole line had been looked at."""

    def hide(text: str) -> str:
        return text.replace(secret, "hidden")

    expected = hide(masked_line(line, mask))  # type: ignore[arg-type]
    assert hidden_line(line, mask, hide) == expected  # type: ignore[arg-type]
