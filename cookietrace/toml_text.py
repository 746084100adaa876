"""Reads TOML that somebody else may have written, in bounded time."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from cookietrace.errors import FormatError
from cookietrace.safe_text import safe

LARGEST: Final = 64 * 1024
"""The most bytes of a file of settings. Nobody writes as many, and a device never ends."""

MOST_DOTS: Final = 100
"""The most dots outside quotes in one line: ``tomllib`` takes time in the square of a key's parts.

No key that we know has more than two.
"""

_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"?|'[^']*'?|#.*""")
"""What of a line holds no dots of a key. An open quote ends with the line."""


def parse(text: str, name: str) -> dict[str, Any]:
    """Return what a file of settings holds; ``name`` is the file's, as display text.

    Raises ``FormatError`` with one line if it is not TOML, or takes too long to read.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS and _QUOTED.sub("", line).count(".") > MOST_DOTS:
            raise FormatError(f"{name}, line {number}: a key has more than {MOST_DOTS} parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number with thousands of digits
        raise FormatError(f"{name} is not valid TOML: {safe(str(error))}") from error
