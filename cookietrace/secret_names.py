"""Names whose values are secrets, such as ``Authorization``, ``api_key`` and ``csrfToken``.

Fields, parameters, members and variables with these names are treated as cookie values are.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

import msgspec

_PARTS = (
    "access key",
    "account key",
    "api key",
    "app key",
    "assertion",
    "auth key",
    "authorization",
    "credential",
    "csrf",
    "encryption key",
    "functions key",
    "jwt",
    "master key",
    "passphrase",
    "passcode",
    "passwd",
    "password",
    "private key",
    "secret",
    "session id",
    "session key",
    "sess id",
    "shared key",
    "signing key",
    "storage key",
    "subscription key",
    "token",
    "xsrf",
)
"""A name that contains one of these is a secret's, in whatever way it is spelled."""

_WHOLE = (
    "auth",
    "auth code",
    "authentication info",
    "authorization code",
    "backup code",
    "code verifier",
    "device code",
    "login ticket",
    "mfa code",
    "oauth verifier",
    "otp",
    "otp code",
    "pass",
    "proxy authentication info",
    "pwd",
    "recovery code",
    "saml request",
    "saml response",
    "security code",
    "sms code",
    "totp",
    "two factor code",
    "user code",
    "verification code",
    "x amz signature",
    "x auth",
    "x goog signature",
    "x session",
)
"""Names that are a secret's as a whole."""

_COMMON = (
    "code",
    "code challenge",
    "nonce",
    "one time code",
    "pin",
    "relay state",
    "sid",
    "sig",
    "signature",
    "state",
)
"""Names that are a secret's in URLs and forms, and may be something else in data."""

_PARAMETERS = ("challenge", "key", "session", "ticket")
"""Names that are a secret's in URLs and forms if the value looks like one."""

_FIELDS = re.compile(r"\A(?:.*signature(?:v?\d+)?|.*hmac.*|dpop|session|x?nonce|sid)\Z")
"""Names that are a secret's in header fields too, such as that of a webhook's signature."""

CORES = (
    "token",
    "secret",
    "pass",
    "srf",
    "jwt",
    "credential",
    "assertion",
    "auth",
    "sess",
    "otp",
    "pwd",
    "key",
    "saml",
    "code",
    "state",
    "nonce",
    "pin",
    "sid",
    "sig",
    "ticket",
    "challenge",
)
"""Every name of the table contains one of these, in whatever way it is spelled."""

WORDS = frozenset({"pin", "sid", "state"})
"""Those of them that no letter follows in any name of the table."""

_NO_SECRET = re.compile(
    r"algorithm|(?<!ac)count|endpoint|enabled|errors?|expired|expires|expiresat|expiresin"
    r"|expiration|expiry|field|header|hint|label|length|lifetime|limit|message|methods?"
    r"|name|param|placeholder|policy|required|rules?|size|status|strength|supported|ttl|types?"
    r"|uri|url|version"
)
"""How names end that say something about a secret."""
_OTHER_WORDS = re.compile(r"secretar(?:y|ies|iat)|tokeni[sz]\w*")
_SEGMENT = re.compile(r"[^.$\[\]:/]+")
_REMEMBERED = 4096
_DROPPED = str.maketrans("", "", "-_ ")


class Kind(IntEnum):
    """What a name says about its value."""

    PLAIN = 0
    PARAMETER = 1
    """A secret's in a URL or form, if the value looks like one."""
    COMMON = 2
    """A secret's in a URL or form; in data, a text by this name may be one."""
    SECRET = 3
    """A secret's, wherever it is."""


class Names(msgspec.Struct, frozen=True):
    """What the user changes about the table; ``*`` stands for any characters."""

    redact: tuple[str, ...] = ()
    """More names whose values are secrets."""
    keep: tuple[str, ...] = ()
    """Names whose values are none; these have priority."""


def normal(name: str) -> str:
    """Return the form in which names are compared: ``X-Api-Key``, ``x_api_key`` and ``xApiKey``.

    These are one name. Of ``user[password]`` and ``form.password``, the last part counts.
    """
    segments = _SEGMENT.findall(name)
    last = next((each for each in reversed(segments) if not each.isdigit()), "")
    return last.lower().translate(_DROPPED)


def is_name(name: str) -> bool:
    """Return whether a name that a user gives can be a name."""
    return len(name) <= 100 and any(letter.isalnum() for letter in normal(name))


TABLE_ONLY: Final = Names()
"""No change to the table."""


class SecretNames:
    """The table, as the user changed it."""

    def __init__(self, names: Names) -> None:
        self._more = _globs(names.redact)
        self._kept = _globs(names.keep)
        self._known: dict[str, Kind] = {}
        self._fields: dict[str, bool] = {}
        self.more = re.compile("|".join(map(_source, names.redact))) if names.redact else None
        """Matches in each of the user's own names, written in lower case."""

    def kind(self, name: str) -> Kind:
        """Return what a name says about its value."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[name] = self._kind(normal(name))
        return known

    def is_field(self, name: str) -> bool:
        """Return whether a header field by this name holds nothing but a secret."""
        known = self._fields.get(name)
        if known is None:
            if len(self._fields) >= _REMEMBERED:
                self._fields.clear()
            known = self._fields[name] = self._is_field(name)
        return known

    def _is_field(self, name: str) -> bool:
        if self.kind(name) is Kind.SECRET:
            return True
        compared = normal(name)
        kept = self._kept is not None and self._kept.fullmatch(compared)
        return not kept and _FIELDS.match(compared) is not None

    def _kind(self, name: str) -> Kind:
        if not name or (self._kept is not None and self._kept.fullmatch(name)):
            return Kind.PLAIN
        if self._more is not None and self._more.fullmatch(name):
            return Kind.SECRET
        if name in _WHOLE_FORMS:
            return Kind.SECRET
        if name in _COMMON_FORMS:
            return Kind.COMMON
        if name in _PARAMETER_FORMS:
            return Kind.PARAMETER
        if not _ANY_PART.search(_OTHER_WORDS.sub("", name)):
            return Kind.PLAIN
        return Kind.PLAIN if _ENDS_PLAIN.search(name) else Kind.SECRET


def _globs(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern for the normal forms of names; None if there are no names."""
    if not names:
        return None
    return re.compile(
        "|".join(".*".join(map(re.escape, normal(name).split("*"))) for name in names)
    )


def _source(name: str) -> str:
    """Return a pattern that matches in every spelling of a name."""
    longest = max(normal(name).split("*"), key=len)
    return "[-_ ]?".join(map(re.escape, longest))


def _form(words: str) -> str:
    return words.replace(" ", "")


_WHOLE_FORMS = frozenset(map(_form, _WHOLE))
_COMMON_FORMS = frozenset(map(_form, _COMMON))
_PARAMETER_FORMS = frozenset(map(_form, _PARAMETERS))
_ANY_PART = re.compile("|".join(map(_form, _PARTS)))
_ENDS_PLAIN = re.compile(rf"(?:{_NO_SECRET.pattern})\Z")
