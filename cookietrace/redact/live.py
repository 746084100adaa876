"""Redaction of what is published while it is recorded, when later secrets are not known yet.

An export learns every secret of a capture before it replaces any. What is published at once
cannot wait, and a cookie that comes later could show that a text which is out already was a secret.
So only what a reader needs is let through, and only in a form that hides nothing: names, hosts,
words, small numbers, and the fields whose content is known. Everything else becomes a token or
stays at home: bodies, the source and the locals of the witness, the values of parameters in URLs,
and the content of fields that are not known. Words that are known to be secrets are replaced too.

Equal values get the tokens that an export gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import msgspec

from cookietrace.events import Body, Event, Headers, Server
from cookietrace.lesson.needed import is_page_word
from cookietrace.redact import fields
from cookietrace.redact.parts import SHORTEST, Kind, parts
from cookietrace.redact.redactor import Redactor
from cookietrace.redact.spellings import readings
from cookietrace.secret_names import TABLE_ONLY, Names

_MOST_VALUES = 200_000
"""How many values are known as such at a time: the latest. The token of any value is the same."""

_MOST_TEXTS = 100_000
_LONGEST_TEXT = 1000
_MOST_WORDS = 1000
_SHORTEST_PADDED = 10

_LONGEST_WORD = 48
_LONGEST_NUMBER = 5
_MOST_DIGITS = 8
_PIECE = re.compile(r"[^\s/;,:=&?#()<>\[\]{}\"'|@+*!$]+")
"""What stands between the separators of URLs, header fields and sentences."""
_CHARACTERS = re.compile(r"[A-Za-z0-9._~-]+")
_JOINS = re.compile(r"[._~-]+")
_PART = re.compile(r"([A-Za-z]*)([0-9]*)([A-Za-z]*)")
_LETTERS = re.compile(r"[A-Z]{0,8}[a-z]*(?:[A-Z][a-z]+)*[A-Z]{0,2}")
"""Letters as words and names have them, also in camel case; not as Base64 has them."""
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One word of those that are joined in camel case."""
_UNSPOKEN = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
_HEX_LETTERS = re.compile(r"[a-fA-F]{8,}")
_MOST_SHORT_HUMPS = 2
_NUMBERS = re.compile(r"[0-9]{1,12}(?:[.:-][0-9]{1,12})*")

_URL = re.compile(r"(\s*(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:)?//)(?:([^/?#]*)@)?([^/?#\s]*)")
"""A URL up to its path; as in browsers, a user and a password end at the last @ before that."""
_ASSIGNED = re.compile(r"=[\s\"'({\[<]*\Z")
"""What stands right before the value of an assignment."""
_BEFORE_VALUES = frozenset("= \t\n\"'({[<")
_FAR = 64
_REFRESH = re.compile(
    r"(\s*[0-9.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?)(.*)", re.IGNORECASE | re.DOTALL
)
_ADDRESS_FIELDS = frozenset(
    {"access-control-allow-origin", "content-location", "location", "origin", "referer"}
)
_KNOWN_FIELDS = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-private-network",
        "access-control-expose-headers",
        "access-control-max-age",
        "access-control-request-headers",
        "access-control-request-method",
        "age",
        "allow",
        "cache-control",
        "clear-site-data",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "dnt",
        "expires",
        "host",
        "keep-alive",
        "last-modified",
        "permissions-policy",
        "pragma",
        "priority",
        "proxy-connection",
        "range",
        "referrer-policy",
        "retry-after",
        "save-data",
        "sec-gpc",
        "sec-purpose",
        "sec-websocket-extensions",
        "sec-websocket-version",
        "server",
        "strict-transport-security",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "upgrade-insecure-requests",
        "user-agent",
        "vary",
        "via",
        "x-content-type-options",
        "x-forwarded-proto",
        "x-frame-options",
        "x-requested-with",
    }
)
"""Fields whose words and numbers are let through."""
_NAMED_FIELDS = _KNOWN_FIELDS | _ADDRESS_FIELDS | {"cookie", "set-cookie", "authorization"}
_KNOWN_PREFIXES = ("sec-ch-", "sec-fetch-")
"""How others of them begin; apps put tokens into ``sec-websocket-protocol``."""


