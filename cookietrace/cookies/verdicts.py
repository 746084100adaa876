"""Every reason to refuse, withhold or warn about a cookie: code, kind of verdict, section, facts.

The engine reports facts. The sentences made from them are in ``cookietrace.lesson.reasons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Literal, NamedTuple, cast

import msgspec

from cookietrace.cookies.codes import Code

Where = Literal["rejected", "withheld", "missing", "warning"]
Fact = str | int | float | tuple[str, ...]
Facts = tuple[tuple[str, Fact], ...]
"""Names and values, in the order of the table."""


class Reason(NamedTuple):
    """What the engine knows about one code."""

    where: tuple[Where, ...]
    """The kinds of verdict in which the code may appear."""
    section: str
    """The section and step of -22, or the name of the later document."""
    facts: tuple[str, ...] = ()
    """The names of the facts that a finding carries, in order."""
    optional: tuple[str, ...] = ()
    """The names of facts that it may carry after these."""


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One reason or warning about one cookie: a code, and this cookie's own facts.

    Facts are raw: wire text (latin-1, shortened), numbers, and words from ``CHOICES``.
    """

    code: Code
    facts: Facts = ()

    @property
    def section(self) -> str:
        """The section and step of -22 (or the name of the later document) with the rule."""
        return TABLE[self.code].section


_LONGEST_TEXT = 60


