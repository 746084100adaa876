"""Packs the exchanges of a block as columns, with what they share only once.

Requests that follow each other carry the same cookies in the same context, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, repeat
from typing import TypeVar, cast

import msgspec

from cookietrace.archive.kept import Kept
from cookietrace.archive.struct_columns import StructColumns, columns_of, once, spread
from cookietrace.archive.verdict_columns import (
    Jar,
    Numbering,
    PackedCookies,
    PackedResults,
    cookies_of,
    numbered,
    pack_cookies,
    pack_results,
)
from cookietrace.cookies import Cookie, RequestContext, Withheld, parse_target
from cookietrace.cookies.verdicts import Finding
from cookietrace.events import Request, Response
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    RequestCookie,
    RequestPart,
    ResponsePart,
    Row,
    RowKind,
)

T = TypeVar("T")

_SENT = CookieStatus.SENT

_REQUESTS = StructColumns(Request, left_out={"headers"})
_RESPONSES = StructColumns(Response, left_out={"headers"})
_PARTS = StructColumns(
    RequestPart,
    # What is made again, or kept apart.
    left_out={"event", "target", "context", "observed", "cookies", "withheld"},
)
_ROWS = StructColumns(Row, left_out={"kind", "exchange_id", "position", "results", "lines"})
_CONTEXTS = StructColumns(RequestContext)

_exchanges = columns_of(
    ("exchange.number", "exchange.request", "exchange.row", "exchange.response", "places")
)
_parts = columns_of(("event", "observed", "expected", "context", "cookies", "withheld"))
_responses = columns_of(("event", "position", "set_cookies"))
_held = columns_of(("cookie", "reasons"))
_carried = columns_of(
    ("cookie", "name", "value", "domain", "path", "status", "replaces", "refused_in", "set_in")
)
_of_jar = columns_of(("name", "value", "domain", "path"))
_AS_SENT = (_SENT, None, None, None)
"""The last fields of ``_carried`` for a cookie of the jar that was sent."""


class _Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The exchanges of a block. What is numbered is in the block once."""

    numbers: list[int]
    requests: _REQUESTS.type  # type: ignore[name-defined]
    parts: _PARTS.type  # type: ignore[name-defined]
    rows: _ROWS.type  # type: ignore[name-defined]
    observed: list[str | None]
    """The Cookie headers that were not as predicted."""
    contexts: list[int]
    cookies: list[int]
    withheld: list[int]
    places: list[tuple[int, ...]]
    answered: list[bool]
    """Which of them have a response; the next columns are of those."""
    responses: _RESPONSES.type  # type: ignore[name-defined]
    positions: list[int]
    results: PackedResults
    context_count: int
    all_contexts: _CONTEXTS.type  # type: ignore[name-defined]
    carried_counts: list[int]
    """How many cookies each of the different Cookie headers has; the next columns are of those."""
    carried: list[int]
    carried_cookies: list[int]
    """The different cookies of these headers, which are numbered, too."""
    others: dict[int, RequestCookie]
    """Those that are anything else than cookies of the jar that were sent, in full."""
    withheld_counts: list[int]
    held: list[int]
    reasons: list[tuple[Finding, ...]]
    jar: PackedCookies


