"""A quiet threaded server on loopback, which stops when its lifeline is cut."""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from cookietrace.errors import LaunchError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    """Answers requests without writing a line for each."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing: the story of the requests is told elsewhere."""


class DemoServer:
    """A server that has its port as soon as it is made, and answers once it runs."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        """Take the port (0: a free one); raises ``LaunchError`` where it cannot be had."""
        try:
            self._socket = socket.create_server((HOST, port))
        except (OSError, OverflowError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else "there is no such port"
            raise LaunchError(
                f"the demo app cannot listen on {HOST}:{port} ({reason}): "
                "give it another port with --port, or --port 0 for a free one"
            ) from error
        self._server: BaseWSGIServer = make_server(
            HOST,
            port,
            app,
            threaded=True,
            request_handler=_QuietHandler,
            fd=self._socket.fileno(),
        )

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        """Answer requests until ``stop`` is called, be it before or after."""
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._server.server_close()
            self._socket.close()

    def stop(self) -> None:
        """Make ``run`` return; may be called from any thread but the one that runs."""
        self._server.shutdown()

    def stop_on_signals(self) -> None:
        """Stop at Ctrl-C, SIGTERM and SIGHUP; to be called from the main thread."""

        def stop(_number: int, _frame: Any) -> None:
            # The handler runs in the thread that serves, which would wait for itself.
            threading.Thread(target=self.stop, daemon=True).start()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)

    def stop_at_end_of(self, lifeline: int) -> None:
        """Stop when the other end of this pipe is closed, however that comes about."""

        def wait() -> None:
            try:
                while os.read(lifeline, 4096):
                    pass
            except OSError:
                pass
            self.stop()

        threading.Thread(target=wait, daemon=True).start()
