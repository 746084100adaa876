"""Tells texts in which a name may be spelled with escapes, so that it is not found as it is."""

from __future__ import annotations

import re

_CODE = r"(?:[46][1-9A-Fa-f]|[57][0-9Aa])"
"""The code of an ASCII letter, in hexadecimal digits."""
_DECIMAL = r"(?:6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2])"
_LETTER = re.compile(
    rf"%{_CODE}|\\u00{_CODE}|\\u\{{0*{_CODE}\}}|\\x{_CODE}"
    rf"|&\#0*{_DECIMAL}(?![0-9])|&\#[xX]0*{_CODE}(?![0-9A-Fa-f])"
)


def has_escaped_letter(text: str) -> bool:
    """Return whether a letter is escaped that needs no escape: a part of a name may be.

    Programs that write URLs, JSON and HTML do not escape ASCII letters.
    """
    return ("%" in text or "\\" in text or "&#" in text) and _LETTER.search(text) is not None
