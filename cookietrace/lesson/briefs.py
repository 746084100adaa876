"""Each reason in a few words, for a row of the table: ``SameSite=Lax, cross-site POST``."""

from __future__ import annotations

from cookietrace.cookies import Finding
from cookietrace.fold.exchange import RequestPart
from cookietrace.lesson.display_text import clip
from cookietrace.lesson.short_reasons import short_reason

CELLS = 60
"""The most cells that a reason in a few words takes."""


def in_short(finding: Finding, part: RequestPart) -> str:
    """Return why a cookie was refused or withheld, in a few words; display text.

    ``part`` is the request that did not send it, or whose response set it.
    """
    return clip(short_reason(finding, part.method), CELLS)
