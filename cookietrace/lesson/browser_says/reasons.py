"""Chromium's reasons, and which of ours mean the same.

Chromium's net log has the names of ``CookieInclusionStatus``
(``net/cookies/cookie_inclusion_status.h``), which begin with ``EXCLUDE_``. DevTools has names of
its own: ``Network.SetCookieBlockedReason`` and ``Network.CookieBlockedReason``. Several of ours are
one of Chromium's: it looks at the Domain attribute once, for instance, and we say what is wrong
with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cookietrace.cookies import Code

_CROSS_SITE = frozenset({Code.SAME_SITE_FROM_CROSS_SITE})
_POLICY = frozenset({Code.CLIENT_POLICY})
_STORING = frozenset(
    {
        Code.SAME_SITE_FROM_CROSS_SITE,
        Code.SAME_SITE_NONE_INSECURE,
        Code.SECURE_FROM_INSECURE,
        Code.WOULD_OVERWRITE_HTTP_ONLY,
        Code.WOULD_OVERWRITE_SECURE,
    }
)
"""What Chromium looks at after the user's settings: if those refuse a line that it could parse, it
looks no further, and says nothing against these."""
_DOMAIN = frozenset({Code.DOMAIN_MISMATCH, Code.DOMAIN_NOT_ASCII, Code.PUBLIC_SUFFIX_DOMAIN})
_PREFIX = frozenset(
    {
        Code.PREFIX_SECURE,
        Code.PREFIX_HOST,
        Code.PREFIX_NAMELESS,
        Code.PREFIX_HTTP,
        Code.PREFIX_HOST_HTTP,
    }
)

REFUSED: Final[Mapping[str, frozenset[Code]]] = {
    "EXCLUDE_ANONYMOUS_CONTEXT": _POLICY,
    "EXCLUDE_DISALLOWED_CHARACTER": frozenset({Code.CONTROL_CHARACTER}),
    "EXCLUDE_DOMAIN_NON_ASCII": frozenset({Code.DOMAIN_NOT_ASCII}),
    # Of a line next to Clear-Site-Data, and of one that could not be parsed at all.
    "EXCLUDE_FAILURE_TO_STORE": frozenset(
        {Code.CONTROL_CHARACTER, Code.EMPTY_COOKIE, Code.CLIENT_POLICY}
    ),
    "EXCLUDE_HTTP_ONLY": frozenset({Code.HTTP_ONLY_FROM_SCRIPT}),
    "EXCLUDE_INVALID_DOMAIN": _DOMAIN,
    "EXCLUDE_INVALID_PARTITIONED": frozenset({Code.PARTITIONED_INSECURE}),
    "EXCLUDE_INVALID_PREFIX": _PREFIX,
    "EXCLUDE_NAME_VALUE_PAIR_EXCEEDS_MAX_SIZE": frozenset({Code.NAME_VALUE_TOO_LARGE}),
    "EXCLUDE_NO_COOKIE_CONTENT": frozenset({Code.EMPTY_COOKIE}),
    "EXCLUDE_OVERWRITE_HTTP_ONLY": frozenset({Code.WOULD_OVERWRITE_HTTP_ONLY}),
    "EXCLUDE_OVERWRITE_SECURE": frozenset({Code.WOULD_OVERWRITE_SECURE}),
    "EXCLUDE_SAMESITE_LAX": _CROSS_SITE,
    "EXCLUDE_SAMESITE_NONE_INSECURE": frozenset({Code.SAME_SITE_NONE_INSECURE}),
    "EXCLUDE_SAMESITE_STRICT": _CROSS_SITE,
    "EXCLUDE_SAMESITE_UNSPECIFIED_TREATED_AS_LAX": _CROSS_SITE,
    "EXCLUDE_SECURE_ONLY": frozenset({Code.SECURE_FROM_INSECURE}),
    "EXCLUDE_THIRD_PARTY_BLOCKED_WITHIN_FIRST_PARTY_SET": _POLICY,
    "EXCLUDE_THIRD_PARTY_PHASEOUT": _POLICY | _STORING,
    "EXCLUDE_USER_PREFERENCES": _POLICY | _STORING,
    "DisallowedCharacter": frozenset({Code.CONTROL_CHARACTER}),
    "InvalidDomain": _DOMAIN,
    "InvalidPrefix": _PREFIX,
    "NameValuePairExceedsMaxSize": frozenset({Code.NAME_VALUE_TOO_LARGE}),
    "NoCookieContent": frozenset({Code.EMPTY_COOKIE}),
    "OverwriteSecure": frozenset({Code.WOULD_OVERWRITE_SECURE}),
    "SameSiteLax": _CROSS_SITE,
    "SameSiteNoneInsecure": frozenset({Code.SAME_SITE_NONE_INSECURE}),
    "SameSiteStrict": _CROSS_SITE,
    "SameSiteUnspecifiedTreatedAsLax": _CROSS_SITE,
    "SchemefulSameSiteLax": _CROSS_SITE,
    "SchemefulSameSiteStrict": _CROSS_SITE,
    "SchemefulSameSiteUnspecifiedTreatedAsLax": _CROSS_SITE,
    "SecureOnly": frozenset({Code.SECURE_FROM_INSECURE}),
    "SyntaxError": frozenset({Code.CONTROL_CHARACTER, Code.EMPTY_COOKIE, Code.CLIENT_POLICY}),
    "ThirdPartyBlockedInFirstPartySet": _POLICY,
    "ThirdPartyPhaseout": _POLICY | _STORING,
    "UserPreferences": _POLICY | _STORING,
}
"""Why a Set-Cookie line was refused -> the codes that mean the same."""

WITHHELD: Final[Mapping[str, frozenset[Code]]] = {
    "EXCLUDE_ANONYMOUS_CONTEXT": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "EXCLUDE_DOMAIN_MISMATCH": frozenset({Code.HOST_ONLY, Code.OTHER_HOST}),
    "EXCLUDE_NOT_ON_PATH": frozenset({Code.PATH_MISMATCH}),
    "EXCLUDE_SAMESITE_LAX": frozenset({Code.SAME_SITE_LAX}),
    "EXCLUDE_SAMESITE_STRICT": frozenset({Code.SAME_SITE_STRICT}),
    "EXCLUDE_SAMESITE_UNSPECIFIED_TREATED_AS_LAX": frozenset({Code.SAME_SITE_LAX_DEFAULT}),
    "EXCLUDE_SECURE_ONLY": frozenset({Code.SECURE_OVER_INSECURE}),
    "EXCLUDE_THIRD_PARTY_BLOCKED_WITHIN_FIRST_PARTY_SET": frozenset(
        {Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}
    ),
    "EXCLUDE_THIRD_PARTY_PHASEOUT": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "EXCLUDE_USER_PREFERENCES": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "AnonymousContext": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "DomainMismatch": frozenset({Code.HOST_ONLY, Code.OTHER_HOST}),
    "NotOnPath": frozenset({Code.PATH_MISMATCH}),
    "SameSiteLax": frozenset({Code.SAME_SITE_LAX}),
    "SameSiteStrict": frozenset({Code.SAME_SITE_STRICT}),
    "SameSiteUnspecifiedTreatedAsLax": frozenset({Code.SAME_SITE_LAX_DEFAULT}),
    "SchemefulSameSiteLax": frozenset({Code.SAME_SITE_LAX}),
    "SchemefulSameSiteStrict": frozenset({Code.SAME_SITE_STRICT}),
    "SchemefulSameSiteUnspecifiedTreatedAsLax": frozenset({Code.SAME_SITE_LAX_DEFAULT}),
    "SecureOnly": frozenset({Code.SECURE_OVER_INSECURE}),
    "ThirdPartyBlockedInFirstPartySet": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "ThirdPartyPhaseout": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
    "UserPreferences": frozenset({Code.CLIENT_POLICY, Code.WITHOUT_CREDENTIALS}),
}
"""Why a cookie was not sent -> the codes that mean the same."""

NO_CREDENTIALS: Final = "no credentials"
"""What Chromium calls privacy mode: a request that may carry no cookies at all."""


def agree(
    table: Mapping[str, frozenset[Code]], theirs: tuple[str, ...], ours: frozenset[Code]
) -> bool:
    """Return whether one of the browser's reasons means one of ours, as far as they are known.

    Both stop looking for reasons at places of their own, so one in common is enough. A reason
    that this version does not know tells nothing against ours.
    """
    known = [table[reason] for reason in theirs if reason in table]
    return not known or any(meant & ours for meant in known)
