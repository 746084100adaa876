"""HTTP/2: a client over a ``Wire`` that already speaks TLS, and an app."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Sequence
from typing import Self

import h2.config  # type: ignore[import-untyped]
import h2.connection  # type: ignore[import-untyped]
import h2.events  # type: ignore[import-untyped]

from tests.proxy_addon.browser import Wire

Headers = Sequence[tuple[bytes, bytes]]


class Http2:
    """An HTTP/2 connection; header names and values are bytes, as received."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        config = h2.config.H2Configuration(client_side=True, header_encoding=None)
        self._connection = h2.connection.H2Connection(config)
        self._connection.initiate_connection()
        self._headers: dict[int, Headers] = {}
        self._bodies: dict[int, bytes] = {}
        self._ended: set[int] = set()
        self._flush()

    def ask(self, authority: str, path: bytes, *headers: tuple[bytes, bytes]) -> int:
        """Send a GET, and return its stream."""
        stream: int = self._connection.get_next_available_stream_id()
        pseudo = [
            (b":method", b"GET"),
            (b":scheme", b"https"),
            (b":authority", authority.encode()),
            (b":path", path),
        ]
        self._connection.send_headers(stream, [*pseudo, *headers], end_stream=True)
        self._flush()
        return stream

    def headers(self, stream: int) -> Headers:
        """Return the response's headers, waiting for them."""
        while stream not in self._headers:
            self._receive()
        return self._headers[stream]

    def body(self, stream: int) -> bytes:
        """Return the whole body, waiting for its end."""
        while stream not in self._ended:
            self._receive()
        return self._bodies.get(stream, b"")

    def cancel(self, stream: int) -> None:
        """Reset a stream, as browsers do to cancel a request."""
        self._connection.reset_stream(stream, 8)
        self._flush()

    def _flush(self) -> None:
        """Send pending data."""
        self._wire.send(self._connection.data_to_send())

    def _receive(self) -> None:
        """Wait for data, and process its events."""
        data = self._wire.socket.recv(65536)
        assert data, "the proxy closed"
        for event in self._connection.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                self._headers[event.stream_id] = event.headers
            elif isinstance(event, h2.events.DataReceived):
                self._bodies[event.stream_id] = self._bodies.get(event.stream_id, b"") + event.data
                self._connection.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id
                )
            elif isinstance(event, h2.events.StreamEnded):
                self._ended.add(event.stream_id)
        self._flush()


class Http2App:
    """Serves over HTTP/2 on a free port of 127.0.0.1, until it is closed.

    Each path responds with blocks of headers; bytes between them are its body.
    """

    def __init__(
        self, answers: dict[bytes, Sequence[Headers | bytes]], context: ssl.SSLContext
    ) -> None:
        self._answers = answers
        self._context = context
        context.set_alpn_protocols(["h2"])
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        """Serve one connection after another."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with (
                    contextlib.suppress(OSError),
                    connection,
                    self._context.wrap_socket(connection, server_side=True) as wire,
                ):
                    self._serve(wire)

    def _serve(self, wire: ssl.SSLSocket) -> None:
        """Respond to the requests of a connection."""
        config = h2.config.H2Configuration(client_side=False, header_encoding=None)
        connection = h2.connection.H2Connection(config)
        connection.initiate_connection()
        while True:
            wire.sendall(connection.data_to_send())
            data = wire.recv(65536)
            if not data:
                return
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    parts = self._answers[dict(event.headers)[b":path"]]
                    for part in parts:
                        ends = part is parts[-1]
                        if isinstance(part, bytes):
                            connection.send_data(event.stream_id, part, end_stream=ends)
                        else:
                            connection.send_headers(event.stream_id, part, end_stream=ends)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
