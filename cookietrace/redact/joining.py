"""Removes what keeps the characters of a value apart: tags, line breaks, bytes of zero."""

from __future__ import annotations

import re

from cookietrace.redact.layer import Joined

_GLUE = re.compile(
    r"""(?P<comment><!--)|<!\[CDATA\[|\]\]>
    |<(?P<unseen>(?i:script|style|template|noscript|head))\b
    |<[/!?A-Za-z](?:[^<>"']++|"[^"<]{0,256}+"|'[^'<]{0,256}+')*+>|<[/!?A-Za-z][^<>]*+>
    |[\t\r\n\f\v]++(?:(?:event|id|retry):[^\r\n]{0,256}[\r\n]+)*+
        (?:data:[ ]?|[0-9A-Fa-f]{1,8}\r\n|[ ]++)?
    |["'`][ \t]{0,8}[+,.][\s]{0,8}["'`]
    |[\0\xad\u034f\u200b-\u200f\u2060-\u2064\ufeff]++""",
    re.VERBOSE,
)
_BEGINNING = re.compile(r"data: ?|[0-9A-Fa-f]{1,8}\r\n")
_UNSEEN = re.compile(r"<(?:script|style|template|noscript|head)\b", re.IGNORECASE)
_WORD_BEFORE = re.compile(
    r"[^\s<>](?:<(?!/?(?:title|script|style|head|html|body|link|meta)\b)[^<>]{0,100}>){0,8}\Z",
    re.IGNORECASE,
)
_NEAR = 200
_SIGNS = re.compile(r"[<\t\r\n\f\v\0\xad\u034f\u200b-\u200f\u2060-\u2064\ufeff]|[\"'`]\s{0,8}[+,.]")


def seen(text: str) -> Joined | None:
    """Return what ``joined`` does, also without what a page does not show: scripts and styles.

    None if there is none of it between two parts of a word.
    """
    if any(
        _WORD_BEFORE.search(text, max(0, match.start() - _NEAR), match.start())
        for match in _UNSEEN.finditer(text)
    ):
        return _joined(text, also_unseen=True)
    return None


def joined(text: str) -> Joined | None:
    """Return a text without what a reader, or an output, takes off; None if there is nothing.

    That is: tags and comments; line breaks, with the prefixes of server-sent events and the sizes
    of chunks; what joins strings in a program; and characters without width. Takes time linear in
    the text's length.
    """
    return _joined(text, also_unseen=False) if _SIGNS.search(text) is not None else None


def _joined(text: str, *, also_unseen: bool) -> Joined | None:
    dropped: list[tuple[int, int]] = []
    without: set[str] = set()
    low = ""
    first = _BEGINNING.match(text)
    at = first.end() if first is not None else 0
    if at:
        dropped.append((0, at))
    while 0 <= at < len(text):
        for match in _GLUE.finditer(text, at):
            if match.lastgroup is None:
                dropped.append(match.span())
                continue
            name = match["unseen"]
            closing = f"</{name.lower()}" if name else "-->"
            low = low or text.lower()
            hidden = (also_unseen or not name) and closing not in without
            at = low.find(closing, match.end()) if hidden and len(low) == len(text) else -1
            if at >= 0:
                at = at + len(closing) if not name else _after(text, at)
            else:
                without.add(closing)  # looked for once only
                at = _after(text, match.start()) if name else match.end()
            if name or hidden:
                dropped.append((match.start(), at))
            break
        else:
            break
    return Joined(text, dropped) if dropped else None


def _after(text: str, at: int) -> int:
    """Return the place after the tag that begins there."""
    end = text.find(">", at, at + 1024)
    return end + 1 if end >= 0 else at + 1
