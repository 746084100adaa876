"""Measures one Redis with exchanges as they are published: ``python -m benchmarks.fleet.measure``.

It starts a ``redis-server`` of its own on a Unix socket in a temporary folder, and a second one on
loopback as its replica. The entries are those of a redacted export of an ordinary capture, without
bodies, laid out as a publisher writes them: one entry for a request with its verdicts, and one
for its response. What Redis itself spends is read from its own count of processor time, so other
programs on the machine do not change it much; rates and delays are of this machine as it was.

``--json FILE`` writes the figures for ``python -m benchmarks.fleet --measured FILE``.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.captures import SHAPES
from benchmarks.figures import own_home
from benchmarks.fleet.measured import Measured
from benchmarks.report import Machine, this_machine
from cookietrace.stores.redis_streams.keys import BEFORE, EVENTS, entry_id, events_key
from cookietrace.supervision.ports import reserve_port

CAPTURES = 20
BATCH = 10
"""Exchanges in one pipeline: what a recorder makes in 0.2 s at 50 a second."""

READ = 500
"""Entries in one read, as readers ask for."""

LATENCY_RATE = 500
PACKED = 100
"""Exchanges that are compressed together."""

ROUNDS = 4
_PATIENCE = 30.0

Exchange = tuple[bytes, bytes]
"""The two entries of an exchange."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, and where."""

    machine: Machine
    redis: str
    exchanges: int
    measured: Measured
    in_per_second: float
    """Exchanges that one publisher got in per second, and so many one reader got out."""
    out_per_second: float
    latency_p50_ms: float
    latency_p99_ms: float


def exchanges(count: int) -> tuple[list[Exchange], float]:
    """Return the entries of so many exchanges, and the CPU seconds that one export of them took."""
    with own_home(), tempfile.TemporaryDirectory() as folder:
        capture, export = Path(folder, "it.cookietrace"), Path(folder, "it.jsonl")
        SHAPES["ordinary"](capture, count, 14)
        command = [sys.executable, "-m", "cookietrace", "export", str(capture)]
        command += ["--format", "jsonl", "-o", str(export)]
        before = _children()
        subprocess.run(command, check=True, capture_output=True)
        spent = _children() - before
        return list(_entries(export)), spent


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _entries(export: Path) -> Iterator[Exchange]:
    head: list[bytes] = []
    for line in export.read_bytes().splitlines():
        kind = json.loads(line)["type"]
        if kind in ("request", "verdicts"):
            head.append(line)
        elif kind == "response":
            yield b"\n".join(head), line
            head = []


