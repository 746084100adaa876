"""Which sentences of Firefox's console speak of a refusal."""

from __future__ import annotations

import pytest

from cookietrace.lesson.browser_says.firefox_reasons import REFUSED
from cookietrace.listening.console import REFUSALS, Refusal, refusal


def test_each_has_a_meaning() -> None:
    """What is read as a refusal can be compared with ours."""
    assert REFUSED.keys() == REFUSALS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Cookie “x” has been rejected for invalid domain.",
            Refusal("x", "cookie has been rejected for invalid domain."),
        ),
        (
            "Cookie “a b” rejected because it has the “SameSite=None” attribute but is missing the "
            "“secure” attribute.",
            Refusal(
                "a b",
                'cookie rejected because it has the "SameSite=None" attribute but is missing the '
                '"secure" attribute.',
            ),
        ),
        ("Cookie “x” will soon be rejected because it is foreign.", None),
        ("Cookie “x”", None),
        (f"Cookie “{'x' * 5000}", None),
        ("Cookie warnings", None),
        ("", None),
    ],
)
def test_a_sentence(text: str, found: Refusal | None) -> None:
    """Its cookie and its reason, if it is one that is known."""
    assert refusal(text) == found
