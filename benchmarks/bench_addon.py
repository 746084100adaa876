"""What recording costs the proxy: CPU of our hooks, compared with mitmproxy's own, and with ``-w``.

    python -m benchmarks.bench_addon [--sizes N]

A real proxy runs in this process, its app and browser in another, over loopback with
keep-alive. Every hook of our addons, the journal's timer and the checkpointing thread are
timed with the thread's CPU clock; the proxy's whole CPU is that of the process, for the
same exchanges. The cost of timing is measured in the same traffic with empty hooks, and
subtracted.

mitmproxy writes the same exchanges to a file of its own, as with ``-w FILE``, and its hooks for
that are timed in the same way. Target: recording costs less than that, with everything
committed to a real capture, the witness's marks and the checkpoints included.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mitmproxy.addons.save import Save

from benchmarks.figures import Figure, figure, rounds
from benchmarks.runner import main
from cookietrace.scope import Scope
from cookietrace.stores import create_capture
from cookietrace.stores.checkpointer import THREAD as CHECKPOINT_THREAD
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.listeners import Listeners, parse_mode
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal.journal import Journal
from proxy_addon.process.ending import end, proxyserver_of
from proxy_addon.process.master import build_master
from proxy_addon.process.reports import Reports

COST, UNIT = "recording: CPU", "µs/exchange"
PROXYING = "mitmproxy without `-w`"
WARM_UP = 300

TRAFFIC = r"""
import socket, sys, threading
exchanges, warm_up, host, port = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
body = b"<p>" + b"hello cookie " * 150 + b"</p>"
response = (
    b"HTTP/1.1 200 OK\r\nServer: app\r\nDate: Sun, 22 Nov 2026 18:00:00 GMT\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nVary: Cookie\r\nCache-Control: no-store\r\n"
    b"Set-Cookie: session=0123456789abcdef0123456789abcdef; HttpOnly; Path=/; SameSite=Lax\r\n"
    b"Set-Cookie: seen=1; Max-Age=3600; Path=/\r\nContent-Length: %d\r\n\r\n" % len(body)
) + body
server = socket.create_server(("127.0.0.1", 0))

def serve(connection):
    seen = b""
    while more := connection.recv(65536):
        seen += more
        while b"\r\n\r\n" in seen:
            seen = seen.partition(b"\r\n\r\n")[2]
            connection.sendall(response)

def accept():
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

threading.Thread(target=accept, daemon=True).start()
url = "http://127.0.0.1:%d" % server.getsockname()[1]
request = (
    "GET %s/page?number=7 HTTP/1.1\r\nHost: 127.0.0.1\r\nProxy-Connection: keep-alive\r\n"
    "Upgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0\r\n"
    "Accept: text/html,application/xhtml+xml\r\nSec-Fetch-Site: none\r\n"
    "Sec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; seen=1; theme=dark\r\n\r\n" % url
).encode()
proxy = socket.create_connection((host, port))
stream = proxy.makefile("rb")
for number in range(warm_up + exchanges):
    if number == warm_up:
        print("warm", flush=True)
        sys.stdin.readline()
    proxy.sendall(request)
    while stream.readline().strip():
        pass
    stream.read(len(body))
print("done", flush=True)
sys.stdin.readline()
"""


class Clock:
    """Adds up the CPU time of the hooks that it wraps."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()

    def wrap(self, addon: object) -> None:
        """Time every hook of an addon from now on."""
        for name in HOOKS:
            hook = getattr(addon, name, None)
            if callable(hook):
                setattr(addon, name, self._timed(f"{type(addon).__name__}.{name}", hook))

    def _timed(self, name: str, hook: Callable[..., None]) -> Callable[..., None]:
        def timed(*arguments: Any) -> None:
            started = time.thread_time()
            hook(*arguments)
            self.seconds[name] += time.thread_time() - started
            self.calls[name] += 1

        return timed

    def overhead(self) -> float:
        """Return the cost of timing a hook in seconds: what is measured for those of ``Idle``."""
        idle = [name for name in self.calls if name.startswith("Idle.")]
        return sum(self.seconds[name] for name in idle) / sum(self.calls[name] for name in idle)

    def reset(self) -> None:
        """Start again from zero."""
        self.seconds.clear()
        self.calls.clear()


