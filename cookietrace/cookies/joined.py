"""Find several Set-Cookie lines that were joined into one on their way.

A browser reads such a line as one cookie (-22 5.6): what follows the first cookie is taken for
its attributes. RFC 9110 section 5.3 therefore forbids to join Set-Cookie fields.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Separator = Literal["comma", "semicolon", "newline"]

_WSP = " \t"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of RFC 9110 section 5.6.2
_PAIR = re.compile(rf"[ \t]*({_TOKEN})[ \t]*=")
_LINES = re.compile(rf"\r?\n(?=[ \t]*{_TOKEN}[ \t]*=)")
_COMMA = re.compile(rf",[ \t]*(?=({_TOKEN})=)")
_COMMA_IN_VALUE = re.compile(rf", +(?=({_TOKEN})=)")
MAY_BE_JOINED = re.compile(rf",[ \t]*{_TOKEN}=")
"""Matches attributes in which a comma may have joined another cookie."""

ATTRIBUTES = {
    name.lower(): name
    for name in (
        "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite", "Partitioned",
        "Priority",
    )
}  # fmt: skip
"""The attributes that browsers know, by their names in lower case."""
OLD_ATTRIBUTES = frozenset({"version", "comment", "commenturl", "discard", "port", "sameparty"})
"""Attributes of older specifications and experiments: no browser knows them any more."""
_NO_NAMES = frozenset(ATTRIBUTES) | OLD_ATTRIBUTES


class Joined(NamedTuple):
    """One of the lines that were joined."""

    glue: str
    """The text between the line before and this one; empty for the first."""
    text: str

    @property
    def separator(self) -> Separator:
        """What joined it to the line before."""
        if "\n" in self.glue:
            return "newline"
        return "comma" if "," in self.glue else "semicolon"

    @property
    def name(self) -> str:
        """The name of its cookie."""
        return self.text.partition(";")[0].partition("=")[0].strip(_WSP)


def split_joined(line: str) -> tuple[Joined, ...]:
    """Return the lines that seem to have been joined into this one; one if it is a plain line.

    The glues and the texts together are the line. Takes time linear in its length.

    * A line break before ``NAME=`` joins.
    * A comma before ``NAME=`` joins, unless it is inside the first cookie's value and no space
      follows it, or the value before it has an equals sign: values may contain commas.
    * A semicolon before ``NAME=`` joins if an attribute that came before comes again after it.

    An attribute's name is never taken for a cookie's.
    """
    if "," not in line and "\n" not in line and line.count(";") < 2:
        return (Joined("", line),)
    found: list[Joined] = []
    glue = ""
    start = 0
    for match in _LINES.finditer(line):
        found += _split_line(glue, line[start : match.start()])
        glue, start = match[0], match.end()
    found += _split_line(glue, line[start:])
    return tuple(found)


def _split_line(glue: str, line: str) -> list[Joined]:
    """Split at commas and semicolons."""
    pieces: list[Joined] = []
    for index, text in enumerate(line.split(";")):
        pieces += _at_commas(";" if index else glue, text, in_pair=not index)
    pieces[0] = Joined(glue, pieces[0].text)
    ends = _last_places(pieces)
    lines: list[list[str]] = []
    glues: list[str] = []
    seen: set[str] = set()
    for index, piece in enumerate(pieces):
        attribute = _attribute(piece.text)
        begins = not index or "," in piece.glue
        if not begins and _names_a_cookie(piece.text):
            begins = any(ends[name] > index for name in seen)
        if begins:
            glues.append(piece.glue)
            lines.append([piece.text])
            seen.clear()
            continue
        lines[-1].append(piece.text)
        if attribute in ATTRIBUTES:
            seen.add(attribute)
    return [Joined(glue, ";".join(texts)) for glue, texts in zip(glues, lines, strict=True)]


def _at_commas(glue: str, piece: str, *, in_pair: bool) -> list[Joined]:
    """Split what is between two semicolons at commas that begin another cookie."""
    found = []
    start = 0
    value = piece.partition("=")[2] if in_pair else ""
    for match in (_COMMA_IN_VALUE if in_pair else _COMMA).finditer(piece):
        if match[1].lower() in _NO_NAMES:
            continue
        if in_pair:
            before = piece[start : match.start()].partition("=")
            if not before[1] or "=" in before[2].rstrip("= ") or value.startswith(("{", "[", '"')):
                continue
        found.append(Joined(glue, piece[start : match.start()]))
        glue, start = match[0], match.end()
    found.append(Joined(glue, piece[start:]))
    return found


def _last_places(pieces: list[Joined]) -> dict[str, int]:
    """Return where each attribute comes for the last time."""
    return {_attribute(piece.text): index for index, piece in enumerate(pieces)}


def _attribute(text: str) -> str:
    """Return an attribute's name in lower case."""
    return text.partition("=")[0].strip(_WSP).lower()


def _names_a_cookie(text: str) -> bool:
    """Return whether a text between semicolons could be the pair of another cookie."""
    match = _PAIR.match(text)
    return match is not None and match[1].lower() not in _NO_NAMES
