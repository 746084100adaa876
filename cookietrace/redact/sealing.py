"""What may be shown of events of which nobody knows yet what in them is secret.

An export learns every secret of a capture before it replaces any. What is shown while a capture
grows cannot: a body, an address or a header that is shown now may hold what a later cookie shows to
be a session. So everything that could is left out, or stands as a token: bodies, the app's source
and variables, messages of errors, the values in addresses, and those of all header fields that are
not known to be harmless. Cookie fields are left as they are, since what a browser does depends on
the values: they must be folded, and hidden by a ``Tokens`` mask wherever they are shown.

The same event always becomes the same, so an event can be read again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cookietrace.cookies.joined import ATTRIBUTES
from cookietrace.events import (
    Body,
    Browser,
    BrowserChange,
    BrowserCookie,
    Capture,
    Client,
    Edited,
    Event,
    Failure,
    Headers,
    Jar,
    Recorder,
    Request,
    Response,
    Server,
)
from cookietrace.lesson.mask import Masked
from cookietrace.lesson.refused_headers import says_so
from cookietrace.redact import fields
from cookietrace.redact.redactor import PREFIX
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import START, Batch, CaptureStore

TOO_LARGE: Final = "The header is too large."
"""Instead of a body that says so in its own words: a problem can rest on it."""

_DIGITS: Final = 10
_LONG: Final = 64
"""The shortest attribute whose length is kept: what a browser does depends on it."""

_SHORTEST: Final = 6
"""The fewest characters of a piece of a path that can be a secret."""

_WORD: Final = re.compile(r"[A-Z]?[a-z]{1,20}|[A-Z]{1,12}|[0-9]{1,4}|[vV][0-9]{1,3}")
_BETWEEN: Final = re.compile(r"[-_.~]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_.\[\]-]{0,31}")
_HOST: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?\.?(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.I
)
_METHOD: Final = re.compile(r"[A-Z]{1,16}")
_VALUE: Final = re.compile(r"[\w !#$%&'*+./:;,=?@^`|~()\"<>\[\]{}-]{0,512}", re.ASCII)

_ENDLESS: Final = re.compile(r"([0-9]{32})[0-9]+")
"""A number with so many digits that fewer mean the same."""

_ADDRESSES: Final = frozenset({"location", "referer", "content-location", "origin"})
"""Fields that hold an address."""

_HARMLESS_NAMES: Final = """
    accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc
    cache-control cache-status cf-cache-status clear-site-data connection content-encoding
    content-language content-length cross-origin-embedder-policy cross-origin-opener-policy
    cross-origin-resource-policy date dnt expires host last-modified pragma priority range
    referrer-policy retry-after sec-gpc server strict-transport-security te trailer
    transfer-encoding upgrade upgrade-insecure-requests user-agent vary via x-cache x-cache-lookup
    x-cache-status x-content-type-options x-drupal-cache x-frame-options x-nextjs-cache
    x-proxy-cache x-varnish-cache x-vercel-cache
