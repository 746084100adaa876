"""What mitmproxy keeps for as long as a connection lives, or collects without a limit: bounded."""

from __future__ import annotations

import importlib

from mitmproxy.addonmanager import Loader

from proxy_addon.http1.replacement import Replacement

_LAYERS = "mitmproxy.proxy.layers"
REPLACED = (
    (f"{_LAYERS}.http._http1", "Http1Connection", "_handle_event", "heads.with_bounded_heads"),
    (f"{_LAYERS}.http", "HttpLayer", "get_connection", "connections.without_ended_connections"),
    (f"{_LAYERS}.tcp", "TCPLayer", "__init__", "tunnels.without_messages"),
)
"""What is replaced: module, class, function; and what makes the replacement, in ``http1/``."""


class Bounds:
    """Keeps our own mitmproxy from growing, from ``load`` to ``done``.

    The user's own is left alone: other addons there may look back at what it keeps. A function
    that is not where we know it stays as it is.
    """

    name = "cookietrace_bounds"

    def __init__(self) -> None:
        self._replacements: list[Replacement] = []

    def load(self, loader: Loader) -> None:
        """Put bounds where there are none."""
        del loader
        for module, owner, name, made_by in REPLACED:
            file, _, make = made_by.partition(".")
            try:
                found = getattr(importlib.import_module(module), owner)
                ours = importlib.import_module(f"proxy_addon.http1.{file}")
            except (ImportError, AttributeError):  # another mitmproxy than we know
                continue
            if name in vars(found):
                self._replacements.append(Replacement(found, name, getattr(ours, make)))

    def done(self) -> None:
        """Leave mitmproxy as it was."""
        while self._replacements:
            self._replacements.pop().undo()
