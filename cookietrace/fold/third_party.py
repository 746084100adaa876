"""What a client's requests show about third-party cookies if no header tells.

Chromium and Firefox say in a request whether unpartitioned third-party cookies are in reach
(Sec-Fetch-Storage-Access). Safari, WebSockets, older browsers and plain http say nothing. There,
the profile is a guess, until a cookie that must come along does not, or one comes along that
must not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Credentials,
    Profile,
    RequestContext,
    RestsOn,
    Selection,
    Site,
    Standing,
    StorageAccess,
    ThirdParty,
)
from cookietrace.fold.exchange import Exchange, RequestPart

_GUESSES = (None, ThirdParty.UNTOLD)
_BLOCKED, _SENT = ThirdParty.SEEMS_BLOCKED, ThirdParty.SENT


class ThirdPartyCookies:
    """What one client does with unpartitioned third-party cookies, as far as it shows."""

    def __init__(self, profile: Profile) -> None:
        self._by_profile: Literal["allowed", "blocked", "partitioned"] = profile.third_party
        self._shown: ThirdParty | None = None
        self._said_none = False
        """Whether the browser last said, in some other request, that they are out of reach."""

    def apply_to(self, context: RequestContext) -> RequestContext:
        """Return the context of a request with what the client has shown so far."""
        access = context.storage_access
        if access is not None:
            self._said_none = access is StorageAccess.NONE
            return context
        if context.site is not Site.CROSS or context.top_level:
            return context
        shown = self._shown
        if shown is None and self._said_none and self._by_profile == "allowed":
            shown = _BLOCKED
        if shown is None or context.third_party not in _GUESSES:
            return context
        return _with(context, shown)

    def is_doubtful(self, context: RequestContext) -> bool:
        """Return whether nobody knows if the response to such a request stores its cookies."""
        if self._by_profile == "partitioned" and context.third_party is not _BLOCKED:
            return False
        return context.third_party in (ThirdParty.UNTOLD, _BLOCKED)

    # --- evidence

    def shown_by(
        self,
        context: RequestContext,
        selection: Selection,
        pairs: Sequence[tuple[str, str]],
        overlaps: Callable[[str], bool],
        is_open: Callable[[Cookie], bool],
    ) -> ThirdParty | None:
        """Return what a request shows that contradicts its context; None if nothing.

        One that carries an unpartitioned cookie shows that third-party cookies are sent. One
        that carries none of those that the jar predicts seems to show that they are blocked,
        unless a response to it may be under way, or its storage is ``is_open`` for another reason.
        """
        if context.third_party not in (ThirdParty.UNTOLD, _BLOCKED):
            return None
        carried = set(pairs)
        withheld = [held.cookie for held in selection.withheld if _only_by_policy(held.reasons)]
        candidates = [*selection.sent, *withheld]
        if any((one.name, one.value) in carried for one in candidates if _is_meant(one)):
            return _SENT
        expected = [one for one in selection.sent if _is_meant(one) and not is_open(one)]
        names = {name for name, _ in pairs}
        blocked = (
            bool(expected)
            and context.credentials is Credentials.INCLUDE
            and self._by_profile == "allowed"
            and not any(one.name in names or overlaps(one.name) for one in expected)
        )
        return _BLOCKED if blocked else None

    def learn(self, shown: ThirdParty) -> None:
        """Record what a request showed. A cookie that was sent is the better evidence."""
        if self._shown is not _SENT:
            self._shown = shown


def _is_meant(cookie: Cookie) -> bool:
    """Return whether a policy about third-party cookies concerns a cookie of the jar."""
    return cookie.partition_key is None and not cookie.inferred and not cookie.doubtful


def _only_by_policy(reasons: Sequence[object]) -> bool:
    """Return whether nothing but a policy about third-party cookies withholds a cookie."""
    codes = [getattr(reason, "code", None) for reason in reasons]
    return codes in ([Code.CLIENT_POLICY], [Code.PARTITION_MISMATCH])


@lru_cache(maxsize=256)
def _with(context: RequestContext, shown: ThirdParty) -> RequestContext:
    """Return a context with what was shown: certain if nothing else was in doubt."""
    certain = shown is _SENT and context.third_party is ThirdParty.UNTOLD
    return msgspec.structs.replace(context, third_party=shown, certain=certain)


def contradicted(context: RequestContext, shown: ThirdParty) -> RequestContext:
    """Return the context of a request that shows that its own prediction was wrong."""
    return msgspec.structs.replace(context, third_party=shown, certain=False)


# --- telling it


def shows(part: RequestPart) -> ThirdParty | None:
    """Return what the cookies of a request show for the first time; None if nothing."""
    shown = part.context.third_party
    if shown in (_BLOCKED, _SENT) and part.expected != part.observed and not part.context.certain:
        return shown
    return None


def settled_as(exchange: Exchange, by: str) -> ThirdParty | None:
    """Return what a later request showed about the third-party cookies of a response."""
    assert exchange.response is not None
    for result in exchange.response.set_cookies:
        if result.rests_on is RestsOn.THIRD_PARTY and result.settled_by == by:
            refused = result.outcome.value == "rejected"
            return _SENT if refused is (result.standing is Standing.REFUTED) else _BLOCKED
    return None
