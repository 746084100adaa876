"""Packs the exchanges of a block as columns, with what they share only once.

Requests that follow each other carry the same cookies in the same context, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Any, TypeVar, cast

import msgspec

from cookietrace.archive.kept import Kept
from cookietrace.archive.struct_columns import StructColumns, once, spread
from cookietrace.archive.verdict_columns import (
    Jar,
    Numbering,
    PackedCookies,
    PackedResults,
    cookie_of,
    numbered,
    pack_cookies,
    pack_results,
    previous_of,
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
_context, _cookies, _withheld = map(attrgetter, ("context", "cookies", "withheld"))

_REQUESTS = StructColumns(Request, left_out={"headers"})
_RESPONSES = StructColumns(Response, left_out={"headers"})
_PARTS = StructColumns(
    RequestPart,
    # What is made again, or kept apart.
    left_out={"event", "target", "context", "observed", "cookies", "withheld"},
)
_ROWS = StructColumns(Row, left_out={"kind", "exchange_id", "position", "results", "lines"})
_CONTEXTS = StructColumns(RequestContext)

_plain = attrgetter("name", "value", "domain", "path", "status", "replaces", "refused_in", "set_in")
"""The fields of a request's cookie apart from the jar's cookie."""
_of_jar = attrgetter("name", "value", "domain", "path")
_AS_SENT = (CookieStatus.SENT, None, None, None)
"""The others of ``_plain`` for a cookie of the jar that was sent."""


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
        self._decoder = msgspec.msgpack.Decoder(_Block)

    def __reduce__(self) -> tuple[type[ExchangeCodec], tuple[()]]:
        return ExchangeCodec, ()

    def encode(self, items: list[Kept], /) -> bytes:
        """Return exchanges as bytes. Raises one of ``UNPACKABLE``."""
        exchanges = [kept.exchange for kept in items]
        parts = [exchange.request for exchange in exchanges]
        responses = [exchange.response for exchange in exchanges]
        given = [response for response in responses if response is not None]
        results = [result for response in given for result in response.set_cookies]
        contexts, all_contexts = numbered(list(map(_context, parts)))
        cookies, headers = numbered(list(map(_cookies, parts)))
        withheld, all_withheld = numbered(list(map(_withheld, parts)))
        carried, all_carried = numbered(list(chain.from_iterable(headers)))
        held = list(chain.from_iterable(all_withheld))
        jar = Numbering(
            list(map(cookie_of, all_carried)),
            list(map(cookie_of, held)),
            list(map(cookie_of, results)),
            list(map(previous_of, results)),
        )
        block = _Block(
            numbers=[exchange.number for exchange in exchanges],
            requests=_REQUESTS.pack([part.event for part in parts]),
            parts=_PARTS.pack(parts),
            rows=_ROWS.pack([exchange.row for exchange in exchanges]),
            observed=once(
                [None if part.observed == part.expected else part.observed for part in parts]
            ),
            contexts=once(contexts),
            cookies=once(cookies),
            withheld=once(withheld),
            places=[kept.places for kept in items],
            answered=once([response is not None for response in responses]),
            responses=_RESPONSES.pack([response.event for response in given]),
            positions=[response.position for response in given],
            context_count=len(all_contexts),
            all_contexts=_CONTEXTS.pack(all_contexts),
            carried_counts=list(map(len, headers)),
            carried=carried,
            carried_cookies=jar.next(len(all_carried)),
            others=_others(all_carried),
            withheld_counts=list(map(len, all_withheld)),
            held=jar.next(len(held)),
            reasons=[each.reasons for each in held],
            results=pack_results([len(response.set_cookies) for response in given], results, jar),
            jar=pack_cookies(jar.cookies),
        )
        return self._encoder.encode(block)

    def decode(self, data: bytes, /) -> Sequence[Kept]:
        """Return the exchanges again."""
        block = self._decoder.decode(data)
        jar = block.jar.all()
        contexts = [
            RequestContext(**dict(zip(_CONTEXTS.names, row, strict=True)))
            for row in _CONTEXTS.rows(block.all_contexts, block.context_count)
        ]
        all_carried = _carried(block, jar)
        headers = _in_lists([all_carried[each] for each in block.carried], block.carried_counts)
        held = [
            Withheld(cast("Cookie", jar[number]), reasons)
            for number, reasons in zip(block.held, block.reasons, strict=True)
        ]
        all_withheld = _in_lists(held, block.withheld_counts)
        count = len(block.numbers)
        answered = spread(block.answered, count)
        responses = _responses(block, sum(answered), jar)
        columns: Any = zip(
            block.numbers,
            _REQUESTS.rows(block.requests, count),
            _PARTS.rows(block.parts, count),
            _ROWS.rows(block.rows, count),
            spread(block.observed, count),
            spread(block.contexts, count),
            spread(block.cookies, count),
            spread(block.withheld, count),
            block.places,
            answered,
            strict=True,
        )
        found = []
        for (
            number, of_event, of_part, of_row, observed, context, cookies, withheld, places, has,
        ) in columns:  # fmt: skip
            event = Request(**dict(zip(_REQUESTS.names, of_event, strict=True)))
            fields = dict(zip(_PARTS.names, of_part, strict=True))
            part = RequestPart(
                event=event,
                target=parse_target(event.url),
                context=contexts[context],
                observed=fields["expected"] if observed is None else observed,
                cookies=headers[cookies],
                withheld=all_withheld[withheld],
                **fields,
            )
            row = Row(
                kind=RowKind.EXCHANGE,
                exchange_id=event.exchange_id,
                position=part.position,
                **dict(zip(_ROWS.names, of_row, strict=True)),
            )
            response = next(responses) if has else None
            found.append(Kept(Exchange(number, part, row, response), places))
        return found


EXCHANGE_CODEC = ExchangeCodec()


def _others(carried: Sequence[RequestCookie]) -> dict[int, RequestCookie]:
    """Return the cookies of requests that the jar's cookies do not tell, by their index."""
    sent = [None if each.cookie is None else _of_jar(each.cookie) + _AS_SENT for each in carried]
    plain = list(map(_plain, carried))
    if plain == sent:
        return {}
    return {at: each for at, each in enumerate(carried) if plain[at] != sent[at]}


def _carried(block: _Block, jar: Jar) -> Sequence[RequestCookie]:
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


def _responses(block: _Block, count: int, jar: Jar) -> Iterator[ResponsePart]:
    """Yield the responses of a block."""
    columns = zip(
        _RESPONSES.rows(block.responses, count),
        block.positions,
        block.results.all(jar),
        strict=True,
    )
    for row, position, results in columns:
        event = Response(**dict(zip(_RESPONSES.names, row, strict=True)))
        yield ResponsePart(event, position, results)
