"""Recognise what a person or a program wrote wrongly in a Set-Cookie line.

A browser reads every line by the letter (-22 5.6) and says nothing. Each mistake here is one that
programs really make, and that leaves a trace in the line.
"""

from __future__ import annotations

import re

from cookietrace.cookies.codes import Code
from cookietrace.cookies.joined import ATTRIBUTES
from cookietrace.cookies.verdicts import Finding

ENDS_VALUE = frozenset({"json", "value-cut"})
"""The mistakes after which what looks like an unknown attribute is a part of the value."""
_FLAGS = frozenset({"secure", "httponly", "partitioned"})
_OFF = frozenset({"false", "0", "no", "off"})
_KNOWN = "|".join(sorted(map(re.escape, ATTRIBUTES), key=len, reverse=True))
_GLUED = re.compile(
    rf"(?i)(?:,[ \t]*({_KNOWN})[ \t]*(?=[=,]|\Z)|[ \t](secure|httponly|partitioned)(?=[ \t,]|\Z)|"
    rf"[ \t]({_KNOWN})=)"
)
_COLON = re.compile(rf"(?i)({_KNOWN})[ \t]*:")
_PLAIN = {name.replace("-", ""): name for name in ATTRIBUTES}
_FIELD = re.compile(r"(?i)(?:set-)?cookie[ \t]*:")
_COLON_PAIR = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]")
_CLOSERS = {"{": "}", "[": "]", '"': '"'}


def mistake_in_attribute(written: str, value: str) -> Finding | None:
    """Return what is wrong with what stands between two semicolons; None if nothing is.

    ``written`` is what stands before the equals sign, without blanks around it, and ``value``
    what stands after it.
    """
    name = written.lower()
    if name in _FLAGS:
        if value.lower() in _OFF:
            return _mistake("flag-value", ATTRIBUTES[name])
    elif name not in ATTRIBUTES:
        colon = _COLON.match(written)
        if colon is not None:
            return _mistake("attribute-colon", ATTRIBUTES[colon[1].lower()])
        meant = _PLAIN.get(name.replace("-", "").replace("_", "").replace(" ", ""))
        if meant is not None:
            return _mistake("misspelt", ATTRIBUTES[meant])
        glued = _GLUED.search(written)
        first = written.partition(",")[0].partition(" ")[0].lower()
        if glued is None or first not in ATTRIBUTES:
            return None
        return _mistake("no-semicolon", ATTRIBUTES[glued[glued.lastindex or 0].lower()])
    if "," in value or " " in value:
        glued = _GLUED.search(value)
        if glued is not None:
            return _mistake("no-semicolon", ATTRIBUTES[glued[glued.lastindex or 0].lower()])
    return None


def mistake_in_pair(line: str, name: str, value: str) -> Finding | None:
    """Return what is wrong with the name and the value of a line; None if nothing is."""
    first = (name or value)[:1]
    if first == "S" or first == "s" or first == "C" or first == "c":
        if ":" in (name or value) and _FIELD.match(name or value):
            return _mistake("header-name")
    elif first == '"' and line.rstrip().endswith('"') and line.count('"') == 2 and name:
        return _mistake("quotes")
    elif first == "{" and line.rstrip().endswith("}"):
        return _mistake("json")
    if not name:
        return _mistake("colon") if _COLON_PAIR.match(value) else None
    closer = _CLOSERS.get(value[:1])
    if closer is None or (value.endswith(closer) and len(value) > 1):
        return None
    return _mistake("value-cut") if closer in line.partition(";")[2] else None


def _mistake(kind: str, attribute: str = "") -> Finding:
    return Finding(Code.LINE_MISWRITTEN, (("mistake", kind), ("attribute", attribute)))