class Server:
    """One ``redis-server``; nothing of it is left when it is closed."""

    def __init__(self, *arguments: str, port: int = 0) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise OSError("there is no redis-server: install Debian's package redis-server")
        self._folder = tempfile.mkdtemp(prefix="ct-fleet-")
        self.socket = f"{self._folder}/s"
        listening = ["--port", str(port), "--bind", "127.0.0.1", "--unixsocket", self.socket]
        self._process = subprocess.Popen(
            [binary, *listening, "--save", "", "--dir", self._folder, *arguments],
            stdout=subprocess.DEVNULL,
        )
        self.client = Redis(unix_socket_path=self.socket, protocol=2)
        self.until(lambda: bool(self.client.ping()))

    def until(self, holds: Any) -> None:
        """Return once something holds; an error counts as no."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                if holds():
                    return
            except (RedisError, OSError):
                pass
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise OSError("redis-server does not respond")
            time.sleep(0.02)

    def info(self, section: str) -> dict[str, Any]:
        """Return what it says about itself."""
        return dict(self.client.info(section))

    def cpu(self) -> float:
        """Return the processor seconds of its main thread."""
        used = self.info("cpu")
        return float(used["used_cpu_user_main_thread"]) + float(used["used_cpu_sys_main_thread"])

    def close(self) -> None:
        """End it, and remove its folder."""
        self.client.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Server:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()


def fill(client: Any, entries: Sequence[Exchange]) -> float:
    """Add all exchanges to the streams of some captures; return the seconds that it took."""
    begun = time.perf_counter()
    for first in range(0, len(entries), BATCH):
        name = f"lab-{first // BATCH % CAPTURES:02}"
        pipeline = client.pipeline(transaction=False)
        for number, parts in enumerate(entries[first : first + BATCH], first):
            for part, lines in enumerate(parts, 1):
                fields = {EVENTS: lines, BEFORE: str(2 * number)}
                pipeline.xadd(events_key(name), fields, id=entry_id(2 * number + part))
        pipeline.hset(f"cookietrace:{{{name}}}:state", mapping={"position": str(first)})
        pipeline.execute()
    return time.perf_counter() - begun


def drain(client: Any) -> tuple[float, int]:
    """Read every stream once; return the seconds that it took, and how many entries there were."""
    begun, found = time.perf_counter(), 0
    for number in range(CAPTURES):
        key, last = events_key(f"lab-{number:02}"), b"0-0"
        while streams := client.xread({key: last}, count=READ):
            ((_, batch),) = streams
            found, last = found + len(batch), batch[-1][0]
    return time.perf_counter() - begun, found


def delays(server: Server, entries: Sequence[Exchange], count: int) -> list[float]:
    """Return the seconds from adding an exchange to reading it, at ``LATENCY_RATE`` a second."""
    sent: dict[int, float] = {}
    found: list[float] = []
    reader: Any = Redis(unix_socket_path=server.socket, protocol=2)

    def read() -> None:
        last = b"0-0"
        while len(found) < count:
            for _, batch in reader.xread({"delays": last}, count=READ, block=1000):
                now = time.perf_counter()
                for entry, _ in batch:
                    found.append(now - sent[int(entry.partition(b"-")[0])])
                    last = entry

    thread = threading.Thread(target=read)
    thread.start()
    gaps, due = random.Random(15), time.perf_counter()
    for number in range(1, count + 1):
        due += gaps.expovariate(LATENCY_RATE)
        time.sleep(max(0.0, due - time.perf_counter()))
        sent[number] = time.perf_counter()
        lines = b"\n".join(entries[number % len(entries)])
        server.client.xadd("delays", {EVENTS: lines, BEFORE: "0"}, id=entry_id(number))
    thread.join()
    reader.close()
    return sorted(found)


def packed_bytes(entries: Sequence[Exchange]) -> float:
    """Return the bytes per exchange if a batch is compressed together."""
    packer = zstandard.ZstdCompressor(level=3)
    batches = [entries[first : first + PACKED] for first in range(0, len(entries), PACKED)]
    return sum(len(packer.compress(b"\n".join(map(b"\n".join, each)))) for each in batches) / len(
        entries
    )


def _filled(server: Server, entries: Sequence[Exchange]) -> tuple[float, float]:
    """Fill an empty server; return its processor time, and the time that passed."""
    server.client.flushall()
    begun = server.cpu()
    passed = fill(server.client, entries)
    return server.cpu() - begun, passed


def _drained(server: Server, count: int) -> tuple[float, float]:
    """Read everything; return the processor time of the server, and the time that passed."""
    begun = server.cpu()
    passed, found = drain(server.client)
    assert found == count, found
    return server.cpu() - begun, passed


def measure(count: int, delayed: int) -> Result:
    """Measure with so many exchanges, and the delay of some; the least of some rounds counts."""
    entries, exporting = exchanges(count)
    inward, outward, copied = [], [], []
    with ExitStack() as stack:
        server = stack.enter_context(Server())
        empty = server.info("memory")["used_memory"]
        for _ in range(ROUNDS):
            inward.append(_filled(server, entries))
            memory = server.info("memory")["used_memory"] - empty
            outward.append(_drained(server, 2 * count))
        late = delays(server, entries, delayed)
        version = server.info("server")["redis_version"]
    with ExitStack() as stack:
        port = reserve_port()
        leader = stack.enter_context(Server(port=port))
        follower = stack.enter_context(Server("--replicaof", "127.0.0.1", str(port)))
        follower.until(lambda: follower.info("replication")["master_link_status"] == "up")
        copied = [_filled(leader, entries) for _ in range(ROUNDS)]
    (cpu_in, wall_in), (cpu_out, wall_out), (cpu_copied, _) = (
        [min(column) for column in zip(*found, strict=True)] for found in (inward, outward, copied)
    )
    measured = Measured(
        bytes=sum(len(part) for parts in entries for part in parts) / count,
        packed_bytes=packed_bytes(entries),
        redis_bytes=memory / count,
        redis_in_us=cpu_in / count * 1e6,
        redis_out_us=cpu_out / count * 1e6,
        redis_copy_us=max(cpu_copied - cpu_in, 0.0) / count * 1e6,
        publish_us=exporting / count * 1e6,
    )
    return Result(
        machine=this_machine(),
        redis=version,
        exchanges=count,
        measured=measured,
        in_per_second=count / wall_in,
        out_per_second=count / wall_out,
        latency_p50_ms=late[len(late) // 2] * 1e3,
        latency_p99_ms=late[int(len(late) * 0.99)] * 1e3,
    )


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet.measure", description="Measure one Redis."
    )
    parser.add_argument("--exchanges", type=int, default=10_000)
    parser.add_argument("--delays", type=int, default=2_500, help="exchanges at 500 a second")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        result = measure(given.exchanges, given.delays)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    lines = msgspec.json.format(msgspec.json.encode(result)).decode()
    print(lines)
    if given.json is not None:
        given.json.write_text(f"{lines}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