class LiveRedactor(Redactor):
    """Replaces what may be a secret in one event after the other.

    What became of a text stays the same, so that what is published later of an exchange fits.
    """

    def __init__(self, key: bytes, names: Names = TABLE_ONLY) -> None:
        super().__init__(key, names)
        self.__dict__["_tokens"] = {}  # grows; an export makes it once, of all values
        self.__dict__["_has_short"] = True
        self._folded: set[str] = set()
        """The values and their parts that are searched for, in lower case."""
        self._words: dict[str, None] = {}
        """Those of them that look like words, and may be a part of one."""
        self._known_hosts: set[str] = set()
        """The hosts that were asked, and the domains that they are in."""
        self._plain_texts: dict[str, str] = {}
        self._known_names: dict[str, str] = {}
        self._field_names: dict[str, str] = {}
        self._valued: set[str] = set()
        """The names that were met with a value."""

    # --- learning

    def _learn(self, event: Event) -> None:
        if isinstance(event, Body):
            return
        if isinstance(event, Server):
            event = msgspec.structs.replace(event, source=None, locals=(), error=None)
        super()._learn(event)

    def _learn_fields(self, headers: Headers, url: str | None = None) -> None:
        if url is not None:
            host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
            host = host.partition("?")[0].partition("#")[0]
            host = host if host.startswith("[") else host.partition(":")[0]
            if host not in self._known_hosts and len(self._known_hosts) < _MOST_TEXTS:
                labels = host.split(".")
                self._known_hosts.update(".".join(labels[at:]) for at in range(len(labels)))
        super()._learn_fields(headers, url)

    def _learn_header(self, written: str, field: str) -> None:
        super()._learn_header(written, field)
        if "=" not in field or written.lower() not in ("cookie", "set-cookie"):
            return
        pairs = field.split(";") if len(written) == len("cookie") else (field.partition(";")[0],)
        for pair in pairs:
            before, equals, value = pair.partition("=")
            name = before.strip(" \t")
            if value.strip(" \t="):
                if len(self._valued) < _MOST_TEXTS:
                    self._valued.add(name)
            elif equals and name not in self._valued and _is_padded(name):
                self._take_for_value(name)

    def _take_for_value(self, name: str) -> None:
        """Remember that a name without a value is none, unless a value was met with it."""
        if name not in self._known_names and len(self._known_names) < _MOST_TEXTS:
            self._learn_values([name])
            self._known_names[name] = self.value(name)

    def _learn_values(self, values: Iterable[str]) -> None:
        for value in values:
            if value in self._values:
                continue
            self._values[value] = None
            token = self._tokens[value] = self._token(value)
            for reading in readings(value):
                self._tokens.setdefault(reading, token)
                self._search_for(reading)
            for part, kind in parts(value).items():
                if kind is Kind.ANYWHERE:
                    self._search_for(part)
            if len(self._values) > _MOST_VALUES:
                oldest = next(iter(self._values))
                del self._values[oldest]
                for reading in readings(oldest):
                    self._tokens.pop(reading, None)
                    self._folded.discard(reading.lower())
                for part in parts(oldest):
                    self._folded.discard(part.lower())

    def _search_for(self, secret: str) -> None:
        lower = secret.lower()
        if len(secret) < SHORTEST or lower in self._folded or is_page_word(secret):
            return
        self._folded.add(lower)
        if _is_word(secret) and len(self._words) < _MOST_WORDS:
            self._words[lower] = None

    # --- replacing

    def event(self, event: Event) -> Event | None:
        """Return the event as it may be published; None if it stays at home."""
        self._learn(event)
        return self.replaced(event)

    def replaced(self, event: Event) -> Event | None:
        """Return the same of an event that ``learn`` has seen."""
        if isinstance(event, Body):
            return None
        if isinstance(event, Server):
            event = msgspec.structs.replace(event, source=None, locals=())
            if event.error is not None:
                kind = self.text(event.error.kind)
                error = msgspec.structs.replace(event.error, kind=kind, message="")
                event = msgspec.structs.replace(event, error=error)
            event = msgspec.structs.replace(
                event,
                file=None if event.file is None else self.text(event.file),
                function=None if event.function is None else self.text(event.function),
                dropped=tuple(map(self.text, event.dropped)),
            )
        return super().event(event)

    def name(self, name: str) -> str:
        """Return a cookie's name; the token for it if it is a value that was set without one."""
        known = self._known_names.get(name)
        if known is None:
            known = super().name(name)
            if len(self._known_names) < _MOST_TEXTS:
                self._known_names[name] = known
        return known

    def set_cookie(self, field: str) -> str:
        """Return the value of a Set-Cookie field with a token for the cookie's value."""
        name, equals, rest = super().set_cookie(field).partition("=")
        bare = name.strip(" \t")
        if equals and ";" not in name and bare:
            name = name.replace(bare, self.name(bare))
        return name + equals + rest

    def text(self, text: str, *, cut: bool = False) -> str:  # noqa: ARG002 - as in an export
        """Return a text in which only words, names and small numbers are left."""
        known = self._plain_texts.get(text)
        if known is None:
            known = _PIECE.sub(lambda match: self._piece(match, text), text)
            if len(self._plain_texts) < _MOST_TEXTS and len(text) <= _LONGEST_TEXT:
                self._plain_texts[text] = known
        return known

    def running(self, text: str, *, cut: bool = False) -> str:
        """Return a text as ``text`` does."""
        return self.text(text, cut=cut)

    def field(self, text: str, *, cut: bool = False) -> str:  # noqa: ARG002 - as in an export
        """Return a URL, relative or not, in which the value of each parameter is replaced."""
        found = _URL.match(text)
        if found is None:
            return self._target(text)
        user = "" if found[2] is None else f"{self.value(found[2])}@"
        return f"{found[1]}{user}{self._host(found[3])}{self._target(text[found.end() :])}"

    def _host(self, host: str) -> str:
        """Return a host and its port."""
        name, _, port = host.lower().rpartition(":")
        if host.lower() in self._known_hosts or (port.isdigit() and name in self._known_hosts):
            return host
        return self.text(host)

    def _target(self, target: str) -> str:
        """Return the path and the query of a URL."""
        rest, hash_, fragment = target.partition("#")
        path, mark, query = rest.partition("?")
        pairs = [self._parameter(pair) for pair in query.split("&")]
        return self.text(path) + mark + "&".join(pairs) + hash_ + self.value(fragment)

    def _parameter(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if not equals:
            return self.text(pair)
        if "%" in value or "+" in value:
            value = unquote_to_bytes(value.replace("+", " ")).decode("latin-1")
        return self.text(name) + equals + self.value(value)

    def place(self, text: str, *, cut: bool = False) -> str:
        """Return a Domain or Path."""
        if text.lower().removeprefix(".") in self._known_hosts:
            return text
        if fields.is_place(text) or self._exact(text) is None:
            return self.text(text, cut=cut)
        return self.value(text)

    def _headers(self, headers: Headers) -> Headers:
        return tuple(
            (self._field_name(name), self._field(name.lower(), field)) for name, field in headers
        )

    def _field_name(self, name: str) -> str:
        """Return the name of a header field; the token for it if it is no name, but a value."""
        known = self._field_names.get(name)
        if known is None:
            lower = name.lower()
            stays = lower in _NAMED_FIELDS or (_is_word(name) and lower not in self._folded)
            known = name if stays else self._token(name)
            if len(self._field_names) < _MOST_TEXTS:
                self._field_names[name] = known
        return known

    def _field(self, name: str, field: str) -> str:
        if name in ("cookie", "set-cookie"):
            return super()._field(name, field)
        if secret := self._named_places.field_secret(name, field):
            start = field.rindex(secret)
            before, after = field[:start], field[start + len(secret) :]
            return self.text(before) + self.value(secret) + self.text(after)
        if name in _ADDRESS_FIELDS:
            return self.field(field)
        if name == "refresh" and (found := _REFRESH.fullmatch(field)):
            return found[1] + self.field(found[2])
        if name == "www-authenticate":  # the schemes and the names of their parameters stay
            return self.text(field)
        if name in _KNOWN_FIELDS or name.startswith(_KNOWN_PREFIXES):
            return self._known_field(field)
        return self.value(field.strip(" \t"))

    def _known_field(self, field: str) -> str:
        """Return the content of a known field; numbers in it may be longer."""
        known = self._plain_texts.get(f"\0{field}")
        if known is None:
            known = _PIECE.sub(self._known_piece, field)
            if len(self._plain_texts) < _MOST_TEXTS and len(field) <= _LONGEST_TEXT:
                self._plain_texts[f"\0{field}"] = known
        return known

    def _known_piece(self, match: re.Match[str]) -> str:
        piece = match[0]
        if _NUMBERS.fullmatch(piece) and not self._is_secret(piece):
            return piece
        return self._let_through(piece)

    def _piece(self, match: re.Match[str], text: str) -> str:
        """Return a piece of a text; what an equals sign assigns is a value."""
        start = match.start()
        if (
            start
            and text[start - 1] in _BEFORE_VALUES
            and _ASSIGNED.search(text, max(0, start - _FAR), start)
        ):
            return self.value(match[0])
        return self._let_through(match[0])

    def _let_through(self, piece: str) -> str:
        """Return a piece if it is a name, a word or a small number and no secret, or its token."""
        if piece.lower() in self._known_hosts and "." in piece:
            return piece
        if not any(map(str.isalnum, piece)) or (_is_word(piece) and not self._is_secret(piece)):
            return piece
        return self._exact(piece) or self._token(piece)

    def _is_secret(self, piece: str) -> bool:
        """Return whether a piece is a known secret, or holds one."""
        lower = piece.lower()
        if len(piece) < SHORTEST:
            return False
        return (
            lower in self._folded
            or any(part in self._folded for part in _JOINS.split(lower))
            or any(word in lower for word in self._words)
        )


def _is_word(piece: str) -> bool:
    """Return whether a piece is made of words and small numbers, such as ``page-2.html``."""
    if len(piece) > _LONGEST_WORD or not _CHARACTERS.fullmatch(piece):
        return False
    digits = 0
    for part in _JOINS.split(piece):
        found = _PART.fullmatch(part)
        if found is None or len(found[2]) > _LONGEST_NUMBER:
            return False
        digits += len(found[2])
        letters = found[1] + found[3]
        if letters and len(found[2]) > 3:
            return False
        if not (_is_spoken(found[1]) and _is_spoken(found[3])):
            return False
    return digits <= _MOST_DIGITS


def _is_padded(name: str) -> bool:
    """Return whether what stands before equals signs alone may be Base64, which they pad."""
    return len(name) >= _SHORTEST_PADDED and not _is_word(name)


def _is_spoken(letters: str) -> bool:
    """Return whether letters can be a word or a few in camel case, rather than chosen at random."""
    if not _LETTERS.fullmatch(letters) or _HEX_LETTERS.fullmatch(letters):
        return False
    humps = _HUMP.findall(letters)
    short = sum(len(hump) <= 2 for hump in humps)
    return short <= _MOST_SHORT_HUMPS and not any(map(_UNSPOKEN.search, humps))
