"""Set-Cookie line to ParsedCookie (-22 5.6), Cookie header to pairs: octets in, nothing decoded."""

from __future__ import annotations

import re

import msgspec

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Priority, SameSite
from cookietrace.cookies.dates import parse_cookie_date
from cookietrace.cookies.verdicts import Finding, cookie_label, shown

LARGEST_PAIR = 4096
"""The most octets that name and value may have together (step 5)."""
LONGEST_ATTRIBUTE = 1024
"""The most octets that an attribute's value may have (attributes, step 6)."""
_LARGEST_MAX_AGE = 10**12
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SECONDS = re.compile(r"-?[0-9]+\Z")
_INNER_TAB = re.compile(r"[^ \t;=][ ]*\t(?=[ \t]*[^ \t;=])")
_WSP = " \t"
_SAME_SITE = {
    "strict": SameSite.STRICT,
    "lax": SameSite.LAX,
    "none": SameSite.NONE,
}
_PRIORITIES = {priority.value: priority for priority in Priority}


class ParsedCookie(msgspec.Struct, frozen=True, gc=False):
    """What one Set-Cookie line says, before any rule of the storage model (5.6)."""

    name: str
    value: str
    domain: str | None = None
    """The last Domain in lower case, without its leading dot; None where there was none."""
    dot_domain: bool = False
    """Whether that Domain was a single dot."""
    path: str | None = None
    """The last Path; None where the default-path applies."""
    has_path: bool = False
    """Whether there was a Path attribute at all."""
    max_age: int | None = None
    """Seconds, as the last readable Max-Age says (bounded to what fits 64 bits)."""
    expires: float | None = None
    """Unix time, as the last readable Expires says."""
    secure: bool = False
    http_only: bool = False
    same_site: SameSite = SameSite.DEFAULT
    has_same_site: bool = False
    partitioned: bool = False
    priority: Priority = Priority.MEDIUM
    has_priority: bool = False
    inner_tab: int = 0
    """Where a tab stands inside a name, a value or an attribute, from 1; 0 where none does."""
    max_age_text: str | None = None
    """The last Max-Age, readable or not; None where there was none."""
    expires_text: str | None = None
    """The last Expires, readable or not; None where there was none."""
    reasons: tuple[Finding, ...] = ()
    """Why the line is ignored as a whole; empty for a line that goes on to be stored."""
    warnings: tuple[Finding, ...] = ()


def parse_set_cookie(line: str) -> ParsedCookie:
    """Parse the value of one Set-Cookie header (5.6).

    Takes any text, never raises, and takes time linear in its length. A line
    that is to be ignored still comes back with its name and value, and with
    every reason to ignore it, first failing first.
    """
    pair, separator, rest = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", name
    name, value = name.strip(_WSP), value.strip(_WSP)
    reasons = _refusals(line, name, value)
    inner_tab = _inner_tab(line) if "\t" in line else 0
    if not separator:
        return ParsedCookie(name, value, reasons=reasons, inner_tab=inner_tab)
    return _Attributes(rest).cookie(name, value, reasons, inner_tab)


def _refusals(line: str, name: str, value: str) -> tuple[Finding, ...]:
    """Steps 1 and 5: a control character anywhere, or more than 4096 octets."""
    control = _CONTROL.search(line)
    size = len(name) + len(value)
    if control is None and size <= LARGEST_PAIR:
        return ()
    reasons = []
    if control is not None:
        character = f"%x{ord(control[0]):02X}"
        values = (character, str(control.start() + 1))
        reasons.append(Finding(Code.CONTROL_CHARACTER, values))
    if size > LARGEST_PAIR:
        reasons.append(Finding(Code.NAME_VALUE_TOO_LARGE, (cookie_label(name), str(size))))
    return tuple(reasons)


def _inner_tab(line: str) -> int:
    """Return the position, from 1, of the first tab that step 4 does not strip; 0 for none."""
    found = _INNER_TAB.search(line)
    return 0 if found is None else found.end()


