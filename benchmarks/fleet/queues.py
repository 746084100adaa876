"""The simulation: exchanges wait at their recorder, then in the queue of who takes them in.

It is a discrete-event simulation of batches, which wait in two queues. A publisher wakes up now and
then, and makes a batch of what is new; how many exchanges that is follows a Poisson process. It
folds and redacts one batch after another, at a fixed cost per exchange, and sends them. Who takes
a batch in (the core of a unit, or a node whose units share its cores) serves one after another, in
the order in which they come, at a fixed cost per exchange.

When a node fails, the units that it leads take nothing until another copy leads them; meanwhile
exchanges stay in the recorders' own captures. A publisher tries again after pauses that double, up
to 15 seconds. Once it is through, it asks what the unit has, and makes and sends the rest: what
waited, what the failed node had not finished, and, without a quorum, what it had acknowledged and
not yet passed on.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Iterator

import msgspec

from benchmarks.fleet.brokers import Broker
from benchmarks.fleet.measured import Measured
from benchmarks.fleet.sizing import Load, Node, Plan, unit_us

FIRST_PAUSE, MOST_PAUSE = 0.2, 15.0
"""Seconds between two attempts of a publisher: at first, and at most."""

SLOW = 1.0
"""Seconds of lag from which on a viewer would notice."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, and when."""

    at: float = 10.0
    node: int | None = 0
    """The node that fails; None for all of them, as if the network were away."""
    seconds: float | None = None
    """How long its units take nothing; None for as long as the broker needs to notice."""


class Batch(msgspec.Struct, gc=False):
    """Exchanges that one recorder made and sent together."""

    recorder: int
    count: int
    made: float
    """When the first of them was made, at the earliest: when the publisher went to sleep."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of everything that was made."""

    seconds: float
    made: int
    delivered: int
    dropped: int
    """Removed from the recorders' own captures before they could be sent: ``keeps`` says so."""
    sent_again: int
    """Acknowledged by the node that failed, and not on its copy: readers may have seen them."""
    away_seconds: float
    """How long units took nothing."""
    recorders_hit: int
    lag_p50: float
    """Seconds until a batch can be read, from when the publisher last went to sleep: the lag of
    its oldest exchange at most; of those that could be read before the failure."""
    lag_p99: float
    lag_most: float
    """Of all, also of those that waited."""
    waited_most: int
    """The most exchanges that waited in recorders' captures at a time."""
    caught_up_seconds: float
    """From when the units were back until no exchange was later than ``SLOW``; 0 if none was.

    With the pauses of the publishers, which do not know that the units are back.
    """


def simulate(
    broker: Broker,
    measured: Measured,
    load: Load,
    node: Node,
    plan: Plan,
    *,
    failure: Failure | None = None,
    seconds: float = 60.0,
    seed: int = 15,
    wakes: float = 0.2,
    keeps: float = math.inf,
    pause: float = MOST_PAUSE,
) -> Outcome:
    """Return what becomes of the exchanges of so many seconds.

    ``wakes`` is how often a publisher sends, ``keeps`` how long a recorder's own capture keeps an
    exchange (its ``--max-age``), and ``pause`` the longest between two attempts to get through.
    """
    run = _Run(broker, measured, load, node, plan, seed)
    return run.run(failure, seconds, wakes, keeps, pause)


