"""The known word that a misspelled one probably stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 100
"""How many characters of a word are compared: it may come from a file, and be of any length."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'export'?``, to follow a sentence; empty if no word is close."""
    # Imported here because only a mistake needs it.
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(word[:_LONGEST].lower(), by_lower, n=1)
    return f" Did you mean '{by_lower[close[0]]}'?" if close else ""
