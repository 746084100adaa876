"""Why a deletion found nothing, and what would have deleted the cookie."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import Cookie, CookieKey, StoreResult, domain_match, path_match
from cookietrace.lesson.display_text import clip, listed, quoted, shown
from cookietrace.lesson.expired_lines import is_deletion


class MissedDeletion(msgspec.Struct, frozen=True):
    """A deletion that missed the cookie it probably meant."""

    held: Cookie
    """The cookie that is still there."""
    sentence: str
    """What differs; display text."""
    fix: str
    """What would have deleted it; display text."""
    brief: str
    """What differs, in a few words: ``stored with Path=/app``; display text."""
    needed: str
    """The attributes that the deletion lacks, as in ``fix``: ``Path=/app and no Domain``."""


def missed_deletion(result: StoreResult) -> MissedDeletion | None:
    """Return what an ignored deletion missed; None if the jar held no cookie of that name.

    If there are several, it is the likeliest, the last one of those.

    A cookie is deleted by name, domain and path together (-22 5.7 step 23).
    """
    aimed = result.aimed
    if aimed is None or not result.missed or not is_deletion(result):
        return None
    held = max(reversed(result.missed), key=lambda cookie: _nearness(cookie, aimed))
    apart = _kept_apart(held, aimed, result)
    needed = _attributes(held, aimed, apart=apart)
    told = held.partition_key != aimed.partition_key
    return MissedDeletion(
        held,
        f"The jar holds {quoted(held.name)} for {_place(held.key, told)}, but this deletes "
        f"{quoted(aimed.name)} for {_place(aimed, told)}: to a browser, these are two different "
        "cookies.",
        f"Delete it with {needed}: in other sites' pages, this client keeps its cookies separate."
        if apart
        else f"Delete it with {needed}, exactly as it was set.",
        _in_short(held, aimed, apart=apart),
        needed,
    )


def _kept_apart(held: Cookie, aimed: CookieKey, result: StoreResult) -> bool:
    """Return whether a client that partitions every third-party cookie deleted in a partition."""
    partitions = (held.partition_key, aimed.partition_key)
    return (
        partitions[0] is None
        and partitions[1] is not None
        and not result.parsed.attributes.partitioned
    )


def _nearness(held: Cookie, aimed: CookieKey) -> tuple[bool, bool, bool]:
    """Return how likely a line that deletes nothing meant a cookie; the highest is the likeliest.

    One that a request to the same place can have is likelier than that of another host or path.
    """
    host, other = aimed.domain, held.domain
    return (
        held.partition_key == aimed.partition_key,
        host == other if held.host_only else domain_match(host, other),
        path_match(held.path, aimed.path) or path_match(aimed.path, held.path),
    )


def _in_short(held: Cookie, aimed: CookieKey, *, apart: bool) -> str:
    """Return the first thing in which a cookie differs from what a line deletes."""
    if held.path != aimed.path:
        return f"stored with {clip(f'Path={shown(held.path)}', 40)}"
    if held.host_only and not aimed.host_only:
        return "stored without Domain"
    if not held.host_only and (aimed.host_only or held.domain != aimed.domain):
        return f"stored with {clip(f'Domain={shown(held.domain)}', 40)}"
    if held.domain != aimed.domain:
        return f"stored for {clip(shown(held.domain), 40)}"
    if apart:
        return "kept separate in other sites' pages"
    return f"stored with{'' if held.partition_key is not None else 'out'} Partitioned"


def _place(key: CookieKey, partition: bool) -> str:
    """Return where a cookie is sent, e.g. ``shop.test only, path /``; its partition if asked."""
    domain = shown(key.domain)
    hosts = f"{domain} only" if key.host_only else f"{domain} and its subdomains"
    place = f"{hosts}, path {shown(key.path)}"
    if not partition:
        return place
    within = (
        "not partitioned"
        if key.partition_key is None
        else f"partitioned for {shown(key.partition_key)}"
    )
    return f"{place}, {within}"


def _attributes(held: Cookie, aimed: CookieKey, *, apart: bool) -> str:
    """Return the attributes that the deletion has to change, or the request that has to make it."""
    needed = []
    if held.path != aimed.path:
        needed.append(f"Path={shown(held.path)}")
    if held.host_only and not aimed.host_only:
        needed.append("no Domain")
    elif not held.host_only and (aimed.host_only or held.domain != aimed.domain):
        needed.append(f"Domain={shown(held.domain)}")
    elif held.domain != aimed.domain:
        needed.append(f"a response from {shown(held.domain)}")
    if apart:
        needed.append("a navigation to its own site")
    elif held.partition_key != aimed.partition_key:
        needed.append("Partitioned" if held.partition_key is not None else "no Partitioned")
    return listed(needed) if needed else "the same Path and Domain"