class _Run:
    """One run of the simulation."""

    def __init__(
        self,
        broker: Broker,
        measured: Measured,
        load: Load,
        node: Node,
        plan: Plan,
        seed: int,
    ) -> None:
        self._broker, self._load, self._plan = broker, load, plan
        self._making, self._failing = random.Random(seed), random.Random(seed + 1)
        self._publishing = measured.publish_us / 1e6
        self._taking = unit_us(broker, measured, load) / 1e6
        if not broker.single:
            self._taking /= node.cores
        self._ready = [0.0] * load.recorders
        """By recorder: when its publisher has finished what it has."""
        self._free: dict[int, float] = {}
        """When who takes in has finished what it has."""
        self._sent: list[tuple[float, int, Batch]] = []
        """A heap of what is on its way: when it arrives, a number that orders equal times, it."""
        self._number = 0
        self._recent: dict[int, deque[tuple[float, Batch]]] = {}
        """By unit: what was finished or is in progress, with when that is; the newest last."""
        self._waiting: dict[int, deque[Batch]] = {}
        """By recorder whose publisher has not got through again yet."""
        self._returns: list[tuple[float, int]] = []
        """A heap of when those publishers get through."""
        self._gone: int | None = None
        self._lags: list[tuple[float, float, int]] = []
        """When it can be read, how late that is, and of how many exchanges."""
        self._dropped = self._sent_again = self._waits = self._waited_most = 0

    def run(
        self,
        failure: Failure | None,
        seconds: float,
        wakes: float,
        keeps: float,
        pause: float,
    ) -> Outcome:
        """Run it to the end, when everything has been sent."""
        made, away, hit = 0, 0.0, 0
        fails = math.inf if failure is None else failure.at
        batches = self._batches(seconds, wakes)
        upcoming = next(batches, None)
        while True:
            new = math.inf if upcoming is None else upcoming.made + wakes
            arrives = self._sent[0][0] if self._sent else math.inf
            returns = self._returns[0][0] if self._returns else math.inf
            now = min(new, arrives, fails, returns)
            if now == math.inf:
                break
            if now == fails:
                assert failure is not None
                away, fails = self._away_seconds(failure), math.inf
                hit = self._fail(failure, now, now + away, pause)
            elif now == returns:
                self._return(heapq.heappop(self._returns)[1], now, keeps)
            elif now == new:
                assert upcoming is not None
                made += upcoming.count
                self._publish(upcoming, now)
                upcoming = next(batches, None)
            else:
                self._take(heapq.heappop(self._sent)[2], now)
        return self._outcome(seconds, made, failure, away, hit)

    def _batches(self, seconds: float, wakes: float) -> Iterator[Batch]:
        """Yield what the publishers find when they wake up, in order of time."""
        heap = [
            (self._making.uniform(0.0, wakes), recorder) for recorder in range(self._load.recorders)
        ]
        heapq.heapify(heap)
        expected = self._load.rate * wakes
        while heap:
            now, recorder = heap[0]
            if now > seconds:
                heapq.heappop(heap)
                continue
            heapq.heapreplace(heap, (now + wakes, recorder))
            count = _poisson(self._making, expected)
            if count:
                yield Batch(recorder, count, now - wakes)

    def _publish(self, batch: Batch, now: float) -> None:
        """Make what is published of a batch, after what its publisher has already, and send it."""
        waiting = self._waiting.get(batch.recorder)
        if waiting is not None:
            self._wait(waiting, batch)
            return
        ready = max(now, self._ready[batch.recorder]) + batch.count * self._publishing
        self._ready[batch.recorder] = ready
        self._number += 1
        heapq.heappush(self._sent, (ready, self._number, batch))

    def _take(self, batch: Batch, now: float) -> None:
        """Take a batch in."""
        unit = self._plan.units[batch.recorder]
        server = self._server(unit)
        done = max(now, self._free.get(server, 0.0)) + batch.count * self._taking
        self._free[server] = done
        recent = self._recent.setdefault(unit, deque())
        recent.append((done, batch))
        oldest = now - self._broker.unacknowledged_seconds
        while recent[0][0] < oldest:
            self._settle(*recent.popleft())

    def _server(self, unit: int) -> int:
        return unit if self._broker.single else self._plan.leader(unit, self._gone)

    def _wait(self, waiting: deque[Batch], batch: Batch) -> None:
        waiting.append(batch)
        self._waits += batch.count
        self._waited_most = max(self._waited_most, self._waits)

    def _settle(self, done: float, batch: Batch) -> None:
        self._lags.append((done, done - batch.made, batch.count))

    def _away_seconds(self, failure: Failure) -> float:
        if failure.seconds is not None:
            return failure.seconds
        return self._failing.uniform(*self._broker.away_seconds)

    def _fail(self, failure: Failure, now: float, back: float, pause: float) -> int:
        """Let units take nothing from now on; return how many recorders that are."""
        units = {
            unit
            for unit in range(len(self._plan.homes))
            if failure.node is None or self._plan.leader(unit) == failure.node
        }
        hit = [recorder for recorder, unit in enumerate(self._plan.units) if unit in units]
        self._waiting = {recorder: deque() for recorder in hit}
        self._returns = [(self._through(now, back, pause), recorder) for recorder in hit]
        heapq.heapify(self._returns)
        copied = now - (0.0 if failure.node is None else self._broker.unacknowledged_seconds)
        for unit in units:
            for done, batch in self._recent.pop(unit, ()):
                if done <= copied:
                    self._settle(done, batch)
                    continue
                if done <= now:
                    self._sent_again += batch.count
                self._wait(self._waiting[batch.recorder], batch)
            self._free.pop(self._server(unit), None)
        on_its_way, self._sent = sorted(self._sent), []
        for each in on_its_way:
            waiting = self._waiting.get(each[2].recorder)
            if waiting is None:
                self._sent.append(each)  # in order, so it is still a heap
            else:
                self._wait(waiting, each[2])
        self._gone = failure.node
        return len(hit)

    def _through(self, now: float, back: float, most: float) -> float:
        """Return when a publisher that loses its unit now gets through, if that is back then."""
        pause = min(FIRST_PAUSE, most)
        while now < back:
            now += pause * self._failing.uniform(0.5, 1.0)
            pause = min(2 * pause, most)
        return now

    def _return(self, recorder: int, now: float, keeps: float) -> None:
        """Let a publisher make and send what waits, the oldest first."""
        self._ready[recorder] = now
        for batch in self._waiting.pop(recorder):
            self._waits -= batch.count
            if batch.made < now - keeps:
                self._dropped += batch.count
            else:
                self._publish(batch, now)

    def _outcome(
        self, seconds: float, made: int, failure: Failure | None, away: float, hit: int
    ) -> Outcome:
        for recent in self._recent.values():
            for done, batch in recent:
                self._settle(done, batch)
        begins = math.inf if failure is None else failure.at
        before = [lag for lag in self._lags if lag[0] < begins]
        slow = [done for done, lag, _ in self._lags if lag > SLOW]
        return Outcome(
            seconds=seconds,
            made=made,
            delivered=sum(count for _, _, count in self._lags),
            dropped=self._dropped,
            sent_again=self._sent_again,
            away_seconds=away,
            recorders_hit=hit,
            lag_p50=_quantile(before, 0.5),
            lag_p99=_quantile(before, 0.99),
            lag_most=max((lag for _, lag, _ in self._lags), default=0.0),
            waited_most=self._waited_most,
            caught_up_seconds=max(0.0, max(slow) - begins - away) if slow and failure else 0.0,
        )


def _quantile(lags: list[tuple[float, float, int]], part: float) -> float:
    """Return the lag that such a part of the exchanges does not exceed."""
    left = part * sum(count for _, _, count in lags)
    for lag, count in sorted((lag, count) for _, lag, count in lags):
        left -= count
        if left <= 0:
            return lag
    return 0.0


def _poisson(source: random.Random, expected: float) -> int:
    """Return how many events of a Poisson process there were, in parts that are not too small."""
    found, left = 0, expected
    while left > 0:
        part = min(left, 30.0)
        left -= part
        limit, product = math.exp(-part), source.random()
        while product > limit:
            product *= source.random()
            found += 1
    return found
