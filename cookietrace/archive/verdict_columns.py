"""Cookies, and the results of Set-Cookie lines, as columns of a block.

Requests and responses that follow each other have the same cookies, again and again, so a block
holds each cookie once, and everything else has its number there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar, cast

import msgspec

from cookietrace.archive.struct_columns import Fields, StructColumns, fields_of
from cookietrace.cookies import Cookie, StoreResult
from cookietrace.cookies.parse import Attributes, ParsedCookie

T = TypeVar("T")

Jar = Sequence[Cookie | None]
"""The cookies of a block by number; the first is None."""


def numbered(objects: Sequence[T]) -> tuple[list[int], list[T]]:
    """Return a number for each object, and the objects by number: each of them once.

    The same object has the same number; two that are only equal have not.
    """
    numbers: dict[int, int] = {}
    column: list[int] = []
    distinct: list[T] = []
    for each in objects:
        number = numbers.get(id(each))
        if number is None:
            number = numbers[id(each)] = len(distinct)
            distinct.append(each)
        column.append(number)
    return column, distinct


class Numbering:
    """The cookies of a block, numbered by identity; number 0 stands for none."""

    def __init__(self, *lists: Sequence[Cookie | None]) -> None:
        """Number the cookies of some lists."""
        every = [None, *chain.from_iterable(lists)]
        numbers, (_, *cookies) = numbered(every)
        self._left = iter(numbers[1:])
        self.cookies = cast("list[Cookie]", cookies)
        """The cookies from number 1 on."""

    def next(self, count: int) -> list[int]:
        """Return the numbers of the next so many cookies of the lists."""
        return list(islice(self._left, count))


_COOKIES = StructColumns(Cookie)
_ATTRIBUTES = StructColumns(Attributes)
_PARSED = StructColumns(ParsedCookie, left_out={"attributes"})
_RESULTS = StructColumns(StoreResult, left_out={"parsed", "cookie", "previous"})


class PackedCookies(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Cookies, as columns."""

    count: int
    columns: _COOKIES.type  # type: ignore[name-defined]

    def all(self) -> Jar:
        """Return the cookies, by number."""
        return [None, *_COOKIES.build(self.columns, self.count)]


def pack_cookies(cookies: Sequence[Cookie]) -> PackedCookies:
    """Return cookies as columns."""
    return PackedCookies(len(cookies), _COOKIES.pack(fields_of(Cookie, cookies)))


class PackedResults(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The results of several lists of Set-Cookie lines, as columns."""

    counts: list[int]
    """How many results each list has."""
    columns: _RESULTS.type  # type: ignore[name-defined]
    parsed: _PARSED.type  # type: ignore[name-defined]
    attributes: _ATTRIBUTES.type  # type: ignore[name-defined]
    cookies: list[int]
    previous: list[int]

    def all(self, jar: Jar) -> Iterator[tuple[StoreResult, ...]]:
        """Return the lists, given the cookies by number."""
        total = sum(self.counts)
        attributes = _ATTRIBUTES.build(self.attributes, total)
        given: dict[str, Iterable[object]] = {
            "parsed": _PARSED.build(self.parsed, total, {"attributes": attributes}),
            "cookie": [jar[number] for number in self.cookies],
            "previous": [jar[number] for number in self.previous],
        }
        results = iter(_RESULTS.build(self.columns, total, given))
        return (tuple(islice(results, count)) for count in self.counts)


def pack_results(counts: list[int], results: Fields, jar: Numbering) -> PackedResults:
    """Return results, given their fields, so many per list, as columns.

    The next cookies of ``jar`` are those of the results, then the previous ones.
    """
    total = len(results["parsed"])
    parsed = fields_of(ParsedCookie, results["parsed"])
    return PackedResults(
        counts,
        _RESULTS.pack(results),
        _PARSED.pack(parsed),
        _ATTRIBUTES.pack(fields_of(Attributes, parsed["attributes"])),
        jar.next(total),
        jar.next(total),
    )
