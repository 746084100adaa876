"""What a client's requests show about third-party cookies if no header tells.

Chromium and Firefox say in a request whether unpartitioned third-party cookies are in reach
(Sec-Fetch-Storage-Access). Safari, WebSockets, older browsers and plain http say nothing. There,
the profile is a guess, until a cookie that must come along does not, or one comes along that
must not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from cookietrace.cookies import (
    PROFILES,
    Code,
    Cookie,
    Credentials,
    Finding,
    Outcome,
    Profile,
    RequestContext,
    RestsOn,
    Selection,
    Site,
    Standing,
    StorageAccess,
    ThirdParty,
)
from cookietrace.fold.exchange import Exchange, NoteKind, RequestPart
from cookietrace.fold.notes import Notes
from cookietrace.fold.reconcile import Overlaps

_GUESSES = (None, ThirdParty.UNTOLD)
# As plain names, because looking up an enum member is slow in Python 3.11.
_BLOCKED, _SENT, _UNTOLD = ThirdParty.SEEMS_BLOCKED, ThirdParty.SENT, ThirdParty.UNTOLD
_CROSS = Site.CROSS


class SavedThirdParty(msgspec.Struct, frozen=True, gc=False):
    """What one client has shown."""

    shown: ThirdParty | None = None
    said_none: bool = False


class ThirdPartyCookies:
    """What one client does with unpartitioned third-party cookies, as far as it shows."""

    def __init__(self, profile: Profile) -> None:
        self._by_profile: Literal["allowed", "blocked", "partitioned"] = profile.third_party
        self._shown: ThirdParty | None = None
        self._said_none = False
        """Whether the browser last said, in some other request, that they are out of reach."""

    def saved(self) -> SavedThirdParty:
        """Return what was shown, for ``restore``."""
        return SavedThirdParty(self._shown, self._said_none)

    def restore(self, saved: SavedThirdParty) -> None:
        """Know what was saved."""
        self._shown, self._said_none = saved.shown, saved.said_none

    def apply_to(self, context: RequestContext) -> RequestContext:
        """Return the context of a request with what the client has shown so far."""
        access = context.storage_access
        if access is not None:
            self._said_none = access is StorageAccess.NONE
            return context
        if context.site is not _CROSS or context.top_level:
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
        if context.third_party is None and not context.certain:
            untold = context.storage_access is None and not context.top_level
            return untold and context.site is _CROSS
        return context.third_party is _UNTOLD or context.third_party is _BLOCKED

    # --- evidence

    def shown_by(
        self,
        context: RequestContext,
        selection: Selection,
        pairs: Sequence[tuple[str, str]],
        overlaps: Overlaps,
        is_open: Callable[[Cookie], bool],
    ) -> ThirdParty | None:
        """Return what a request of unknown or denied access shows about it; None if nothing.

        One that carries an unpartitioned cookie shows that third-party cookies are sent. One
        that carries none of those that the jar predicts seems to show that they are blocked,
        unless a response to it may be in progress, or its storage is ``is_open`` for another
        reason. Cookies that are in progress show nothing, and hide nothing either.
        """
        carried = Counter(pairs)
        for one in (*selection.sent, *selection.inferred):
            if not _is_meant(one):
                carried[one.name, one.value] -= 1  # it explains one such pair
        withheld = [held.cookie for held in selection.withheld if _only_by_policy(held.reasons)]
        candidates = [*selection.sent, *withheld]
        if any(carried[one.name, one.value] > 0 for one in candidates if _is_meant(one)):
            return _SENT
        expected = [one for one in selection.sent if _is_meant(one) and not is_open(one)]
        names = {name for name, _ in pairs}
        blocked = (
            any(not overlaps(one.name, one.key) for one in expected)
            and context.credentials is Credentials.INCLUDE
            and self._by_profile == "allowed"
            and not any(one.name in names for one in expected)
        )
        return _BLOCKED if blocked else None

    def disproves(self, context: RequestContext) -> bool:
        """Return whether third-party cookies turned out to be sent, and this context denies it."""
        return self._shown is _SENT and context.third_party in (ThirdParty.UNTOLD, _BLOCKED)

    def learn(self, shown: ThirdParty) -> None:
        """Record what a request showed. A cookie that was sent is the better evidence."""
        if self._shown is not _SENT:
            self._shown = shown


def may_be_first_party(context: RequestContext) -> bool:
    """Return whether a doubtful request may be no third party's: its site is a guess.

    A cookie that its response stored shows nothing of third-party cookies then.
    """
    return context.third_party is None and context.credentials is Credentials.INCLUDE


def _is_meant(cookie: Cookie) -> bool:
    """Return whether a policy about third-party cookies concerns a cookie of the jar."""
    return cookie.partition_key is None and not cookie.inferred and not cookie.doubtful


def _only_by_policy(reasons: Sequence[Finding]) -> bool:
    """Return whether nothing but a policy about third-party cookies withholds a cookie."""
    codes = [reason.code for reason in reasons]
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


class ThirdPartyNotes:
    """The notes on what the clients of a trace seem to do with third-party cookies."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._noted: dict[str, tuple[ThirdParty, int]] = {}
        """Client -> what was last noted of it, and the note's index."""

    def noted(self, client_id: str) -> ThirdParty | None:
        """Return what was last noted of a client; None if nothing."""
        return self._noted.get(client_id, (None, 0))[0]

    def carried(self, client_id: str, shown: ThirdParty, position: int) -> None:
        """Add a note on what a client showed before a cut, unless it is there already."""
        if shown not in (_BLOCKED, _SENT) or self.noted(client_id) is shown:
            return
        self._noted[client_id] = shown, len(self._notes.all)
        does = "seems to block" if shown is _BLOCKED else "sends"
        self._notes.add(
            NoteKind.THIRD_PARTY_BLOCKED if shown is _BLOCKED else NoteKind.THIRD_PARTY_SENT,
            position,
            f"This client {does} third-party cookies: a request that has since been removed showed "
            "it.",
            client_id=client_id,
        )

    def request(self, exchange: Exchange, settled: Sequence[Exchange], position: int) -> None:
        """Add a note if a request shows something new about its client.

        ``settled`` are the earlier exchanges whose Set-Cookie lines it settles.
        """
        part = exchange.request
        shown, setter = _shown_by(part), None
        for earlier in settled:
            found = _settled_as(earlier, exchange.exchange_id)
            if found is not None:
                shown, setter = found, earlier
        before, index = self._noted.get(part.client_id, (None, 0))
        if shown is None or shown is before or before is _SENT:
            return
        expected = PROFILES[part.profile].third_party != "blocked"
        if shown is _SENT and before is None and expected:
            return
        if before is not None:
            self._notes.ended.append(index)
        self._noted[part.client_id] = shown, len(self._notes.all)
        self._notes.add(
            NoteKind.THIRD_PARTY_BLOCKED if shown is _BLOCKED else NoteKind.THIRD_PARTY_SENT,
            position,
            _message(shown, exchange, setter),
            client_id=part.client_id,
            exchanges=(*(() if setter is None else (setter.exchange_id,)), exchange.exchange_id),
        )