class ExchangeCodec:
    """The codec of exchanges, without what stays in the capture."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()

    @cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[_Block]:
        """Made when a block is read first, which most commands never do: to make it takes long."""
        return msgspec.msgpack.Decoder(_Block)

    def __reduce__(self) -> tuple[type[ExchangeCodec], tuple[()]]:
        return ExchangeCodec, ()

    def encode(self, items: list[Kept], /) -> bytes:
        """Return exchanges as bytes. Raises one of ``UNPACKABLE``."""
        numbers, parts, rows, responses, places = _exchanges(items)
        requests, observed, expected, all_contexts, all_cookies, all_withheld = _parts(parts)
        given = [response for response in responses if response is not None]
        events, positions, of_responses = _responses(given)
        results = list(chain.from_iterable(of_responses))
        contexts, all_contexts = numbered(all_contexts)
        cookies, headers = numbered(all_cookies)
        withheld, all_withheld = numbered(all_withheld)
        carried, all_carried = numbered(list(chain.from_iterable(headers)))
        carried_cookies, *seen = _carried(all_carried)
        held, reasons = _held(list(chain.from_iterable(all_withheld)))
        jar = Numbering(carried_cookies, held, *cookies_of(results))
        block = _Block(
            numbers=numbers,
            requests=_REQUESTS.pack(requests),
            parts=_PARTS.pack(parts),
            rows=_ROWS.pack(rows),
            observed=once(
                [
                    None if header == other else header
                    for header, other in zip(observed, expected, strict=True)
                ]
            ),
            contexts=once(contexts),
            cookies=once(cookies),
            withheld=once(withheld),
            places=places,
            answered=once([response is not None for response in responses]),
            responses=_RESPONSES.pack(events),
            positions=positions,
            context_count=len(all_contexts),
            all_contexts=_CONTEXTS.pack(all_contexts),
            carried_counts=list(map(len, headers)),
            carried=carried,
            carried_cookies=jar.next(len(all_carried)),
            others=_others(all_carried, carried_cookies, seen),
            withheld_counts=list(map(len, all_withheld)),
            held=jar.next(len(held)),
            reasons=reasons,
            results=pack_results(list(map(len, of_responses)), results, jar),
            jar=pack_cookies(jar.cookies),
        )
        return self._encoder.encode(block)

    def decode(self, data: bytes, /) -> Sequence[Kept]:
        """Return the exchanges again."""
        block = self._decoder.decode(data)
        jar = block.jar.all()
        contexts = _CONTEXTS.build(block.all_contexts, block.context_count)
        all_carried = _carried_by(block, jar)
        headers = _in_lists([all_carried[each] for each in block.carried], block.carried_counts)
        held = [
            Withheld(cast("Cookie", jar[number]), reasons)
            for number, reasons in zip(block.held, block.reasons, strict=True)
        ]
        all_withheld = _in_lists(held, block.withheld_counts)
        count = len(block.numbers)
        events = _REQUESTS.build(block.requests, count)
        expected = spread(block.parts.expected, count)
        differing = spread(block.observed, count)
        parts = _PARTS.build(
            block.parts,
            count,
            {
                "event": events,
                "target": [parse_target(event.url) for event in events],
                "context": [contexts[number] for number in spread(block.contexts, count)],
                "observed": [
                    header if other is None else other
                    for header, other in zip(expected, differing, strict=True)
                ],
                "cookies": [headers[number] for number in spread(block.cookies, count)],
                "withheld": [all_withheld[number] for number in spread(block.withheld, count)],
            },
        )
        rows = _ROWS.build(
            block.rows,
            count,
            {
                "kind": repeat(RowKind.EXCHANGE),
                "exchange_id": [event.exchange_id for event in events],
                "position": [part.position for part in parts],
                "results": repeat(()),
                "lines": repeat(()),
            },
        )
        answered = spread(block.answered, count)
        given = _responses_of(block, sum(answered), jar)
        responses = [next(given) if has else None for has in answered]
        exchanges = map(Exchange, block.numbers, parts, rows, responses)
        return list(map(Kept, exchanges, block.places))


EXCHANGE_CODEC = ExchangeCodec()


def _others(
    carried: Sequence[RequestCookie],
    cookies: Sequence[Cookie | None],
    seen: Sequence[Sequence[object]],
) -> dict[int, RequestCookie]:
    """Return the cookies of requests that the jar's cookies do not tell, by their index.

    ``cookies`` are those of the jar, and ``seen`` the other columns.
    """
    as_sent = [[value] * len(carried) for value in _AS_SENT]
    if None not in cookies and seen == [*_of_jar(cookies), *as_sent]:
        return {}
    return {
        at: each
        for at, (each, cookie, fields) in enumerate(
            zip(carried, cookies, zip(*seen, strict=True), strict=True)
        )
        if cookie is None
        or fields != (cookie.name, cookie.value, cookie.domain, cookie.path, *_AS_SENT)
    }


def _carried_by(block: _Block, jar: Jar) -> Sequence[RequestCookie]:
    """Return the cookies of the different Cookie headers of a block."""
    found = []
    for at, number in enumerate(block.carried_cookies):
        cookie, other = jar[number], block.others.get(at)
        if other is not None:
            found.append(other)
        else:
            assert cookie is not None
            found.append(
                RequestCookie(cookie.name, cookie.value, cookie.domain, cookie.path, _SENT, cookie)
            )
    return found


def _in_lists(items: Sequence[T], counts: Sequence[int]) -> list[tuple[T, ...]]:
    """Return items in lists of so many each."""
    left = iter(items)
    return [tuple(islice(left, count)) for count in counts]


def _responses_of(block: _Block, count: int, jar: Jar) -> Iterator[ResponsePart]:
    """Return the responses of a block, one after the other."""
    events = _RESPONSES.build(block.responses, count)
    return map(ResponsePart, events, block.positions, block.results.all(jar))
