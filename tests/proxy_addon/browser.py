"""A client made of raw sockets, which sees every byte as soon as it arrives."""

from __future__ import annotations

import socket
import ssl
from typing import Self


def address_of(text: str) -> tuple[str, int]:
    """Return a listener's ``host:port`` as a pair."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


class Wire:
    """One connection to a proxy."""

    def __init__(self, address: str) -> None:
        self.socket = socket.create_connection(address_of(address), timeout=120)
        self._seen = b""

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def get(self, url: str, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> None:
        """Request a URL; in absolute form if it has a host, as for a proxy."""
        host = url.partition("://")[2].partition("/")[0].encode("latin-1")
        lines = [method + b" " + url.encode("latin-1") + b" HTTP/1.1"]
        lines += [b"Host: " + host, *headers] if host else headers
        self.send(b"\r\n".join([*lines, b"", b""]) + body)

    def until(self, mark: bytes) -> bytes:
        """Return all bytes up to and including ``mark``, waiting for it."""
        while mark not in self._seen:
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError(f"the proxy closed after {self._seen!r}")
            self._seen += more
        text, _, self._seen = self._seen.partition(mark)
        return text + mark

    def exactly(self, size: int) -> bytes:
        """Return that many bytes."""
        while len(self._seen) < size:
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError(f"the proxy closed after {self._seen!r}")
            self._seen += more
        text, self._seen = self._seen[:size], self._seen[size:]
        return text

    def head(self) -> bytes:
        """Return the next response's head."""
        return self.until(b"\r\n\r\n")

    def response(self) -> tuple[bytes, bytes]:
        """Return head and body of a response of known length."""
        head = self.head()
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return head, self.exactly(int(value))
        return head, b""

    def to_end(self) -> bytes:
        """Return everything until the proxy closes."""
        while more := self.socket.recv(65536):
            self._seen += more
        text, self._seen = self._seen, b""
        return text

    def tunnel(self, host: str, port: int) -> None:
        """Ask for a tunnel to a host."""
        target = f"{host}:{port}"
        head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: T\r\n\r\n"
        self.send(head.encode())
        assert self.head().startswith(b"HTTP/1.1 200 ")

    def tls(self, host: str, ca: str | None, alpn: tuple[str, ...] = ("http/1.1",)) -> str | None:
        """Start TLS, trusting only ``ca``; return the negotiated protocol."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca is not None:
            context.load_verify_locations(ca)
        context.set_alpn_protocols(list(alpn))
        self.socket = context.wrap_socket(self.socket, server_hostname=host)
        return self.socket.selected_alpn_protocol()

    def close(self) -> None:
        """Disconnect."""
        self.socket.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self.close()
