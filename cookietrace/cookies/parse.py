"""Parse Set-Cookie lines (-22 5.6) and Cookie headers; nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

import msgspec

from cookietrace.cookies.chromium_dates import parse_chromium_date
from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Priority, SameSite
from cookietrace.cookies.dates import parse_cookie_date
from cookietrace.cookies.firefox_dates import parse_firefox_date
from cookietrace.cookies.joined import MAY_BE_JOINED, split_joined
from cookietrace.cookies.mistakes import ENDS_VALUE, mistake_in_attribute, mistake_in_pair
from cookietrace.cookies.verdicts import Facts, Finding, shortened

LARGEST_PAIR = 4096
"""The maximum length of name and value together, in bytes (step 5)."""
LONGEST_ATTRIBUTE = 1024
"""The maximum length of an attribute's value, in bytes (attributes, step 6)."""
MOST_OTHERS = 8
"""How many cookies that were joined to a line a finding names at most."""
_LARGEST_MAX_AGE = 10**12
_OPENERS = frozenset('{["')
_UNKNOWN = Code.ATTRIBUTE_UNKNOWN
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SIGNED_SECONDS = re.compile(r"[+-]?[0-9]+\Z")
_SECONDS = re.compile(r"[0-9]+\Z")
_WSP = " \t"
_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_LONGEST_CACHED = 256
_SAME_SITE = {
    "strict": SameSite.STRICT,
    "lax": SameSite.LAX,
    "none": SameSite.NONE,
}
_PRIORITIES = {priority.value: priority for priority in Priority}


class Attributes(msgspec.Struct, frozen=True, gc=False):
    """The attributes of a Set-Cookie line, parsed by 5.6.1 to 5.6.7."""

    domain: str | None = None
    """The last Domain in lower case, without its leading dot; None if there was none."""
    dot_domain: bool = False
    """Whether that Domain was a single dot."""
    path: str | None = None
    """The last Path; None if the default-path applies."""
    has_path: bool = False
    """Whether there was a Path attribute at all."""
    max_age: int | None = None
    """Seconds, from the last valid Max-Age, limited to 10**12 either way."""
    expires: float | None = None
    """Unix time, from the last valid Expires."""
    chromium_max_age: int | None = None
    """The last Max-Age, a leading plus sign allowed; None if it is not valid."""
    chromium_expires: float | None = None
    """The last Expires, any year allowed; None if it is not valid."""
    firefox_max_age: int | None = None
    """The last Max-Age, negative if it begins with a minus sign; None if it is not valid."""
    firefox_expires: float | None = None
    """The last Expires, as Firefox reads a date; None if it is not valid."""
    secure: bool = False
    http_only: bool = False
    same_site: SameSite = SameSite.DEFAULT
    has_same_site: bool = False
    partitioned: bool = False
    priority: Priority | None = None
    """The value of Chromium's Priority attribute; None if there was none."""
    warnings: tuple[Finding, ...] = ()
    may_be_joined: bool = False
    """Whether the attributes look as if they held another cookie."""


class ParsedCookie(msgspec.Struct, frozen=True, gc=False):
    """One Set-Cookie line, before any rule of the storage model (5.6)."""

    name: str
    value: str
    attributes: Attributes = Attributes()
    reasons: tuple[Finding, ...] = ()
    """Why the whole line is ignored; empty if it is not."""
    bare: bool = False
    """Whether there is no equals sign before the first semicolon, so that the text is a value."""
    inner_tab: int = 0
    """The position, from 1, of a tab inside a name, a value or an attribute; 0 for none."""
    warnings: tuple[Finding, ...] = ()
    """Warnings about the line and its attributes."""

    @property
    def domain(self) -> str | None:
        """The last Domain; None if there was none."""
        return self.attributes.domain

    @property
    def path(self) -> str | None:
        """The last Path; None if the default-path applies."""
        return self.attributes.path

    @property
    def max_age(self) -> int | None:
        """Seconds, from the last valid Max-Age."""
        return self.attributes.max_age

    @property
    def expires(self) -> float | None:
        """Unix time, from the last valid Expires."""
        return self.attributes.expires

    @property
    def secure(self) -> bool:
        """Whether there was a Secure attribute."""
        return self.attributes.secure

    @property
    def http_only(self) -> bool:
        """Whether there was an HttpOnly attribute."""
        return self.attributes.http_only

    @property
    def same_site(self) -> SameSite:
        """The last SameSite."""
        return self.attributes.same_site


_NO_ATTRIBUTES = Attributes()


