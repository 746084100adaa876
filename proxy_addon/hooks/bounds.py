"""What mitmproxy keeps for as long as a connection lives, or collects without a limit: bounded."""

from __future__ import annotations

import importlib

from mitmproxy.addonmanager import Loader

from proxy_addon.hooks.replacement import Replacement

_HTTP = "mitmproxy.proxy.layers.http"
REPLACED = (
    (f"{_HTTP}._http1", "Http1Connection", "_handle_event", "bounds.heads", "with_bounded_heads"),
    (_HTTP, "HttpLayer", "get_connection", "bounds.connections", "without_ended_connections"),
    ("mitmproxy.proxy.layers.tcp", "TCPLayer", "__init__", "bounds.tunnels", "without_messages"),
    (f"{_HTTP}._http_h2", "BufferedH2Connection", "__init__", "bounds.windows", "with_windows"),
    (_HTTP, "HttpLayer", "_handle_event", "bounds.windows", "with_grants"),
)
"""What is replaced: module, class and function; and what makes the replacement."""


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
        for module, owner, name, file, make in REPLACED:
            try:
                found = getattr(importlib.import_module(module), owner)
                ours = importlib.import_module(f"proxy_addon.{file}")
            except (ImportError, AttributeError):  # another mitmproxy than we know
                continue
            if name in vars(found):
                self._replacements.append(Replacement(found, name, getattr(ours, make)))

    def done(self) -> None:
        """Leave mitmproxy as it was."""
        while self._replacements:
            self._replacements.pop().undo()
