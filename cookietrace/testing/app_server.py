"""Serves a WSGI app on a free loopback port in a thread, for as long as a test needs it."""

from __future__ import annotations

import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cookietrace.errors import LaunchError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class AppServer:
    """A running app."""

    def __init__(self, app: WSGIApplication) -> None:
        """Serve the app; raises ``LaunchError`` if there is no port for it."""
        try:
            self._server = _Server(("127.0.0.1", 0), _QuietHandler)
        except OSError as error:
            raise LaunchError(f"cannot serve the app on 127.0.0.1: {error.strerror}") from error
        self._server.set_app(app)
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving; requests in progress are not waited for. Safe to call twice."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    """One thread per request, so that a page may make requests while one is in progress."""

    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Bind, without asking a name server what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    """Writes nothing to stderr for each request."""

    def address_string(self) -> str:
        """Return the client's address, without asking a name server."""
        return str(self.client_address[0])

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
