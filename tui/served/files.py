"""The files of the page: ours, and those of textual-serve that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec

WEBGL: Final = b"this.webglAddon=new p.WebglAddon,this.terminal.loadAddon(this.webglAddon),"
"""What textual.js does before it loads the addon that draws on a plain canvas.

Where there is no WebGL, this raises an error, and neither addon draws. What draws then needs inline
styles, which the page's policy does not allow.
"""

_OURS: Final = files("tui.served") / "page"
_THEIRS: Final = files("textual_serve") / "static"

_FILES: Final = MappingProxyType(
    {
        "/": (_OURS / "index.html", "text/html"),
        "/terminal.js": (_OURS / "terminal.js", "text/javascript"),
        "/terminal.css": (_OURS / "terminal.css", "text/css"),
        "/textual.js": (_THEIRS / "js" / "textual.js", "text/javascript"),
        "/xterm.css": (_THEIRS / "css" / "xterm.css", "text/css"),
        "/mono.ttf": (_THEIRS / "fonts" / "RobotoMono-VariableFont_wght.ttf", "font/ttf"),
        "/mono-italic.ttf": (
            _THEIRS / "fonts" / "RobotoMono-Italic-VariableFont_wght.ttf",
            "font/ttf",
        ),
    }
)
"""Every file that is served, by its path. There is nothing else, and no listing."""


class Page(msgspec.Struct, frozen=True):
    """One file of the page."""

    content: bytes
    content_type: str


@cache
def pages() -> Mapping[str, Page]:
    """Return all files by their paths; read once."""
    found = {path: Page(file.read_bytes(), kind) for path, (file, kind) in _FILES.items()}
    script = found["/textual.js"]
    found["/textual.js"] = Page(script.content.replace(WEBGL, b""), script.content_type)
    return MappingProxyType(found)
