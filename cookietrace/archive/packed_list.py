"""A list whose older items are compressed blocks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

import zstandard

from cookietrace.archive.blocks import Blocks

BLOCK = 128
"""Items per block: reading one unpacks them all, and fewer of them compress worse."""

_CACHED_BLOCKS = 16
_MOST_CHANGED = 512
_LEVEL = 1

Item = TypeVar("Item")

UNPACKABLE = (OverflowError, TypeError, UnicodeError)
"""What encoding raises for an item that has to stay whole."""


class Codec(Protocol[Item]):
    """Turns the items of a block into bytes, and back."""

    def encode(self, items: list[Item], /) -> bytes:
        """Return items as bytes. Raises one of ``UNPACKABLE``."""

    def decode(self, data: bytes, /) -> Sequence[Item]:
        """Return the items again."""


class PackedList(Sequence[Item], Generic[Item]):
    """A growing list of immutable items.

    Its newest items are whole; older ones are unpacked for each reading, so that an item read
    twice is equal and not identical. An item that cannot be packed stays whole.

    One thread may change it while others read.
    """

    def __init__(
        self,
        codec: Codec[Item],
        blocks: Blocks,
        *,
        whole: int,
        block: int = BLOCK,
    ) -> None:
        """``whole`` is how many of the newest items stay whole.

        ``block`` is how many items a block has.
        """
        self._size = block
        self._codec = codec
        self._blocks = blocks
        self._most_whole = whole
        self._length = 0
        self._packed = 0
        """How many items are in blocks."""
        self._numbers: list[int] = []
        """The number of each block."""
        self._whole: dict[int, Item] = {}
        """The items that are not in blocks yet, or that replace what is there."""
        self._changed: set[int] = set()
        """Which of them replace what is there and can be packed."""
        self._begin()

    def _begin(self) -> None:
        """Make what belongs to this process."""
        self._cache: OrderedDict[int, Sequence[Item]] = OrderedDict()
        self._lock = threading.Lock()
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        """For the one thread that changes the list."""

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_cache", "_lock", "_compress")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._begin()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._length))]
        at = index + self._length if index < 0 else index
        if not 0 <= at < self._length:
            raise IndexError(index)
        while True:
            # It may be packed between the two looks, and a change may be packed between them too.
            item = self._whole.get(at)
            if item is not None:
                return item
            if at < self._packed:
                return self._block(at // self._size)[at % self._size]

    def __iter__(self) -> Iterator[Item]:
        for at in range(self._length):
            yield self[at]

    def append(self, item: Item) -> None:
        """Add an item at the end."""
        self._whole[self._length] = item
        self._length += 1
        if self._length - self._packed >= self._most_whole + self._size:
            self._pack_oldest()

    def append_block(self, items: list[Item]) -> None:
        """Add as many items as a block has, packed, to a list in which no other item is whole."""
        assert len(items) == self._size
        assert self._length == self._packed
        self._add_block(items)
        self._length = self._packed

    def replace(self, at: int, item: Item) -> None:
        """Put another item at an index that exists."""
        self._whole[at] = item
        if at < self._packed:
            self._changed.add(at)
            if len(self._changed) >= _MOST_CHANGED:
                self._pack_changed()

    def _pack_oldest(self) -> None:
        """Pack the oldest whole items into one block."""
        whole, block = self._whole, range(self._packed, self._packed + self._size)
        left = self._add_block(list(map(whole.__getitem__, block)))
        for at in block:
            if at not in left:
                del whole[at]

    def _add_block(self, items: list[Item]) -> Container[int]:
        """Pack the next items, and return the indices of those that must stay whole beside it."""
        first = self._packed
        data, left = self._pack(items)
        whole = {first + at: items[at] for at in left}
        self._whole.update(whole)
        self._numbers.append(self._blocks.add(data))
        self._packed += self._size
        return whole

    def _pack_changed(self) -> None:
        """Pack the blocks again in which items were replaced."""
        for block in sorted({at // self._size for at in self._changed}):
            first = block * self._size
            items = [self[at] for at in range(first, first + self._size)]
            data, left = self._pack(items)
            number = self._blocks.add(data)
            with self._lock:
                self._numbers[block] = number
                self._cache.pop(block, None)
            for at in range(first, first + self._size):
                if at - first not in left:
                    self._whole.pop(at, None)
        self._changed.clear()

    def _pack(self, items: list[Item]) -> tuple[bytes, set[int]]:
        """Return items as a block, and which of them must stay whole beside it."""
        try:
            return self._compress(self._codec.encode(items)), set()
        except UNPACKABLE:
            pass  # for example a number of more than 64 bits
        left: set[int] = set()
        for at, item in enumerate(items):
            try:
                self._codec.encode([item])
            except UNPACKABLE:
                left.add(at)
        kept = [item for at, item in enumerate(items) if at not in left]
        stand_in = kept[0] if kept else None
        if stand_in is None:
            return b"", left
        filled = [stand_in if at in left else item for at, item in enumerate(items)]
        return self._compress(self._codec.encode(filled)), left

    def _block(self, block: int) -> Sequence[Item]:
        """Return the items of a block."""
        with self._lock:
            items = self._cache.get(block)
            if items is not None:
                self._cache.move_to_end(block)
                return items
            number = self._numbers[block]
        data = zstandard.ZstdDecompressor().decompress(self._blocks.read(number))
        items = self._codec.decode(data)
        with self._lock:
            if self._numbers[block] == number:
                self._cache[block] = items
                if len(self._cache) > _CACHED_BLOCKS:
                    self._cache.popitem(last=False)
        return items