def shortened(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return wire text as a fact carries it: up to 60 characters, or cut with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


_PREFIX_FACTS = ("cookie", "lacks", "origin", "domain", "path")

TABLE: Mapping[Code, Reason] = {
    Code.CONTROL_CHARACTER: Reason(("rejected",), "5.6 step 1", ("character", "position")),
    Code.NAME_VALUE_TOO_LARGE: Reason(("rejected",), "5.6 step 5", ("cookie", "size")),
    Code.EMPTY_COOKIE: Reason(("rejected",), "5.7 step 2"),
    Code.DOMAIN_NOT_ASCII: Reason(("rejected",), "5.7 step 8", ("domain",)),
    Code.PUBLIC_SUFFIX_DOMAIN: Reason(("rejected",), "5.7 step 9", ("domain", "host")),
    Code.DOMAIN_MISMATCH: Reason(
        ("rejected",), "5.7 step 10", ("domain", "host", "remedy", "meant")
    ),
    Code.SECURE_FROM_INSECURE: Reason(("rejected",), "5.7 step 13", ("cookie", "origin")),
    Code.HTTP_ONLY_FROM_SCRIPT: Reason(("rejected",), "5.7 step 15", ("cookie",)),
    Code.WOULD_OVERWRITE_SECURE: Reason(
        ("rejected",), "5.7 step 16", ("cookie", "origin", "domain", "path")
    ),
    Code.SAME_SITE_FROM_CROSS_SITE: Reason(
        ("rejected",), "5.7 step 18", ("cookie", "same_site", "host")
    ),
    Code.SAME_SITE_NONE_INSECURE: Reason(("rejected",), "5.7 step 19", ("cookie",)),
    Code.PREFIX_SECURE: Reason(("rejected",), "5.7 step 20", _PREFIX_FACTS),
    Code.PREFIX_HOST: Reason(("rejected",), "5.7 step 21", _PREFIX_FACTS),
    Code.PREFIX_NAMELESS: Reason(("rejected",), "5.7 step 22", ("prefix",)),
    Code.PREFIX_HTTP: Reason(("rejected",), "layered-cookies, Store a Cookie", _PREFIX_FACTS),
    Code.PREFIX_HOST_HTTP: Reason(("rejected",), "layered-cookies, Store a Cookie", _PREFIX_FACTS),
    Code.WOULD_OVERWRITE_HTTP_ONLY: Reason(("rejected",), "5.7 step 23", ("cookie",)),
    Code.PARTITIONED_INSECURE: Reason(("rejected",), "CHIPS", ("cookie",)),
    Code.CLIENT_POLICY: Reason(("rejected", "withheld"), "5.7 step 1", ("cookie", "policy")),
    Code.OTHER_HOST: Reason(("withheld",), "5.8.3 step 3", ("cookie", "domain", "host")),
    Code.HOST_ONLY: Reason(("withheld",), "5.8.3 step 3", ("cookie", "domain", "host")),
    Code.PATH_MISMATCH: Reason(("withheld",), "5.8.3 step 3", ("cookie", "path", "request_path")),
    Code.SECURE_OVER_INSECURE: Reason(("withheld",), "5.8.3 step 3", ("cookie", "origin")),
    Code.SAME_SITE_STRICT: Reason(("withheld",), "5.8.3 step 3", ("cookie",), ("cause",)),
    Code.SAME_SITE_LAX: Reason(("withheld",), "5.8.3 step 3", ("cookie", "request")),
    Code.SAME_SITE_LAX_DEFAULT: Reason(("withheld",), "5.8.3 step 3", ("cookie", "request")),
    Code.EXPIRED: Reason(("withheld",), "5.8.3 step 3", ("cookie", "seconds")),
    Code.PARTITION_MISMATCH: Reason(
        ("withheld",), "5.8.3 step 3", ("cookie", "partition", "request_partition")
    ),
    Code.WITHOUT_CREDENTIALS: Reason(("withheld",), "5.8.3 step 3", ("cookie",)),
    Code.NOT_SENT_BY_CLIENT: Reason(("missing",), "5.8.3", ("cookie",)),
    Code.ATTRIBUTE_TOO_LONG: Reason(("warning",), "5.6, attributes step 6", ("attribute", "size")),
    Code.ATTRIBUTE_UNKNOWN: Reason(("warning",), "5.6, attributes step 7", ("attribute",)),
    Code.ATTRIBUTE_DUPLICATE: Reason(("warning",), "5.7", ("attribute",)),
    Code.EXPIRES_UNPARSABLE: Reason(("warning",), "5.6.1 step 2", ("text",)),
    Code.MAX_AGE_UNPARSABLE: Reason(("warning",), "5.6.2", ("text",)),
    Code.LIFETIME_CAPPED: Reason(("warning",), "5.5", ("cookie", "seconds", "cap")),
    Code.SAME_SITE_UNRECOGNISED: Reason(("warning",), "5.6.7", ("text",)),
    Code.SAME_SITE_DEFAULTED: Reason(("warning",), "5.6.7", ("cookie", "treated_as")),
    Code.SAME_SITE_UNKNOWN: Reason(("warning",), "5.7 step 18", ("cookie", "same_site")),
    Code.SAME_SITE_MISREAD: Reason(("warning",), "5.6.7", ("cookie", "taken_as")),
    Code.SHADOWS_OTHER_COOKIE: Reason(
        ("warning",),
        "5.8.3 step 4",
        ("cookie", "domain", "path", "partition", "other_domain", "other_path", "other_partition"),
    ),
    Code.BORN_EXPIRED: Reason(
        ("warning",), "5.7 step 23", ("cookie", "seconds", "clock", "offset")
    ),
    Code.LINES_JOINED: Reason(("warning",), "5.6", ("separator", "others", "lifetime")),
    Code.LINE_MISWRITTEN: Reason(("warning",), "5.6", ("mistake", "attribute")),
}

CHOICES: Mapping[str, frozenset[str]] = {
    "policy": frozenset(
        {
            "third-party-blocked",
            "third-party-seems-blocked",
            "third-party-if-frame",
            "storage-access-none",
            "storage-access-inactive",
            "storage-access-active",
            "no-credentials",
            "nameless-equals",
            "empty-name",
            "same-site-none-unknown",
            "site-full",
            "response-dropped",
            "clear-site-data",
            "informational",
        }
    ),
    "remedy": frozenset({"valid-host", "write-domain", "common-parent", "no-host", "send-from"}),
    "same_site": frozenset({"strict", "lax", "default"}),
    "request": frozenset({"unsafe-navigation", "subresource", "redirected"}),
    "cause": frozenset({"initiator", "redirect"}),
    "treated_as": frozenset({"lax", "none"}),
    "taken_as": frozenset({"nothing", "strict"}),
    "clock": frozenset({"unknown", "right", "behind", "ahead"}),
    "separator": frozenset({"comma", "semicolon", "newline"}),
    "lifetime": frozenset({"own", "other"}),
    "mistake": frozenset(
        {
            "header-name",
            "quotes",
            "json",
            "colon",
            "value-cut",
            "flag-value",
            "attribute-colon",
            "misspelt",
            "no-semicolon",
        }
    ),
    "lacks": frozenset(
        {
            "Secure",
            "secure-connection",
            "HttpOnly",
            "no-Domain",
            "Path",
            "Path=/",
            "Path-with-slash",
        }
    ),
}
"""The facts with a fixed set of words, and these words.

``lacks`` is a list of them: what the prefix of the name requires and the line does not have.
All other facts are text, except for the numbers and lists below.
"""
_LISTS = frozenset({"lacks", "others"})
_WHOLE = frozenset({"character", "position", "size"})
_SECONDS = frozenset({"seconds", "cap", "offset"})


def checked_finding(code: str, facts: Mapping[str, object], where: Where) -> Finding:
    """Return a finding read from a file, with its facts in the order of the table.

    Facts that the code does not have are left out. Raises ``ValueError`` with a short
    message if the code does not exist or is not allowed in the kind of verdict ``where``, or if
    a fact is missing or invalid.
    """
    try:
        known = Code(code)
    except ValueError:
        raise ValueError(f"there is no reason {shortened(code)!r}") from None
    reason = TABLE[known]
    if where not in reason.where:
        raise ValueError(f"{code} is not a reason for {where}")
    names = reason.facts + tuple(name for name in reason.optional if name in facts)
    for name in names:
        if name not in facts:
            raise ValueError(f"{code} lacks its fact {name!r}")
        if not _is_fact(name, facts[name]):
            raise ValueError(f"the fact {name!r} of {code} is not valid")
    return Finding(known, tuple((name, _frozen(facts[name])) for name in names))


def _is_fact(name: str, value: object) -> bool:
    """Return whether a value is valid for the fact of that name."""
    if name in _LISTS:
        return isinstance(value, list | tuple) and all(
            isinstance(word, str) and word in CHOICES.get(name, (word,)) for word in value
        )
    if name in _WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    if name in _SECONDS:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return isinstance(value, str) and (name not in CHOICES or value in CHOICES[name])


def _frozen(value: object) -> Fact:
    return tuple(value) if isinstance(value, list) else cast("Fact", value)