def parse_set_cookie(line: str) -> ParsedCookie:
    """Parse the value of one Set-Cookie header (5.6).

    Accepts any text, never raises, and takes time linear in its length. A line
    that must be ignored still has its name and value, and every reason to ignore
    it, in the order of the steps.
    """
    pair, separator, rest = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", name
    name, value = name.strip(_WSP), value.strip(_WSP)
    attributes = read_attributes(rest) if separator else _NO_ATTRIBUTES
    printable = line.isprintable()
    warnings = attributes.warnings
    if attributes.may_be_joined or ", " in value or not printable:
        warnings = _of_joined(line, attributes)
    if not name or value[:1] in _OPENERS or name[0] in _OPENERS or ":" in name:
        warnings = _of_pair(line, name, value, warnings)
    if printable and len(name) + len(value) <= LARGEST_PAIR:
        return ParsedCookie(name, value, attributes, (), not equals, 0, warnings)
    reasons = _refusals(line, name, value)
    return ParsedCookie(name, value, attributes, reasons, not equals, _inner_tab(line), warnings)


def _of_pair(
    line: str, name: str, value: str, warnings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Return the warnings with a mistake in the pair before them."""
    mistake = mistake_in_pair(line, name, value)
    if mistake is None:
        return warnings
    if dict(mistake.facts)["mistake"] in ENDS_VALUE:
        warnings = tuple([found for found in warnings if found.code is not _UNKNOWN])
    return (mistake, *warnings)


def _of_joined(line: str, attributes: Attributes) -> tuple[Finding, ...]:
    """Return the warnings about a line that may consist of several.

    If it does, those about its attributes give way to those about the first line's: what
    follows is no attribute.
    """
    first, *others = split_joined(line)
    if not others:
        return attributes.warnings
    own = read_attributes(first.text.partition(";")[2])
    lifetime = (attributes.chromium_max_age, attributes.chromium_expires)
    kept = lifetime == (own.chromium_max_age, own.chromium_expires)
    facts: Facts = (
        ("separator", others[0].separator),
        ("others", tuple(shortened(other.name) for other in others[:MOST_OTHERS])),
        ("lifetime", "own" if kept else "other"),
    )
    return (Finding(Code.LINES_JOINED, facts), *own.warnings)


def _refusals(line: str, name: str, value: str) -> tuple[Finding, ...]:
    """Steps 1 and 5: a control character anywhere, or more than 4096 bytes."""
    reasons = []
    control = _CONTROL.search(line)
    if control is not None:
        facts = (("character", ord(control[0])), ("position", control.start() + 1))
        reasons.append(Finding(Code.CONTROL_CHARACTER, facts))
    size = len(name) + len(value)
    if size > LARGEST_PAIR:
        too_large = (("cookie", shortened(name)), ("size", size))
        reasons.append(Finding(Code.NAME_VALUE_TOO_LARGE, too_large))
    return tuple(reasons)


def _inner_tab(line: str) -> int:
    """Return the position, from 1, of the first tab that step 4 does not strip; 0 for none."""
    if "\t" not in line:
        return 0
    begin = 1
    for piece in line.split(";"):
        name, _, value = piece.partition("=")
        for token, at in ((name, begin), (value, begin + len(name) + 1)):
            found = token.strip(_WSP).find("\t")
            if found >= 0:
                return at + len(token) - len(token.lstrip(_WSP)) + found
        begin += len(piece) + 1
    return 0


def read_attributes(unparsed: str) -> Attributes:
    """Read what follows the first semicolon (5.6, attributes, steps 1 to 8).

    Applications send the same attributes again and again, so short ones are cached.
    """
    return _cached(unparsed) if len(unparsed) <= _LONGEST_CACHED else _read_all(unparsed)


def _read_all(unparsed: str) -> Attributes:
    """Read every attribute in order. The last one of each kind counts."""
    values: dict[str, object] = {}
    warnings: list[Finding] = []
    seen: dict[str, int] = {}
    unnamed = False
    for text in unparsed.split(";"):
        written, equals, value = text.partition("=")
        written = written.strip(_WSP)
        name = written.lower()
        value = value.strip(_WSP)
        times = seen[name] = seen.get(name, 0) + 1
        reader = _READERS.get(name)
        mistake = mistake_in_attribute(written, value)
        if reader is None:
            unnamed = unnamed or bool(name and equals)
            if times == 1 and (name or value):
                unknown = ("attribute", shortened(written or text))
                warnings.append(mistake or Finding(Code.ATTRIBUTE_UNKNOWN, (unknown,)))
            continue
        if times == 2:
            warnings.append(Finding(Code.ATTRIBUTE_DUPLICATE, (("attribute", written),)))
        if len(value) > LONGEST_ATTRIBUTE:
            facts = (("attribute", written), ("size", len(value)))
            warnings.append(Finding(Code.ATTRIBUTE_TOO_LONG, facts))
            continue
        warning = reader(value, values)
        if mistake is not None:
            warnings.append(mistake)
        elif warning is not None:
            warnings.append(Finding(warning, (("text", shortened(value)),)))
    joined = unnamed or MAY_BE_JOINED.search(unparsed) is not None
    every = {**values, "warnings": tuple(warnings), "may_be_joined": joined}
    return msgspec.convert(every, Attributes)


_cached = lru_cache(maxsize=1024)(_read_all)


def _expires(value: str, values: dict[str, object]) -> Code | None:
    """5.6.1: a date that cannot be parsed is ignored."""
    values["chromium_expires"] = parse_chromium_date(value)
    values["firefox_expires"] = parse_firefox_date(value)
    moment = parse_cookie_date(value)
    if moment is None:
        return Code.EXPIRES_UNPARSABLE
    values["expires"] = moment
    return None


def _max_age(value: str, values: dict[str, object]) -> Code | None:
    """5.6.2: digits, or a minus sign and digits; anything else is ignored."""
    values["chromium_max_age"] = None
    values["firefox_max_age"] = _firefox_max_age(value)
    if not _SIGNED_SECONDS.match(value):
        return Code.MAX_AGE_UNPARSABLE
    seconds = max(-_LARGEST_MAX_AGE, min(int(value), _LARGEST_MAX_AGE))
    values["chromium_max_age"] = seconds
    if value.startswith("+"):
        return Code.MAX_AGE_UNPARSABLE
    values["max_age"] = seconds
    return None


def _firefox_max_age(value: str) -> int | None:
    """Return a Max-Age as Firefox reads it: after a minus sign anything is in the past."""
    if value.startswith("-"):
        return -1
    return min(int(value), _LARGEST_MAX_AGE) if _SECONDS.match(value) else None


def _domain(value: str, values: dict[str, object]) -> None:
    """5.6.3: one leading dot is dropped, and ASCII letters become lower case."""
    values["dot_domain"] = value == "."
    values["domain"] = value.removeprefix(".").translate(_ASCII_LOWER)


def _path(value: str, values: dict[str, object]) -> None:
    """5.6.4: a value that does not start with a slash means the default-path."""
    values["has_path"] = True
    values["path"] = value if value.startswith("/") else None


def _secure(_value: str, values: dict[str, object]) -> None:
    """5.6.5: the value is ignored."""
    values["secure"] = True


def _http_only(_value: str, values: dict[str, object]) -> None:
    """5.6.6: the value is ignored."""
    values["http_only"] = True


def _same_site(value: str, values: dict[str, object]) -> Code | None:
    """5.6.7: Strict, Lax or None in any case; anything else means the default."""
    flag = _SAME_SITE.get(value.lower())
    values["same_site"] = flag or SameSite.DEFAULT
    values["has_same_site"] = True
    return Code.SAME_SITE_UNRECOGNISED if flag is None else None


def _partitioned(_value: str, values: dict[str, object]) -> None:
    """CHIPS: the value is ignored; the profile decides whether the attribute counts."""
    values["partitioned"] = True


def _priority(value: str, values: dict[str, object]) -> None:
    """Chromium only: Low, Medium or High in any case; the profile decides whether it counts."""
    values["priority"] = _PRIORITIES.get(value.lower(), Priority.MEDIUM)


_READERS: Mapping[str, Callable[[str, dict[str, object]], Code | None]] = {
    "expires": _expires,
    "max-age": _max_age,
    "domain": _domain,
    "path": _path,
    "secure": _secure,
    "httponly": _http_only,
    "samesite": _same_site,
    "partitioned": _partitioned,
    "priority": _priority,
}


def parse_cookie_header(value: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a Cookie header in order; ``("", "v")`` for one without an equals sign.

    Accepts any text and never raises; nothing is decoded or unquoted.
    """
    pairs = []
    for piece in value.split(";"):
        text = piece.strip(_WSP)
        if not text:
            continue
        name, equals, rest = text.partition("=")
        pairs.append((name.strip(_WSP), rest.strip(_WSP)) if equals else ("", name))
    return tuple(pairs)