"""
_HARMLESS: Final = frozenset(_HARMLESS_NAMES.split())
"""Fields that say how the two sides speak, and nothing of who speaks."""

_OF_ATTRIBUTES: Final = frozenset(
    {name.lower() for name in ATTRIBUTES}
    | {"strict", "lax", "none", "true", "false", "yes", "no", "on", "off", "0", "1"}
    | {"low", "medium", "high"}
)
"""The words of attributes: where they stand in a wrong place, a program wrote the line wrongly."""

_SPACED: Final = re.compile(r"[\s,:=]+")
_REASON: Final = re.compile(r"[A-Z]?[a-z]{1,16}(?:[ -][A-Z]?[a-z]{1,16}){0,5}|OK")
"""A reason phrase: words."""

_SPOKEN: Final = r"(?:[A-Z]?[a-z]{1,16}|[A-Z]{1,16})"
_SAID: Final = re.compile(rf"{_SPOKEN}(?:[ _-]{_SPOKEN}){{0,16}}")
"""What browsers say about a cookie: words, and names of reasons."""

_HARMLESS_STARTS: Final = ("access-control-", "sec-fetch-", "sec-ch-")


class Tokens(Masked):
    """A mask that shows a token instead of a value; equal values have equal ones.

    Without the key, nobody can try which value a token stands for.
    """

    def __init__(self, key: bytes, names: Names = TABLE_ONLY) -> None:
        super().__init__(names)
        self._key = key

    def __call__(self, value: str) -> str:
        """Return the token; an empty value stays empty."""
        if not value:
            return value
        digest = hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256")
        return PREFIX + digest.hex()[:_DIGITS]


class Sealer:
    """Takes out of events what could be a secret."""

    def __init__(self, token: Callable[[str], str]) -> None:
        """``token`` returns what stands instead of a text."""
        self._token = token
        self._sealers: dict[type, Callable[..., Event]] = {
            Recorder: self._recorder,
            Client: self._client,
            Request: self._request,
            Response: self._response,
            Body: self._body,
            Server: self._server,
            Failure: self._failure,
            Jar: self._jar,
            Browser: self._browser,
            Edited: self._edited,
        }

    def event(self, event: Event) -> Event:
        """Return the event without what could be a secret, apart from cookie fields."""
        seal = self._sealers.get(type(event))
        return event if seal is None else seal(event)

    # --- addresses

    def address(self, url: str) -> str:
        """Return a URL or a part of one: with its host and the words of its path.

        Other pieces of the path, the values of parameters and the fragment become tokens.
        """
        rest, hash_, fragment = url.partition("#")
        rest, mark, query = rest.partition("?")
        scheme, colon, rest = rest.partition("://") if "://" in rest else ("", "", rest)
        authority, slash, path = "", "", rest
        if colon or rest.startswith("//"):
            bare = rest.removeprefix("//")
            before = "" if colon else "//"
            authority, slash, path = bare.partition("/")
            authority = before + self._authority(authority)
        made = f"{scheme if _METHOD.fullmatch(scheme.upper()) else ''}{colon}{authority}"
        made += slash + self.path(path)
        return made + mark + self._query(query) + hash_ + (self._token(fragment))

    def _authority(self, authority: str) -> str:
        """Return the host of an address, without users and passwords."""
        host = authority.rpartition("@")[2]
        return host if not host or _HOST.fullmatch(host) else self._token(host)

    def path(self, path: str) -> str:
        """Return a path with a token for each piece that is not made of words."""
        return "/".join([self._piece(piece) for piece in path.split("/")])

    def _piece(self, piece: str) -> str:
        if len(piece) < _SHORTEST and _VALUE.fullmatch(piece):
            return piece
        words = _BETWEEN.split(piece)
        plain = len(words) <= 8 and all(not word or _WORD.fullmatch(word) for word in words)
        digits = sum(character.isdigit() for character in piece)
        return piece if plain and digits < _SHORTEST else self._token(piece)

    def _query(self, query: str) -> str:
        return "&".join([self._parameter(pair) for pair in query.split("&")]) if query else ""

    def _parameter(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if not equals and len(name) < _SHORTEST and _NAME.fullmatch(name):
            return name
        name = name if equals and _NAME.fullmatch(name) else self._token(name)
        return name + equals + self._token(value)

    # --- fields

    def _headers(self, headers: Headers) -> Headers:
        return tuple([(name, self._field(name.lower(), value)) for name, value in headers])

    def _field(self, name: str, value: str) -> str:
        if name == "cookie":
            return value
        if name == "set-cookie":
            return self._set_cookie(value)
        if name in _ADDRESSES:
            return value if value == "null" else self.address(value)
        if name == "content-type":
            kind = value.partition(";")[0]
            return kind if _VALUE.fullmatch(kind) and len(kind) < _LONG else self._token(value)
        if name in _HARMLESS or name.startswith(_HARMLESS_STARTS):
            plain = _ENDLESS.sub(r"\1", value)
            if _VALUE.fullmatch(plain):
                return plain
        return self._token(value)

    def _set_cookie(self, line: str) -> str:
        """Return a line with its pair as it is; its attributes are kept if they look like some."""
        pair, semicolon, tail = line.partition(";")
        if not semicolon:
            return pair
        return f"{pair};{fields.attributes(tail, self._attribute, self._place, _unchanged)}"

    def _attribute(self, value: str) -> str:
        """Return the token for an attribute, as long as it was if that matters.

        Words of attributes are kept: they are what a wrongly written line is told by.
        """
        if all(word in _OF_ATTRIBUTES for word in _SPACED.split(value.lower()) if word):
            return value
        token = self._token(value)
        return token if len(value) < _LONG else token.ljust(len(value), "-")

    def _place(self, text: str) -> str:
        """Return a Path, or another attribute, with what may be secret in it replaced."""
        before, slash, path = text.partition("/")
        if not slash or before.strip() not in ("", "="):
            return text
        path, comma, rest = path.partition(",")
        return before + slash + self.path(path) + (comma and comma + self._attribute(rest))

    # --- events

    def _recorder(self, event: Recorder) -> Recorder:
        listeners = tuple(
            msgspec.structs.replace(
                listener,
                target=None if listener.target is None else self.address(listener.target),
            )
            for listener in event.listeners
        )
        return msgspec.structs.replace(event, listeners=listeners)

    def _client(self, event: Client) -> Client:
        agent = event.user_agent
        if agent is None or _VALUE.fullmatch(agent):
            return event
        return msgspec.structs.replace(event, user_agent=self._token(agent))

    def _request(self, event: Request) -> Request:
        method = event.method if _METHOD.fullmatch(event.method) else self._token(event.method)
        return msgspec.structs.replace(
            event,
            method=method,
            url=self.address(event.url),
            upstream=None if event.upstream is None else self.address(event.upstream),
            headers=self._headers(event.headers),
        )

    def _response(self, event: Response) -> Response:
        reason = event.reason if _REASON.fullmatch(event.reason) else ""
        return msgspec.structs.replace(event, reason=reason, headers=self._headers(event.headers))

    def _body(self, event: Body) -> Body:
        """Return the body with its type and size alone, and whether it refuses the headers."""
        kind = (event.content_type or "").partition(";")[0]
        kind = kind if _VALUE.fullmatch(kind) and len(kind) < _LONG else ""
        content = TOO_LARGE if says_so(event.content or "") else None
        return msgspec.structs.replace(event, content_type=kind, content=content, base64=None)

    def _server(self, event: Server) -> Server:
        error = event.error
        if error is not None:
            error = msgspec.structs.replace(error, message="")
        return msgspec.structs.replace(event, source=None, locals=(), error=error)

    def _failure(self, event: Failure) -> Failure:
        return msgspec.structs.replace(event, message=_FAILURES[event.kind])

    def _jar(self, event: Jar) -> Jar:
        cookies = tuple(
            [
                msgspec.structs.replace(cookie, path=self.path(cookie.path))
                for cookie in event.cookies
            ]
        )
        return msgspec.structs.replace(event, cookies=cookies)

    def _edited(self, event: Edited) -> Edited:
        """Return the event without the lines: what is left says which cookie was changed."""
        return msgspec.structs.replace(event, before="", after=event.after and "")

    def _browser(self, event: Browser) -> Browser:
        said = [
            None if each is None else tuple([self._said(cookie) for cookie in each])
            for each in (event.cookies, event.set_cookies)
        ]
        method = event.method
        return msgspec.structs.replace(
            event,
            said_by=self._words(event.said_by),
            unmatched=_maybe(self._words, event.unmatched),
            method=method if method is None or _METHOD.fullmatch(method) else self._token(method),
            url=_maybe(self.address, event.url),
            initiator=_maybe(self.address, event.initiator),
            site_for_cookies=_maybe(self.address, event.site_for_cookies),
            cookies=said[0],
            set_cookies=said[1],
            changes=tuple([self._change(change) for change in event.changes]),
            tried=tuple([self._change(change) for change in event.tried]),
        )

    def _said(self, cookie: BrowserCookie) -> BrowserCookie:
        """Return what was said about a cookie: its name and domain stay, as those of a line do."""
        return msgspec.structs.replace(
            cookie,
            path=_maybe(self.path, cookie.path),
            reasons=tuple(map(self._words, cookie.reasons)),
            warnings=tuple(map(self._words, cookie.warnings)),
            partition_key=_maybe(self.address, cookie.partition_key),
        )

    def _change(self, change: BrowserChange) -> BrowserChange:
        """Return a change with its name and value, which are looked up in the folded cookies."""
        return msgspec.structs.replace(
            change,
            path=self.path(change.path),
            same_site=_maybe(self._words, change.same_site),
            cause=_maybe(self._words, change.cause),
            source=_maybe(self.address, change.source),
        )

    def _words(self, text: str) -> str:
        """Return what a browser says in its own words, if it is made of words."""
        return text if _SAID.fullmatch(text) else self._token(text)


_FAILURES: Final = {
    "tls-client": "the client did not accept the connection",
    "connect": "the server could not be reached",
    "upstream": "the server's response was not valid",
    "aborted": "the exchange ended early",
}
"""What is said instead of a failure's message, which can quote what was sent."""


class SealedStore:
    """A capture as far as it may be shown while it grows."""

    def __init__(self, store: CaptureStore, sealer: Sealer) -> None:
        self._store = store
        self._seal = sealer.event

    @property
    def info(self) -> Capture:
        """The capture's first event."""
        return self._store.info

    def append(self, events: Sequence[Event]) -> str:
        """Add events as they are."""
        return self._store.append(events)

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first."""
        batch = self._store.read(after, limit)
        return msgspec.structs.replace(batch, events=tuple(map(self._seal, batch.events)))

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in the order of the capture."""
        return [self._seal(event) for event in self._store.events_at(places)]

    def first(self) -> str:
        """Return the position of the first event."""
        return self._store.first()

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position."""
        return self._store.wait(after, timeout)

    def ahead(self, after: str = START) -> int:
        """Return about how many events there are after the position."""
        return self._store.ahead(after)

    def close(self) -> None:
        """Close the capture."""
        self._store.close()


def _maybe(seal: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else seal(text)


def _unchanged(text: str) -> str:
    return text
