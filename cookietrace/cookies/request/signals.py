"""What a request's own headers say about who made it, and how (Fetch, Fetch Metadata)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

import msgspec

from cookietrace.cookies.request.context import Credentials

FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
"""Destinations of a navigation within a page."""

_WITH_SAME_ORIGIN = frozenset(
    {
        "audio", "font", "image", "script", "serviceworker", "sharedworker", "style", "track",
        "video", "worker",
    }
)  # fmt: skip
"""Destinations that carry credentials to their own origin whatever the page's author wrote."""

_ASKING = frozenset({"serviceworker", "sharedworker", "style", "worker"})

_NAMES = {name.lower(): name for name in (
        "Accept", "Access-Control-Request-Method", "Cookie", "Origin", "Referer", "Sec-Fetch-Dest",
        "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Purpose", "Upgrade", "Upgrade-Insecure-Requests",
    )
}  # fmt: skip
ContextHeaders = tuple[tuple[str, str], ...]
"""Headers that speak of circumstances."""
LONGEST_CACHED = 2048
"""Octets of headers up to which their reading is kept: pages ask alike many times."""


class Kind(StrEnum):
    """What a request is for, as far as its headers tell."""

    PAGE = "page"
    """A navigation of a tab."""
    FRAME = "frame"
    """A navigation of a frame within a page."""
    NAVIGATION = "navigation"
    """A navigation of either kind: without Sec-Fetch-Dest there is no telling."""
    WITHIN = "within"
    """Anything a page asks for, or nothing tells."""


class Signals(msgspec.Struct, frozen=True, gc=False):
    """The headers of one request that speak of its circumstances."""

    kind: Kind
    fetch_site: str | None
    """``none``, ``same-origin``, ``same-site``, ``cross-site``; None where it says nothing."""
    asks_in_turn: bool
    """Whether what it fetches (a stylesheet, a worker) goes on to ask in the page's name."""
    origin: str | None
    """None too where it is ``null``, which names nobody."""
    referer: str | None
    credentials: Credentials
    sources: tuple[str, ...]
    """The names of the headers that were used so far."""


def context_headers(headers: Iterable[tuple[str, str]]) -> tuple[ContextHeaders, str]:
    """Return the headers that speak of circumstances, and the Cookie header as seen.

    Names have their usual spelling, and the last of a repeated header counts. Of
    Cookie only the presence is told: its crumbs, joined as RFC 9113 8.2.3 says,
    come apart from the others, ``""`` where there are none.
    """
    told: dict[str, str] = {}
    crumbs: list[str] = []
    for written, value in headers:
        name = _NAMES.get(written.lower())
        if name is None:
            continue
        if name == "Cookie":
            crumbs.append(value)
            told[name] = ""
        else:
            told[name] = value
    return tuple(told.items()), "; ".join(crumbs)


def read_signals(method: str, told: ContextHeaders) -> Signals:
    """Return what the headers that are ``context_headers`` say. Never raises."""
    short = sum(len(value) for _, value in told) <= LONGEST_CACHED
    return _read_again(method, told) if short else _read(method, told)


def _read(method: str, told: ContextHeaders) -> Signals:
    """Return what the headers that matter say."""
    found = dict(told)
    get = found.get
    fetch_site = get("Sec-Fetch-Site")
    if fetch_site not in ("none", "same-origin", "same-site", "cross-site"):
        fetch_site = None
    origin = get("Origin")
    kind = _kind(found)
    credentials, witness = _credentials(method, found, kind, fetch_site)
    sources: list[str] = [
        name for name in ("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest") if name in found
    ]
    if "Sec-Fetch-Mode" not in found and kind is Kind.NAVIGATION:
        sources.append("Upgrade-Insecure-Requests")
    if witness is not None and witness not in sources:
        sources.append(witness)
    return Signals(
        kind,
        fetch_site,
        get("Sec-Fetch-Dest") in _ASKING,
        None if origin == "null" else origin,
        get("Referer"),
        credentials,
        tuple(sources),
    )


_read_again = lru_cache(maxsize=1024)(_read)


def _kind(found: dict[str, str]) -> Kind:
    """Tell a navigation from a request within a page."""
    mode, dest = found.get("Sec-Fetch-Mode"), found.get("Sec-Fetch-Dest")
    if mode is None:
        return Kind.NAVIGATION if found.get("Upgrade-Insecure-Requests") == "1" else Kind.WITHIN
    if mode != "navigate":
        return Kind.WITHIN
    if dest in FRAMES:
        return Kind.FRAME
    return Kind.NAVIGATION if dest is None else Kind.PAGE


def _credentials(
    method: str, found: dict[str, str], kind: Kind, fetch_site: str | None
) -> tuple[Credentials, str | None]:
    """Return whether the request carries cookies at all, and the header that told."""
    if method == "OPTIONS" and "Access-Control-Request-Method" in found:
        return Credentials.OMIT, "Access-Control-Request-Method"
    if "Cookie" in found:
        return Credentials.INCLUDE, "Cookie" if kind is Kind.WITHIN else None
    if "Sec-Purpose" in found:
        return Credentials.UNKNOWN, "Sec-Purpose"
    if kind is not Kind.WITHIN:
        return Credentials.INCLUDE, None
    if found.get("Upgrade", "").lower() == "websocket":
        return Credentials.INCLUDE, "Upgrade"
    mode = found.get("Sec-Fetch-Mode")
    if mode is not None:
        return _by_mode(mode, found.get("Sec-Fetch-Dest", "empty"), fetch_site), None
    if "Origin" not in found and found.get("Accept", "").startswith(("image/", "text/css")):
        return Credentials.INCLUDE, "Accept"
    return Credentials.UNKNOWN, None


def _by_mode(mode: str, dest: str, fetch_site: str | None) -> Credentials:
    """Return what Sec-Fetch-Mode and -Dest tell about a request without a Cookie header.

    A script may ask for any credentials mode, so ``empty`` tells nothing.
    """
    if mode == "websocket":
        return Credentials.INCLUDE
    if mode == "no-cors" and dest != "empty":
        return Credentials.INCLUDE
    if dest in _WITH_SAME_ORIGIN and fetch_site == "same-origin":
        return Credentials.INCLUDE
    if dest == "font" and fetch_site is not None:
        return Credentials.OMIT
    return Credentials.UNKNOWN
