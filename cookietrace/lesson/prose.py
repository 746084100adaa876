"""Phrases about cookies, exchanges and reasons for running prose; all of them display text."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import Code, Cookie, Finding, SameSite
from cookietrace.events import Browser
from cookietrace.fold.exchange import Exchange, RequestPart, Row
from cookietrace.fold.headers import header
from cookietrace.lesson.display_text import (
    authority,
    capitalized,
    clip,
    quoted,
    quoted_text,
    shown,
    span,
)
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.reasons import Maker, fact_words, fix, sentence

VALUE_CELLS = 60
"""The most cells that a value takes in the middle of a sentence."""


def named(name: str) -> str:
    """Return a cookie's name in quotes, or ``the nameless cookie``."""
    return quoted(name) if name else "the nameless cookie"


def cookies_named(name: str) -> str:
    """Return ``cookies named 'user'``, or ``nameless cookies``."""
    return f"cookies named {quoted(name)}" if name else "nameless cookies"


def valued(value: str, mask: Mask) -> str:
    """Return a cookie's value in quotes, cut if it is long; ``an empty value`` for none."""
    return _cut(quoted(mask(value))) if value else "an empty value"


def with_value(value: str, mask: Mask) -> str:
    """Return ``with the value 'Alice'``, or ``with an empty value``."""
    return f"with {'the value ' if value else ''}{valued(value, mask)}"


def found(value: str | None, mask: Mask) -> str:
    """Return what an app got when it read a cookie: ``None``, or the value in quotes."""
    return "None" if value is None else _cut(quoted_text(mask(value)))


def _cut(text: str) -> str:
    """Return a quoted text, cut before the closing quote if it is long."""
    shorter = clip(text, VALUE_CELLS)
    return text if shorter == text else f"{shorter}'"


def page(exchange: Exchange) -> str:
    """Return an exchange's address without scheme and query: ``shop.test/cart``."""
    target = exchange.request.target
    return f"{authority(target)}{clip(shown(target.path), VALUE_CELLS)}"


def steps_in_words(rows: Iterable[Row]) -> str:
    """Return what texts call the steps of rows, given in order: ``step 3``, ``steps 3–5, 9``."""
    runs: list[tuple[Row, Row]] = []
    for row in rows:
        if runs and not row.aside and row.number == runs[-1][1].number + 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    names = [a.label if a is b else f"{a.label}–{b.label}" for a, b in runs]
    return f"step{'s' if len(names) > 1 or '–' in names[0] else ''} {', '.join(names)}"


def hosts_of(cookie: Cookie) -> str:
    """Return the hosts that a cookie is sent to: ``shop.test only``."""
    domain = shown(cookie.domain)
    return f"{domain} only" if cookie.host_only else f"{domain} and its subdomains"


def paths_of(cookie: Cookie) -> str:
    """Return the paths that a cookie is sent to: ``all paths``, ``paths under /admin``."""
    return "all paths" if cookie.path == "/" else f"paths under {shown(cookie.path)}"


def place_of(cookie: Cookie) -> str:
    """Return a cookie's domain and path: ``shop.test only, path /admin``."""
    return f"{hosts_of(cookie)}, path {shown(cookie.path)}"


def life_of(cookie: Cookie, now: float) -> str:
    """Return how long a cookie lasts from ``now`` on: ``until the browser closes``."""
    if cookie.expires_at is None:
        return "until the browser closes"
    return f"for {span(cookie.expires_at - now)}"


def scope_of(cookie: Cookie, now: float) -> str:
    """Return where a cookie is sent and how long it lasts, as the end of a sentence."""
    return f"for {hosts_of(cookie)}, {paths_of(cookie)}, {life_of(cookie, now)}"


def guards_of(cookie: Cookie) -> str:
    """Return the attributes that protect a cookie: ``Secure, HttpOnly, SameSite=Lax``."""
    words = [
        word for word, there in (("Secure", cookie.secure), ("HttpOnly", cookie.http_only)) if there
    ]
    if cookie.same_site is not SameSite.DEFAULT:
        words.append(f"SameSite={cookie.same_site.value.capitalize()}")
    return ", ".join(words)


def reason(finding: Finding) -> str:
    """Return why, as a sentence for prose."""
    return sentence(finding).replace("`", "'")


def without_credentials(said: Browser | None) -> bool:
    """Return whether a request's browser says that it was made without credentials."""
    return said is not None and said.credentials is False


