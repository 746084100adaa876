"""Packs the changes to a jar, and what some rows add to that of an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import starmap

import msgspec

from cookietrace.archive.row_log import RowDetails
from cookietrace.archive.struct_columns import StructColumns, fields_of, once, spread
from cookietrace.archive.verdict_columns import (
    Numbering,
    PackedCookies,
    PackedResults,
    pack_cookies,
    pack_results,
)
from cookietrace.cookies import CookieKey, StoreResult
from cookietrace.fold.exchange import JarChange

_CHANGES = StructColumns(JarChange, left_out={"key", "before", "after"})


class _Changes(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The changes of a block; ``before`` and ``after`` are numbers of cookies."""

    columns: _CHANGES.type  # type: ignore[name-defined]
    keys: Sequence[CookieKey]
    before: list[int]
    after: list[int]
    jar: PackedCookies


class ChangeCodec:
    """The codec of changes to a jar."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Changes)

    def __reduce__(self) -> tuple[type[ChangeCodec], tuple[()]]:
        return ChangeCodec, ()

    def encode(self, items: list[JarChange], /) -> bytes:
        """Return changes as bytes. Raises one of ``UNPACKABLE``."""
        fields = fields_of(JarChange, items)
        jar = Numbering(fields["before"], fields["after"])
        count = len(items)
        changes = _Changes(
            _CHANGES.pack(fields),
            fields["key"],
            jar.next(count),
            jar.next(count),
            pack_cookies(jar.cookies),
        )
        return self._encoder.encode(changes)

    def decode(self, data: bytes, /) -> list[JarChange]:
        """Return the changes again."""
        block = self._decoder.decode(data)
        jar = block.jar.all()
        given: dict[str, Iterable[object]] = {
            "key": block.keys,
            "before": [jar[number] for number in block.before],
            "after": [jar[number] for number in block.after],
        }
        return _CHANGES.build(block.columns, len(block.keys), given)


class _Details(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the rows of a block add."""

    results: PackedResults
    lines: Sequence[tuple[int, ...]]
    refutes: Sequence[str | None]
    jar: PackedCookies


class DetailCodec:
    """The codec of what rows add."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Details)

    def __reduce__(self) -> tuple[type[DetailCodec], tuple[()]]:
        return DetailCodec, ()

    def encode(self, items: list[RowDetails], /) -> bytes:
        """Return what rows add as bytes. Raises one of ``UNPACKABLE``."""
        results = fields_of(StoreResult, [one for each in items for one in each.results])
        jar = Numbering(results["cookie"], results["previous"])
        details = _Details(
            pack_results([len(each.results) for each in items], results, jar),
            once([each.lines for each in items]),
            once([each.refutes for each in items]),
            pack_cookies(jar.cookies),
        )
        return self._encoder.encode(details)

    def decode(self, data: bytes, /) -> list[RowDetails]:
        """Return what rows add again."""
        block = self._decoder.decode(data)
        count = len(block.results.counts)
        columns = zip(
            block.results.all(block.jar.all()),
            spread(block.lines, count),
            spread(block.refutes, count),
            strict=True,
        )
        return list(starmap(RowDetails, columns))
