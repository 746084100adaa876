"""Packs the exchanges of a block as columns, with what they share only once.

Requests that follow each other carry the same cookies in the same context, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, compress, islice, repeat
from typing import TypeVar, cast

import msgspec

from cookietrace.archive.kept import Kept
from cookietrace.archive.struct_columns import StructColumns, fields_of, once, spread
from cookietrace.archive.verdict_columns import (
    Jar,
    Numbering,
    PackedCookies,
    PackedResults,
    numbered,
    pack_cookies,
    pack_results,
)
from cookietrace.cookies import Cookie, RequestContext, StoreResult, Withheld, parse_target
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
_RESPONSES = StructColumns(Response, left_out={"headers", "exchange_id"})
_PARTS = StructColumns(
    RequestPart,
    # What is made again, or kept apart.
    left_out={"event", "target", "context", "observed", "cookies", "withheld"},
)
_CONTEXTS = StructColumns(RequestContext)


class _Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The exchanges of a block. What is numbered is in the block once."""

    numbers: list[int]
    requests: _REQUESTS.type  # type: ignore[name-defined]
    parts: _PARTS.type  # type: ignore[name-defined]
    row_indices: list[int]
    row_numbers: list[int]
    asides: Sequence[int]
    observed: Sequence[str | None]
    """The Cookie headers that were not as predicted."""
    contexts: Sequence[int]
    cookies: Sequence[int]
    withheld: Sequence[int]
    places: list[tuple[int, ...]]
    answered: Sequence[bool]
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
    reasons: Sequence[tuple[Finding, ...]]
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
        exchanges = [each.exchange for each in items]
        parts = fields_of(RequestPart, [each.request for each in exchanges])
        rows = [each.row for each in exchanges]
        given = [each.response for each in exchanges]
        responses = [each for each in given if each is not None]
        of_responses = [each.set_cookies for each in responses]
        results = fields_of(StoreResult, list(chain.from_iterable(of_responses)))
        contexts, all_contexts = numbered(parts["context"])
        cookies, headers = numbered(parts["cookies"])
        withheld, all_withheld = numbered(parts["withheld"])
        carried, all_carried = numbered(list(chain.from_iterable(headers)))
        carried_cookies = [each.cookie for each in all_carried]
        held = fields_of(Withheld, list(chain.from_iterable(all_withheld)))
        jar = Numbering(carried_cookies, held["cookie"], results["cookie"], results["previous"])
        block = _Block(
            numbers=[each.number for each in exchanges],
            requests=_REQUESTS.pack(fields_of(Request, parts["event"])),
            parts=_PARTS.pack(parts),
            row_indices=[row.index for row in rows],
            row_numbers=[row.number for row in rows],
            asides=once([row.aside for row in rows]),
            observed=_differing(parts["observed"], parts["expected"]),
            contexts=once(contexts),
            cookies=once(cookies),
            withheld=once(withheld),
            places=[each.places for each in items],
            answered=once([each is not None for each in given]),
            responses=_RESPONSES.pack(fields_of(Response, [each.event for each in responses])),
            positions=[each.position for each in responses],
            context_count=len(all_contexts),
            all_contexts=_CONTEXTS.pack(fields_of(RequestContext, all_contexts)),
            carried_counts=list(map(len, headers)),
            carried=carried,
            carried_cookies=jar.next(len(all_carried)),
            others=_others(all_carried),
            withheld_counts=list(map(len, all_withheld)),
            held=jar.next(len(held["cookie"])),
            reasons=held["reasons"],
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
        names = [event.exchange_id for event in events]
        rows = map(
            Row,
            block.row_indices,
            repeat(RowKind.EXCHANGE),
            names,
            [part.position for part in parts],
            repeat(()),
            repeat(None),
            block.row_numbers,
            spread(block.asides, count),
        )
        answered = spread(block.answered, count)
        given = _responses_of(block, list(compress(names, answered)), jar)
        responses = [next(given) if has else None for has in answered]
        exchanges = map(Exchange, block.numbers, parts, rows, responses)
        return list(map(Kept, exchanges, block.places))


EXCHANGE_CODEC = ExchangeCodec()


def _differing(observed: Sequence[str], expected: Sequence[str]) -> Sequence[str | None]:
    """Return the observed headers that are not the expected ones."""
    if observed == expected:
        return [None]
    return [
        None if header == other else header
        for header, other in zip(observed, expected, strict=True)
    ]


def _as_sent(cookie: Cookie) -> RequestCookie:
    """Return what a request has of a cookie of the jar that was sent."""
    return RequestCookie(cookie.name, cookie.value, cookie.domain, cookie.path, _SENT, cookie)


def _others(carried: Sequence[RequestCookie]) -> dict[int, RequestCookie]:
    """Return the cookies of requests that the jar's cookies do not tell, by their index."""
    return {
        at: each
        for at, each in enumerate(carried)
        if each.cookie is None or each != _as_sent(each.cookie)
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
            found.append(_as_sent(cookie))
    return found


def _in_lists(items: Sequence[T], counts: Sequence[int]) -> list[tuple[T, ...]]:
    """Return items in lists of so many each."""
    left = iter(items)
    return [tuple(islice(left, count)) for count in counts]


def _responses_of(block: _Block, names: Sequence[str], jar: Jar) -> Iterator[ResponsePart]:
    """Return the responses of a block, one after the other, to the exchanges with these ids."""
    events = _RESPONSES.build(block.responses, len(names), {"exchange_id": names})
    return map(ResponsePart, events, block.positions, block.results.all(jar))
