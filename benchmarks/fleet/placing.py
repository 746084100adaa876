"""Which unit a recorder's exchanges go to: the hashes that the brokers themselves use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from cookietrace.stores.redis_streams.keys import events_key

SLOTS: Final = 16_384

Place = Callable[[str, int], int]
"""From a recorder's name and the number of units to the unit, from 0."""


def crc16(data: bytes) -> int:
    """Return the CRC16 of the Redis Cluster specification (XMODEM)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


@lru_cache(maxsize=100_000)
def hash_slot(key: str) -> int:
    """Return the hash slot of a key; only what is in its first braces counts, if there are any."""
    begin = key.find("{")
    end = key.find("}", begin + 1)
    if begin >= 0 and end > begin + 1:
        key = key[begin + 1 : end]
    return crc16(key.encode()) % SLOTS


def redis_shard(recorder: str, shards: int) -> int:
    """Return the shard that has the stream of a recorder: each has a range of the slots."""
    return hash_slot(events_key(recorder)) * shards // SLOTS


def murmur2(data: bytes) -> int:
    """Return the hash by which Kafka's producer chooses the partition of a key."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    value = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for first in range(0, whole, 4):
        part = int.from_bytes(data[first : first + 4], "little") * multiplier & mask
        part ^= part >> 24
        value = (value * multiplier & mask) ^ (part * multiplier & mask)
    if len(data) > whole:
        value ^= int.from_bytes(data[whole:], "little")
        value = value * multiplier & mask
    value ^= value >> 13
    value = value * multiplier & mask
    return value ^ (value >> 15)


def kafka_partition(recorder: str, partitions: int) -> int:
    """Return the partition for a recorder's name as the key of its records."""
    return (murmur2(recorder.encode()) & 0x7FFFFFFF) % partitions


@lru_cache(maxsize=100_000)
def fnv1a(data: bytes) -> int:
    """Return the hash of the ``partition`` function in the subject mappings of NATS (FNV-1a)."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def jetstream_stream(recorder: str, streams: int) -> int:
    """Return the stream for a recorder's name as a token of the subject."""
    return fnv1a(recorder.encode()) % streams


def by_number(recorder: str, units: int) -> int:
    """Return the unit that was given to a recorder: it is a number at the end of its name."""
    return int(recorder.rpartition("-")[2]) % units


def names(count: int) -> list[str]:
    """Return the names of so many recorders."""
    return [f"lab-{number:04}" for number in range(count)]


def placed(recorders: Sequence[str], place: Place, units: int) -> list[int]:
    """Return the unit of each recorder."""
    return [place(recorder, units) for recorder in recorders]


def fullest(units: Sequence[int]) -> int:
    """Return how many recorders are on the unit that has most."""
    return max(Counter(units).values())
