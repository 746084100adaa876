"""A threaded server on loopback that counts its requests and stops when its lifeline is cut."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from cookietrace.errors import LaunchError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    """Handles requests without logging them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: cookietrace shows the requests."""


class DemoServer:
    """A server that is bound to its port when it is created, and responds once it runs."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        """Bind the port (0: any free port); raises ``LaunchError`` if that is impossible."""
        self._count_lock = threading.Lock()
        self._requests = 0
        if not 0 <= port <= 65535:
            raise _cannot_listen(port, "there is no such port")
        try:
            self._socket = socket.create_server((HOST, port))
        except OSError as error:
            raise _cannot_listen(port, os.strerror(error.errno or 0)) from error
        self._server: BaseWSGIServer = make_server(
            HOST,
            port,
            self._counted(app),
            threaded=True,
            request_handler=_QuietHandler,
            fd=self._socket.fileno(),
        )

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    @property
    def requests(self) -> int:
        """How many requests of any kind have reached the app, to compare with a recording."""
        with self._count_lock:
            return self._requests

    def _counted(self, app: WSGIApplication) -> WSGIApplication:
        """Return the app wrapped so that its requests are counted."""

        def counted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            with self._count_lock:
                self._requests += 1
            return app(environ, start)

        return counted

    def run(self) -> None:
        """Serve requests until ``stop`` is called, which may happen before."""
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._server.server_close()
            self._socket.close()

    def stop(self) -> None:
        """Make ``run`` return; call it from any thread except the one that runs."""
        self._server.shutdown()

    def stop_on_signals(self) -> None:
        """Stop at Ctrl-C, SIGTERM and SIGHUP; call it from the main thread."""

        def stop(_number: int, _frame: Any) -> None:
            # The handler runs in the serving thread, which would wait for itself.
            threading.Thread(target=self.stop, daemon=True).start()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)

    def stop_at_end_of(self, lifeline: int) -> None:
        """Stop when the other end of this pipe is closed, for any reason."""

        def wait() -> None:
            try:
                while os.read(lifeline, 4096):
                    pass
            except OSError:
                pass
            self.stop()

        threading.Thread(target=wait, daemon=True).start()


def _cannot_listen(port: int, reason: str) -> LaunchError:
    """Return the error for a port that cannot be used."""
    return LaunchError(
        f"the demo app cannot listen on {HOST}:{port} ({reason}): "
        "give it another port with --port, or --port 0 for a free one"
    )
