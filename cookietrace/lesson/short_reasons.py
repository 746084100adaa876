"""Each reason in a few words, with its facts, for a row or a line of a picture.

The whole sentence and the fix are in ``reasons``. All text returned here is display text.
"""

from __future__ import annotations

from collections.abc import Mapping

from cookietrace.cookies import Code, Finding
from cookietrace.lesson.display_text import clip
from cookietrace.lesson.reasons import fact_words

_FACT_CELLS = 32
"""The most cells of one fact."""

_IN_PAGE = "inside another site's page"
_REDIRECTED = "redirected by another site"
_NO_SAME_SITE = "no SameSite (counts as Lax)"

SHORT: Mapping[Code, str | Mapping[str, str]] = {
    Code.CONTROL_CHARACTER: "control character {character} in the line",
    Code.NAME_VALUE_TOO_LARGE: "{size} bytes, the limit is 4,096",
    Code.EMPTY_COOKIE: "neither a name nor a value",
    Code.DOMAIN_NOT_ASCII: "Domain={domain} is not ASCII",
    Code.PUBLIC_SUFFIX_DOMAIN: "Domain={domain} is a public suffix",
    Code.DOMAIN_MISMATCH: {
        "": "Domain={domain} does not cover {host}",
        "valid-host": "{host} is not a valid host name",
    },
    Code.SECURE_FROM_INSECURE: "Secure, set over plain http",
    Code.HTTP_ONLY_FROM_SCRIPT: "HttpOnly, set by a script",
    Code.WOULD_OVERWRITE_SECURE: "would hide a Secure cookie of that name",
    Code.SAME_SITE_FROM_CROSS_SITE: {
        "": "{same_site}, set " + _IN_PAGE,
        "default": f"{_NO_SAME_SITE}, set {_IN_PAGE}",
    },
    Code.SAME_SITE_NONE_INSECURE: "SameSite=None without Secure",
    Code.PREFIX_SECURE: "named __Secure-, but {lacks}",
    Code.PREFIX_HOST: "named __Host-, but {lacks}",
    Code.PREFIX_NAMELESS: "no name, and the value begins with {prefix}",
    Code.PREFIX_HTTP: "named __Http-, but {lacks}",
    Code.PREFIX_HOST_HTTP: "named __Host-Http-, but {lacks}",
    Code.WOULD_OVERWRITE_HTTP_ONLY: "a script cannot replace an HttpOnly cookie",
    Code.PARTITIONED_INSECURE: "Partitioned without Secure",
    Code.CLIENT_POLICY: {
        "third-party-blocked": "third-party cookie, blocked by this browser",
        "third-party-if-frame": "third-party cookie, if a frame made the request",
        "third-party-seems-blocked": "third-party cookie, seems to be blocked",
        "storage-access-none": "third-party cookie, no storage access",
        "storage-access-inactive": "third-party cookie, storage access not asked for",
        "storage-access-active": "kept separate for the site in the address bar",
        "no-credentials": "request without credentials",
        "nameless-equals": "no name, and an equals sign in the value",
        "empty-name": "the line begins with an equals sign",
        "same-site-none-unknown": "this old browser does not know SameSite=None",
        "site-full": "the site has too many cookies",
        "response-dropped": "the browser drops the whole response",
        "clear-site-data": "Clear-Site-Data in the same response",
        "informational": "set by an informational response",
    },
    Code.OTHER_HOST: "belongs to {domain}",
    Code.HOST_ONLY: "for {domain} only (set without Domain)",
    Code.PATH_MISMATCH: "Path={path} does not cover {request_path}",
    Code.SECURE_OVER_INSECURE: "Secure, plain http request",
    Code.SAME_SITE_STRICT: {
        "": "SameSite=Strict, caused by another site",
        "redirect": f"SameSite=Strict, {_REDIRECTED}",
    },
    Code.SAME_SITE_LAX: {
        "unsafe-navigation": "SameSite=Lax, cross-site {method}",
        "subresource": f"SameSite=Lax, {_IN_PAGE}",
        "redirected": f"SameSite=Lax, {_REDIRECTED}",
    },
    Code.SAME_SITE_LAX_DEFAULT: {
        "unsafe-navigation": _NO_SAME_SITE + ", cross-site {method}",
        "subresource": f"{_NO_SAME_SITE}, {_IN_PAGE}",
        "redirected": f"{_NO_SAME_SITE}, {_REDIRECTED}",
    },
    Code.EXPIRED: "expired {seconds} before",
    Code.PARTITION_MISMATCH: "partitioned, belongs to {partition}",
    Code.WITHOUT_CREDENTIALS: "request without credentials",
    Code.NOT_SENT_BY_CLIENT: "should have been sent",
}
"""Each reason to refuse or withhold a cookie, or to miss one: a template, or one per word.

The words are those of the fact in ``_CHOSEN_BY``; ``""`` is for all other words.
"""

_CHOSEN_BY: Mapping[Code, str] = {
    Code.DOMAIN_MISMATCH: "remedy",
    Code.SAME_SITE_FROM_CROSS_SITE: "same_site",
    Code.CLIENT_POLICY: "policy",
    Code.SAME_SITE_STRICT: "cause",
    Code.SAME_SITE_LAX: "request",
    Code.SAME_SITE_LAX_DEFAULT: "request",
}


def short_reason(finding: Finding, method: str = "POST") -> str:
    """Return why in a few words: ``SameSite=Lax, cross-site POST``.

    ``method`` is the request's, for the reasons that depend on it.
    """
    text = SHORT[finding.code]
    if not isinstance(text, str):
        word = str(dict(finding.facts).get(_CHOSEN_BY[finding.code], ""))
        text = text[word] if word in text else text[""]
    words = {
        name: word if name == "lacks" else clip(word, _FACT_CELLS)
        for name, word in fact_words(finding).items()
    }
    return text.format_map({**words, "method": clip(method, _FACT_CELLS)})
