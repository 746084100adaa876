"""The files of the page itself: they hold nothing of any capture, so they need no token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

from cookietrace.formats.page.rendering import SHARED_SCRIPTS
from cookietrace.web.shell import OWN, SHARED, shell

SHELL: Final = "index.html"
"""The page that ``/`` is."""

_SHARED_FILES: Final = ("style.css", *(f"script/{name}.js" for name in SHARED_SCRIPTS))
"""What the page has from the lesson page, by its place there."""

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
    """Return all files by their names; read once."""
    found = {path.name: path.read_bytes() for path in _files()} | {SHELL: shell()}
    return {name: _asset(name, content) for name, content in sorted(found.items())}


def _files() -> Iterator[Traversable]:
    yield from (path for path in OWN.iterdir() if path.is_file())
    yield from (SHARED.joinpath(*place.split("/")) for place in _SHARED_FILES)


def _asset(name: str, content: bytes) -> Asset:
    content_type = _TYPES[name[name.rindex(".") :]]
    return Asset(content, content_type, f'"{sha256(content).hexdigest()[:16]}"')
