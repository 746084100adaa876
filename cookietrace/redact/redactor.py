"""Replaces cookie values with tokens in two passes: learn every value, then replace them."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import filterfalse
from typing import TypeVar, cast

import msgspec

from cookietrace.events import (
    Body,
    Browser,
    BrowserChange,
    BrowserCookie,
    Capture,
    Client,
    CookieRead,
    CookieWrite,
    Edited,
    Event,
    Failure,
    Headers,
    Jar,
    JarCookie,
    Local,
    Recorder,
    Request,
    Response,
    Server,
    Session,
)
from cookietrace.lesson.needed import is_page_word
from cookietrace.redact import fields, whole
from cookietrace.redact.named import Found, Named, replacements
from cookietrace.redact.named_places import NamedPlaces, is_form
from cookietrace.redact.packed import as_bytes, readable
from cookietrace.redact.parts import SHORTEST, Kind, parts
from cookietrace.redact.search import Secrets
from cookietrace.redact.spans import Span, merged, united, with_tokens
from cookietrace.redact.spellings import bare_forms, base64_spellings, readings
from cookietrace.redact.structure import Json, json_of
from cookietrace.redact.unescape import Unescaped
from cookietrace.secret_names import TABLE_ONLY, Names

PREFIX = "redacted-"
"""The start of a token. Hexadecimal digits follow; a token is a valid cookie value."""

_DIGITS = 10
_COOKIE_FIELDS = ("cookie", "set-cookie")
_CREDENTIAL_FIELDS = frozenset({"authorization", "proxy-authorization"})
_SECRET_FIELDS = _CREDENTIAL_FIELDS.union(_COOKIE_FIELDS)
_REMEMBERED_TEXTS = 50_000
_REMEMBERED_NAMES = 1000
_LONGEST_REMEMBERED = 1000
_NUMBER = re.compile(r"\s*-?\d[\d.eE+-]*\s*")

Replace = Callable[[str], str]

_Seen = TypeVar("_Seen")
_Touched = TypeVar("_Touched", CookieRead, CookieWrite)


class Redactor:
    """Replaces every cookie value and named secret that ``learn`` has seen.

    Equal values get equal tokens, and different values different ones, except for a
    chance of 2**-40 per pair. The same key always gives the same tokens. Learn every
    event of a capture before redacting any.
    """

    def __init__(self, key: bytes, names: Names = TABLE_ONLY) -> None:
        self.key = key
        """What tokens are made from; it may be set until the first one is made."""
        self._named = Named(names)
        self._named_places = NamedPlaces(self._named)
        self._values: dict[str, None] = {}
        self._texts: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._pairs: dict[str, str] = {}
        self._tails: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        """What Domains, Paths, pairs of Cookie fields, the attributes of Set-Cookie fields, and
        URLs and other fields become: most are met again and again."""
        self._bare: set[str] = set()
        """What was set without a name, which some browsers take for one."""
        self._names: set[str] = set()
        self._hosts: set[str] = set()
        self._plain: set[str] = set()
        """Names of header fields that hold no secrets, as written: those met first."""
        self._fields_seen: set[tuple[str, str]] = set()
        self._urls_seen: set[str] = set()
        """The fields and URLs learned from so far: most requests repeat the one before."""
        self._pairs_seen: set[str] = set()
        """The pairs of Cookie fields learned from: most of a changed field is as before."""
        self._tails_seen: set[str] = set()
        """What follows the pairs of Set-Cookie fields: attributes, most of which recur."""

    # --- first pass

    def learning(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield each event once its secrets have been learned, and before the next one is read."""
        for event in events:
            self._learn(event)
            yield event

    def learn(self, events: Iterable[Event]) -> None:
        """Learn every secret in the fields of events that hold secrets."""
        for event in events:
            self._learn(event)

    def _learn(self, event: Event) -> None:
        kind = type(event)
        if kind is Request:
            self._learn_fields(event.headers, event.url)  # type: ignore[union-attr]
        elif kind is Response:
            self._learn_fields(event.headers)  # type: ignore[union-attr]
        elif kind is Body:
            if event.content or event.base64:  # type: ignore[union-attr]
                self._learn_values(self._named_places.values(event))
        else:
            self._learn_other(event)

    def _learn_fields(self, headers: Headers, url: str | None = None) -> None:
        """Learn the secrets of a request, which has a URL, or of a response."""
        seen, places, sent = self._fields_seen, self._named_places, url is not None
        fresh = list(filterfalse(seen.__contains__, headers))
        if url is not None and url in self._urls_seen:
            url = None
        if url is None and not fresh:
            return
        if url is not None:
            _bounded_add(self._urls_seen, url)
            self._learn_values(places.in_url(url))
        for name, field in fresh:
            if values := places.in_field(name, field, sent=sent):
                self._learn_values(values)
        if url is not None:
            self._hosts.add(url.partition("://")[2].partition("/")[0].partition(":")[0])
            if "@" in url:
                self._learn_values(whole.passwords(url))
        for pair in fresh:
            _bounded_add(seen, pair)
            if pair[0] not in self._plain:
                self._learn_header(*pair)

    def _learn_other(self, event: Event) -> None:
        """Learn the secrets of an event without headers."""
        self._learn_values(self._named_places.values(event))
        if isinstance(event, Recorder):
            for listener in event.listeners:
                self._learn_values(whole.passwords(listener.target or ""))
        elif isinstance(event, Jar):
            self._learn_values(cookie.value for cookie in event.cookies if cookie.value)
            self._names.update(cookie.name for cookie in event.cookies if cookie.name)
        elif isinstance(event, Server):
            values = [read.value for read in event.reads]
            values += [write.value for write in event.writes]
            self._learn_values(value for value in values if value)
        elif isinstance(event, Edited):
            of = "set-cookie" if event.of == "response" else "cookie"
            for line in (event.before, event.after):
                if line is not None:
                    self._learn_fields(((of, line),))
        elif isinstance(event, Browser):
            changes = (*event.changes, *event.tried)
            for url in (event.url, *(change.source for change in changes)):
                if url is not None:
                    self._learn_values(self._named_places.in_url(url))
                    self._learn_values(whole.passwords(url))
            self._learn_values(change.value for change in changes if change.value)
            self._names.update(change.name for change in changes if change.name)

    def _learn_values(self, values: Iterable[str]) -> None:
        self._values.update(dict.fromkeys(values))

    def _learn_header(self, written: str, field: str) -> None:
        """Learn the secrets in a header field, if it is one that always holds secrets."""
        name = written.lower()
        if name not in _SECRET_FIELDS or self._is_kept(name):
            if len(self._plain) < _REMEMBERED_NAMES:
                self._plain.add(written)
            return
        if name == "cookie":
            known = self._pairs_seen
            for pair in filterfalse(known.__contains__, field.split(";")):
                _bounded_add(known, pair)
                self._learn_pair(pair)
            return
        if name == "set-cookie":
            pair, _, tail = field.partition(";")
            if bare := fields.bare_value(pair):
                self._bare.add(bare)
            if "," not in field and "\n" not in field:
                if tail in self._tails_seen:
                    self._learn_pair(pair)
                    return
                _bounded_add(self._tails_seen, tail)
            self._names.update(fields.cookie_names(field))
        self._learn_values(_secrets(name, field))

    def _learn_pair(self, pair: str) -> None:
        """Learn the value of one pair of a Cookie or Set-Cookie field, and its name."""
        name, value = fields.name_and_value(pair)
        if value:
            self._values[value] = None
            if name is not None:
                self._names.add(name)

    def _is_kept(self, name: str) -> bool:
        """Return whether the user wants to keep the credentials in the fields of a name."""
        return name in _CREDENTIAL_FIELDS and not self._named_places.field_secret(name, "x")

    # --- second pass

    def value(self, value: str) -> str:
        """Return the token for a whole value; an empty value stays empty."""
        if not value:
            return value
        return self._tokens.get(value) or self._token(value)

    def name(self, name: str) -> str:
        """Return a cookie's name; the token for it if it is a value that was set without one."""
        return self.value(name) if name in self._bare and name not in self._names else name

    def text(self, text: str, *, cut: bool = False) -> str:
        """Return a text with every secret of six characters or more replaced in it.

        Secrets are found in the usual encodings: percent, plus, JSON, HTML, quoted string
        and Base64, also nested. ``cut`` means that the text was truncated.
        """
        if len(text) < SHORTEST:
            return text
        known = None if cut else self._texts.get(text)
        if known is None:
            known = self._found_in(text, cut, form=False)
            if not cut:
                _remember(self._texts, text, known)
        return known

    def _found_in(self, text: str, cut: bool, *, form: bool) -> str:
        """Return a text with its secrets replaced, whatever its length.

        ``form`` means that it is a URL, a form or a header field.

        Secret names are looked for in the text as it was learned from, so that nothing is searched
        twice; only if a secret is a part of such a value, what is left of it counts.
        """
        spans = self._secrets.spans(text, cut=cut)
        values = self._named.found(text, form=form)
        if not spans and not values:
            return text
        if (structure := json_of(text)) is not None:
            spans = list(structure.clipped(spans))
        secrets = merged(spans)
        together = united(secrets, self._replacements(values, structure))
        if together is not None:
            return _with_tokens(text, structure, together)
        left = _with_tokens(text, structure, secrets)
        structure = json_of(left) if structure is not None else None
        values = self._named.found(left, form=form)
        return _with_tokens(left, structure, self._replacements(values, structure))

    def _replacements(self, values: Iterable[Found], structure: Json | None) -> Iterator[Span]:
        """Return what replaces the values of secret names."""
        return replacements(values, self.value, quote=structure is None)

    def field(self, text: str, *, cut: bool = False) -> str:
        """Return a URL, form or header field with its secrets replaced, as ``text`` does.

        Whole parameters and quoted strings are replaced whatever their length, and so are the
        user and the password of a URL.
        """
        known = None if cut else self._fields.get(text)
        if known is None:
            known = self._field_of(text, cut)
            if not cut:
                _remember(self._fields, text, known)
        return known

    def _field_of(self, text: str, cut: bool) -> str:
        text = whole.users(text, self.value)
        if self._has_short:
            text = _keeping_json(text, self._whole_parameters)
        return self._found_in(text, cut, form=True)

    def _whole_parameters(self, text: str) -> str:
        """Return a URL, form or field with each parameter or string that is a value replaced."""
        return whole.quoted(whole.parameters(text, self._exact), self._exact)

    def running(self, text: str, *, cut: bool = False) -> str:
        """Return a body or a ``repr`` with its secrets replaced, as ``text`` does.

        A value of any length is also replaced if it is a whole quoted string or a whole
        parameter of a URL.
        """
        if self._has_short:
            text = _keeping_json(text, self._whole_strings)
        return self.text(text, cut=cut)

    def _whole_strings(self, text: str) -> str:
        """Return a text with each whole string or parameter that is a value replaced."""
        return whole.quoted(whole.queries(text, self._exact), self._exact)

    def attribute(self, text: str) -> str:
        """Return the token for a text that is a value in any spelling, otherwise ``text`` of it."""
        return self._exact(text) or self.text(text)

    def place(self, text: str, *, cut: bool = False) -> str:
        """Return a Domain or Path with its secrets replaced, and values that were joined to it."""
        known = None if cut else self._places.get(text)
        if known is None:
            known = self._place(text, cut)
            if not cut:
                _remember(self._places, text, known)
        return known

    def _place(self, text: str, cut: bool) -> str:
        if not fields.is_place(text) and (token := self._exact(text)) is not None:
            return token
        return self.text(fields.joined_values(text, self.value), cut=cut)

    def cookie_header(self, field: str) -> str:
        """Return the value of a Cookie field with a token for each cookie's value."""
        pairs = self._pairs
        pieces = field.split(";")
        for at, piece in enumerate(pieces):
            known = pairs.get(piece)
            if known is None:
                known = fields.cookie_pair(piece, self.value, self.name)
                _remember(pairs, piece, known)
            pieces[at] = known
        return ";".join(pieces)

    def set_cookie(self, field: str) -> str:
        """Return the value of a Set-Cookie field with a token for the cookie's value."""
        pair, semicolon, tail = field.partition(";")
        pair = fields.set_cookie_pair(pair, self.value)
        if not semicolon:
            return pair
        known = self._tails.get(tail)
        if known is None:
            known = fields.attributes(tail, self.value, self.text, self.attribute)
            _remember(self._tails, tail, known)
        return f"{pair};{known}"

    def event(self, event: Event) -> Event | None:
        """Return the event with tokens for values.

        None if this version does not know the event's type, since its secrets could be
        anywhere.
        """
        replace = self._replacers.get(type(event))
        return None if replace is None else replace(event)

    # --- tokens

    def _token(self, value: str) -> str:
        digest = hmac.digest(self.key, value.encode("utf-8", "surrogatepass"), "sha256")
        return PREFIX + digest.hex()[:_DIGITS]

    @cached_property
    def _tokens(self) -> dict[str, str]:
        """The token for each reading of each value; a value itself has priority."""
        tokens = {value: self._token(value) for value in self._values}
        for value in self._values:
            for reading in readings(value):
                tokens.setdefault(reading, tokens[value])
        return tokens

    @cached_property
    def _secrets(self) -> Secrets:
        plain = {
            reading: _rooted(reading, token)
            for reading, token in self._tokens.items()
            if not is_page_word(reading)  # hides nothing, and tells whether a user has to sign in
        }
        bounded: dict[str, tuple[str, Kind]] = {}
        encoded: dict[str, str] = {}
        brittle = False
        for reading, token in self._tokens.items():
            if reading in plain and len(reading) >= SHORTEST:
                for form in bare_forms(reading):
                    plain.setdefault(form, _rooted(form, token))
                    brittle = brittle or len(form) < SHORTEST or "\\" in form
                for form in base64_spellings(reading):
                    encoded.setdefault(form, token)
        for value in self._values:
            found = parts(value)
            for part, kind in found.items():
                token = self._tokens.get(part) or self._token(part)
                if kind is not Kind.ANYWHERE:
                    if part.lower() not in self._public:
                        bounded.setdefault(part, (token, kind))
                    continue
                if part.lower() in self._public:
                    continue
                for form in bare_forms(part):
                    plain.setdefault(form, token)
                for form in base64_spellings(part):
                    encoded.setdefault(form, token)
            for each in (value, *found):
                self._add_bytes(each, plain, encoded)
        return Secrets(plain, encoded, bounded, brittle=brittle)

    def _add_bytes(self, text: str, plain: dict[str, str], encoded: dict[str, str]) -> None:
        """Add the bytes that a value or part stands for, if they are no text of their own."""
        data = as_bytes(text)
        if len(data) < SHORTEST or readable(data):
            return
        token = self._tokens.get(text) or self._token(text)
        plain.setdefault(data.hex(), token)
        plain.setdefault(data.decode("latin-1"), token)
        for form in base64_spellings(data.decode("latin-1")):
            encoded.setdefault(form, token)

    @cached_property
    def _public(self) -> frozenset[str]:
        """Words that hide nothing: the hosts that were asked, their labels, names of cookies."""
        hosts = {host for host in self._hosts if host}
        labels = {label for host in hosts for label in host.split(".")}
        return frozenset(word.lower() for word in (*hosts, *labels, *self._names))

    @cached_property
    def _has_short(self) -> bool:
        """Whether some values are too short to search for."""
        return any(len(reading) < SHORTEST for reading in self._tokens)

    def _exact(self, value: str) -> str | None:
        """Return the token if the whole text is a value, encoded or not; otherwise None."""
        token = self._tokens.get(value)
        if token is None and ("%" in value or "\\" in value or "&" in value or "+" in value):
            for spelled in (value, value.replace("+", " ")):
                token = token or self._tokens.get(Unescaped(spelled).text)
        return token

    # --- events

    @cached_property
    def _replacers(self) -> dict[type, Callable[[Event], Event]]:
        replacers: dict[type, object] = {
            Capture: self._capture,
            Recorder: self._recorder,
            Client: self._client,
            Session: _unchanged,
            Jar: self._jar,
            Request: self._request,
            Response: self._response,
            Body: self._body,
            Server: self._server,
            Failure: self._failure,
            Browser: self._browser,
            Edited: self._edited,
        }
        return cast("dict[type, Callable[[Event], Event]]", replacers)

    def _capture(self, event: Capture) -> Capture:
        return msgspec.structs.replace(event, redacted=True)

    def _recorder(self, event: Recorder) -> Recorder:
        listeners = tuple(
            msgspec.structs.replace(listener, target=_maybe(self.field, listener.target))
            for listener in event.listeners
        )
        message = _maybe(self.text, event.message)
        return msgspec.structs.replace(event, listeners=listeners, message=message)

    def _client(self, event: Client) -> Client:
        return msgspec.structs.replace(event, user_agent=_maybe(self.text, event.user_agent))

    def _jar(self, event: Jar) -> Jar:
        """Return the jar without its memory: the verdicts tell what follows from that."""
        cookies = tuple([self._jar_cookie(cookie) for cookie in event.cookies])
        return msgspec.structs.replace(event, cookies=cookies, memory=msgspec.Raw(b"null"))

    def _jar_cookie(self, cookie: JarCookie) -> JarCookie:
        return msgspec.structs.replace(
            cookie,
            name=self.name(cookie.name),
            value=self.value(cookie.value),
            domain=self.place(cookie.domain),
            path=self.place(cookie.path),
            partition_key=_maybe(self.text, cookie.partition_key),
        )

    def _request(self, event: Request) -> Request:
        return msgspec.structs.replace(
            event,
            method=self.text(event.method),
            url=self.field(event.url),
            upstream=_maybe(self.field, event.upstream),
            headers=self._headers(event.headers),
        )

    def _response(self, event: Response) -> Response:
        return msgspec.structs.replace(
            event, reason=self.text(event.reason), headers=self._headers(event.headers)
        )

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self._field(name.lower(), field)) for name, field in headers)

    def _field(self, name: str, field: str) -> str:
        if name == "cookie":
            return self.cookie_header(field)
        if name == "set-cookie":
            return self.set_cookie(field)
        if secret := self._named_places.field_secret(name, field):
            start = field.rindex(secret)
            return field[:start] + self.value(secret) + field[start + len(secret) :]
        return self.field(field)

    def _body(self, event: Body) -> Body:
        content, encoded = event.content, event.base64
        kind = (event.content_type or "").lower()
        replace: Callable[..., str] = self.running
        if kind.startswith("multipart/"):
            replace = self._multipart
        elif is_form(event):
            replace = self.field
        elif content is None:
            replace = self.text
        if content is not None:
            replaced = replace(content, cut=event.truncated)
            if replaced != content and "json" in kind and _NUMBER.fullmatch(content):
                replaced = f'"{replaced}"'
            content = replaced
        if encoded is not None:
            encoded = _in_base64(encoded, lambda text: replace(text, cut=event.truncated))
        return msgspec.structs.replace(
            event,
            content_type=_maybe(self.text, event.content_type),
            content=content,
            base64=encoded,
        )

    def _multipart(self, text: str, *, cut: bool) -> str:
        """Return a multipart body; each part counts as a parameter."""
        return self.running(whole.parts(text, self._exact), cut=cut)

    def _server(self, event: Server) -> Server:
        error = event.error
        if error is not None:
            error = msgspec.structs.replace(error, message=self._bounded(error.message))
        return msgspec.structs.replace(
            event,
            source=_maybe(self.text, event.source),
            reads=tuple(self._touched(read) for read in event.reads),
            writes=tuple(self._touched(write) for write in event.writes),
            locals=tuple(self._local(local) for local in event.locals),
            error=error,
        )

    def _touched(self, touched: _Touched) -> _Touched:
        return msgspec.structs.replace(
            touched, name=self.name(touched.name), value=_maybe(self.value, touched.value)
        )

    def _local(self, local: Local) -> Local:
        token = self._tokens.get(local.text or local.value)
        if token is None and (secret := self._named_places.local_secret(local)):
            token = self.value(secret)
        if token is not None:
            shown = token if local.text is None else repr(token)
            return msgspec.structs.replace(local, value=shown, text=local.text and token)
        return msgspec.structs.replace(
            local,
            value=self._bounded(local.value),
            text=None if local.text is None else self.running(local.text, cut=True),
        )

    def _bounded(self, text: str) -> str:
        """Return a text with its secrets replaced; it ends in an ellipsis if it was cut."""
        return self.running(text, cut="…" in text[-8:] or "..." in text[-8:])

    def _failure(self, event: Failure) -> Failure:
        return msgspec.structs.replace(
            event, host=_maybe(self.text, event.host), message=self.text(event.message)
        )

    def _edited(self, event: Edited) -> Edited:
        of = "set-cookie" if event.of == "response" else "cookie"
        return msgspec.structs.replace(
            event,
            name=self.name(event.name),
            before=self._field(of, event.before),
            after=None if event.after is None else self._field(of, event.after),
        )

    def _browser(self, event: Browser) -> Browser:
        said = [
            None if each is None else tuple([self._said(cookie) for cookie in each])
            for each in (event.cookies, event.set_cookies)
        ]
        return msgspec.structs.replace(
            event,
            said_by=self.text(event.said_by),
            unmatched=_maybe(self.text, event.unmatched),
            method=_maybe(self.text, event.method),
            url=_maybe(self.field, event.url),
            initiator=_maybe(self.field, event.initiator),
            site_for_cookies=_maybe(self.field, event.site_for_cookies),
            cookies=said[0],
            set_cookies=said[1],
            changes=tuple([self._change(change) for change in event.changes]),
            tried=tuple([self._change(change) for change in event.tried]),
        )

    def _said(self, cookie: BrowserCookie) -> BrowserCookie:
        return msgspec.structs.replace(
            cookie,
            name=_maybe(self.name, cookie.name),
            domain=_maybe(self.place, cookie.domain),
            path=_maybe(self.place, cookie.path),
            reasons=tuple(map(self.text, cookie.reasons)),
            warnings=tuple(map(self.text, cookie.warnings)),
            partition_key=_maybe(self.text, cookie.partition_key),
        )

    def _change(self, change: BrowserChange) -> BrowserChange:
        return msgspec.structs.replace(
            change,
            name=self.name(change.name),
            value=self.value(change.value),
            domain=self.place(change.domain),
            path=self.place(change.path),
            same_site=_maybe(self.text, change.same_site),
            cause=_maybe(self.text, change.cause),
            source=_maybe(self.field, change.source),
        )


