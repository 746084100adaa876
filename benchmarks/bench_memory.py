"""How much memory the proxy takes: its peak, whatever goes through it and for however long.

    python -m benchmarks.bench_memory [--full] [NAME ...]

For each kind of traffic a real proxy runs as a process of its own, and is ended; its peak is
what the kernel says about it then. App and client are threads of this process. Target: 150 MB for
each, also with --full: 1 GB each way, a million server-sent events, 500 MB of WebSocket messages
and through a tunnel, 500 MB that nobody reads, 10,000 connections and 20,000 requests on one
connection. Without --full, a small part of that.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import h2.config  # type: ignore[import-untyped]
import h2.connection  # type: ignore[import-untyped]
import h2.events  # type: ignore[import-untyped]
import h2.exceptions  # type: ignore[import-untyped]
import msgspec
from mitmproxy.certs import CertStore

from benchmarks.figures import ANY_SIZE, Figure, figure
from benchmarks.whole_process import peak_of_running

TARGET_MEGABYTES = 150.0
MEGABYTE = 1_000_000
CHUNK = bytes(64 * 1024)
SECONDS = 1800
"""How long one kind of traffic may take."""
STUCK_SECONDS = 3.0
"""How long an app must have been unable to send before it counts as held up."""


class Proxy(msgspec.Struct):
    """A running proxy."""

    address: tuple[str, int]
    ca: str
    app: int
    """The port of the app."""
    tls_app: int
    """Its port for TLS."""

    def connect(self) -> socket.socket:
        """Return a connection to the proxy."""
        return socket.create_connection(self.address, timeout=SECONDS)

    def url(self, path: str) -> bytes:
        """Return the URL of a page of the app."""
        return f"http://127.0.0.1:{self.app}{path}".encode()

    def ask(self, connection: socket.socket, path: str, *headers: bytes, method: bytes) -> None:
        """Send a request without a body, or the head of one with a body."""
        lines = [method + b" " + self.url(path) + b" HTTP/1.1", b"Host: 127.0.0.1", *headers]
        connection.sendall(b"\r\n".join([*lines, b"", b""]))


class Scenario(msgspec.Struct, frozen=True):
    """A kind of traffic."""

    run: Callable[[Proxy, int], None]
    quick: int
    full: int
    unit: str


# --- the app


class App:
    """Responds to what the scenarios ask for: one thread per connection."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            rest = b""
            while True:
                head, rest = read_head(connection, rest)
                _, path, size = head.split(b"\r\n", 1)[0].split(b" ")[1].split(b"/", 2)
                rest = PAGES[path](connection, int(size), rest)


class Http2App(App):
    """The same pages over HTTP/2: as many bytes as the path says."""

    def _serve(self, connection: socket.socket) -> None:
        assert self._context is not None
        with (
            contextlib.suppress(OSError, h2.exceptions.ProtocolError),
            connection,
            self._context.wrap_socket(connection, server_side=True) as wire,
        ):
            config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
            side = h2.connection.H2Connection(config)
            side.initiate_connection()
            left: dict[int, int] = {}
            while True:
                for stream, size in list(left.items()):
                    window = min(side.local_flow_control_window(stream), size, len(CHUNK))
                    for start in range(0, window, side.max_outbound_frame_size):
                        frame = CHUNK[start : min(window, start + side.max_outbound_frame_size)]
                        left[stream] -= len(frame)
                        side.send_data(stream, frame, end_stream=not left[stream])
                    if not left[stream]:
                        del left[stream]
                wire.sendall(side.data_to_send())
                sendable = any(side.local_flow_control_window(stream) for stream in left)
                if sendable and not (wire.pending() or select.select([wire], [], [], 0.0)[0]):
                    continue
                data = wire.recv(65536)
                if not data:
                    return
                for event in side.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        left[event.stream_id] = int(dict(event.headers)[":path"].split("/")[2])
                        side.send_headers(event.stream_id, [(":status", "200")])


