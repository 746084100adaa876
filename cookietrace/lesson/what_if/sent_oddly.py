"""What a real request sent that its client's jar does not tell: the imagined one goes by it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookietrace.fold.exchange import CookieStatus, RequestCookie, RequestPart


class OddCookie(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A cookie that no recorded response gave its client."""

    name: str
    value: str
    unexplained: bool
    """Whether it is carried for the first time; otherwise the jar was told of it before."""
    refused_in: str | None
    """The exchange whose line would have set it, and was refused."""
    set_in: str | None
    """The exchange whose line set it before."""


class SentOddly(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request of which there is more to know than that it sent what was predicted."""

    expected: str
    """The header that the jar predicted."""
    cookies: tuple[OddCookie, ...]


SentOddlyBy = Callable[[str], SentOddly | None]
"""Returns what is to know of the real request of an exchange; None if nothing is."""

# As a plain name, because looking up an enum member is slow in Python 3.11.
_UNEXPLAINED = CookieStatus.UNEXPLAINED


def sent_oddly(part: RequestPart) -> SentOddly | None:
    """Return what there is to know of a request; None if it sent what its jar predicted."""
    odd = odd_cookies(part.cookies)
    return SentOddly(part.expected, odd) if odd or part.observed != part.expected else None


def odd_cookies(cookies: tuple[RequestCookie, ...]) -> tuple[OddCookie, ...]:
    """Return the cookies of a request that no recorded response gave its client."""
    found = []
    for each in cookies:
        unexplained = each.status is _UNEXPLAINED
        if unexplained or (each.cookie is not None and each.cookie.inferred):
            odd = OddCookie(each.name, each.value, unexplained, each.refused_in, each.set_in)
            found.append(odd)
    return tuple(found)
