"""Removes what keeps the characters of a value apart: tags, line breaks, bytes of zero."""

from __future__ import annotations

import re

from cookietrace.redact.layer import Joined

_GLUE = re.compile(
    r"""<!--|<!\[CDATA\[|\]\]>
    |<(?P<unseen>script|style|template|noscript)\b
    |<[/!?A-Za-z](?:[^<>"']++|"[^"<]{0,256}+"|'[^'<]{0,256}+')*+>|<[/!?A-Za-z][^<>]*+>
    |[\t\r\n\f\v]++(?:(?:event|id|retry):[^\r\n]{0,256}[\r\n]+)*+
        (?:data:[ ]?|[0-9A-Fa-f]{1,8}\r\n|[ ]++)?
    |(?:\A|(?<=\n))(?:data:[ ]?|[0-9A-Fa-f]{1,8}\r\n)
    |["'`][ \t]{0,8}[+,.][\s]{0,8}["'`]
    |[\0\xad\u034f\u200b-\u200f\u2060-\u2064\ufeff]++""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = re.compile(r"[<\t\r\n\f\v\0\xad\u034f\u200b-\u200f\u2060-\u2064\ufeff]|[\"'`]\s{0,8}[+,.]")


def joined(text: str) -> Joined | None:
    """Return a text without what a reader, or an output, takes off; None if there is nothing.

    That is: tags, comments, scripts and styles; line breaks, with the prefixes of server-sent
    events and the sizes of chunks; what joins strings in a program; and characters without width.
    Takes time linear in the text's length.
    """
    if _SIGNS.search(text) is None:
        return None
    dropped: list[tuple[int, int]] = []
    ends: dict[str, bool] = {}
    lower = ""
    at = 0
    while (match := _GLUE.search(text, at)) is not None:
        start, at = match.span()
        name = match["unseen"]
        closing = "-->" if match[0] == "<!--" else f"</{name}" if name else ""
        if not closing or ends.get(closing):
            if not closing or name:
                at = _after(text, start) if name else at
                dropped.append((start, at))
            continue
        lower = lower or text.lower()
        close = lower.find(closing.lower(), at) if len(lower) == len(text) else -1
        if close < 0:
            ends[closing] = True  # looked for once only
            at = start
            continue
        at = close + len(closing) if closing == "-->" else _after(text, close)
        dropped.append((start, at))
    return Joined(text, dropped) if dropped else None


def _after(text: str, at: int) -> int:
    """Return the place after the tag that begins there."""
    end = text.find(">", at, at + 1024)
    return end + 1 if end >= 0 else at + 1
