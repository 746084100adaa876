"""Small net logs: recorded with Chromium 156, then cut down to the entries that matter.

``page`` has a page with lines of many kinds, a redirect, a preflight, a WebSocket, a service worker
and scripts that write cookies; ``deletions`` has lines that delete, and Clear-Site-Data; ``https``
is HTTP/2; of ``stripped``, Chromium has left the cookies out.
"""

from __future__ import annotations

from pathlib import Path

from cookietrace.listening.net_log import NetLogReader
from cookietrace.listening.said import Change, Hop, Said

FOLDER = Path(__file__).parent / "logs"


def log(name: str) -> bytes:
    """Return a log."""
    return (FOLDER / f"{name}.netlog").read_bytes()


def read(data: bytes, size: int = 1 << 20) -> list[Said]:
    """Return everything that a log says, read in pieces of so many bytes."""
    reader = NetLogReader()
    found: list[Said] = []
    for start in range(0, len(data), size):
        found += reader.feed(data[start : start + size])
    return [*found, *reader.end()]


def hops(name: str) -> list[Hop]:
    """Return what a log says of requests."""
    return [one for one in read(log(name)) if isinstance(one, Hop)]


def changes(name: str) -> list[Change]:
    """Return the changes of the store that no response made."""
    return [one for one in read(log(name)) if isinstance(one, Change)]
