"""Cookies that may not have been stored, since the request may have had no credentials."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import Code, Cookie, CookieKey, Credentials, RequestContext
from cookietrace.fold.exchange import RequestPart

_UNKNOWN = Credentials.UNKNOWN
_OTHER_ORIGIN = ("same-site", "cross-site")


class Unconfirmed:
    """The cookies of one client that may not have been stored.

    The response to a script's request without credentials stores nothing (Fetch,
    credentials mode). If it is unknown whether a request had credentials, the cookies that
    its response sets are unconfirmed until a request carries them.
    """

    def __init__(self) -> None:
        self._keys: set[CookieKey] = set()

    @property
    def is_empty(self) -> bool:
        """Whether there is no such cookie."""
        return not self._keys

    def stored(self, cookie: Cookie, context: RequestContext) -> None:
        """Record a cookie that the response to a request with this context set."""
        if context.credentials is Credentials.UNKNOWN:
            self._keys.add(cookie.key)
        else:
            self._keys.discard(cookie.key)

    def seen(self, cookie: Cookie) -> None:
        """Record that a request carried a cookie."""
        self._keys.discard(cookie.key)

    def gone(self, key: CookieKey) -> None:
        """Record that a cookie left the jar."""
        self._keys.discard(key)

    def apply_to(self, context: RequestContext, predicted: Iterable[Cookie]) -> RequestContext:
        """Return the context; it is not certain if an unconfirmed cookie is predicted."""
        if self._keys and any(cookie.key in self._keys for cookie in predicted):
            return msgspec.structs.replace(context, certain=False)
        return context


def response_context(request: RequestPart) -> RequestContext:
    """Return a request's context as far as it is known when the response arrives.

    A script's request to another origin was made without credentials if it lacks the
    cookies that it could have sent.
    """
    context = request.context
    if context.credentials is not _UNKNOWN:
        return context
    headers = {name.lower(): value for name, value in request.headers}
    crosses = (
        headers.get("sec-fetch-site") in _OTHER_ORIGIN
        or headers.get("origin", request.target.origin) != request.target.origin
    )
    lacks = any(
        reason.code is Code.WITHOUT_CREDENTIALS
        for withheld in request.withheld
        for reason in withheld.reasons
    )
    if not (crosses and lacks):
        return context
    return msgspec.structs.replace(context, credentials=Credentials.OMIT)
