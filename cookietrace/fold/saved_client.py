"""What later verdicts on a client depend on, as data: for a capture whose beginning is cut off."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.cookies.jar import SavedJar
from cookietrace.cookies.request.pages import SavedPages
from cookietrace.fold.connections import SavedConnections
from cookietrace.fold.crossings import SavedCrossings
from cookietrace.fold.exchange import CookieStatus, RemovedCookie, RequestPart
from cookietrace.fold.swaps import SavedSwaps
from cookietrace.fold.third_party import SavedThirdParty
from cookietrace.fold.unconfirmed import SavedDoubts


class Differed(msgspec.Struct, frozen=True, gc=False):
    """What one request differed in from the jar, for a response that may explain it."""

    exchange_id: str
    unexplained: tuple[tuple[Cookie, Cookie | None], ...]
    """What it carried, and what the jar held in its place."""
    missing: tuple[tuple[Cookie, bool], ...]
    """What it lacked, and whether the jar gave that up."""


class SavedClient(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything that later verdicts on a client depend on, except its profile."""

    jar: SavedJar
    removed: tuple[RemovedCookie, ...] = ()
    """What left the jar and is still to be reported."""
    doubted: tuple[tuple[CookieKey, bool], ...] = ()
    unplaced: tuple[CookieKey, ...] = ()
    pages: SavedPages = SavedPages()
    crossings: SavedCrossings = SavedCrossings()
    connections: SavedConnections = SavedConnections()
    third_party: SavedThirdParty = SavedThirdParty()
    swaps: SavedSwaps = SavedSwaps()
    doubts: SavedDoubts = SavedDoubts()
    cut_off: tuple[Differed, ...] = ()
    inferred: tuple[CookieKey, ...] = ()
    """For each site, those carried last at the end."""


def differed(part: RequestPart) -> Differed:
    """Return what a request differed in from the jar."""
    return Differed(
        part.exchange_id,
        tuple(
            [
                (carried.cookie, carried.replaces)
                for carried in part.cookies
                if carried.status is CookieStatus.UNEXPLAINED and carried.cookie is not None
            ]
        ),
        tuple(
            [
                (absent.cookie, absent.dropped)
                for absent in part.missing
                if absent.status is CookieStatus.MISSING
            ]
        ),
    )


def in_order(key: CookieKey) -> tuple[str, str, bool, str, str]:
    """Sort key: an order of keys that does not depend on the process."""
    return key[0], key[1], key[2], key[3], key.partition_key or ""