def _message(shown: ThirdParty, exchange: Exchange, setter: Exchange | None) -> str:
    here = f"the request in step {exchange.row.label}"
    if shown is _SENT:
        return f"This client sends third-party cookies: {here} shows it."
    evidence = f"{here}, made inside a page of another site, carried none of those in its jar"
    if setter is not None:
        evidence = (
            f"the response in step {setter.row.label} set one inside a page of another "
            f"site, and {here} did not carry it"
        )
    return (
        f"This client seems to block third-party cookies: {evidence}. From here on, predictions "
        "assume so, with doubt."
    )


def _shown_by(part: RequestPart) -> ThirdParty | None:
    """Return what a request shows against the prediction for it; None if nothing."""
    shown = part.context.third_party
    if shown in (_BLOCKED, _SENT) and part.expected != part.observed and not part.context.certain:
        return shown
    return None


def _settled_as(exchange: Exchange, by: str) -> ThirdParty | None:
    """Return what a later request showed about the third-party cookies of a response."""
    results = () if exchange.response is None else exchange.response.set_cookies
    for result in results:
        if result.rests_on in (RestsOn.THIRD_PARTY, RestsOn.BOTH) and result.settled_by == by:
            refused = result.outcome is Outcome.REJECTED
            if refused is (result.standing is Standing.REFUTED):
                return None if may_be_first_party(exchange.request.context) else _SENT
            if result.rests_on is RestsOn.THIRD_PARTY:
                return _BLOCKED
    return None
