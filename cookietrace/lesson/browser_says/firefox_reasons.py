"""What Firefox says of refused cookies, and which of our reasons mean the same.

Its console has sentences, and its log has a few others. What neither names, it does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cookietrace.cookies import Code

_CONTROL = frozenset({Code.CONTROL_CHARACTER})
_POLICY = frozenset({Code.CLIENT_POLICY})

REFUSED: Final[Mapping[str, frozenset[Code]]] = {
    "cookie has been rejected for invalid domain.": frozenset(
        {Code.DOMAIN_MISMATCH, Code.DOMAIN_NOT_ASCII, Code.PUBLIC_SUFFIX_DOMAIN}
    ),
    "cookie has been rejected for invalid prefix.": frozenset(
        {
            Code.PREFIX_SECURE,
            Code.PREFIX_HOST,
            Code.PREFIX_NAMELESS,
            Code.PREFIX_HTTP,
            Code.PREFIX_HOST_HTTP,
        }
    ),
    "cookie has been rejected for invalid path.": _CONTROL,
    # Firefox says so about a name that is empty, too.
    "cookie has been rejected for invalid characters in the name.": _CONTROL
    | _POLICY
    | {Code.EMPTY_COOKIE},
    "cookie has been rejected for invalid characters in the value.": _CONTROL,
    "cookie has been rejected for invalid characters in the attributes.": _CONTROL,
    'cookie rejected because it has the "SameSite=None" attribute but is missing the "secure" '
    "attribute.": frozenset({Code.SAME_SITE_NONE_INSECURE}),
    'cookie has been rejected because it has the "Partitioned" attribute but is missing the '
    '"secure" attribute.': frozenset({Code.PARTITIONED_INSECURE}),
    'cookie has been rejected because a non-HTTPS cookie can\'t be set as "secure".': frozenset(
        {Code.SECURE_FROM_INSECURE}
    ),
    'cookie has been rejected because there is an existing "secure" cookie.': frozenset(
        {Code.WOULD_OVERWRITE_SECURE}
    ),
    'cookie has been rejected because it is in a cross-site context and its "SameSite" is '
    '"Lax" or "Strict".': frozenset({Code.SAME_SITE_FROM_CROSS_SITE}),
    "cookie has been rejected as third-party.": _POLICY,
    'cookie has been rejected because it is foreign and does not have the "Partitioned" '
    "attribute.": _POLICY,
    "cookie is invalid because its size is too big. Max size is 4096 B.": frozenset(
        {Code.NAME_VALUE_TOO_LARGE}
    ),
}
"""Why a Set-Cookie line was refused, as the console says -> the codes that mean the same."""

LOGGED: Final[Mapping[str, frozenset[Code]]] = {
    "cookie can't save because older cookie is secure cookie but newer cookie is non-secure "
    "cookie": frozenset({Code.WOULD_OVERWRITE_SECURE}),
    "cookies are disabled": _POLICY,
    "cookies are disabled in trackers": _POLICY,
    "cookies are blocked for this site": _POLICY,
    "cookie rejected by permission manager": _POLICY,
}
"""The same, as Firefox's log says (``netwerk/cookie/``)."""
