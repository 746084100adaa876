"""Packs the facts of the exchanges of a block, with what they share only once.

Requests that follow each other carry the same cookies in the same context, again and again. Apart
from that it would do to encode the structs as they are.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cookietrace.archive.facts import Derived, Facts
from cookietrace.cookies import Cookie, RequestContext, StoreResult
from cookietrace.events import Request, Response
from cookietrace.fold.exchange import CookieStatus, RequestCookie

_SENT = CookieStatus.SENT


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The facts of one exchange, with numbers for what the block holds once."""

    request: Request
    derived: Derived
    context: int
    cookies: int
    row: tuple[int, int, int]
    response: Response | None
    response_position: int
    results: tuple[StoreResult, ...]
    places: tuple[int, ...]


class _Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The facts of the exchanges of a block."""

    exchanges: list[_Packed]
    contexts: list[RequestContext]
    carried: list[tuple[int | RequestCookie, ...]]
    """The cookies of requests: the number of a cookie of the jar that was sent, or anything else
    in full."""
    jar: list[Cookie]


class _Once:
    """Numbers objects by identity, which have to stay alive meanwhile."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._numbers: dict[int, int] = {}

    def number(self, each: object) -> int:
        """Return the number of an object; a new one if it is new."""
        number = self._numbers.get(id(each))
        if number is None:
            number = self._numbers[id(each)] = len(self.all)
            self.all.append(each)
        return number


class FactsCodec:
    """The codec of ``Facts``."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Block)

    def __reduce__(self) -> tuple[type[FactsCodec], tuple[()]]:
        return FactsCodec, ()

    def encode(self, items: list[Facts], /) -> bytes:
        """Return facts as bytes. Raises one of ``UNPACKABLE``."""
        contexts, carried, jar = _Once(), _Once(), _Once()
        exchanges = [
            _Packed(
                request=facts.request,
                derived=facts.derived,
                context=contexts.number(facts.context),
                cookies=carried.number(facts.cookies),
                row=facts.row,
                response=facts.response,
                response_position=facts.response_position,
                results=facts.results,
                places=facts.places,
            )
            for facts in items
        ]
        numbered = [tuple([_numbered(each, jar) for each in cookies]) for cookies in carried.all]
        return self._encoder.encode(_Block(exchanges, contexts.all, numbered, jar.all))

    def decode(self, data: bytes, /) -> list[Facts]:
        """Return the facts again."""
        block = self._decoder.decode(data)
        carried = [tuple([_whole(each, block.jar) for each in one]) for one in block.carried]
        return [
            Facts(
                request=packed.request,
                derived=packed.derived,
                context=block.contexts[packed.context],
                cookies=carried[packed.cookies],
                row=packed.row,
                response=packed.response,
                response_position=packed.response_position,
                results=packed.results,
                places=packed.places,
            )
            for packed in block.exchanges
        ]


FACTS_CODEC = FactsCodec()


def _numbered(carried: RequestCookie, jar: _Once) -> int | RequestCookie:
    """Return the number of the jar's cookie if that says everything about a request's cookie."""
    cookie = carried.cookie
    if cookie is not None and carried.status is _SENT and carried == _sent(cookie):
        return jar.number(cookie)
    return carried


def _whole(carried: int | RequestCookie, jar: list[Cookie]) -> RequestCookie:
    return _sent(jar[carried]) if isinstance(carried, int) else carried


def _sent(cookie: Cookie) -> RequestCookie:
    return RequestCookie(cookie.name, cookie.value, cookie.domain, cookie.path, _SENT, cookie)
