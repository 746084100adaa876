"""The turns of phrase that the transcript, the key moments and the quiz share; all display text."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import Code, Cookie, Finding, SameSite
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.reasons import fix, sentence
from cookietrace.lesson.words import authority, clip, listed, plural, quoted, quoted_text, shown

VALUE_CELLS = 60
"""The most that a value takes in the middle of a sentence."""

MOST = 6
"""How many of one kind a sentence names before it only counts the rest."""

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def named(name: str) -> str:
    """Return a cookie's name in quotes, or that it has none."""
    return quoted(name) if name else "the nameless cookie"


def valued(value: str, mask: Mask) -> str:
    """Return a cookie's value in quotes, cut where it is long; ``an empty value`` for none."""
    return _cut(quoted(mask(value))) if value else "an empty value"


def found(value: str | None, mask: Mask) -> str:
    """Return what an app got when it asked for a cookie: ``None``, or the value in quotes."""
    return "None" if value is None else _cut(quoted_text(mask(value)))


def _cut(text: str) -> str:
    """Return a quoted text, its end left out where it is long."""
    shorter = clip(text, VALUE_CELLS)
    return text if shorter == text else f"{shorter}'"


def page(exchange: Exchange) -> str:
    """Return an exchange's address without scheme and query: ``shop.test/cart``."""
    target = exchange.request.target
    return f"{authority(target)}{clip(shown(target.path), VALUE_CELLS)}"


def span(seconds: float) -> str:
    """Return a length of time to the second: ``1 hour``, ``1 day 2 hours``, ``90 minutes``."""
    left = max(0, round(seconds))
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(plural(count, unit))
    if not left and not parts and seconds > 0:
        return "less than a second"
    if left or not parts:
        parts.append(plural(left, "second"))
    return " ".join(parts)


def hosts_of(cookie: Cookie) -> str:
    """Return which hosts a cookie goes to: ``shop.test alone``."""
    domain = shown(cookie.domain)
    return f"{domain} alone" if cookie.host_only else f"{domain} and its subdomains"


def paths_of(cookie: Cookie) -> str:
    """Return which paths a cookie goes to: ``every path``, ``paths under /admin``."""
    return "every path" if cookie.path == "/" else f"paths under {shown(cookie.path)}"


def life_of(cookie: Cookie, now: float) -> str:
    """Return how long a cookie stays, seen from a time: ``until the browser closes``."""
    if cookie.expires_at is None:
        return "until the browser closes"
    return f"for {span(cookie.expires_at - now)}"


def scope_of(cookie: Cookie, now: float) -> str:
    """Return where a cookie goes and how long it stays, as the end of a sentence."""
    return f"for {hosts_of(cookie)}, {paths_of(cookie)}, {life_of(cookie, now)}"


def guards_of(cookie: Cookie) -> str:
    """Return a cookie's protections as a list of words: ``Secure and HttpOnly``."""
    words = [
        word for word, there in (("Secure", cookie.secure), ("HttpOnly", cookie.http_only)) if there
    ]
    if cookie.same_site is not SameSite.DEFAULT:
        words.append(f"SameSite={cookie.same_site.value.capitalize()}")
    return ", ".join(words)


def times(count: int) -> str:
    """Return ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def some(items: Iterable[str]) -> str:
    """Return a list in words, its end only counted where it is long."""
    every = list(items)
    if len(every) <= MOST + 1:
        return listed(every)
    return listed([*every[:MOST], f"{len(every) - MOST} more"])


def reason(finding: Finding) -> str:
    """Return why, as a sentence for prose."""
    return sentence(finding).replace("`", "'")


def remedy(finding: Finding) -> str:
    """Return what to do about it, as a sentence for prose."""
    return fix(finding).replace("`", "'")


RULES_IN_SHORT: dict[Code, str] = {
    Code.CONTROL_CHARACTER: "its line holds a control character",
    Code.NAME_VALUE_TOO_LARGE: "its name and value are longer than 4096 octets",
    Code.EMPTY_COOKIE: "it has neither a name nor a value",
    Code.DOMAIN_NOT_ASCII: "its Domain holds a character that is not ASCII",
    Code.PUBLIC_SUFFIX_DOMAIN: "its Domain is a public suffix, which belongs to nobody",
    Code.DOMAIN_MISMATCH: "its Domain does not cover the host that set it",
    Code.SECURE_FROM_INSECURE: "it is Secure and came over an insecure connection",
    Code.HTTP_ONLY_FROM_SCRIPT: "it is HttpOnly and a script tried to set it",
    Code.WOULD_OVERWRITE_SECURE: "it would overlay a Secure cookie from an insecure connection",
    Code.SAME_SITE_FROM_CROSS_SITE: "its SameSite forbids setting it from another site's page",
    Code.SAME_SITE_NONE_INSECURE: "it has SameSite=None without Secure",
    Code.PREFIX_SECURE: "its name begins with __Secure- and it does not keep that promise",
    Code.PREFIX_HOST: "its name begins with __Host- and it does not keep that promise",
    Code.PREFIX_NAMELESS: "it has no name, and its value looks like a prefixed name",
    Code.PREFIX_HTTP: "its name begins with __Http- and it does not keep that promise",
    Code.PREFIX_HOST_HTTP: "its name begins with __Host-Http- and it does not keep that promise",
    Code.WOULD_OVERWRITE_HTTP_ONLY: "a script tried to replace an HttpOnly cookie",
    Code.PARTITIONED_INSECURE: "it is Partitioned without being Secure",
    Code.CLIENT_POLICY: "this browser blocks cookies of other sites",
    Code.OTHER_HOST: "it belongs to another host",
    Code.HOST_ONLY: "it was set without Domain, for one other host alone",
    Code.PATH_MISMATCH: "its Path does not cover the address",
    Code.SECURE_OVER_INSECURE: "it is Secure and the connection is not",
    Code.SAME_SITE_STRICT: "it is SameSite=Strict and another site caused the request",
    Code.SAME_SITE_LAX: "it is SameSite=Lax and another site caused the request, not by a link",
    Code.SAME_SITE_LAX_DEFAULT: (
        "it has no SameSite, which counts as Lax, and another site caused the request, "
        "not by a link"
    ),
    Code.EXPIRED: "its time had run out",
    Code.PARTITION_MISMATCH: "it is kept apart for pages of another top-level site",
    Code.WITHOUT_CREDENTIALS: "the request was made without credentials",
    Code.NOT_SENT_BY_CLIENT: "the client left it out against the rules",
}
"""Each rule in half a sentence that speaks of no particular cookie; it follows *because*."""
