"""Keeps what the fold has finished with, packed: the newest whole, the rest as compressed blocks.

A trace of a million exchanges fits into memory this way. Reading an old exchange costs some tens
of microseconds; its headers and bodies are read from the capture.
"""

from __future__ import annotations

from cookietrace.archive.blocks import Blocks, FileBlocks, MemoryBlocks
from cookietrace.archive.exchange_log import ExchangeList, ExchangeLog, Exchanges
from cookietrace.archive.packed_list import PackedList
from cookietrace.archive.request_columns import RequestColumns
from cookietrace.archive.row_log import RowLog
from cookietrace.archive.shelf import PLAIN, PackedShelf, PlainShelf, Shelf, VerdictShelf

__all__ = [
    "PLAIN",
    "Blocks",
    "ExchangeList",
    "ExchangeLog",
    "Exchanges",
    "FileBlocks",
    "MemoryBlocks",
    "PackedList",
    "PackedShelf",
    "PlainShelf",
    "RequestColumns",
    "RowLog",
    "Shelf",
    "VerdictShelf",
]
