"""The order of the cookies in a Cookie header, and the header they make (5.8.3 steps 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from cookietrace.cookies.cookie import Cookie

BY_SEQUENCE: Callable[[Cookie], Any] = attrgetter("sequence")
"""Earlier creation first, where the clock never went back."""

BY_CREATION: Callable[[Cookie], Any] = attrgetter("created_at", "sequence")
"""Earlier creation first, whatever the clock did."""


def in_order(
    sent: Mapping[int, list[Cookie]], earlier: Callable[[Cookie], Any]
) -> tuple[Cookie, ...]:
    """Return cookies, given by the length of their path: longer paths first, then earlier ones."""
    if len(sent) == 1:
        (cookies,) = sent.values()
        cookies.sort(key=earlier)
        return tuple(cookies)
    ordered: list[Cookie] = []
    for length in sorted(sent, reverse=True):
        ordered += sorted(sent[length], key=earlier)
    return tuple(ordered)


def cookie_string(cookies: tuple[Cookie, ...]) -> str:
    """Return the header's value; ``""`` stands for no header at all."""
    return "; ".join([cookie.pair for cookie in cookies])
