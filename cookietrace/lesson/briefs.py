"""Each reason in a few words, for a row or a picture: ``SameSite=Lax: cross-site POST``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cookietrace.cookies import Code, Finding
from cookietrace.fold.exchange import RequestPart
from cookietrace.lesson.display_text import clip, shown, span

CELLS = 60
"""The most cells that a reason in a few words takes."""

_PART_CELLS = 24
"""The most cells of a path, host or attribute within it."""

_POLICIES: Mapping[str, str] = {
    "third-party-blocked": "third-party cookies blocked",
    "third-party-seems-blocked": "third-party cookies seem blocked",
    "third-party-if-frame": "perhaps a frame in another site's page",
    "storage-access-none": "third-party cookies blocked",
    "storage-access-inactive": "third-party cookies need storage access",
    "storage-access-active": "storage access",
    "no-credentials": "fetch without credentials",
    "nameless-equals": "no name, = in the value",
    "empty-name": "empty name",
    "same-site-none-unknown": "old browser, SameSite=None",
    "site-full": "too many cookies of this site",
    "response-dropped": "the browser dropped the response",
    "clear-site-data": "Clear-Site-Data",
    "informational": "in an informational response",
}

_LACKS: Mapping[str, str] = {
    "Secure": "without Secure",
    "secure-connection": "over http",
    "HttpOnly": "without HttpOnly",
    "no-Domain": "with Domain",
    "Path": "without Path=/",
    "Path=/": "without Path=/",
    "Path-with-slash": "without Path=/",
}

_PREFIXES: Mapping[Code, str] = {
    Code.PREFIX_SECURE: "__Secure-",
    Code.PREFIX_HOST: "__Host-",
    Code.PREFIX_HTTP: "__Http-",
    Code.PREFIX_HOST_HTTP: "__Host-Http-",
}

_FIXED: Mapping[Code, str] = {
    Code.CONTROL_CHARACTER: "control character in Set-Cookie",
    Code.NAME_VALUE_TOO_LARGE: "over 4096 bytes",
    Code.EMPTY_COOKIE: "no name and no value",
    Code.DOMAIN_NOT_ASCII: "Domain is not ASCII",
    Code.SECURE_FROM_INSECURE: "Secure over http",
    Code.HTTP_ONLY_FROM_SCRIPT: "HttpOnly set by a script",
    Code.WOULD_OVERWRITE_SECURE: "a Secure cookie has this name",
    Code.SAME_SITE_NONE_INSECURE: "SameSite=None without Secure",
    Code.PREFIX_NAMELESS: "no name, prefix in the value",
    Code.WOULD_OVERWRITE_HTTP_ONLY: "an HttpOnly cookie has this name",
    Code.PARTITIONED_INSECURE: "Partitioned without Secure",
    Code.SECURE_OVER_INSECURE: "Secure, and the request is http",
    Code.PARTITION_MISMATCH: "partition of another site",
    Code.WITHOUT_CREDENTIALS: "request without credentials",
    Code.NOT_SENT_BY_CLIENT: "the client left it out",
}

_REQUESTS: Mapping[str, str] = {
    "subresource": "cross-site request in a page",
    "redirected": "redirect from another site",
}


def in_short(finding: Finding, part: RequestPart) -> str:
    """Return why a cookie was refused or withheld, in a few words; display text.

    ``part`` is the request that did not send it, or whose response set it.
    """
    code = finding.code
    if code in _FIXED:
        return _FIXED[code]
    facts: dict[str, object] = dict(finding.facts)
    write = _WRITTEN.get(code)
    return clip(write(facts, part), CELLS) if write is not None else code.value


_Facts = Mapping[str, object]


def _text(facts: _Facts, name: str) -> str:
    return clip(shown(str(facts.get(name, ""))), _PART_CELLS)


def _prefix(code: Code) -> Callable[[_Facts, RequestPart], str]:
    def write(facts: _Facts, _: RequestPart) -> str:
        lacks = facts.get("lacks")
        first = lacks[0] if isinstance(lacks, tuple) and lacks else ""
        return f"{_PREFIXES[code]} {_LACKS.get(str(first), 'breaks its rules')}"

    return write


def _cross_site(attribute: str) -> Callable[[_Facts, RequestPart], str]:
    def write(facts: _Facts, part: RequestPart) -> str:
        if facts.get("cause") == "redirect":
            how = _REQUESTS["redirected"]
        else:
            how = _REQUESTS.get(str(facts.get("request", "")), "")
        if not how and not part.context.top_level:
            how = _REQUESTS["subresource"]
        if not how and not part.context.unsafe:
            how = "link from another site"
        return f"{attribute}: {how or f'cross-site {shown(part.method)}'}"

    return write


_WRITTEN: Mapping[Code, Callable[[_Facts, RequestPart], str]] = {
    Code.PUBLIC_SUFFIX_DOMAIN: lambda facts, _: (
        f"Domain={_text(facts, 'domain')} is a public suffix"
    ),
    Code.DOMAIN_MISMATCH: lambda facts, _: (
        f"Domain={_text(facts, 'domain')} is not {_text(facts, 'host')}"
    ),
    Code.SAME_SITE_FROM_CROSS_SITE: lambda facts, _: (
        "no SameSite=None in another site's page"
        if facts.get("same_site") == "default"
        else f"SameSite={_text(facts, 'same_site').capitalize()} in another site's page"
    ),
    Code.PREFIX_SECURE: _prefix(Code.PREFIX_SECURE),
    Code.PREFIX_HOST: _prefix(Code.PREFIX_HOST),
    Code.PREFIX_HTTP: _prefix(Code.PREFIX_HTTP),
    Code.PREFIX_HOST_HTTP: _prefix(Code.PREFIX_HOST_HTTP),
    Code.CLIENT_POLICY: lambda facts, _: _POLICIES.get(
        str(facts.get("policy", "")), "the client's policy"
    ),
    Code.OTHER_HOST: lambda facts, _: f"belongs to {_text(facts, 'domain')}",
    Code.HOST_ONLY: lambda facts, _: f"no Domain: only for {_text(facts, 'domain')}",
    Code.PATH_MISMATCH: lambda facts, _: (
        f"Path={_text(facts, 'path')} does not cover {_text(facts, 'request_path')}"
    ),
    Code.SAME_SITE_STRICT: _cross_site("SameSite=Strict"),
    Code.SAME_SITE_LAX: _cross_site("SameSite=Lax"),
    Code.SAME_SITE_LAX_DEFAULT: _cross_site("no SameSite (Lax)"),
    Code.EXPIRED: lambda facts, _: _expired(facts),
}


def _expired(facts: _Facts) -> str:
    seconds = facts.get("seconds")
    return f"expired {span(seconds)} before" if isinstance(seconds, int | float) else "expired"


BRIEF_CODES = frozenset(_FIXED) | frozenset(_WRITTEN)
"""The codes that have a form in a few words."""
