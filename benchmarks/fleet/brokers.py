"""BROKERS: what the simulation knows about Redis Cluster, Kafka and NATS JetStream.

Numbers of Redis are measured. Those of the other two are from their documentation and published
measurements, or assumed; ``terms`` says so, and docs/SCALING.md names the documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from benchmarks.fleet.measured import Measured
from benchmarks.fleet.placing import Place, by_number, jetstream_stream, redis_shard


class Cost(NamedTuple):
    """What one exchange costs a broker."""

    lead_us: float
    """Processor time of the leader: taking it in, and passing it to the copies."""
    read_us: float
    """Of the leader, for each reader of it."""
    follow_us: float
    """Of each other copy."""
    wire_bytes: float
    """On each connection: in, to each copy, and to each reader."""
    memory_bytes: float
    disk_bytes: float
    """Of one copy."""


class Broker(NamedTuple):
    """How one broker keeps and copies what it is given."""

    name: str
    unit: str
    """What is placed on a node as a whole, and keeps an order: it has one leader."""
    cost: Callable[[Measured], Cost]
    place: Place
    copies: int
    single: bool
    """Whether one core serves a unit, so that more cores do not help it."""
    quorum: bool
    """Whether what was acknowledged is on more than one node."""
    away_seconds: tuple[float, float]
    """How long a unit cannot be written to if its node fails: from, to."""
    unacknowledged_seconds: float
    """How much of what was acknowledged is not on a copy yet (without a quorum)."""
    keeps_seconds: float
    """How long it keeps what it was given, unless asked otherwise."""
    fill: float
    """How much of a node's memory, or disk, may be used."""
    most_per_node: int
    """The most copies of units on a node."""
    unit_per_recorder: bool
    """Whether each recorder has a unit of its own; otherwise as few as the load allows."""
    terms: tuple[str, ...]
    """Where its numbers are from."""


def _redis(measured: Measured) -> Cost:
    return Cost(
        lead_us=measured.redis_in_us + measured.redis_copy_us,
        read_us=measured.redis_out_us,
        follow_us=measured.redis_in_us,
        wire_bytes=measured.bytes,
        memory_bytes=measured.redis_bytes,
        disk_bytes=0.0,
    )


KAFKA_US_PER_KB = 10.0
JETSTREAM_LEAD_US, JETSTREAM_FOLLOW_US = 48.0, 24.0
JETSTREAM_READ_US = 18.0


def _kafka(measured: Measured) -> Cost:
    spent = KAFKA_US_PER_KB * measured.packed_bytes / 1024
    return Cost(
        lead_us=2 * spent,
        read_us=spent / 2,
        follow_us=spent,
        wire_bytes=measured.packed_bytes,
        memory_bytes=0.0,
        disk_bytes=measured.packed_bytes,
    )


def _jetstream(measured: Measured) -> Cost:
    return Cost(
        lead_us=JETSTREAM_LEAD_US,
        read_us=JETSTREAM_READ_US,
        follow_us=JETSTREAM_FOLLOW_US,
        wire_bytes=measured.bytes,
        memory_bytes=0.0,
        disk_bytes=measured.bytes,
    )


BROKERS: Mapping[str, Broker] = {
    "redis": Broker(
        name="Redis Cluster",
        unit="shard",
        cost=_redis,
        place=redis_shard,
        copies=2,
        single=True,
        quorum=False,
        away_seconds=(16.0, 17.0),
        unacknowledged_seconds=0.05,
        keeps_seconds=600.0,
        fill=0.6,
        most_per_node=1_000,
        unit_per_recorder=False,
        terms=(
            "processor time and memory per exchange: measured",
            "16 to 17 s without a leader: cluster-node-timeout (15 s) and 1 or 2 s of election",
            "copies are made after the acknowledgement; 50 ms behind: assumed",
            "0.6 of the memory: room for the copies that fork makes while saving; assumed",
        ),
    ),
    "kafka": Broker(
        name="Kafka",
        unit="partition",
        cost=_kafka,
        place=by_number,
        copies=3,
        single=False,
        quorum=True,
        away_seconds=(9.0, 10.0),
        unacknowledged_seconds=0.0,
        keeps_seconds=3_600.0,
        fill=0.7,
        most_per_node=4_000,
        unit_per_recorder=True,
        terms=(
            f"{KAFKA_US_PER_KB:g} microseconds of a core per KB of compressed records: assumed",
            "9 to 10 s without a leader: broker.session.timeout.ms (9 s) and the election",
            "acks=all with min.insync.replicas=2: what was acknowledged is on two brokers",
            "at most 4,000 copies of partitions on a broker: KIP-578",
        ),
    ),
    "jetstream": Broker(
        name="NATS JetStream",
        unit="stream",
        cost=_jetstream,
        place=jetstream_stream,
        copies=3,
        single=True,
        quorum=True,
        away_seconds=(4.0, 9.0),
        unacknowledged_seconds=0.0,
        keeps_seconds=3_600.0,
        fill=0.7,
        most_per_node=1_000,
        unit_per_recorder=False,
        terms=(
            f"{JETSTREAM_LEAD_US:g} microseconds per exchange for the leader of a stream, "
            f"{JETSTREAM_FOLLOW_US:g} for a follower, {JETSTREAM_READ_US:g} per reader: assumed, "
            "after a look at one server without copies (24 in, 18 out)",
            "4 to 9 s without a leader: the election timeout of its Raft groups",
            "an acknowledgement comes from a quorum, but files are synced every 2 minutes",
            "file storage, not compressed; a subject per recorder, so a reader gets its own only",
        ),
    ),
}
