"""Text as a string literal of a programming language. The text has no control characters."""

from __future__ import annotations

import json


def double_quoted(text: str) -> str:
    r"""Return ``"a\"b"``: Python, JavaScript, Java, C# and Go read it alike.

    A backslash is always doubled, so that Java does not read ``\u`` as a character's code.
    """
    return json.dumps(text, ensure_ascii=False)


def single_quoted(text: str) -> str:
    r"""Return ``'a\'b'``: PHP and Ruby replace nothing in it, neither ``$x`` nor ``#{x}``."""
    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{plain}'"
