"""Measures captures on Redis Streams: what publishing costs, and how late a viewer is.

    python -m benchmarks.bench_redis [--rate N] [--seconds N] [--rounds N] [--first]

A fast app, keep-alive clients paced to a total rate, the real proxy, a real ``redis-server`` on a
Unix socket, the publisher as ``watch --publish`` starts it, and a viewer in a process of its own
that reads the stream as it grows. The recorder is measured with and without a publisher beside it,
in turn; the least of the rounds counts. For each exchange, the lag is the time from the app's
response to the moment at which the viewer has its ``response`` event.

Then a capture of the given size is published at once and read at once. Times are CPU times of
one process, except for lags, which are wall-clock times of one machine.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from benchmarks.bench_live import (
    CLIENT_COUNT,
    RATE,
    Load,
    _line_of,
    _load,
    _running,
    processor_seconds,
    run_first,
)
from benchmarks.bench_live import _say as say
from benchmarks.captures import ordinary
from benchmarks.figures import Figure, figure, own_home, sliced
from benchmarks.live_load import APP, CLIENTS
from cookietrace.events import Request, Response
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.publisher import Publisher
from cookietrace.stores import START, create_capture, events_of, open_sqlite, open_store
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.keys import events_key
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.supervision.publishing import Destination, PublishingChild
from tests.redis_server import RedisServer

ROUNDS = 3
TARGET_MILLISECONDS = 150.0
"""For the 99th percentile from the recorder to a viewer."""

TARGET_CPU = 1.10
"""How much more CPU an exchange may cost the recorder."""

VIEWER = """
import json, sys, threading, time
from cookietrace.events import Response
from cookietrace.follow import follow
from cookietrace.stores import open_store

seen, stop = {}, threading.Event()

def take(batch):
    now = time.monotonic()
    for event in batch.events:
        if isinstance(event, Response):
            seen.setdefault(event.exchange_id, now)

store = open_store(sys.argv[1], patient=True)
print("reading", flush=True)
thread = threading.Thread(target=follow, args=(store,), kwargs={"stop": stop, "take": take})
thread.start()
sys.stdin.readline()
time.sleep(1.0)
stop.set()
thread.join()
print(json.dumps([seen, time.process_time()]), flush=True)
"""
"""Follows a capture; after a line, prints when it got each response."""


class Measured(msgspec.Struct, frozen=True):
    """One load: what it cost the proxy, and when a viewer had what."""

    load: Load
    proxy: float
    """CPU seconds of the recorder per exchange."""
    publisher: float
    viewer: float
    redis: float
    """The same of the publisher, of a viewer and of Redis; 0 without a publisher."""
    lags: tuple[float, ...]
    """Seconds from the app's response to the viewer."""
    memory: float
    """Bytes in Redis per exchange."""
    missing: int
    """How many responses the viewer never got."""

    def percentile(self, hundredth: int) -> float:
        """Return a percentile of the lags in milliseconds; 0 for none."""
        if len(self.lags) < 2:
            return 0.0
        return statistics.quantiles(self.lags, n=100)[hundredth - 1] * 1000


