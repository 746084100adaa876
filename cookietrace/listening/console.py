"""The sentences of Firefox's console about cookies that it has refused."""

from __future__ import annotations

import re
from typing import Final

import msgspec

REFUSALS: Final = frozenset(
    {
        "cookie has been rejected for invalid domain.",
        "cookie has been rejected for invalid prefix.",
        "cookie has been rejected for invalid path.",
        "cookie has been rejected for invalid characters in the name.",
        "cookie has been rejected for invalid characters in the value.",
        "cookie has been rejected for invalid characters in the attributes.",
        'cookie rejected because it has the "SameSite=None" attribute but is missing the "secure" '
        "attribute.",
        'cookie has been rejected because it has the "Partitioned" attribute but is missing the '
        '"secure" attribute.',
        'cookie has been rejected because a non-HTTPS cookie can\'t be set as "secure".',
        'cookie has been rejected because there is an existing "secure" cookie.',
        'cookie has been rejected because it is in a cross-site context and its "SameSite" is '
        '"Lax" or "Strict".',
        "cookie has been rejected as third-party.",
        'cookie has been rejected because it is foreign and does not have the "Partitioned" '
        "attribute.",
        "cookie is invalid because its size is too big. Max size is 4096 B.",
    }
)
"""Each with the name of the cookie taken out, and with plain quotation marks.

Firefox writes them in the user's language: of another one, nothing is known.
"""

_PLAIN: Final = str.maketrans("“”’", '""\'')

_NAMED = re.compile("cookie “([^”]*)”", re.IGNORECASE)


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A sentence that says that a line was refused."""

    name: str
    """Of the cookie, as text."""
    reason: str
    """One of ``REFUSALS``."""


def refusal(text: str) -> Refusal | None:
    """Return what a sentence of the console says about a refused cookie; None if it does not.

    Of a name that is so long that it is cut off, nothing is said.
    """
    found = _NAMED.match(text)
    if found is None:
        return None
    reason = f"cookie{text[found.end() :].translate(_PLAIN)}"
    return Refusal(found[1], reason) if reason in REFUSALS else None
