"""Which lists a trace uses: plain ones, or packed ones for a capture that can be read again."""

from __future__ import annotations

from typing import Protocol

from cookietrace.archive.blocks import Blocks, FileBlocks
from cookietrace.archive.change_codecs import ChangeCodec, DetailCodec
from cookietrace.archive.exchange_log import WHOLE, ExchangeList, ExchangeLog, Exchanges
from cookietrace.archive.kept import EventsAt
from cookietrace.archive.packed_list import BLOCK, PackedList
from cookietrace.archive.row_log import Details
from cookietrace.fold.jar_history import Changes


class Shelf(Protocol):
    """Makes the lists of one trace."""

    def exchanges(self) -> Exchanges:
        """Return an empty list of exchanges."""

    def details(self) -> Details:
        """Return an empty list for what some rows add."""

    def changes(self) -> Changes:
        """Return an empty list of changes to a jar."""


class PlainShelf:
    """Everything stays whole and in memory."""

    def exchanges(self) -> Exchanges:
        """Return an empty list of exchanges."""
        return ExchangeList()

    def details(self) -> Details:
        """Return an empty list for what some rows add."""
        return []

    def changes(self) -> Changes:
        """Return an empty list of changes to a jar."""
        return []


PLAIN = PlainShelf()


class PackedShelf:
    """The newest stays whole; the rest is packed into a temporary file."""

    def __init__(
        self,
        events_at: EventsAt,
        blocks: Blocks | None = None,
        *,
        newest: int = WHOLE,
        block: int = BLOCK,
    ) -> None:
        """``events_at`` reads the capture that the trace is of."""
        self._block = block
        self._events_at = events_at
        self._blocks = blocks if blocks is not None else FileBlocks()
        self._newest = newest

    def exchanges(self) -> Exchanges:
        """Return an empty list of exchanges."""
        return ExchangeLog(self._events_at, self._blocks, newest=self._newest, block=self._block)

    def details(self) -> Details:
        """Return an empty list for what some rows add."""
        return PackedList(DetailCodec(), self._blocks, whole=self._newest, block=self._block)

    def changes(self) -> Changes:
        """Return an empty list of changes to a jar."""
        return PackedList(ChangeCodec(), self._blocks, whole=self._newest, block=self._block)