class _Attributes:
    """The attributes of one line while they are read, one method for each kind (5.6.1 to 5.6.7)."""

    __slots__ = (
        "domain", "dot_domain", "expires", "expires_text", "has_path", "has_priority",
        "has_same_site", "http_only", "max_age", "max_age_text", "partitioned", "path", "priority",
        "same_site", "secure", "seen", "warnings",
    )  # fmt: skip

    def __init__(self, unparsed: str) -> None:
        """Read every attribute in order (5.6, attributes, steps 1 to 8)."""
        self.domain: str | None = None
        self.dot_domain = False
        self.path: str | None = None
        self.has_path = False
        self.max_age: int | None = None
        self.expires: float | None = None
        self.secure = False
        self.http_only = False
        self.same_site = SameSite.DEFAULT
        self.has_same_site = False
        self.partitioned = False
        self.priority = Priority.MEDIUM
        self.has_priority = False
        self.max_age_text: str | None = None
        self.expires_text: str | None = None
        self.warnings: list[Finding] = []
        self.seen: dict[str, int] = {}
        for text in unparsed.split(";"):
            self._read(text)

    def cookie(
        self, name: str, value: str, reasons: tuple[Finding, ...], inner_tab: int
    ) -> ParsedCookie:
        """Return the cookie that these attributes belong to."""
        return ParsedCookie(
            name,
            value,
            self.domain,
            self.dot_domain,
            self.path,
            self.has_path,
            self.max_age,
            self.expires,
            self.secure,
            self.http_only,
            self.same_site,
            self.has_same_site,
            self.partitioned,
            self.priority,
            self.has_priority,
            inner_tab,
            self.max_age_text,
            self.expires_text,
            reasons,
            tuple(self.warnings),
        )

    def _read(self, text: str) -> None:
        """Take one cookie-av: split, strip, refuse what is too long, give it to its reader."""
        written, _, value = text.partition("=")
        written = written.strip(_WSP)
        name = written.lower()
        value = value.strip(_WSP)
        seen = self.seen.get(name, 0)
        self.seen[name] = seen + 1
        reader = _READERS.get(name)
        if reader is None:
            if seen == 0 and (name or value):
                self.warnings.append(Finding(Code.ATTRIBUTE_UNKNOWN, (shown(written or text),)))
            return
        if seen == 1:
            self.warnings.append(Finding(Code.ATTRIBUTE_DUPLICATE, (written,)))
        if len(value) > LONGEST_ATTRIBUTE:
            self.warnings.append(Finding(Code.ATTRIBUTE_TOO_LONG, (written, str(len(value)))))
            return
        reader(self, value)

    def _expires(self, value: str) -> None:
        """5.6.1: a date that cannot be read leaves the cookie without this attribute."""
        self.expires_text = value
        moment = parse_cookie_date(value)
        if moment is None:
            self.warnings.append(Finding(Code.EXPIRES_UNPARSABLE, (shown(value),)))
        else:
            self.expires = moment

    def _max_age(self, value: str) -> None:
        """5.6.2: digits, or a minus and digits; anything else is ignored."""
        self.max_age_text = value
        if _SECONDS.match(value):
            self.max_age = bounded(int(value))
        else:
            self.warnings.append(Finding(Code.MAX_AGE_UNPARSABLE, (shown(value),)))

    def _domain(self, value: str) -> None:
        """5.6.3: one leading dot goes, and so does the case."""
        self.dot_domain = value == "."
        self.domain = value.removeprefix(".").lower()

    def _path(self, value: str) -> None:
        """5.6.4: a value that does not start with a slash stands for the default-path."""
        self.has_path = True
        self.path = value if value.startswith("/") else None

    def _secure(self, _value: str) -> None:
        """5.6.5: whatever its value."""
        self.secure = True

    def _http_only(self, _value: str) -> None:
        """5.6.6: whatever its value."""
        self.http_only = True

    def _same_site(self, value: str) -> None:
        """5.6.7: Strict, Lax or None in any case; anything else stands for the default."""
        flag = _SAME_SITE.get(value.lower())
        if flag is None:
            self.warnings.append(Finding(Code.SAME_SITE_UNRECOGNISED, (shown(value),)))
        self.same_site = flag or SameSite.DEFAULT
        self.has_same_site = True

    def _partitioned(self, _value: str) -> None:
        """CHIPS: whatever its value; the profile says whether it counts."""
        self.partitioned = True

    def _priority(self, value: str) -> None:
        """Chromium's own: Low, Medium or High in any case; the profile says whether it counts."""
        self.priority = _PRIORITIES.get(value.lower(), Priority.MEDIUM)
        self.has_priority = True


def bounded(seconds: int) -> int:
    """Return a lifetime that still fits 64 bits, and is as endless as before."""
    return max(-_LARGEST_MAX_AGE, min(seconds, _LARGEST_MAX_AGE))


_READERS = {
    "expires": _Attributes._expires,
    "max-age": _Attributes._max_age,
    "domain": _Attributes._domain,
    "path": _Attributes._path,
    "secure": _Attributes._secure,
    "httponly": _Attributes._http_only,
    "samesite": _Attributes._same_site,
    "partitioned": _Attributes._partitioned,
    "priority": _Attributes._priority,
}


def parse_cookie_header(value: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a Cookie header in order; ``("", "v")`` where one has no equals sign.

    Takes any text, never raises; nothing is decoded or unquoted.
    """
    pairs = []
    for piece in value.split(";"):
        text = piece.strip(_WSP)
        if not text:
            continue
        name, equals, rest = text.partition("=")
        pairs.append((name.strip(_WSP), rest.strip(_WSP)) if equals else ("", name))
    return tuple(pairs)