HOOKS = (
    *("requestheaders", "request", "responseheaders", "response", "error"),
    *("server_connect_error", "client_disconnected", "http_connect", "tls_clienthello"),
    "_commit_if_due",  # the journal's own
)


def checkpoint_seconds() -> float:
    """Return the CPU time so far of the checkpointing threads."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.name == CHECKPOINT_THREAD and thread.ident is not None
    )


class Idle:
    """An addon that does nothing, to measure the cost of timing in the same traffic."""

    name = "idle"

    def requestheaders(self, _flow: object) -> None:
        """Do nothing."""

    def request(self, _flow: object) -> None:
        """Do nothing."""

    def responseheaders(self, _flow: object) -> None:
        """Do nothing."""

    def response(self, _flow: object) -> None:
        """Do nothing."""


async def measure(exchanges: int) -> tuple[Clock, float]:
    """Return the times of our hooks, and the proxy's whole CPU seconds."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        store = create_capture(Path(folder, "bench.cookietrace"))
        listeners = Listeners()
        listeners.add(*parse_mode("regular@127.0.0.1:0"))
        journal = Journal(store, Reports())
        clock.wrap(journal)
        recorder = FlowRecorder(journal, Clients(), listeners, secret="s" * 40)
        master = build_master(
            recorder, "s" * 40, modes=listeners.modes(), scope=Scope(), confdir=Path(folder)
        )
        master.addons.add(Idle())  # type: ignore[no-untyped-call]
        master.options.update(  # type: ignore[no-untyped-call]
            save_stream_file=str(Path(folder, "bench.flows"))
        )
        for addon in master.addons.chain:
            ours = type(addon).__module__.startswith("proxy_addon.")
            if ours or isinstance(addon, Idle | Save):
                clock.wrap(addon)
        running = asyncio.create_task(master.run())
        proxyserver = proxyserver_of(master)
        while not any(server.is_running for server in proxyserver.servers):
            await asyncio.sleep(0.01)
        host, port = listeners.all()[0].address.rsplit(":", 1)
        traffic = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", TRAFFIC, str(exchanges), str(WARM_UP), host, port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert traffic.stdin is not None
        assert traffic.stdout is not None
        assert await traffic.stdout.readline() == b"warm\n"
        clock.reset()
        checkpointed = checkpoint_seconds()
        started = time.process_time()
        traffic.stdin.write(b"\n")
        assert await traffic.stdout.readline() == b"done\n"
        whole = time.process_time() - started
        clock.seconds[CHECKPOINT_THREAD] = checkpoint_seconds() - checkpointed
        traffic.stdin.close()
        await traffic.wait()
        await end(master, recorder, running)
    return clock, whole


def costs(exchanges: int) -> tuple[dict[str, float], float]:
    """Return microseconds per exchange by hook, and those of the rest of mitmproxy."""
    clock, whole = asyncio.run(measure(exchanges))
    cost = clock.overhead()
    hooks = {
        name: max(0.0, seconds - clock.calls[name] * cost) / exchanges * 1e6
        for name, seconds in clock.seconds.items()
        if not name.startswith("Idle.")
    }
    timing = sum(clock.calls.values()) * cost / exchanges * 1e6
    return hooks, whole / exchanges * 1e6 - timing - sum(hooks.values())


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what recording an exchange costs, in all and by hook."""
    for size in sizes:
        measured = [costs(size) for _ in range(rounds(size))]
        own = statistics.median(own for _, own in measured)
        names = {name for hooks, _ in measured for name in hooks}
        hooks = {
            name: statistics.median(hooks.get(name, 0.0) for hooks, _ in measured) for name in names
        }
        saving = sum(taken for name, taken in hooks.items() if name.startswith("Save."))
        ours = sum(hooks.values()) - saving
        yield figure(COST, size, ours, UNIT, peer="mitmproxy's `-w`", peer_value=saving)
        yield figure(f"{COST}, beside all else", size, ours, UNIT, peer=PROXYING, peer_value=own)
        for name, taken in sorted(hooks.items(), key=lambda pair: -pair[1]):
            if taken > ours / 100 and not name.startswith("Save."):
                yield figure(f"of that, {name}", size, taken, UNIT)


if __name__ == "__main__":
    sys.exit(main(["addon", *sys.argv[1:]]))
