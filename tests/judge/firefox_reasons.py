"""The sentences of Firefox's console about cookies, and the codes that mean the same."""

from __future__ import annotations

from collections.abc import Mapping

from cookietrace.cookies import Code

_CONTROL = frozenset({Code.CONTROL_CHARACTER})

REFUSED: Mapping[str, frozenset[Code]] = {
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
    "cookie has been rejected for invalid characters in the name.": _CONTROL
    | {Code.EMPTY_COOKIE, Code.CLIENT_POLICY},
    "cookie has been rejected for invalid characters in the value.": _CONTROL,
    "cookie rejected because it has the “SameSite=None” attribute but is missing the “secure” "
    "attribute.": frozenset({Code.SAME_SITE_NONE_INSECURE}),
    "cookie has been rejected because it has the “Partitioned” attribute but is missing the "
    "“secure” attribute.": frozenset({Code.PARTITIONED_INSECURE}),
    "cookie is invalid because its size is too big. Max size is 4096 B.": frozenset(
        {Code.NAME_VALUE_TOO_LARGE}
    ),
    "cookie has been rejected because a non-HTTPS cookie can’t be set as “secure”.": frozenset(
        {Code.SECURE_FROM_INSECURE}
    ),
    "cookie has been rejected because there is an existing “secure” cookie.": frozenset(
        {Code.WOULD_OVERWRITE_SECURE}
    ),
    "cookie has been rejected because it is in a cross-site context and its “SameSite” is "
    "“Lax” or “Strict”.": frozenset({Code.SAME_SITE_FROM_CROSS_SITE}),
    "cookie has been rejected as third-party.": frozenset({Code.CLIENT_POLICY}),
    "cookie has been rejected because it is foreign and does not have the “Partitioned“ "
    "attribute.": frozenset({Code.CLIENT_POLICY}),
    "cookie has been rejected for invalid path.": _CONTROL,
    "cookie has been rejected for invalid characters in the attributes.": _CONTROL,
    "Cookie with an empty name and an empty value has been rejected.": frozenset(
        {Code.EMPTY_COOKIE}
    ),
    # The whole sentence is cut off with a name that is too long.
    "cookie": frozenset({Code.NAME_VALUE_TOO_LARGE}),
}
"""A sentence with the cookie's name taken out -> the codes that mean the same."""

NO_REFUSAL = (
    "The value of the attribute ",
    "will soon be rejected",
    "Request to access cookie",
    "Partitioned cookie or storage access was provided",
    "The attribute is ignored.",
    "Invalid “SameSite“ value",
    "was omitted because of a cross-site redirect",
)
"""Parts of sentences that do not speak of a refusal."""
