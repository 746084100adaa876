"""Measures recording, following, reading, redacting and exporting a capture.

Run ``python -m benchmarks.bench_store``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import quantiles

from cookietrace.events import Body, Capture, Client, Event, Request, Response
from cookietrace.formats import export
from cookietrace.redact import learned
from cookietrace.stores import create_capture, events_of, open_store

EXCHANGES = 5000
FOLLOWED = 500
PACE = 0.01
"""Seconds between two exchanges while following: a hundred per second."""

FOLLOWER = """
import sys, time
from cookietrace.stores import open_store
store = open_store(sys.argv[1])
position = store.read().position
print("ready", flush=True)
seen = 0
while seen < int(sys.argv[2]):
    store.wait(position, 10)
    batch = store.read(position)
    now = time.time()
    for event in batch.events:
        print(now - event.at)
        seen += 1
    position = batch.position
"""

PAGE = "<html><body><p>Hello &amp; welcome</p>" + "<li>item%20one</li>" * 200 + "</body></html>"


def exchange(number: int, at: float) -> tuple[Request, Response, Body]:
    """Return one exchange of ordinary size, with a session cookie that rotates."""
    cookies = f"session=s{number // 10:08x}abcdef; theme=dark; _ga=GA1.2.{number:09d}.1700000000"
    return (
        Request(
            exchange_id=f"{number:08x}",
            client_id="c1",
            at=at,
            method="GET",
            url=f"https://shop.test/products/{number}?page={number % 7}",
            upstream=None,
            http_version="HTTP/2.0",
            headers=(
                ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0"),
                ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
                ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Mode", "navigate"),
                ("Sec-Fetch-Dest", "document"),
                ("Referer", f"https://shop.test/products/{number - 1}"),
                ("Cookie", cookies),
            ),
        ),
        Response(
            exchange_id=f"{number:08x}",
            at=at + 0.001,
            status_code=200,
            reason="",
            http_version="HTTP/2.0",
            headers=(
                ("Content-Type", "text/html; charset=utf-8"),
                ("Set-Cookie", f"session=s{number // 10:08x}abcdef; Path=/; HttpOnly"),
            ),
        ),
        Body(
            exchange_id=f"{number:08x}",
            at=at + 0.001,
            of="response",
            content_type="text/html",
            size=len(PAGE),
            content=f"{PAGE}<!-- {number} -->",
            base64=None,
            truncated=False,
        ),
    )


def measure(name: str, count: int, unit: str, action: Callable[[], object]) -> None:
    """Run an action and print its wall-clock and CPU time per unit."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:42} {wall / count * 1e6:9.1f} us/{unit}  (CPU {cpu / count * 1e6:.1f} us)")


def delays(path: Path) -> Iterator[float]:
    """Record at a steady pace while another process follows; yield each event's delay."""
    with create_capture(path) as store:
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, str(path), str(FOLLOWED)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert follower.stdout is not None
        follower.stdout.readline()
        for number in range(FOLLOWED):
            request, _, _ = exchange(number, time.time())
            store.append([request])
            time.sleep(PACE)
        with follower:
            yield from map(float, follower.stdout)


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.cookietrace")
        events: list[Event] = [
            Client(client_id="c1", at=1.0, listen="l", peer="p", user_agent="Chrome/140.0.0.0")
        ]
        with create_capture(path) as store:
            store.append(events)

            def append() -> None:
                for number in range(EXCHANGES):
                    request, response, body = exchange(number, float(number))
                    store.append([request])
                    store.append([response, body])

            measure("append, two transactions per exchange", EXCHANGES, "exchange", append)
            end = store.read(limit=10**9).position
            measure(
                "wait, nothing new", 1000, "call", lambda: [store.wait(end, 0) for _ in range(1000)]
            )
        print(f"{'size on disk':42} {path.stat().st_size / EXCHANGES:9.0f} bytes/exchange")
        with closing(open_store(path)) as reader:
            measure("read back and decode", EXCHANGES, "exchange", lambda: list(events_of(reader)))
            events = list(events_of(reader))
        cuts = quantiles(delays(Path(folder, "follow.cookietrace")), n=100)
        shares = "  ".join(f"p{share} {cuts[share - 1] * 1000:.1f} ms" for share in (50, 95, 99))
        print(f"{'from append to a follower, 100 per second':42} {shares}")
        redactor = learned(events, b"key")
        measure(
            "redact", EXCHANGES, "exchange", lambda: [redactor.event(event) for event in events]
        )
        for name in ("jsonl", "har", "csv"):
            for shown in (True, False):
                what = f"export to {name}" + (", values shown" if shown else ", redacted")
                measure(
                    what,
                    EXCHANGES,
                    "exchange",
                    lambda name=name, shown=shown: b"".join(  # type: ignore[misc]
                        export(events, name, show_values=shown)
                    ),
                )
        assert isinstance(events[0], Capture)


if __name__ == "__main__":
    main()
