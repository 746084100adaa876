"""500 exchanges a second with a viewer that is stepped back and forth."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench_live import (
    RATE,
    TARGETS,
    measure,
    measure_plain,
    percentile,
    run_first,
)
from tests.soak.finding import Finding, equal
from tests.soak.options import Options

PLAIN_SECONDS = 10.0
SUSTAINED = 0.98
"""The share of a rate that must be reached for it to be sustained."""

FULL_SECONDS = 60.0
STEP = 25.0
"""Rates are multiples of it."""


def run(options: Options) -> Iterator[Finding]:
    """Measure mitmproxy alone, then ours at the rate that it sustains, at most at 500/s."""
    if options.first and not run_first():
        yield Finding("times are measured before other programs", "not allowed", kept=False)
    seconds = FULL_SECONDS if options.full else max(5.0, options.seconds - 25.0)
    plain, share, average = measure_plain(RATE, min(PLAIN_SECONDS, seconds))
    sustained = plain.rate >= RATE * SUSTAINED
    rate = RATE if sustained else max(STEP, plain.rate // STEP * STEP)
    yield Finding(
        "mitmproxy alone, for comparison",
        f"{plain.rate:.0f}/s of {RATE:.0f}/s with {share:.0%} of a core; "
        f"load average {average:.1f}",
    )
    measured = measure(rate, seconds)
    load = measured.load
    yield equal(
        f"{rate:.0f} exchanges a second from eight clients for {seconds:.0f} s: nothing is lost",
        received=len(load.received),
        recorded_as_received=len(load.received) - len(measured.lost),
    )
    yield Finding(
        "that rate is reached",
        f"{load.rate:.0f}/s, {load.rate / min(plain.rate, rate):.0%} of mitmproxy alone; "
        f"load average {measured.load_average:.1f}",
        load.rate >= rate * SUSTAINED,
    )
    at = ", ".join(f"p{each} {measured.percentile(each):.0f} ms" for each in (50, 95, 99))
    since = percentile(measured.from_client, 99)
    shares = ", ".join(f"{name} {part:.0%}" for name, part in measured.processor.items())
    yield Finding(
        f"p99 from the wire to the screen is at most {TARGETS[RATE]:.0f} ms",
        f"{at} ({since:.0f} ms after the client had it); of a core: {shares}; "
        f"never shown {measured.never_shown}",
        measured.percentile(99) <= TARGETS[RATE] and not measured.never_shown,
    )
