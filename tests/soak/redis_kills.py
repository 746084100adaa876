"""Kills Redis, recorders and publishers under load, and compares what each has at the end."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from benchmarks.live_load import APP, CLIENTS
from cookietrace.events import Event, Request, Response
from cookietrace.formats import read_capture
from cookietrace.publishing.options import PublishingOptions
from cookietrace.stores import events_of, open_sqlite, open_store
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.supervision.publishing import Destination, PublishingChild
from cookietrace.trace import fold
from tests.redis_server import RedisServer

KINDS = ("redis", "recorder", "publisher", "redis and recorder", "redis and publisher", "all")
"""What is killed in a round."""

_RATE, _CLIENTS = 150.0, 4
_PATIENCE = 30.0


class Outcome(msgspec.Struct):
    """What was found after some rounds."""

    kills: Counter[str] = msgspec.field(default_factory=Counter)
    received: int = 0
    """Responses that clients had in full."""
    recorded: int = 0
    """Requests and responses in the capture."""
    lost: list[str] = msgspec.field(default_factory=list)
    doubled: list[str] = msgspec.field(default_factory=list)
    wrong: list[str] = msgspec.field(default_factory=list)
    """Responses that clients had and the capture lacks, and verdicts that differ."""

    @property
    def good(self) -> bool:
        """Whether nothing is lost, doubled or wrong, and something was there."""
        return not (self.lost or self.doubled or self.wrong) and self.received > 0


class Rounds:
    """One capture, recorded and published while its processes are killed."""

    def __init__(self, folder: Path, confdir: Path, seed: int) -> None:
        self._capture = folder / "killed.cookietrace"
        self._confdir = confdir
        self._random = random.Random(seed)
        self._server = RedisServer(keeps=bool(seed % 2))
        self._url = self._server.url("killed")
        self._received: Counter[str] = Counter()
        self.outcome = Outcome()

    def run(self, kinds: Sequence[str]) -> Outcome:
        """Kill these, one after the other, under load; return what was found."""
        with self._server, _running(APP) as app:
            assert app.stdout is not None
            self._upstream = int(app.stdout.readline())
            self._proxy = self._started()
            self._publisher = self._publishing()
            try:
                for kind in kinds:
                    self._round(kind)
            finally:
                self._proxy.stop()
            self._compare(whole=self._publisher.stop() == 0)
        return self.outcome

    def _round(self, kind: str) -> None:
        """Send a load, and kill something in the middle of it."""
        port = int(self._proxy.listeners[0].address.rpartition(":")[2])
        with _running(CLIENTS) as clients:
            assert clients.stdin is not None
            assert clients.stdout is not None
            clients.stdin.write(f"{port} {_RATE} 1.0 {_CLIENTS}\n".encode())
            clients.stdin.flush()
            self._wait_for_traffic()
            time.sleep(self._random.random() * 0.8)
            if "redis" in kind or kind == "all":
                self._server.kill()
            if "recorder" in kind or kind == "all":
                self._proxy.child.process.send_signal(signal.SIGKILL)
            if "publisher" in kind or kind == "all":
                self._publisher.kill()
            said = json.loads(clients.stdout.readline())
        self._received.update(list(said["received"]))
        self.outcome.kills[kind] += 1
        if self._proxy.child.process.poll() is not None or "recorder" in kind or kind == "all":
            self._proxy.stop()
            self._proxy = self._started()
        if "redis" in kind or kind == "all":
            time.sleep(self._random.random() * 0.5)
            self._server.start()
        if "publisher" in kind or kind == "all":
            self._publisher = self._publishing()

    def _wait_for_traffic(self) -> None:
        """Wait until something more is recorded than there is now."""
        with closing(open_sqlite(self._capture)) as store:
            before, deadline = store.ahead(), time.monotonic() + _PATIENCE
            while store.ahead() <= before:
                assert time.monotonic() < deadline, "no traffic is recorded"
                time.sleep(0.01)

    def _started(self) -> RunningProxy:
        mode = f"reverse:http://127.0.0.1:{self._upstream}@127.0.0.1:0"
        proxy = RunningProxy.start(
            ProxyOptions(capture=self._capture, modes=[mode], confdir=self._confdir)
        )
        proxy.wait_until_listening()
        return proxy

    def _publishing(self) -> PublishingChild:
        return PublishingChild(
            self._capture, Destination(self._url, PublishingOptions()), lambda _: None
        )

    def _compare(self, *, whole: bool) -> None:
        """Compare what clients had, what was recorded, and what Redis has."""
        outcome = self.outcome
        with closing(open_sqlite(self._capture)) as store:
            local = list(events_of(store))
        with closing(open_store(self._url)) as published:
            remote = list(events_of(published))
        here, there = Counter(_exchanges(local)), Counter(_exchanges(remote))
        outcome.lost = sorted((here - there).elements())
        outcome.doubled = sorted((there - here).elements())
        outcome.recorded = here.total()
        outcome.received = self._received.total()
        if not whole:
            outcome.wrong.append("the publisher did not publish the rest")
        plain, replayed = fold(local), fold(read_capture(self._url))
        have = Counter(
            one.request.event.url.rpartition("/")[2]
            for one in plain.exchanges
            if one.response is not None
        )
        missing = self._received - have
        outcome.wrong += [f"not recorded: {name}" for name in sorted(missing.elements())]
        for ours, theirs in zip(plain.exchanges, replayed.exchanges, strict=False):
            if [one.status for one in ours.request.cookies] != [
                one.status for one in theirs.request.cookies
            ]:
                outcome.wrong.append(f"other verdicts: {ours.exchange_id}")


def _exchanges(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event, Request | Response):
            yield f"{type(event).__name__.lower()} {event.exchange_id}"


@contextmanager
def _running(code: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
