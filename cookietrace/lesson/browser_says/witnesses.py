"""Who says something about a browser's cookies, and what may be concluded from it.

A new source of statements is a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from cookietrace.cookies import Code
from cookietrace.lesson.browser_says import firefox_reasons, reasons

_NO_REASONS: Final[Mapping[str, frozenset[Code]]] = {}


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of source."""

    name: str | None = None
    """What texts call it; None if it is called as it calls itself."""
    names_withheld: bool = True
    """Whether it names each cookie that it withholds. Otherwise it names all that it sent, so that
    what it does not name was not sent."""
    gives_reasons: bool = True
    """Whether it says why; otherwise only what became of a cookie, except where it names more."""
    refused: Mapping[str, frozenset[Code]] = _NO_REASONS
    """Its reasons for refusing a Set-Cookie line -> the codes that mean the same."""
    withheld: Mapping[str, frozenset[Code]] = _NO_REASONS
    """Its reasons for not sending a cookie -> the codes that mean the same."""


def _firefox(refused: Mapping[str, frozenset[Code]]) -> Witness:
    """Return what may be concluded from what Firefox says: it gives few reasons."""
    return Witness(name="Firefox", names_withheld=False, gives_reasons=False, refused=refused)


_CHROMIUM = Witness(name="Chromium", refused=reasons.REFUSED, withheld=reasons.WITHHELD)

WITNESSES: Final[Mapping[str, Witness]] = {
    "chromium-net-log": _CHROMIUM,
    "chromium-net-export": _CHROMIUM,
    "chromium-devtools": _CHROMIUM,
    "firefox-log": _firefox(firefox_reasons.LOGGED),
    "firefox-bidi": _firefox(firefox_reasons.REFUSED),
}
"""``said_by`` of a ``browser`` event -> who that is."""

_UNKNOWN: Final = Witness()


def witness(said_by: str) -> Witness:
    """Return who says something; one without tables if this version does not know it."""
    return WITNESSES.get(said_by, _UNKNOWN)
