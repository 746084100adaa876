"""What a request's own headers say about its origin and kind (Fetch, Fetch Metadata)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

import msgspec

from cookietrace.cookies.header_names import HeaderNames
from cookietrace.cookies.request.context import Credentials, StorageAccess

FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
"""Destinations of a navigation within a page."""

_WITH_SAME_ORIGIN = frozenset(
    {
        "audio", "font", "image", "script", "serviceworker", "sharedworker", "style", "track",
        "video", "worker",
    }
)  # fmt: skip
"""Destinations that send credentials to their own origin in every credentials mode of a page."""

_WITH_REQUESTS = frozenset({"serviceworker", "sharedworker", "style", "worker"})
"""Destinations whose content makes further requests for its page."""

_NAMES = HeaderNames({name.lower(): name for name in (
        "Accept", "Access-Control-Request-Method", "Cookie", "Origin", "Referer", "Sec-Fetch-Dest",
        "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Storage-Access", "Sec-Purpose", "Upgrade",
        "Upgrade-Insecure-Requests",
    )
})  # fmt: skip
_STORAGE_ACCESS = {access.value: access for access in StorageAccess}
ContextHeaders = tuple[tuple[str, str], ...]
"""The headers that describe the context of a request."""
LONGEST_CACHED = 2048
"""Maximum size in bytes of headers whose interpretation is cached, as most requests repeat them."""


class Kind(StrEnum):
    """What a request is for, according to its headers."""

    PAGE = "page"
    """A navigation of a tab."""
    FRAME = "frame"
    """A navigation of a frame within a page."""
    NAVIGATION = "navigation"
    """A navigation of either kind: without Sec-Fetch-Dest they look the same."""
    WITHIN = "within"
    """A request made by a page, or one whose headers do not say."""


class Signals(msgspec.Struct, frozen=True, gc=False):
    """What the headers of one request say about its context."""

    kind: Kind
    fetch_site: str | None
    """``none``, ``same-origin``, ``same-site``, ``cross-site``; None if absent or unknown."""
    makes_requests: bool
    """Whether what it fetches (a stylesheet, a worker) makes further requests for the page."""
    origin: str | None
    """None if absent or ``null``, which names no origin."""
    referer: str | None
    credentials: Credentials
    sources: tuple[str, ...]
    """The names of the headers that this is based on."""
    storage_access: StorageAccess | None
    """What Sec-Fetch-Storage-Access says; None if absent, or if it says nothing here."""
    includes: bool
    """Whether Fetch Metadata shows the credentials mode *include*: if the request is a third
    party's, a browser that sends Sec-Fetch-Storage-Access at all sends it here."""
    from_own_origin: bool
    """Whether a page of the request's own origin made it, as far as Fetch Metadata says."""
    silence_tells: bool
    """Whether the absence of Sec-Fetch-Storage-Access can show that there are no credentials."""


def context_headers(headers: Iterable[tuple[str, str]]) -> tuple[ContextHeaders, str]:
    """Return the headers that describe the context, and the Cookie header as seen.

    Names are in their usual spelling, and the last of a repeated header counts.
    The first result has an empty value for Cookie. The second is its full value,
    with HTTP/2 crumbs joined as in RFC 9113 8.2.3, or ``""`` without the header.
    """
    known = _NAMES.known
    cookie: str | None = None
    crumbs: list[str] = []
    found: dict[str, str] = {}
    for written, value in headers:
        try:
            name = known[written]
        except KeyError:
            name = _NAMES.read(written)
        if name is None:
            continue
        if name != "Cookie":
            found[name] = value
        elif cookie is None:
            cookie, found[name] = value, ""
        else:
            crumbs.append(value)
    if crumbs:
        cookie = "; ".join((cookie or "", *crumbs))
    return tuple(found.items()), cookie or ""


