"""Stores of captures: the protocol, the backends, and how to open one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe
from cookietrace.stores.capture_store import START, Batch, CaptureStore, Remote, Woken, events_of
from cookietrace.stores.connection import has_content, is_sqlite
from cookietrace.stores.folder import (
    CaptureFile,
    capture_named,
    captures_folder,
    delete_capture,
    delete_if_bare,
    give_up_capture_path,
    is_bare,
    list_captures,
    reserve_capture_path,
)
from cookietrace.stores.imported import ImportedStore
from cookietrace.stores.memory import MemoryStore
from cookietrace.stores.redis_streams.address import SCHEMES, is_redis_url
from cookietrace.stores.salvage import salvage
from cookietrace.stores.sqlite import SUFFIX, SqliteStore, create_capture, open_sqlite
from cookietrace.stores.stored_events import Passing, StoredEvents
from cookietrace.stores.writer_lock import is_live, writer_of


class Opener(Protocol):
    """Opens the capture named by the part of a URL after its scheme."""

    def __call__(self, path: str, *, write: bool = False) -> CaptureStore:
        """Return the store, or raise ``CaptureError``."""


def _open_redis(scheme: str) -> Opener:
    """Return what opens a capture in Redis; nothing is imported before it is used."""

    def opened(path: str, *, write: bool = False) -> CaptureStore:
        return _redis(f"{scheme}:{path}", write=write)

    return opened


def _redis(url: str, *, write: bool = False, patient: bool = False) -> CaptureStore:
    from cookietrace.stores.redis_streams.opening import open_redis

    return open_redis(url, write=write, patient=patient)


STORES: Mapping[str, Opener] = MappingProxyType(
    {"sqlite": open_sqlite} | {scheme: _open_redis(scheme) for scheme in SCHEMES}
)
"""URL scheme -> how to open such a capture; a new backend is one new entry."""


def open_store(
    url_or_path: Path | str, *, write: bool = False, patient: bool = False
) -> CaptureStore:
    """Open an existing capture: a path, or a URL such as ``sqlite:PATH``.

    ``patient`` is for viewers: once it is open, a server that is away is no error, and batches say
    what the trouble is until it is back. Raises ``SchemaError`` if a newer version wrote it, and
    ``CaptureError`` if it cannot be opened or the scheme is unknown.
    """
    scheme, separator, rest = str(url_or_path).partition(":")
    if isinstance(url_or_path, str) and is_redis_url(url_or_path):
        return _redis(url_or_path, write=write, patient=patient)
    if isinstance(url_or_path, Path) or not separator or Path(url_or_path).exists():
        return open_sqlite(url_or_path, write=write)
    if scheme in STORES:
        return STORES[scheme](re.sub("^//(?=/)", "", rest), write=write)
    if rest.startswith("//"):
        raise CaptureError(
            f"no store is called {safe(scheme)}: there is {', '.join(sorted(STORES))}"
        )
    return open_sqlite(url_or_path, write=write)


def open_or_create(path: Path, *, sensitive: bool = True) -> CaptureStore:
    """Open the capture at ``path`` for writing; create it if it is missing or an empty file.

    ``sensitive`` applies to a new capture. The folder for captures is made if it is missing; no
    other folder is, since a name that was mistyped would make one. Raises ``CaptureError``.
    """
    if has_content(path):
        return open_store(path, write=True)
    folder = Path(os.path.realpath(path)).parent
    if not folder.exists() and path.parent != captures_folder():
        raise CaptureError(
            f"there is no folder {safe(str(folder))}: create it, or choose another --capture file"
        )
    return create_capture(path, sensitive=sensitive)


__all__ = [
    "START",
    "STORES",
    "SUFFIX",
    "Batch",
    "CaptureFile",
    "CaptureStore",
    "ImportedStore",
    "MemoryStore",
    "Opener",
    "Passing",
    "Remote",
    "SqliteStore",
    "StoredEvents",
    "Woken",
    "capture_named",
    "captures_folder",
    "create_capture",
    "delete_capture",
    "delete_if_bare",
    "events_of",
    "give_up_capture_path",
    "has_content",
    "is_bare",
    "is_live",
    "is_redis_url",
    "is_sqlite",
    "list_captures",
    "open_or_create",
    "open_sqlite",
    "open_store",
    "reserve_capture_path",
    "salvage",
    "writer_of",
]
