"""What is written of each exchange of a growing trace, made while the exchange is whole.

A packed exchange is read back in longer than it takes to explain it. So what is written of an
exchange is made shortly before it is packed, kept as bytes, and made again at the end for the few
exchanges that changed after that, such as those of which a later request shows what the browser
did with their cookies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec
import zstandard

from cookietrace.archive import Blocks, FileBlocks
from cookietrace.archive.exchange_log import WHOLE
from cookietrace.archive.packed_list import BLOCK, Codec
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange, TraceUpdate
from cookietrace.trace import Trace

Item = TypeVar("Item")

_LEVEL = 1


class StructCodec(Generic[Item]):
    """The codec of a struct whose fields are all that there is to it."""

    def __init__(self, kind: type[Item]) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decoder = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]

    def encode(self, items: list[Item], /) -> bytes:
        """Return items as bytes. Raises what msgspec does if one cannot be encoded."""
        return self._encode(items)

    def decode(self, data: bytes, /) -> list[Item]:
        """Return the items again."""
        return self._decoder.decode(data)


class MadeEarly(Generic[Item]):
    """Makes an item of each exchange of one trace, which must be watched from its start or never.

    The items are in a temporary file that is gone when the process ends.
    """

    def __init__(
        self,
        make: Callable[[Exchange, BrowserWord], Item],
        codec: Codec[Item],
        *,
        blocks: Blocks | None = None,
        newest: int = WHOLE,
        page: int = BLOCK,
    ) -> None:
        """``make`` depends on the exchange, and on what browsers said beside it, alone.

        ``codec`` turns a page of items into bytes.

        An item is made early once ``newest`` exchanges follow, and ``page`` of them at a time.
        """
        self._make = make
        self._codec = codec
        self._blocks = blocks if blocks is not None else FileBlocks()
        self._newest = max(newest, page)
        self._page = page
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self._numbers: list[int] = []
        """The number of each page's block."""
        self.made = 0
        """How many items were made: those of the first exchanges."""
        self._changed: set[int] = set()
        """The numbers of the exchanges that changed after that."""

    def watch(self, trace: Trace, update: TraceUpdate) -> bool:
        """Look at what an event changed in the trace; return whether items were made."""
        exchanges, made = trace.exchanges, self.made
        if made:
            for name in update.exchanges:
                number = exchanges.number(name)
                if number is not None and number <= made:
                    self._changed.add(number)
        if len(exchanges) - made < self._newest:
            return False
        word = trace.browser
        items = [self._make(each, word) for each in exchanges[made : made + self._page]]
        self._numbers.append(self._blocks.add(self._encoded(items)))
        self.made += self._page
        return True

    def pages(self, trace: Trace) -> Iterator[list[Item]]:
        """Yield the items of all exchanges, in order, once the trace grows no more."""
        for number in range(self.made_pages):
            yield self._items(number, trace)
        yield from self._last(trace)

    @property
    def made_pages(self) -> int:
        """How many pages there are as bytes. Exchanges of those may still change."""
        return len(self._numbers)

    def made_page(self, number: int) -> bytes:
        """Return one of them as it was made, counted from 0, for ``decoded``."""
        return self._blocks.read(self._numbers[number])

    def data_pages(self, trace: Trace) -> Iterator[tuple[bytes, bool]]:
        """Yield ``pages`` as bytes, and whether each is what ``made_page`` returns."""
        changed = {(number - 1) // self._page for number in self._changed}
        for number in range(self.made_pages):
            if number in changed:
                yield self._encoded(self._items(number, trace)), False
            else:
                yield self.made_page(number), True
        for items in self._last(trace):
            yield self._encoded(items), False

    def _items(self, number: int, trace: Trace) -> list[Item]:
        """Return the items of a page; those of exchanges that changed are made again."""
        items, first = decoded(self._codec, self.made_page(number)), number * self._page
        if self._changed:
            for index in range(len(items)):
                if first + index + 1 in self._changed:
                    items[index] = self._make(trace.exchanges[first + index], trace.browser)
        return items

    def _last(self, trace: Trace) -> Iterator[list[Item]]:
        """Yield the items of the newest exchanges, which were not made yet."""
        exchanges, word = trace.exchanges, trace.browser
        for first in range(self.made_pages * self._page, len(exchanges), self._page):
            yield [self._make(each, word) for each in exchanges[first : first + self._page]]

    def _encoded(self, items: list[Item]) -> bytes:
        return self._compress(self._codec.encode(items))


def decoded(codec: Codec[Item], page: bytes) -> list[Item]:
    """Return the items of a page that ``MadeEarly`` made with this codec."""
    return list(codec.decode(zstandard.decompress(page)))
