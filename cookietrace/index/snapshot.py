"""The content of an index as bytes, and back.

It is a pickle that can name nothing but classes of the rooms that an index holds and a few
containers: whatever is in the file, reading it runs no other code. What belongs to this process,
such as the open capture and the list of public suffixes, is left out and put back. Arrays of
numbers, most of what there is, follow the pickle as they are, so that no copy of them has to be
in memory.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Mapping
from typing import IO, Any

import msgspec

from cookietrace.archive import FileBlocks
from cookietrace.archive.kept import EventsAt
from cookietrace.cookies import default_public_suffixes
from cookietrace.errors import FormatError
from cookietrace.index.content import Content
from cookietrace.lesson.mask import unmasked

_ROOMS = ("archive", "cookies", "events", "fold", "index.content", "lesson", "trace")
_PREFIXES = tuple(f"cookietrace.{room}" for room in _ROOMS)

_CONTAINERS: Mapping[tuple[str, str], str] = {
    ("builtins", "bytearray"): "bytearray",
    ("builtins", "dict"): "dict",
    ("builtins", "frozenset"): "frozenset",
    ("builtins", "list"): "list",
    ("builtins", "set"): "set",
    ("collections", "Counter"): "Counter",
    ("collections", "OrderedDict"): "OrderedDict",
    ("collections", "defaultdict"): "defaultdict",
    ("collections", "deque"): "deque",
    ("datetime", "date"): "date",
    ("msgspec._utils", "rebuild"): "rebuild",
}
"""What may be named apart from classes of the rooms."""


_TYPES = "BbHhIiLlQqfd"
"""The types of arrays. An array stands in the pickle as its number times 16, plus its type's."""

_PIECE = 1 << 16
"""How many items of an array are written at a time."""


class _Pickler(pickle.Pickler):
    """Leaves out what belongs to this process, and arrays."""

    def __init__(self, file: IO[bytes], outside: Mapping[str, object]) -> None:
        super().__init__(file, protocol=5)
        self._names = {id(value): name for name, value in outside.items()}
        self._events_at = outside["events_at"]
        self.arrays: list[array[Any]] = []
        self._numbers: dict[int, int] = {}
        """The number of each array by its identity."""

    def persistent_id(self, obj: object) -> str | int | None:
        if type(obj) is array:
            number = self._numbers.setdefault(id(obj), len(self.arrays))
            if number == len(self.arrays):
                self.arrays.append(obj)
            return number * 16 + _TYPES.index(obj.typecode)
        if obj == self._events_at and callable(obj):  # a bound method is made again each time
            return "events_at"
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    """Names nothing but what an index holds."""

    def __init__(self, file: IO[bytes], outside: Mapping[str, object]) -> None:
        super().__init__(file)
        self._outside = outside
        self.arrays: list[array[Any]] = []
        """Empty until the pickle has been read."""

    def persistent_load(self, pid: Any) -> object:
        if isinstance(pid, int):
            number, kind = divmod(pid, 16)
            if number == len(self.arrays):
                self.arrays.append(array(_TYPES[kind]))
            return self.arrays[number]
        return self._outside[pid]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CONTAINERS:
            return super().find_class(module, name)
        if any(module == prefix or module.startswith(f"{prefix}.") for prefix in _PREFIXES):
            found = super().find_class(module, name)
            # A planted one could close any descriptor of this process.
            of_process = found is FileBlocks
            if isinstance(found, type) and found.__module__ == module and not of_process:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not part of an index")


def dump(content: Content, events_at: EventsAt, file: IO[bytes]) -> None:
    """Write the content of an index, without its blocks and the open capture.

    Raises ``RuntimeError`` if something changes it meanwhile, and ``OSError``.
    """
    pickler = _Pickler(file, _outside(events_at, content.blocks))
    pickler.dump(content)
    lengths = array("Q", map(len, pickler.arrays))
    file.write(lengths.tobytes())
    for each, length in zip(pickler.arrays, lengths, strict=True):
        # Its own buffer must not be in use: the array could not grow meanwhile.
        for first in range(0, length, _PIECE):
            file.write(each[first : min(first + _PIECE, length)].tobytes())
    if not content.is_unchanged:
        raise RuntimeError("the content of an index has changed")


def load(file: IO[bytes], events_at: EventsAt, blocks: FileBlocks) -> Content:
    """Return the content again, with these blocks and this capture.

    Raises ``FormatError`` if it is not that of an index.
    """
    try:
        unpickler = _Unpickler(file, _outside(events_at, blocks))
        content = unpickler.load()
        lengths = array("Q")
        lengths.fromfile(file, len(unpickler.arrays))
        for each, length in zip(unpickler.arrays, lengths, strict=True):
            each.fromfile(file, length)
    except Exception as error:
        raise FormatError("its content cannot be read") from error
    if not isinstance(content, Content):
        raise FormatError("its content cannot be read")
    return content


def _outside(events_at: EventsAt, blocks: FileBlocks) -> Mapping[str, object]:
    return {
        "blocks": blocks,
        "events_at": events_at,
        "suffixes": default_public_suffixes(),
        "unmasked": unmasked,
        "unset": msgspec.UNSET,
    }
