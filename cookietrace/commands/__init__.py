"""The commands of ``cookietrace``, one file per family, and what their help texts share."""

from __future__ import annotations

KEEP_LINES = "\b"
"""Makes click leave the lines of a paragraph as they are."""


def examples(*lines: str, title: str = "Examples") -> str:
    """Return the examples at the foot of a command's help.

    A line that starts with a space explains the line above it.
    """
    body = [f"  {line}" if not line.startswith(" ") else f"      {line.strip()}" for line in lines]
    return "\n".join([KEEP_LINES, f"{title}:", *body])
