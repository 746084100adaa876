"""The app's own count of the requests it got, to be held against what a proxy recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class RequestCount:
    """Counts requests, of all methods and for all paths, as they reach the app."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = 0

    @property
    def total(self) -> int:
        """How many requests have reached the app so far."""
        with self._lock:
            return self._total

    def counted(self, inner: WSGIApplication) -> WSGIApplication:
        """Return the WSGI app with the counting around it."""

        def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            with self._lock:
                self._total += 1
            return inner(environ, start)

        return app