def own_certificate(folder: Path) -> ssl.SSLContext:
    """Return the TLS context of an app with a certificate of its own making."""
    store = CertStore.from_store(folder / "app-ca", "app", 2048)
    chain = folder / "app.pem"
    key = (folder / "app-ca" / "app-ca.pem").read_bytes()
    chain.write_bytes(store.get_cert("localhost", []).cert.to_pem() + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["h2"])
    return context


def read_head(connection: socket.socket, rest: bytes = b"") -> tuple[bytes, bytes]:
    """Return a head and what follows it; raises ``OSError`` at the end."""
    while b"\r\n\r\n" not in rest:
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError
        rest += more
    head, _, rest = rest.partition(b"\r\n\r\n")
    return head, rest


def read_away(connection: socket.socket, size: int) -> None:
    """Read that many bytes, and keep none; raises ``OSError`` at the end."""
    buffer = bytearray(1 << 18)
    while size > 0:
        got = connection.recv_into(buffer, min(size, len(buffer)))
        if not got:
            raise ConnectionResetError
        size -= got


def read_to_end(connection: socket.socket, at_least: int) -> None:
    """Read until the end, and keep nothing; raises ``OSError`` if that comes too early."""
    read_away(connection, at_least)
    with contextlib.suppress(ConnectionResetError):
        read_away(connection, sys.maxsize)


def send_chunks(connection: socket.socket, size: int) -> None:
    """Send that many bytes."""
    for start in range(0, size, len(CHUNK)):
        connection.sendall(CHUNK[: size - start])


def _page(connection: socket.socket, size: int, rest: bytes) -> bytes:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    send_chunks(connection, size)
    return rest


def _take(connection: socket.socket, size: int, rest: bytes) -> bytes:
    read_away(connection, size - len(rest))
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    return b""


def _events(connection: socket.socket, size: int, _rest: bytes) -> bytes:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    )
    for number in range(size):
        connection.sendall(b"id: %d\ndata: %s\n\n" % (number, b"x" * 80))
    raise ConnectionResetError


def _slow_events(connection: socket.socket, size: int, _rest: bytes) -> bytes:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    )
    until = time.monotonic() + size
    number = 0
    while time.monotonic() < until:
        connection.sendall(b"id: %d\ndata: %s\n\n" % (number, b"x" * 80))
        number += 1
        time.sleep(0.01)
    raise ConnectionResetError


