"""The demo app in a thread, writing down which requests it saw."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from cookietrace.witness.shared_secret import shared_secret
from demo_app import create_app
from demo_app.server import DemoServer
from tests.soak.ledger import REQUEST_HEADER, Ledger

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FIELD = "HTTP_" + REQUEST_HEADER.upper().replace("-", "_")


class LessonApp:
    """The demo app with its witness, on a free port, for the duration of the block."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._app: WSGIApplication = create_app(witness_secret=shared_secret())
        self._server = DemoServer(self._seen)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return self._server.url

    @property
    def requests(self) -> int:
        """How many requests of any kind it saw."""
        return self._server.requests

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.stop()
        self._thread.join()

    def _seen(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request_id = environ.get(_FIELD)
        if request_id is not None:
            self._ledger.saw(str(request_id))
        return self._app(environ, start)
