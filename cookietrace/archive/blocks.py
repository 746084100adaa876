"""Where packed blocks lie: in memory, or in a file without a name that ends with the process."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from array import array
from typing import Protocol


class Blocks(Protocol):
    """A growing sequence of blocks of bytes. May be used from several threads."""

    def __len__(self) -> int:
        """The number of blocks."""

    def add(self, data: bytes) -> int:
        """Keep a block, and return its number: 0, 1, 2 and so on."""

    def read(self, number: int) -> bytes:
        """Return a block. Raises ``IndexError`` if there is none."""


class MemoryBlocks:
    """Blocks in memory."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, data: bytes) -> int:
        """Keep a block, and return its number."""
        self._blocks.append(data)
        return len(self._blocks) - 1

    def read(self, number: int) -> bytes:
        """Return a block. Raises ``IndexError`` if there is none."""
        return self._blocks[number]


class FileBlocks:
    """Blocks in a temporary file that only this process can reach.

    The file has no name, so nothing is left of it when the process ends in whatever way. When it
    cannot be written, for example because the disk is full, later blocks stay in memory.
    """

    def __init__(self, first: Blocks | None = None) -> None:
        """``first`` holds the first blocks, and gets no more."""
        self._first: Blocks = first if first is not None else MemoryBlocks()
        self._first_length = len(self._first)
        self._lock = threading.Lock()
        self._ends = array("Q")
        self._in_memory: dict[int, bytes] = {}
        self._file: int | None = None
        with contextlib.suppress(OSError), tempfile.TemporaryFile(buffering=0) as file:
            self._file = os.dup(file.fileno())

    def add(self, data: bytes) -> int:
        """Keep a block, and return its number."""
        with self._lock:
            number = len(self._ends)
            end = self._ends[-1] if number else 0
            if self._write(data, end):
                end += len(data)
            else:
                self._in_memory[number] = data
            self._ends.append(end)
            return self._first_length + number

    def __len__(self) -> int:
        return self._first_length + len(self._ends)

    def _write(self, data: bytes, at: int) -> bool:
        """Return whether the whole block is in the file now."""
        if self._file is None:
            return False
        try:
            return os.pwrite(self._file, data, at) == len(data)
        except OSError:
            return False

    def read(self, number: int) -> bytes:
        """Return a block. Raises ``IndexError`` if there is none."""
        if number < self._first_length:
            return self._first.read(number)
        number -= self._first_length
        kept = self._in_memory.get(number)
        if kept is not None:
            return kept
        end = self._ends[number]
        start = self._ends[number - 1] if number else 0
        assert self._file is not None
        return os.pread(self._file, end - start, start)

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)
