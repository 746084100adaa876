"""Tunnels and WebSockets: bytes that are passed on, and kept by no one.

mitmproxy keeps every message of a connection, and collects what arrives while its addons look at
one: from a fast server, without a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Init = Callable[..., None]


def without_messages(original: Init) -> Init:
    """Return a ``TCPLayer.__init__`` whose layer makes no flow, as for an ignored host."""

    def __init__(self: Any, context: Any, ignore: bool = True) -> None:  # noqa: N807
        del ignore
        original(self, context, ignore=True)

    return __init__
