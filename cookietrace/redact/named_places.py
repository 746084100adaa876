"""Where in an event the secrets are that are known by their names."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from cookietrace.events import Body, Event, Local, Server
from cookietrace.redact import fields
from cookietrace.redact.named import Found, Named, is_none, likely, strings_in, worth_learning
from cookietrace.secret_names import Kind, normal

_COOKIE_FIELDS = frozenset({"cookie", "set-cookie"})
_REMEMBERED = 50_000
_BYTES = re.compile(r"b(['\"])(.*)\1", re.DOTALL)
_NO_TEXT = re.compile(r"None|True|False|''|\"\"|b''|b\"\"|\[\]|\(\)|\{\}|set\(\)|<.*>", re.DOTALL)
_NUMBER = re.compile(r"-?[\d.]+")


class NamedPlaces:
    """Finds the named secrets of events, to learn them and to replace them as a whole."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._seen: set[tuple[str, str]] = set()
        """The locals and sources looked at so far: most calls of a view repeat the one before."""

    def in_url(self, url: str) -> Iterable[str]:
        """Return the secrets of a requested URL that are to be searched for everywhere."""
        return self._in(url, form=True, sent=True)

    def in_field(self, name: str, field: str, *, sent: bool) -> Iterable[str]:
        """Return the secrets of a header field that are to be searched for everywhere.

        Whether it was sent by the client makes a difference: see ``worth_learning``.
        """
        lower = name.lower()
        if secret := self.field_secret(lower, field):
            return (secret,)
        return () if lower in _COOKIE_FIELDS else self._in(field, form=True, sent=sent)

    def values(self, event: Event) -> Iterator[str]:
        """Yield the secrets of an event without headers, to be searched for everywhere."""
        if isinstance(event, Body):
            text = _text_of(event)
            if text:
                yield from self._in(text, form=is_form(event), sent=event.of == "request")
        elif isinstance(event, Server):
            if event.source and not self._is_seen("", event.source):
                yield from self._in(event.source, form=False, sent=False)
            for local in event.locals:
                if not self._is_seen(local.name, local.text or local.value):
                    yield from self._in_local(local)
            if event.error is not None:
                yield from self._in(event.error.message, form=False, sent=False)

    def field_secret(self, name: str, field: str) -> str:
        """Return the secret that is the value of a header field; empty if it holds none.

        ``name`` is in lower case. Of an Authorization field, the scheme is no secret.
        """
        if name in _COOKIE_FIELDS or not self._named.names.is_field(name):
            return ""
        if normal(name).endswith("authorization"):
            return fields.credentials_of(field)
        return field.strip(" \t")

    def local_secret(self, local: Local) -> str:
        """Return the secret that a local variable is; empty if it is none."""
        kind = self._named.names.kind(local.name)
        if kind is Kind.PLAIN:
            return ""
        if local.text is not None:
            text = local.text
            if is_none(text) or (kind is Kind.PARAMETER and not likely(text)):
                return ""
            return text
        if kind is not Kind.SECRET or _NO_TEXT.fullmatch(local.value):
            return ""
        if _NUMBER.fullmatch(local.value) and normal(local.name).endswith("tokens"):
            return ""
        written = _BYTES.fullmatch(local.value)
        return written[2] if written else local.value

    def _is_seen(self, name: str, text: str) -> bool:
        """Return whether a text by this name was looked at before; remember it."""
        if (name, text) in self._seen:
            return True
        if len(self._seen) < _REMEMBERED:
            self._seen.add((name, text))
        return False

    def _in(self, text: str, *, form: bool, sent: bool) -> Iterator[str]:
        for found in self._named.found(text, form=form):
            if worth_learning(found, sent=sent):
                yield found.value

    def _in_local(self, local: Local) -> Iterator[str]:
        secret = self.local_secret(local)
        if secret:
            kind = self._named.names.kind(local.name)
            for value in (secret, *(() if local.text is not None else strings_in(secret))):
                if worth_learning(Found(0, 0, value, kind), sent=False):
                    yield value
        else:
            yield from self._in(local.value, form=False, sent=False)


def is_form(event: Body) -> bool:
    """Return whether a body is a form. A browser sends plain text for ``enctype=text/plain``."""
    kind = (event.content_type or "").lower()
    return kind.startswith("application/x-www-form-urlencoded") or (
        event.of == "request" and kind.startswith("text/plain")
    )


def _text_of(event: Body) -> str:
    """Return a body as text; of bytes, only what may be a form."""
    if event.content is not None:
        return event.content
    if event.base64 is None or not (event.of == "request" or is_form(event)):
        return ""
    try:
        return base64.b64decode(event.base64).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