def _secrets(name: str, field: str) -> Iterator[str]:
    """Yield the secrets in a header field that always holds secrets."""
    if name == "set-cookie":
        yield from fields.set_cookie_values(field)
    elif name in _CREDENTIAL_FIELDS and (secret := fields.credentials_of(field)):
        yield secret
        if field.lstrip()[:6].lower() == "basic ":
            yield from _password(secret)


def _password(secret: str) -> Iterator[str]:
    """Yield the password of Basic credentials, if there is one."""
    try:
        _, colon, password = base64.b64decode(secret).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        return
    if colon and password:
        yield password


def _in_base64(encoded: str, replace: Replace) -> str:
    """Return Base64 with every secret in the decoded bytes replaced."""
    try:
        text = base64.b64decode(encoded).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
    replaced = replace(text)
    return encoded if replaced == text else base64.b64encode(replaced.encode("latin-1")).decode()


def _keeping_json(text: str, replace: Replace) -> str:
    """Return a text replaced; string by string if it is JSON, and would be none afterwards."""
    replaced = replace(text)
    if replaced != text and (structure := json_of(text)) and json_of(replaced) is None:
        return structure.with_strings(replace)
    return replaced


def _with_tokens(text: str, structure: Json | None, spans: Iterable[Span]) -> str:
    return with_tokens(text, spans) if structure is None else structure.with_tokens(spans)


def _rooted(reading: str, token: str) -> str:
    """Return what replaces a value inside a text: a path stays one, and ends the host of a URL."""
    return f"/{token}" if reading.startswith("/") else token


def _bounded_add(seen: set[_Seen], one: _Seen) -> None:
    """Remember one more; whatever is forgotten is only looked at again."""
    if len(seen) >= _REMEMBERED_TEXTS:
        seen.clear()
    seen.add(one)


def _remember(known: dict[str, str], text: str, replaced: str) -> None:
    if len(known) >= _REMEMBERED_TEXTS:
        known.clear()
    if len(text) <= _LONGEST_REMEMBERED:
        known[text] = replaced


def _unchanged(event: Event) -> Event:
    return event


def _maybe(replace: Replace, text: str | None) -> str | None:
    return None if text is None else replace(text)


def learned(events: Iterable[Event], key: bytes, names: Names = TABLE_ONLY) -> Redactor:
    """Return a redactor that has learned the secrets of all these events."""
    redactor = Redactor(key, names)
    redactor.learn(events)
    return redactor