def _messages(connection: socket.socket, size: int, _rest: bytes) -> bytes:
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    message = b"\x82\x7e" + (16 * 1024).to_bytes(2) + CHUNK[: 16 * 1024]
    for _ in range(size // (16 * 1024)):
        connection.sendall(message)
    raise ConnectionResetError


def _raw(connection: socket.socket, size: int, _rest: bytes) -> bytes:
    send_chunks(connection, size)
    raise ConnectionResetError


PAGES = {
    b"page": _page,
    b"take": _take,
    b"events": _events,
    b"slow-events": _slow_events,
    b"messages": _messages,
    b"raw": _raw,
}


# --- the scenarios


def idle(proxy: Proxy, size: int) -> None:
    """Nothing but one connection."""
    del size
    proxy.connect().close()


def download(proxy: Proxy, size: int) -> None:
    """One response."""
    with proxy.connect() as connection:
        proxy.ask(connection, f"/page/{size * MEGABYTE}", method=b"GET")
        _, rest = read_head(connection)
        read_away(connection, size * MEGABYTE - len(rest))


def upload(proxy: Proxy, size: int) -> None:
    """One request."""
    total = size * MEGABYTE
    with proxy.connect() as connection:
        proxy.ask(connection, f"/take/{total}", b"Content-Length: %d" % total, method=b"POST")
        send_chunks(connection, total)
        read_head(connection)


def server_sent_events(proxy: Proxy, size: int) -> None:
    """One response that continues and on."""
    with proxy.connect() as connection:
        proxy.ask(connection, f"/events/{size}", method=b"GET")
        read_to_end(connection, size * 80)


def slow_events(proxy: Proxy, size: int) -> None:
    """One response that continues for so many seconds, with an event every hundredth of one."""
    with proxy.connect() as connection:
        proxy.ask(connection, f"/slow-events/{size}", method=b"GET")
        read_to_end(connection, 80)


def web_socket(proxy: Proxy, size: int) -> None:
    """Messages of 16 KiB to the browser."""
    with proxy.connect() as connection:
        proxy.ask(
            connection,
            f"/messages/{size * MEGABYTE}",
            *(b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13"),
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            method=b"GET",
        )
        read_to_end(connection, size * MEGABYTE // (16 * 1024) * 16 * 1024)


def tunnel(proxy: Proxy, size: int) -> None:
    """What is neither TLS nor HTTP."""
    with proxy.connect() as connection:
        connection.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % proxy.app)
        read_head(connection)
        connection.sendall(b"\x00 /raw/%d \r\n\r\n" % (size * MEGABYTE))
        read_to_end(connection, size * MEGABYTE)


def unread(proxy: Proxy, size: int) -> None:
    """A response whose client reads nothing of it, until the app is held up."""
    with proxy.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        proxy.ask(connection, f"/page/{size * MEGABYTE}", method=b"GET")
        time.sleep(STUCK_SECONDS)


def connections(proxy: Proxy, size: int) -> None:
    """Connections one after another, with one request each."""
    for _ in range(size):
        with proxy.connect() as connection:
            proxy.ask(connection, "/page/100", method=b"GET")
            _, rest = read_head(connection)
            read_away(connection, 100 - len(rest))


def requests(proxy: Proxy, size: int) -> None:
    """Requests on one connection."""
    with proxy.connect() as connection:
        for _ in range(size):
            proxy.ask(connection, "/page/100", method=b"GET")
            _, rest = read_head(connection)
            read_away(connection, 100 - len(rest))


class Http2:
    """An HTTP/2 connection through a tunnel to the app."""

    def __init__(self, proxy: Proxy) -> None:
        plain = proxy.connect()
        plain.sendall(b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % proxy.tls_app)
        read_head(plain)
        trusted = ssl.create_default_context(cafile=proxy.ca)
        trusted.set_alpn_protocols(["h2"])
        self.socket = trusted.wrap_socket(plain, server_hostname="localhost")
        self.connection = h2.connection.H2Connection()
        self.connection.initiate_connection()

    def ask(self, path: str) -> int:
        """Send a request, and return its stream."""
        stream = int(self.connection.get_next_available_stream_id())
        head = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost")]
        self.connection.send_headers(stream, [*head, (":path", path)], end_stream=True)
        self.socket.sendall(self.connection.data_to_send())
        return stream

    def wait(self, stream: int) -> None:
        """Wait for the end of a response."""
        while True:
            for event in self.connection.receive_data(self.socket.recv(65536)):
                if isinstance(event, h2.events.DataReceived):
                    size = event.flow_controlled_length
                    self.connection.acknowledge_received_data(size, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id == stream:
                    return
            self.socket.sendall(self.connection.data_to_send())


def http2_requests(proxy: Proxy, size: int) -> None:
    """Requests on one HTTP/2 connection."""
    client = Http2(proxy)
    for _ in range(size):
        client.wait(client.ask("/page/100"))
    client.socket.close()


def http2_unread(proxy: Proxy, size: int) -> None:
    """A response over HTTP/2 whose client does not open the window for it."""
    client = Http2(proxy)
    client.ask(f"/page/{size * MEGABYTE}")
    time.sleep(STUCK_SECONDS)
    client.socket.close()


SCENARIOS = {
    "idle": Scenario(idle, 0, 0, ""),
    "download": Scenario(download, 64, 1000, "MB"),
    "upload": Scenario(upload, 64, 1000, "MB"),
    "server-sent-events": Scenario(server_sent_events, 20_000, 1_000_000, "events"),
    "slow-events": Scenario(slow_events, 2, 600, "s"),
    "web-socket": Scenario(web_socket, 64, 500, "MB"),
    "tunnel": Scenario(tunnel, 64, 500, "MB"),
    "unread": Scenario(unread, 500, 500, "MB"),
    "connections": Scenario(connections, 300, 10_000, "connections"),
    "requests": Scenario(requests, 300, 20_000, "requests"),
    "http2-requests": Scenario(http2_requests, 300, 20_000, "requests"),
    "http2-unread": Scenario(http2_unread, 500, 500, "MB"),
}
SIZE_OF_ALL = 1_000_000
SHORT = ("download", "upload", "requests")
"""The kinds of traffic that take about a second each."""

# --- the proxy


def peak_of(scenario: Scenario, size: int, apps: tuple[int, int], folder: Path) -> float:
    """Return the proxy's peak in MB while that traffic went through it."""
    read_fd, write_fd = os.pipe()
    lifeline_read, lifeline = os.pipe()
    arguments = ["--capture", str(folder / "bench.cookietrace"), "--confdir", str(folder)]
    arguments += ["--mode", "regular@127.0.0.1:0", "--reports-fd", str(write_fd)]
    arguments += ["--commands-fd", str(lifeline_read)]
    process = subprocess.Popen(
        [sys.executable, "-m", "proxy_addon", *arguments],
        pass_fds=(write_fd, lifeline_read),
        env=os.environ | {"COOKIETRACE_SECRET": "s" * 40},
    )
    os.close(write_fd)
    os.close(lifeline_read)
    with os.fdopen(read_fd, "rb") as reports:
        listening = msgspec.json.decode(reports.readline())
        host, port = listening["listeners"][0]["address"].rsplit(":", 1)
        try:
            scenario.run(Proxy((host, int(port)), listening["ca"], *apps), size)
            peak = peak_of_running(process.pid) if sys.platform == "linux" else None
        finally:
            os.close(lifeline)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if peak is None:
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak / MEGABYTE


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def measured(name: str, size: int) -> float:
    """Return the proxy's peak in MB for so much of one kind of traffic."""
    with _folder() as folder:
        apps = App().port, Http2App(own_certificate(folder)).port
    with _folder() as folder:
        return peak_of(SCENARIOS[name], size, apps, folder)


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the peak for each kind of traffic, beside that of a proxy with nothing to do.

    All of each from a size of 1,000,000 on; below 1,000 only the first kinds.
    """
    full, names = max(sizes) >= SIZE_OF_ALL, list(SCENARIOS)
    idle_peak = measured("idle", 0)
    for name in names[1:] if max(sizes) >= 1_000 else SHORT:
        scenario = SCENARIOS[name]
        size = scenario.full if full else scenario.quick
        yield figure(
            f"{name}, {size:,} {scenario.unit}: peak memory",
            ANY_SIZE,
            measured(name, size),
            "MB",
            peer="nothing to do",
            peer_value=idle_peak,
        )


def main() -> int:
    """Measure and print; return 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="all of it, which takes minutes")
    parser.add_argument("--size", type=int, help="this much instead")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    given = parser.parse_args()
    with _folder() as folder:
        apps = App().port, Http2App(own_certificate(folder)).port
    worst = 0.0
    for name in given.names or SCENARIOS:
        scenario = SCENARIOS[name]
        size = given.size or (scenario.full if given.full else scenario.quick)
        with _folder() as folder:
            started = time.perf_counter()
            peak = peak_of(scenario, size, apps, folder)
        worst = max(worst, peak)
        amount = f"{size:,} {scenario.unit}" if scenario.unit else ""
        missed = "" if peak <= TARGET_MEGABYTES else f"  MISSED (target {TARGET_MEGABYTES:.0f})"
        seconds = time.perf_counter() - started
        print(f"{name:20} {amount:>22} {peak:8.1f} MB {seconds:8.1f} s{missed}", flush=True)
    return 0 if worst <= TARGET_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
