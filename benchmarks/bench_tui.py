"""Measures the screen: from the app's answer on the wire to its row, and 100,000 rows at once.

Run ``python -m benchmarks.bench_tui``. The first part is the whole way: an app, the
proxy, the capture, and the screen on a terminal of its own, whose output is read as
a terminal would read it. The second compares with Textual's DataTable in the same
run. Times are wall clock on this machine; ratios are what carries over to others.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from tui.app.themes import DARK
from tui.drawing.table_layout import Cells, Column
from tui.widgets.virtual_table import VirtualTable

ROOT = Path(__file__).parents[1]
RATE = 100
"""Exchanges a second."""
SECONDS = 20
ROWS = 100_000
PAGES = 100
TITLES = ("Step", "Action", "Request Cookies", "Read Cookie", "Set Cookie", "Response Content")

TRAFFIC = r"""
import asyncio, json, sys, time

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].split(b"/")[1]
            body = b"answer-" + name + b"-"
            sets = b"Set-Cookie: n=" + name + b"; Path=/\r\n" if name.endswith(b"0") else b""
            answered[name.decode()] = time.monotonic()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + sets +
                         b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def ask(port, names, every, first):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i, name in enumerate(names):
        await asyncio.sleep(max(0.0, first + i * every - time.monotonic()))
        cookie = b"Cookie: n=%s\r\n" % name.encode()
        writer.write(b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n" % (name.encode(), cookie))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    line = await asyncio.to_thread(sys.stdin.readline)
    port, rate, seconds = map(int, line.split())
    lanes, names = 10, ["%06d" % i for i in range(rate * seconds)]
    first = time.monotonic() + 0.2
    await asyncio.gather(*(
        ask(port, names[lane::lanes], lanes / rate, first + lane / rate) for lane in range(lanes)
    ))
    print(json.dumps(answered), flush=True)
    server.close()

answered = {}
asyncio.run(main())
"""


def wire_to_screen() -> list[float]:
    """Return, for each exchange, the seconds from the app's answer to its row on the terminal."""
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "bench.cookietrace"
        traffic = subprocess.Popen(
            [sys.executable, "-c", TRAFFIC],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert traffic.stdout is not None
        assert traffic.stdin is not None
        upstream = int(traffic.stdout.readline())
        mode = f"reverse:http://127.0.0.1:{upstream}@127.0.0.1:0"
        proxy = RunningProxy.start(ProxyOptions(capture=capture, modes=[mode]))
        try:
            proxy.wait_until_listening()
            port = int(proxy.listeners[0].address.rpartition(":")[2])
            master, process = _screen(capture)
            _read_until(master, b"Waiting")
            traffic.stdin.write(f"{port} {RATE} {SECONDS}\n")
            traffic.stdin.flush()
            shown = _watch(master, RATE * SECONDS)
            answered: dict[str, float] = json.loads(traffic.stdout.readline())
            process.terminate()
            while process.poll() is None:
                if select.select([master], [], [], 0.1)[0]:
                    with contextlib.suppress(OSError):
                        os.read(master, 65536)
        finally:
            proxy.stop()
            traffic.kill()
            traffic.wait()
    return _lags(answered, shown)


def _lags(answered: dict[str, float], shown: dict[str, float]) -> list[float]:
    """Return how long each answer took; one that had scrolled by came with a later one."""
    lags = []
    later = float("inf")
    for name in sorted(answered, reverse=True):
        later = min(later, max(shown.get(name, later), answered[name]))
        if later < float("inf"):
            lags.append(later - answered[name])
    return lags


def _screen(capture: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Start the screen on a pseudo-terminal of 120 by 36 cells."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", str(capture)],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )
    os.close(slave)
    return master, process


def _read_until(master: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        seen += os.read(master, 65536)


def _watch(master: int, count: int) -> dict[str, float]:
    """Return when each answer's row was first written to the terminal."""
    shown: dict[str, float] = {}
    rest = b""
    end = time.monotonic() + SECONDS + 30
    last = f"{count - 1:06d}"
    while last not in shown and time.monotonic() < end:
        if not select.select([master], [], [], 1.0)[0]:
            continue
        data = rest + os.read(master, 1 << 20)
        now = time.monotonic()
        for match in re.finditer(rb"answer-(\d{6})-", data):
            shown.setdefault(match[1].decode(), now)
        rest = data[-20:]
    return shown


class Rows:
    """Rows such as a long capture has."""

    def __len__(self) -> int:
        """How many there are."""
        return ROWS

    def cells(self, index: int) -> Cells:
        """One of them."""
        return Cells(texts(index), ("quiet", "", "sent", "", "changed", ""), (("↑", "sent"),))


def texts(index: int) -> tuple[str, ...]:
    """The six cells of a row."""
    value = index // 10
    return (
        str(index + 1),
        f"Client sends request {index + 1} with cookie: GET shop.test/page/{index % 97}",
        f"{{'user': 'v{value}'}}",
        f"v{value}",
        f"Set 'user'='v{value}'",
        f"Hello v{value}",
    )


class OursApp(App[None]):
    """Our table alone."""

    CSS_PATH = str(ROOT / "tui" / "app" / "styles.tcss")

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """The table."""
        yield VirtualTable(Rows(), tuple(Column(title, 8) for title in TITLES))


class TheirsApp(App[None]):
    """Textual's DataTable alone."""

    def compose(self) -> ComposeResult:
        """The table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        table.add_rows(texts(index) for index in range(ROWS))


async def open_and_scroll(app: App[None]) -> tuple[float, float]:
    """Return the seconds to the first picture, and those for a page down, on average."""
    begin = time.perf_counter()
    async with app.run_test(size=(120, 40)) as pilot:
        await _drawn(pilot)
        opened = time.perf_counter() - begin
        table = app.query_one("VirtualTable, DataTable")
        table.focus()
        await _drawn(pilot)
        begin = time.perf_counter()
        for _ in range(PAGES):
            await pilot.press("pagedown")
            await _drawn(pilot)
        scrolled = (time.perf_counter() - begin) / PAGES
    return opened, scrolled


async def _drawn(pilot: Pilot[None]) -> None:
    await pilot.pause()


def main() -> None:
    """Measure, and say it in a few lines."""
    lags = sorted(wire_to_screen())
    load = os.getloadavg()[0]
    cuts = statistics.quantiles(lags, n=100)
    print(f"from the answer on the wire to its row, {RATE} exchanges/s for {SECONDS} s")
    print(f"  {len(lags)} of {RATE * SECONDS} rows; load of the machine {load:.1f}")
    for name, at in (("p50", 49), ("p95", 94), ("p99", 98)):
        print(f"  {name} {cuts[at] * 1000:.0f} ms{' (aim: up to 100 ms)' if at == 94 else ''}")
    ours = asyncio.run(open_and_scroll(OursApp()))
    theirs = asyncio.run(open_and_scroll(TheirsApp()))
    print(f"{ROWS:,} rows, ours and Textual's DataTable")
    for name, mine, other in zip(("open", "page down"), ours, theirs, strict=True):
        print(f"  {name:<10} {mine * 1000:8.1f} ms  {other * 1000:8.1f} ms  {other / mine:6.1f} x")


if __name__ == "__main__":
    main()
