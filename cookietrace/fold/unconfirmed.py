"""Cookies from answers that may have set none, since nothing told if they had credentials."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import Code, Cookie, CookieKey, Credentials, RequestContext
from cookietrace.fold.exchange import RequestPart

_UNKNOWN = Credentials.UNKNOWN
_OTHER_ORIGIN = ("same-site", "cross-site")


class Unconfirmed:
    """The cookies of one client that no request has carried since such an answer brought them.

    Until one does, the answer may not have stored them: a script's request
    without credentials stores nothing (Fetch, credentials mode).
    """

    def __init__(self) -> None:
        self._keys: set[CookieKey] = set()

    @property
    def nothing(self) -> bool:
        """Whether there is no such cookie."""
        return not self._keys

    def stored(self, cookie: Cookie, context: RequestContext) -> None:
        """Take note of a cookie that an answer to a request with that context stored."""
        if context.credentials is Credentials.UNKNOWN:
            self._keys.add(cookie.key)
        else:
            self._keys.discard(cookie.key)

    def seen(self, cookie: Cookie) -> None:
        """Take note of a cookie that a request carried."""
        self._keys.discard(cookie.key)

    def gone(self, key: CookieKey) -> None:
        """Take note of a cookie that left the jar."""
        self._keys.discard(key)

    def doubts(self, context: RequestContext, predicted: Iterable[Cookie]) -> RequestContext:
        """Return the context, not certain where the prediction rests on such a cookie."""
        if self._keys and any(cookie.key in self._keys for cookie in predicted):
            return msgspec.structs.replace(context, certain=False)
        return context


def response_context(request: RequestPart) -> RequestContext:
    """Return a request's context as its answer meets it.

    A script's request to another origin that lacks the cookies it could have had
    was made without credentials: more is known than when it began.
    """
    context = request.context
    if context.credentials is not _UNKNOWN:
        return context
    told = {name.lower(): value for name, value in request.headers}
    crosses = (
        told.get("sec-fetch-site") in _OTHER_ORIGIN
        or told.get("origin", request.target.origin) != request.target.origin
    )
    lacks = any(
        reason.code is Code.WITHOUT_CREDENTIALS
        for held in request.withheld
        for reason in held.reasons
    )
    if not (crosses and lacks):
        return context
    return msgspec.structs.replace(context, credentials=Credentials.OMIT)
