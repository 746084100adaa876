"""Small net logs: recorded with Chromium 156, then cut down to the entries that matter.

``page`` has a page with lines of many kinds, a redirect, a preflight, a WebSocket, a service worker
and scripts that write cookies; ``deletions`` has lines that delete, and Clear-Site-Data; ``https``
is HTTP/2; of ``stripped``, Chromium has left the cookies out.

``page.devtools`` has the messages of DevTools, one per line, about a page of that kind, with a
frame, workers, two more tabs and a request from the cache.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
    """Return what a log says about requests."""
    return [one for one in read(log(name)) if isinstance(one, Hop)]


def changes(name: str) -> list[Change]:
    """Return the changes of the store that no response made."""
    return [one for one in read(log(name)) if isinstance(one, Change)]


def messages(name: str) -> list[dict[str, Any]]:
    """Return messages of DevTools."""
    text = (FOLDER / f"{name}.devtools").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]