def measure(server: RedisServer | None, rate: float, seconds: float, name: str) -> Measured:
    """Record a load; with a server, publish it there, and follow it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        capture = folder / "live.cookietrace"
        app = stack.enter_context(_running([sys.executable, "-c", APP]))
        upstream = int(_line_of(app))
        mode = f"reverse:http://127.0.0.1:{upstream}@127.0.0.1:0"
        proxy = RunningProxy.start(ProxyOptions(capture=capture, modes=[mode], confdir=folder))
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        port = int(proxy.listeners[0].address.rpartition(":")[2])
        pids = {"proxy": proxy.child.process.pid}
        viewer: subprocess.Popen[bytes] | None = None
        if server is not None:
            url = server.url(name)
            child = PublishingChild(
                capture, Destination(url, PublishingOptions()), lambda report: print(report.message)
            )
            stack.callback(child.stop)
            _wait_for(server, name)
            viewer = stack.enter_context(_running([sys.executable, "-c", VIEWER, url]))
            assert _line_of(viewer) == "reading\n"
            pids |= {"publisher": child.pid, "viewer": viewer.pid, "redis": server.pid}
        sender = stack.enter_context(_running([sys.executable, "-c", CLIENTS]))
        before = processor_seconds(pids)
        say(sender, f"{port} {rate} {seconds} {CLIENT_COUNT}")
        load = _load(app, sender)
        spent = processor_seconds(pids)
        count = max(1, len(load.received))
        each = {who: (spent[who] - before[who]) / count for who in pids}
        lags: list[float] = []
        missing, memory = 0, 0.0
        if viewer is not None and server is not None:
            say(viewer, "")
            seen: dict[str, float] = msgspec.json.decode(_line_of(viewer))[0]
            names = _names(capture)
            for exchange_id, path in names.items():
                if path in load.received and exchange_id in seen:
                    lags.append(max(0.0, seen[exchange_id] - load.responded[path]))
            missing = len(load.received) - len(lags)
            with server.client() as client:
                memory = client.memory_usage(events_key(name), samples=0) / count
    return Measured(
        load=load,
        proxy=each["proxy"],
        publisher=each.get("publisher", 0.0),
        viewer=each.get("viewer", 0.0),
        redis=each.get("redis", 0.0),
        lags=tuple(lags),
        memory=memory,
        missing=missing,
    )


def _names(capture: Path) -> dict[str, str]:
    """Return the paths of the requests that have a response, by their exchanges."""
    with closing(open_sqlite(capture)) as store:
        events = list(events_of(store))
    responded = {event.exchange_id for event in events if isinstance(event, Response)}
    return {
        event.exchange_id: event.url.rpartition("/")[2]
        for event in events
        if isinstance(event, Request) and event.exchange_id in responded
    }


def _wait_for(server: RedisServer, name: str) -> None:
    """Wait until a publisher has begun a capture."""
    with server.client() as client:
        while not client.exists(f"cookietrace:{{{name}}}:start"):
            time.sleep(0.01)


class AtOnce(msgspec.Struct, frozen=True):
    """What it takes to publish a capture and to read it, per exchange."""

    published: float
    read: float
    """CPU seconds of our process."""
    published_wall: float
    read_wall: float
    memory: float
    """Bytes in Redis."""


def at_once(server: RedisServer, exchanges: int, name: str) -> AtOnce:
    """Publish a whole capture, and read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "whole.cookietrace")
        events = ordinary(exchanges)
        with create_capture(path, info=next(events)) as store:  # type: ignore[arg-type]
            for batch in sliced(events):
                store.append(batch)
        address = parse_redis_url(server.url(name))
        publisher = Publisher(path, address, PublishingOptions(once=True), lambda _: None)
        cpu, wall = time.process_time(), time.monotonic()
        assert publisher.run()
        published, published_wall = time.process_time() - cpu, time.monotonic() - wall
    with server.client() as client:
        memory = client.memory_usage(events_key(name), samples=0)
    with closing(open_store(server.url(name))) as reader:
        cpu, wall, position = time.process_time(), time.monotonic(), START
        while (found := reader.read(position)).events:
            position = found.position
        read, read_wall = time.process_time() - cpu, time.monotonic() - wall
    return AtOnce(
        published=published / exchanges,
        read=read / exchanges,
        published_wall=published_wall / exchanges,
        read_wall=read_wall / exchanges,
        memory=memory / exchanges,
    )


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what recording costs with a publisher, how late viewers are, and what Redis holds."""
    for size in sizes:
        with own_home(), RedisServer() as server:
            yield from _recording(server, size)
            yield from _whole(server, size)


_WHO = {"publisher": "the publisher", "redis": "Redis", "viewer": "the viewer"}


def _recording(server: RedisServer, size: int) -> Iterator[Figure]:
    plain, through = [], []
    seconds = min(size, 10_000) / RATE
    for number in range(1 if size < 1_000 else ROUNDS):
        plain.append(measure(None, RATE, seconds, ""))
        through.append(measure(server, RATE, seconds, f"live-{size}-{number}"))
    at = f"at {RATE:.0f}/s"
    yield figure(
        f"the recorder with a publisher, {at}: CPU",
        size,
        min(each.proxy for each in through) * 1e6,
        "µs/exchange",
        peer="without a publisher",
        peer_value=min(each.proxy for each in plain) * 1e6,
    )
    for who in ("publisher", "redis", "viewer"):
        value = min(getattr(each, who) for each in through) * 1e6
        yield figure(f"{_WHO[who]}, {at}: CPU", size, value, "µs/exchange")
    for share in (50, 99):
        value = min(each.percentile(share) for each in through)
        yield figure(f"app to viewer through Redis, {at}, p{share}: wall-clock", size, value, "ms")
    missing = sum(each.missing for each in through)
    yield figure(f"exchanges that the viewer lacks, {at}", size, float(missing), "exchanges")
    memory = max(each.memory for each in through)
    yield figure(f"memory in Redis, published {at}", size, memory, "B/exchange")


def _whole(server: RedisServer, size: int) -> Iterator[Figure]:
    found = [at_once(server, size, f"whole-{size}-{n}") for n in range(2 if size < 50_000 else 1)]
    for name, value in (
        ("publishing a capture: CPU", min(each.published for each in found)),
        ("reading it: CPU", min(each.read for each in found)),
        ("publishing a capture: wall-clock", min(each.published_wall for each in found)),
        ("reading it: wall-clock", min(each.read_wall for each in found)),
    ):
        yield figure(name, size, value * 1e6, "µs/exchange")
    yield figure("memory in Redis, published at once", size, found[0].memory, "B/exchange")


def main() -> int:
    """Measure one load and print; return 0 if the promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--first", action="store_true", help="before other programs, if allowed")
    given = parser.parse_args()
    if given.first and not run_first():
        parser.error("--first: the system does not allow it")
    plain, through = [], []
    with own_home(), RedisServer() as server:
        for number in range(given.rounds):
            plain.append(measure(None, given.rate, given.seconds, ""))
            through.append(measure(server, given.rate, given.seconds, f"live-{number}"))
            one = through[-1]
            print(
                f"{one.load.rate:.0f}/s: recorder {one.proxy * 1e6:.0f} µs with a publisher, "
                f"{plain[-1].proxy * 1e6:.0f} µs without; publisher {one.publisher * 1e6:.0f} µs, "
                f"Redis {one.redis * 1e6:.0f} µs, viewer {one.viewer * 1e6:.0f} µs; app to viewer "
                f"p50 {one.percentile(50):.0f} ms, p99 {one.percentile(99):.0f} ms, "
                f"{one.missing} missing; {one.memory:.0f} B in Redis",
                flush=True,
            )
    ratio = min(each.proxy for each in through) / min(each.proxy for each in plain)
    late = min(each.percentile(99) for each in through)
    missing = sum(each.missing for each in through)
    print(f"CPU {ratio:.3f} (at most {TARGET_CPU}), p99 {late:.0f} ms (at most 150), {missing=}")
    return 0 if ratio <= TARGET_CPU and late <= TARGET_MILLISECONDS and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
