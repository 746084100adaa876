"""The mark: how the proxy asks an app for a report, and shows that it may.

Marks are made and read here and nowhere else.
"""

from __future__ import annotations

import re

PROTOCOL = 1
"""The version of marks and reports. The proxy ignores reports of any other version."""

MARK_HEADER = "Cookietrace-Exchange"
"""On a request: ``<exchange id> <secret>``, see ``mark``."""

_MARK = re.compile(r"([!-~]{1,200}) ([!-~]{1,512})")


def mark(exchange_id: str, secret: str) -> str:
    """Return the value of ``MARK_HEADER`` for one exchange."""
    return f"{exchange_id} {secret}"


def parse_mark(value: str) -> tuple[str, str] | None:
    """Return the exchange id and the secret in a mark, or None if it is malformed."""
    match = _MARK.fullmatch(value)
    return (match[1], match[2]) if match else None
