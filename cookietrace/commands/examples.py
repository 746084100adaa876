"""The examples at the foot of a command's help."""

from __future__ import annotations

KEEP_LINES = "\b"
"""What tells click to leave a paragraph's lines as they are."""


def examples(*lines: str, title: str = "Examples") -> str:
    """Return an epilog for a command; a line that starts with a blank explains the one above."""
    body = [f"  {line}" if not line.startswith(" ") else f"      {line.strip()}" for line in lines]
    return "\n".join([KEEP_LINES, f"{title}:", *body])
