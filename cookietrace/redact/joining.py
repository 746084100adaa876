"""Removes what keeps the characters of a value apart: tags, line breaks, bytes of zero."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cookietrace.redact.layer import Joined

_THIN = r"\0\xad\u034f\u200b-\u200f\u2060-\u2064\ufeff"
_NAMES = ("script", "style", "template", "noscript", "head")
"""The elements that a page does not show."""
_UNSEEN_NAME = rf"(?ai:{'|'.join(_NAMES)})"


def _glue(comment: str, unseen: str) -> re.Pattern[str]:
    """Return a pattern for what joins parts of a word, given what begins and ends with ``<``.

    It begins with a set of characters: all else is passed over several times as fast.
    """
    return re.compile(
        rf"""[<\]\t\r\n\f\v"'`{_THIN}](?:
        (?<=<)(?:{comment}|!\[CDATA\[|{unseen}
            |[/!?A-Za-z](?:[^<>"']++|"[^"<]{{0,256}}+"|'[^'<]{{0,256}}+')*+>|[/!?A-Za-z][^<>]*+>)
        |(?<=\])\]>
        |(?<=[\t\r\n\f\v])[\t\r\n\f\v]*+(?:(?:event|id|retry):[^\r\n]{{0,256}}[\r\n]+)*+
            (?:data:[ ]?|[0-9A-Fa-f]{{1,8}}\r\n|[ ]++)?
        |(?<=["'`])[ \t]{{0,8}}[+,.][\s]{{0,8}}["'`]
        |(?<=[{_THIN}])[{_THIN}]*+)""",
        re.VERBOSE,
    )


_GLUE = _glue(r"(?P<comment>!--)", rf"(?P<unseen>{_UNSEEN_NAME})\b")
_TAG_END = r"(?:[^>]{0,1022}+>)?"
_CLOSED_GLUE = _glue(r"!--(?s:.*?)-->", rf"(?={_UNSEEN_NAME}\b){_TAG_END}")
"""The same for a text in which each comment ends."""
_SEEN_GLUE = _glue(
    r"!--(?s:.*?)-->",
    rf"(?P<name>{_UNSEEN_NAME})\b(?:[^<]++|<(?!/(?ai:(?P=name))))*+<{_TAG_END}",
)
"""The same, with what is not seen, for a text in which each comment and element ends."""
_LONGEST_TAG = 1024
_BEGINNING = re.compile(r"data: ?|[0-9A-Fa-f]{1,8}\r\n")
_UNSEEN = re.compile(rf"<{_UNSEEN_NAME}\b")
_WORD_BEFORE = re.compile(
    r"[^\s<>](?:<(?!/?(?:title|script|style|head|html|body|link|meta)\b)[^<>]{0,100}>){0,8}\Z",
    re.IGNORECASE,
)
_NEAR = 200
_SIGNS = re.compile(rf"""[<\t\r\n\f\v"'`{_THIN}](?:(?<!["'`])|\s{{0,8}}[+,.])""")


def seen(text: str) -> Joined | None:
    """Return what ``joined`` does, also without what a page does not show: scripts and styles.

    None if there is none of it between two parts of a word.
    """
    if not any(
        _WORD_BEFORE.search(text, max(0, match.start() - _NEAR), match.start())
        for match in _UNSEEN.finditer(text)
    ):
        return None
    low = text.lower()
    if _comments_end(text) and all(
        low.rfind(f"<{each}") <= low.rfind(f"</{each}") for each in _NAMES
    ):
        return _left(text, _SEEN_GLUE)
    return _without(text, list(_dropped(text, also_unseen=True)))


def joined(text: str) -> Joined | None:
    """Return a text without what a reader, or an output, takes off; None if there is nothing.

    That is: tags and comments; line breaks, with the prefixes of server-sent events and the sizes
    of chunks; what joins strings in a program; and characters without width. Takes time linear in
    the text's length.
    """
    if _SIGNS.search(text) is None:
        return None
    if _comments_end(text):
        return _left(text, _CLOSED_GLUE)
    return _without(text, list(_dropped(text, also_unseen=False)))


def _comments_end(text: str) -> bool:
    """Return whether each comment in a text ends."""
    last = text.rfind("<!--")
    return last < 0 or text.find("-->", last + 4) >= 0


def _left(text: str, glue: re.Pattern[str]) -> Joined | None:
    """Return a text without glue; None if there is none."""
    at = _beginning(text)
    rest = text[at:] if at else text
    left = glue.sub("", rest)
    if not at and len(left) == len(text):
        return None
    return Joined(left, lambda: _spans(rest, at, glue))


def _spans(rest: str, at: int, glue: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield what is left out of a text: the first characters, and glue in the rest."""
    if at:
        yield 0, at
    for match in glue.finditer(rest):
        start, end = match.span()
        yield start + at, end + at


def _without(text: str, dropped: list[tuple[int, int]]) -> Joined | None:
    """Return a text without some of its spans; None if there are none."""
    pieces: list[str] = []
    end = 0
    for start, until in dropped:
        if start > end:
            pieces.append(text[end:start])
        end = max(end, until)
    return Joined("".join((*pieces, text[end:])), lambda: dropped) if dropped else None


def _beginning(text: str) -> int:
    """Return how many characters of a text are the prefix of an event or the size of a chunk."""
    match = _BEGINNING.match(text)
    return match.end() if match is not None else 0


def _dropped(text: str, *, also_unseen: bool) -> Iterator[tuple[int, int]]:
    """Yield what is left out of a text, with comments whose end is looked for once only."""
    without: set[str] = set()
    low = ""
    at = _beginning(text)
    if at:
        yield 0, at
    while 0 <= at < len(text):
        for match in _GLUE.finditer(text, at):
            if match.lastgroup is None:
                yield match.span()
                continue
            name = match["unseen"]
            closing = f"</{name.lower()}" if name else "-->"
            low = low or text.lower()
            hidden = (also_unseen or not name) and closing not in without
            at = low.find(closing, match.end()) if hidden and len(low) == len(text) else -1
            if at >= 0:
                at = at + len(closing) if not name else _after(text, at)
            else:
                without.add(closing)
                at = _after(text, match.start()) if name else match.end()
            if name or hidden:
                yield match.start(), at
            break
        else:
            break


def _after(text: str, at: int) -> int:
    """Return the place after the tag that begins there."""
    end = text.find(">", at, at + _LONGEST_TAG)
    return end + 1 if end >= 0 else at + 1
