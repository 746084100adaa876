"""What a request asks for, checked: numbers within bounds, names from lists, nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import parse_qsl

from cookietrace.web.refusals import RefusedError

MOST_PARAMETERS: Final = 8
_MOST_DIGITS: Final = 15
_LONGEST: Final = 256
_LABEL: Final = re.compile(r"[0-9]{1,15}[a-z]{0,15}")


def parameters(query: bytes, known: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of a query. Raises ``RefusedError`` for one that is not known."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise RefusedError(400, "the query is not valid") from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedError(400, "a parameter is given twice")
    for name in found:
        if name not in known:
            expected = ", ".join(known) or "none"
            raise RefusedError(400, f"an unknown parameter (known: {expected})")
    return found


def number(
    found: Mapping[str, str], name: str, *, least: int = 0, default: int | None = None
) -> int:
    """Return a parameter that is a number of at least ``least``. Raises ``RefusedError``."""
    text = found.get(name)
    if text is None and default is not None:
        return default
    valid = text is not None and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not valid or text is None or int(text) < least:
        raise RefusedError(400, f"{name} must be a number of at least {least}")
    return int(text)


def label(found: Mapping[str, str], name: str) -> str:
    """Return a parameter that is what texts call a step, as ``3`` or ``3a``.

    Raises ``RefusedError``.
    """
    text = found.get(name, "")
    if _LABEL.fullmatch(text) is None:
        raise RefusedError(400, f"{name} must be a number, perhaps with letters after it")
    return text


def flag(found: Mapping[str, str], name: str) -> bool:
    """Return a parameter that is 0 or 1; 0 without it. Raises ``RefusedError``."""
    text = found.get(name, "0")
    if text not in ("0", "1"):
        raise RefusedError(400, f"{name} must be 0 or 1")
    return text == "1"


def text_of(found: Mapping[str, str], name: str) -> str:
    """Return a text of at most some hundred characters; empty without it."""
    text = found.get(name, "")
    if len(text) > _LONGEST:
        raise RefusedError(400, f"{name} is too long")
    return text
