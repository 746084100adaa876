"""Explained exchanges in which what most of them repeat is JSON already.

A page and its parts have the same cookies and the same context. So these are encoded once, and
taken over as bytes after that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from cookietrace.cookies import RequestContext
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange, RequestCookie
from cookietrace.lesson.explain import (
    add_rare,
    context_of,
    fields_of,
    scripts_of,
    sent_of,
    sent_with,
)
from cookietrace.lesson.explained import ByHand, ByScript, Explained, OwnWord

Field = TypeVar("Field")

CONTEXT, REQUEST_COOKIES = map(Explained.__struct_fields__.index, ("context", "request_cookies"))
"""The places of the fields that are JSON, among those of ``Explained``."""

_REMEMBERED = 1000

_ALWAYS_THERE = [
    field for field in msgspec.structs.fields(Explained) if field.default is msgspec.NODEFAULT
]
"""The fields of every exchange; of the others, three may be there when it is packed."""

Packed: Any = msgspec.defstruct(
    "Packed",
    [
        (field.name, bytes if at in (CONTEXT, REQUEST_COOKIES) else field.type)
        for at, field in enumerate(_ALWAYS_THERE)
    ]
    + [
        ("edited", list[ByHand] | None, None),
        ("browser", OwnWord | None, None),
        ("scripts", list[ByScript] | None, None),
    ],
    array_like=True,
    gc=False,
)
"""An ``Explained`` in few bytes, with its two repeated fields as JSON."""


class Repeated:
    """Makes them of exchanges."""

    def __init__(self) -> None:
        self._contexts: _Encoded[RequestContext] = _Encoded(context_of)
        self._cookies: _Encoded[tuple[RequestCookie, ...]] = _Encoded(sent_of)

    def packed(self, exchange: Exchange, word: BrowserWord) -> Any:
        """Return the verdicts on one exchange as a ``Packed``, with all that it repeats."""
        wrote = scripts_of(exchange, word)
        packed = Packed(*self._fields(exchange, bytes, None if wrote is None else word))
        add_rare(exchange, packed, wrote)
        return packed

    def explained(self, exchange: Exchange, word: BrowserWord) -> Explained:
        """Return the same, ready for JSON: the two fields are raw."""
        wrote = scripts_of(exchange, word)
        fields = self._fields(exchange, msgspec.Raw, None if wrote is None else word)
        explained = Explained(*fields)
        add_rare(exchange, explained, wrote)
        return explained

    def _fields(
        self, exchange: Exchange, kind: Callable[[bytes], Any], word: BrowserWord | None
    ) -> tuple[Any, ...]:
        """Return the fields; with ``word``, a script wrote some of the request's cookies."""
        part = exchange.request
        context, cookies = part.context, part.cookies
        if word is not None:
            sent = msgspec.json.encode(sent_with(part, word))
            return fields_of(exchange, kind(self._contexts.of(context, id(context))), kind(sent))
        return fields_of(
            exchange,
            kind(self._contexts.of(context, id(context))),
            # There may be another tuple of the same cookies.
            kind(self._cookies.of(cookies, tuple(map(id, cookies)))),
        )


class _Encoded(Generic[Field]):
    """The JSON of fields, each of which is made once as long as it is met again."""

    def __init__(self, make: Callable[[Field], Any]) -> None:
        self._make = make
        self._encode = msgspec.json.Encoder().encode
        self._known: dict[Any, tuple[bytes, Field]] = {}
        """By identity, for which the field is kept: it is compared much faster than a value."""

    def of(self, field: Field, identity: object) -> bytes:
        """Return the JSON of what is made of a field; equal identities mean equal fields."""
        known = self._known.get(identity)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[identity] = self._encode(self._make(field)), field
        return known[0]