def withheld_reason(finding: Finding, said: Browser | None) -> str:
    """Return why a cookie is withheld: no longer a guess if the request's browser said it."""
    if finding.code is Code.WITHOUT_CREDENTIALS and without_credentials(said):
        name = fact_words(finding)["cookie"]
        told = f"{name} is not sent: the browser made the request without credentials."
        return capitalized(told.replace("`", "'"))
    return reason(finding)


def maker_of(part: RequestPart) -> Maker:
    """Return what made a request, by its Sec-Fetch-Site, or else by its User-Agent."""
    site = header(part.event.headers, "sec-fetch-site")
    if site is None:
        return Maker.NO_BROWSER if part.profile == "spec" else Maker.UNKNOWN
    if site == "same-origin":
        return Maker.SAME_ORIGIN
    return Maker.OTHER_ORIGIN if site in ("same-site", "cross-site") else Maker.UNKNOWN


def remedy(finding: Finding, *, over_https: bool = False, maker: Maker = Maker.UNKNOWN) -> str:
    """Return what to do about it, as a sentence for prose. The others are as for ``fix``."""
    return fix(finding, over_https=over_https, maker=maker).replace("`", "'")


RULES_IN_SHORT: dict[Code, str] = {
    Code.CONTROL_CHARACTER: "its Set-Cookie line contains a control character",
    Code.NAME_VALUE_TOO_LARGE: "its name and value are longer than 4096 bytes",
    Code.EMPTY_COOKIE: "it has neither a name nor a value",
    Code.DOMAIN_NOT_ASCII: "its Domain contains a character that is not ASCII",
    Code.PUBLIC_SUFFIX_DOMAIN: "its Domain is a public suffix, under which anyone can have a site",
    Code.DOMAIN_MISMATCH: "its Domain does not cover the host that set it",
    Code.SECURE_FROM_INSECURE: "it is Secure and came over an insecure connection",
    Code.HTTP_ONLY_FROM_SCRIPT: "it is HttpOnly and a script tried to set it",
    Code.WOULD_OVERWRITE_SECURE: "it would overlay a Secure cookie from an insecure connection",
    Code.SAME_SITE_FROM_CROSS_SITE: "its SameSite does not let another site's page set it",
    Code.SAME_SITE_NONE_INSECURE: "it has SameSite=None without Secure",
    Code.PREFIX_SECURE: "its name starts with __Secure- and it breaks that prefix's rules",
    Code.PREFIX_HOST: "its name starts with __Host- and it breaks that prefix's rules",
    Code.PREFIX_NAMELESS: "it has no name, and its value looks like a prefixed name",
    Code.PREFIX_HTTP: "its name starts with __Http- and it breaks that prefix's rules",
    Code.PREFIX_HOST_HTTP: "its name starts with __Host-Http- and it breaks that prefix's rules",
    Code.WOULD_OVERWRITE_HTTP_ONLY: "a script tried to replace an HttpOnly cookie",
    Code.PARTITIONED_INSECURE: "it is Partitioned but not Secure",
    Code.CLIENT_POLICY: "the client's own policy blocks it",
    Code.OTHER_HOST: "it belongs to another host",
    Code.HOST_ONLY: "it was set without Domain, so only the host that set it gets it",
    Code.PATH_MISMATCH: "its Path does not cover the address",
    Code.SECURE_OVER_INSECURE: "it is Secure and the connection is not",
    Code.SAME_SITE_STRICT: (
        "it is SameSite=Strict and another site caused or redirected the request"
    ),
    Code.SAME_SITE_LAX: (
        "it is SameSite=Lax and another site caused the request, but not by a link or a GET form"
    ),
    Code.SAME_SITE_LAX_DEFAULT: (
        "it has no SameSite, which counts as Lax, and another site caused the request, "
        "but not by a link or a GET form"
    ),
    Code.EXPIRED: "it had expired",
    Code.PARTITION_MISMATCH: "it is partitioned and belongs to another top-level site",
    Code.WITHOUT_CREDENTIALS: "the request was made without credentials",
    Code.NOT_SENT_BY_CLIENT: "the client left it out, although it should have been sent",
}
"""Each rule as a clause that follows *because* and applies to any cookie."""


def section_text(section: str) -> str:
    """Return where a rule is written down, for those who look it up.

    ``(RFC 6265bis, section 5.7 step 10)``; a bare number would mean nothing to a newcomer.
    """
    return f"(RFC 6265bis, section {section})" if section[:1].isdigit() else f"({section})"
