"""A decoded value for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from cookietrace.safe_text import safe, safe_lines
from cookietrace.sessions.decoded import Decoded, Signature

MOST_LINES = 200
"""The most lines of contents that are shown."""

SHORT = 72
"""The most characters of JSON that stands on one line."""

MOST_CELLS = 2000
"""The most characters of one of them."""

_SAID = {
    Signature.RIGHT: "right: a key that was given made it",
    Signature.WRONG: "WRONG: none of the keys that were given made it",
    Signature.NOT_CHECKED: "not checked",
    Signature.NONE: "NONE: anyone can make such a value",
}


def decoded_lines(decoded: Decoded, now: float | None = None) -> Iterator[str]:
    """Yield a description as display text, the contents last.

    ``now`` is Unix time in seconds; with it, it is said whether a token has expired.
    """
    signed_with = f" ({decoded.algorithm})" if decoded.algorithm else ""
    yield f"{decoded.format}{signed_with}"
    yield f"signature: {_SAID[decoded.signature]}"
    if decoded.signed_at is not None:
        yield f"signed: {_time(decoded.signed_at)}"
    if decoded.not_before is not None:
        yield f"valid from: {_time(decoded.not_before)}"
    if decoded.expires_at is not None:
        over = " (over)" if now is not None and decoded.expires_at <= now else ""
        yield f"valid until: {_time(decoded.expires_at)}{over}"
    yield from decoded.notes
    if decoded.header is not None:
        yield from _content("header", decoded.header)
    if decoded.content is not None:
        yield from _content("contents", decoded.content)


def decoded_entry(decoded: Decoded) -> dict[str, Any]:
    """Return a description as plain values for JSON; what is not known is left out."""
    built: dict[str, Any] = msgspec.to_builtins(decoded)
    return {key: value for key, value in built.items() if value not in (None, "", [], ())}


def _content(title: str, content: Any) -> Iterator[str]:
    if isinstance(content, str):
        lines = list(safe_lines(content))
    else:
        lines = [safe(line) for line in _json_lines(content, "")]
    if len(lines) == 1:
        yield f"{title}: {_cut(lines[0])}"
        return
    yield f"{title}:"
    for line in lines[:MOST_LINES]:
        yield f"  {_cut(line)}"
    if len(lines) > MOST_LINES:
        yield f"  … {len(lines) - MOST_LINES:,} more lines"


def _json_lines(value: Any, lead: str) -> Iterator[str]:
    """Yield JSON as lines: what is short stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(lead) + len(flat) <= SHORT or not isinstance(value, dict | list) or not value:
        yield f"{lead}{flat}"
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield f"{lead}{opening}"
    inner = lead[: len(lead) - len(lead.lstrip())] + "  "
    members = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    for number, (name, item) in enumerate(members):
        before = inner if name is None else f"{inner}{json.dumps(name, ensure_ascii=False)}: "
        *most, last = _json_lines(item, before)
        yield from most
        yield last if number == len(members) - 1 else f"{last},"
    yield f"{lead[: len(lead) - len(lead.lstrip())]}{closing}"


def _cut(line: str) -> str:
    return line if len(line) <= MOST_CELLS else line[: MOST_CELLS - 1] + "…"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
