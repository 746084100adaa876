"""Chromium's reasons and the codes that mean the same."""

from __future__ import annotations

from collections.abc import Mapping

from cookietrace.cookies import Code

_STRICT = frozenset({Code.SAME_SITE_STRICT})
_LAX = frozenset({Code.SAME_SITE_LAX})
_LAX_DEFAULT = frozenset({Code.SAME_SITE_LAX_DEFAULT})
_CROSS_SITE = frozenset({Code.SAME_SITE_FROM_CROSS_SITE})

REFUSED: Mapping[str, frozenset[Code]] = {
    "SecureOnly": frozenset({Code.SECURE_FROM_INSECURE}),
    "SameSiteStrict": _CROSS_SITE,
    "SameSiteLax": _CROSS_SITE,
    "SameSiteUnspecifiedTreatedAsLax": _CROSS_SITE,
    "SchemefulSameSiteStrict": _CROSS_SITE,
    "SchemefulSameSiteLax": _CROSS_SITE,
    "SchemefulSameSiteUnspecifiedTreatedAsLax": _CROSS_SITE,
    "SameSiteNoneInsecure": frozenset({Code.SAME_SITE_NONE_INSECURE}),
    "UserPreferences": frozenset({Code.CLIENT_POLICY}),
    "ThirdPartyPhaseout": frozenset({Code.CLIENT_POLICY}),
    # Also reported for a Set-Cookie next to Clear-Site-Data.
    "SyntaxError": frozenset({Code.CONTROL_CHARACTER, Code.EMPTY_COOKIE, Code.CLIENT_POLICY}),
    "OverwriteSecure": frozenset({Code.WOULD_OVERWRITE_SECURE}),
    "InvalidDomain": frozenset(
        {Code.DOMAIN_MISMATCH, Code.DOMAIN_NOT_ASCII, Code.PUBLIC_SUFFIX_DOMAIN}
    ),
    "InvalidPrefix": frozenset(
        {
            Code.PREFIX_SECURE,
            Code.PREFIX_HOST,
            Code.PREFIX_NAMELESS,
            Code.PREFIX_HTTP,
            Code.PREFIX_HOST_HTTP,
        }
    ),
    "NameValuePairExceedsMaxSize": frozenset({Code.NAME_VALUE_TOO_LARGE}),
    "DisallowedCharacter": frozenset({Code.CONTROL_CHARACTER}),
    "NoCookieContent": frozenset({Code.EMPTY_COOKIE}),
}
"""``Network.SetCookieBlockedReason`` -> the codes that mean the same."""

WITHHELD: Mapping[str, frozenset[Code]] = {
    "SecureOnly": frozenset({Code.SECURE_OVER_INSECURE}),
    "NotOnPath": frozenset({Code.PATH_MISMATCH}),
    "DomainMismatch": frozenset({Code.HOST_ONLY, Code.OTHER_HOST}),
    "SameSiteStrict": _STRICT,
    "SameSiteLax": _LAX,
    "SameSiteUnspecifiedTreatedAsLax": _LAX_DEFAULT,
    "SchemefulSameSiteStrict": _STRICT,
    "SchemefulSameSiteLax": _LAX,
    "SchemefulSameSiteUnspecifiedTreatedAsLax": _LAX_DEFAULT,
    "UserPreferences": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
}
"""``Network.CookieBlockedReason`` -> the codes that mean the same."""