def read_signals(method: str, headers: ContextHeaders) -> Signals:
    """Interpret headers returned by ``context_headers``. Never raises."""
    short = sum(len(value) for _, value in headers) <= LONGEST_CACHED
    return _cached(method, headers) if short else _read(method, headers)


def _read(method: str, headers: ContextHeaders) -> Signals:
    """Interpret the headers."""
    found = dict(headers)
    get = found.get
    fetch_site = get("Sec-Fetch-Site")
    if fetch_site not in ("none", "same-origin", "same-site", "cross-site"):
        fetch_site = None
    origin = get("Origin")
    kind = _kind(found)
    storage_access = _storage_access(method, found, kind)
    credentials, source = _credentials(method, found, kind, fetch_site, storage_access)
    sources: list[str] = [
        name for name in ("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest") if name in found
    ]
    if "Sec-Fetch-Mode" not in found and kind is Kind.NAVIGATION:
        sources.append("Upgrade-Insecure-Requests")
    if source is not None and source not in sources:
        sources.append(source)
    if storage_access is not None:
        sources.append("Sec-Fetch-Storage-Access")
    within = kind is Kind.WITHIN and fetch_site is not None
    return Signals(
        kind,
        fetch_site,
        get("Sec-Fetch-Dest") in _WITH_REQUESTS,
        None if origin == "null" else origin,
        get("Referer"),
        credentials,
        tuple(sources),
        storage_access,
        fetch_site is not None and _includes(found, kind),
        fetch_site == "same-origin",
        within and fetch_site != "same-origin" and "Sec-Purpose" not in found,
    )


_cached = lru_cache(maxsize=1024)(_read)


def _kind(found: dict[str, str]) -> Kind:
    """Return whether a request navigates a tab or a frame, or is made within a page."""
    mode, dest = found.get("Sec-Fetch-Mode"), found.get("Sec-Fetch-Dest")
    if mode is None:
        return Kind.NAVIGATION if found.get("Upgrade-Insecure-Requests") == "1" else Kind.WITHIN
    if mode != "navigate":
        return Kind.WITHIN
    if dest in FRAMES:
        return Kind.FRAME
    return Kind.NAVIGATION if dest is None else Kind.PAGE


def _storage_access(method: str, found: dict[str, str], kind: Kind) -> StorageAccess | None:
    """Return what Sec-Fetch-Storage-Access says about a frame or of a request made within a page.

    Navigations of a tab are never a third party's. Firefox also sends it with preflights, which
    have no credentials.
    """
    if kind in (Kind.PAGE, Kind.NAVIGATION) or _is_preflight(method, found):
        return None
    return _STORAGE_ACCESS.get(found.get("Sec-Fetch-Storage-Access", ""))


def _is_preflight(method: str, found: dict[str, str]) -> bool:
    """Return whether a request is a CORS preflight."""
    return method == "OPTIONS" and "Access-Control-Request-Method" in found


def _includes(found: dict[str, str], kind: Kind) -> bool:
    """Return whether Fetch Metadata shows the credentials mode *include*."""
    if kind is Kind.FRAME:
        return "Sec-Purpose" not in found
    mode, dest = found.get("Sec-Fetch-Mode"), found.get("Sec-Fetch-Dest", "empty")
    return mode == "websocket" or (mode == "no-cors" and dest not in ("empty", "report"))


def _credentials(
    method: str,
    found: dict[str, str],
    kind: Kind,
    fetch_site: str | None,
    storage_access: StorageAccess | None,
) -> tuple[Credentials, str | None]:
    """Return whether the request has credentials, and the header that shows it."""
    if _is_preflight(method, found):
        return Credentials.OMIT, "Access-Control-Request-Method"
    if "Cookie" in found:
        return Credentials.INCLUDE, "Cookie" if kind is Kind.WITHIN else None
    if storage_access is not None:
        return Credentials.INCLUDE, None
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
    """Return the credentials of a request without a Cookie header, from Sec-Fetch-Mode and -Dest.

    A script can use any credentials mode, so ``empty`` shows nothing.
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
