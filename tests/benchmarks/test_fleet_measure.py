"""One Redis is measured with exchanges as they are published."""

from __future__ import annotations

from benchmarks.fleet.measure import Exchange, exchanges, measure, packed_bytes
from cookietrace.stores.redis_streams.keys import decode_events


def test_it_measures_a_real_redis() -> None:
    """Every figure is more than nothing, and those of size are those of the entries."""
    found = measure(count=60, delayed=30)
    made = found.measured
    assert found.exchanges == 60
    assert 3_000 < made.bytes < 9_000
    assert made.packed_bytes < made.bytes / 2
    assert made.redis_bytes > made.bytes
    assert min(made.redis_in_us, made.publish_us, found.in_per_second, found.out_per_second) > 0
    assert 0 < found.latency_p50_ms <= found.latency_p99_ms


def test_the_entries_are_what_is_published() -> None:
    """A request comes with its verdicts, its response by itself, and no body."""
    entries, _ = exchanges(3)
    kinds = [
        [type(event).__name__ for event in decode_events(part, "a test")]
        for parts in entries
        for part in parts
    ]
    assert kinds == [["Request", "Verdicts"], ["Response"]] * 3


def test_what_repeats_is_packed() -> None:
    """A batch is compressed as one."""
    same: Exchange = (b"x" * 1_000, b"y" * 1_000)
    assert packed_bytes([same] * 100) < 5
