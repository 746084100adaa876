"""The files of the page itself: they hold nothing of any capture, so they need no token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

SHELL: Final = "index.html"
"""The page that ``/`` is."""

_FOLDERS: Final = ("assets",)
"""Where they are, in this package."""

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


class Asset(msgspec.Struct, frozen=True):
    """One file."""

    content: bytes
    content_type: str
    tag: str
    """What identifies this state of it, as an ETag."""


@cache
def assets() -> Mapping[str, Asset]:
    """Return all files by their names, ``/`` between folders; read once."""
    found = {}
    for folder in _FOLDERS:
        for name, path in _below(files("cookietrace.web") / folder):
            content_type = _TYPES.get(name[name.rfind(".") :])
            if content_type is not None:
                content = path.read_bytes()
                found[name] = Asset(content, content_type, f'"{sha256(content).hexdigest()[:16]}"')
    return found


def _below(folder: Traversable, within: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{within}{entry.name}"
        if entry.is_dir():
            yield from _below(entry, f"{name}/")
        else:
            yield name, entry
