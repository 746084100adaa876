"""The proxy's memory, whatever goes through it and for however long."""

from __future__ import annotations

from collections.abc import Iterator

from tests.soak.commands import run_module
from tests.soak.finding import Finding
from tests.soak.options import Options

PROMISED = "the proxy stays under 150 MB"


def run(options: Options) -> Iterator[Finding]:
    """Run the benchmark, all of it if the soak is full; one finding for each of its lines."""
    ran = run_module(
        "benchmarks.bench_memory",
        *(["--full"] if options.full else []),
        seconds=options.seconds + 60.0,
    )
    for line in ran.lines:
        yield Finding(PROMISED, " ".join(line.split()), "MISSED" not in line)
    yield Finding(
        f"{PROMISED} in each of these cases",
        ran.errors if ran.status else f"{len(ran.lines)} cases",
        ran.status == 0,
    )
