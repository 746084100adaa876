"""Measures the screen: the time from a response to its row, and a table of 100,000 rows.

Run ``python -m benchmarks.bench_tui``. The first part covers the whole path: an app, the
proxy, the capture, and the screen on a pseudo-terminal whose output is read. The second
compares the table with Textual's DataTable in the same run. Times are wall-clock times of
one machine; only the ratios are comparable between machines.
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
"""Exchanges per second."""
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
            body = b"body-" + name + b"-"
            sets = b"Set-Cookie: n=" + name + b"; Path=/\r\n" if name.endswith(b"0") else b""
            responded[name.decode()] = time.monotonic()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + sets +
                         b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def send_requests(port, names, every, first):
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
        send_requests(port, names[lane::lanes], lanes / rate, first + lane / rate)
        for lane in range(lanes)
    ))
    print(json.dumps(responded), flush=True)
    server.close()

responded = {}
asyncio.run(main())
"""


def wire_to_screen() -> list[float]:
    """Return, for each exchange, the seconds from the response to its row on the terminal."""
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
            master, process = screen_on_terminal(capture)
            _read_until(master, b"Waiting")
            traffic.stdin.write(f"{port} {RATE} {SECONDS}\n")
            traffic.stdin.flush()
            shown = _watch(master, RATE * SECONDS)
            responded: dict[str, float] = json.loads(traffic.stdout.readline())
            process.terminate()
            while process.poll() is None:
                if select.select([master], [], [], 0.1)[0]:
                    with contextlib.suppress(OSError):
                        os.read(master, 65536)
        finally:
            proxy.stop()
            traffic.kill()
            traffic.wait()
    return _lags(responded, shown)


def _lags(responded: dict[str, float], shown: dict[str, float]) -> list[float]:
    """Return the delay of each response's row.

    A row that scrolled past unseen counts as shown together with the next one seen.
    """
    lags = []
    later = float("inf")
    for name in sorted(responded, reverse=True):
        later = min(later, max(shown.get(name, later), responded[name]))
        if later < float("inf"):
            lags.append(later - responded[name])
    return lags


def screen_on_terminal(capture: Path) -> tuple[int, subprocess.Popen[bytes]]:
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
    """Return when each response's row was first written to the terminal."""
    shown: dict[str, float] = {}
    rest = b""
    end = time.monotonic() + SECONDS + 30
    last = f"{count - 1:06d}"
    while last not in shown and time.monotonic() < end:
        if not select.select([master], [], [], 1.0)[0]:
            continue
        data = rest + os.read(master, 1 << 20)
        now = time.monotonic()
        for match in re.finditer(rb"body-(\d{6})-", data):
            shown.setdefault(match[1].decode(), now)
        rest = data[-20:]
    return shown


class Rows:
    """The rows of a long capture."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return ROWS

    def cells(self, index: int) -> Cells:
        """Return the cells of one row."""
        return Cells(texts(index), ("quiet", "", "sent", "", "changed", ""), (("↑", "sent"),))


def texts(index: int) -> tuple[str, ...]:
    """Return the texts of a row's six cells."""
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
    """An app with only our table."""

    CSS_PATH = str(ROOT / "tui" / "app" / "styles.tcss")

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """Compose the table."""
        yield VirtualTable(Rows(), tuple(Column(title, 8) for title in TITLES))


class TheirsApp(App[None]):
    """An app with only Textual's DataTable."""

    def compose(self) -> ComposeResult:
        """Compose the table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        table.add_rows(texts(index) for index in range(ROWS))


async def open_and_scroll(app: App[None]) -> tuple[float, float]:
    """Return the seconds to the first complete screen, and the average seconds per page down."""
    start = time.perf_counter()
    async with app.run_test(size=(120, 40)) as pilot:
        await _drawn(pilot)
        opened = time.perf_counter() - start
        table = app.query_one("VirtualTable, DataTable")
        table.focus()
        await _drawn(pilot)
        start = time.perf_counter()
        for _ in range(PAGES):
            await pilot.press("pagedown")
            await _drawn(pilot)
        scrolled = (time.perf_counter() - start) / PAGES
    return opened, scrolled


async def _drawn(pilot: Pilot[None]) -> None:
    await pilot.pause()


def main() -> None:
    """Print all results."""
    lags = sorted(wire_to_screen())
    load = os.getloadavg()[0]
    cuts = statistics.quantiles(lags, n=100)
    print(f"from the response to its row, {RATE} exchanges/s for {SECONDS} s")
    print(f"  {len(lags)} of {RATE * SECONDS} rows; load average {load:.1f}")
    for name, at in (("p50", 49), ("p95", 94), ("p99", 98)):
        print(f"  {name} {cuts[at] * 1000:.0f} ms{' (target: 100 ms)' if at == 94 else ''}")
    ours = asyncio.run(open_and_scroll(OursApp()))
    theirs = asyncio.run(open_and_scroll(TheirsApp()))
    print(f"{ROWS:,} rows, ours and Textual's DataTable")
    for name, our, their in zip(("open", "page down"), ours, theirs, strict=True):
        print(f"  {name:<10} {our * 1000:8.1f} ms  {their * 1000:8.1f} ms  {their / our:6.1f} x")


if __name__ == "__main__":
    main()
