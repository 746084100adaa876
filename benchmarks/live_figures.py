"""A busy recording with a viewer, as figures: see ``bench_live`` for how it is measured.

The peer is mitmproxy without any addon of ours under the same load.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from benchmarks.bench_live import measure, measure_plain
from benchmarks.figures import Figure, figure, own_home
from benchmarks.runner import main

RATES = (100.0, 500.0)
"""Exchanges per second, in all."""


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield how late the screen is, and what the proxy takes, for so many exchanges."""
    for size in sizes:
        for rate in RATES:
            with own_home():
                found = measure(rate, size / rate)
                _, plain, _ = measure_plain(rate, size / rate)
            at = f"at {rate:.0f}/s"
            for share in (50, 95, 99):
                value = found.percentile(share)
                yield figure(f"wire to screen, {at}, p{share}: wall-clock", size, value, "ms")
            yield figure(
                f"the proxy, {at}: CPU",
                size,
                found.processor["proxy"] * 100,
                "% of a core",
                peer="mitmproxy alone",
                peer_value=plain * 100,
            )
            viewer = found.processor["viewer"] * 100
            yield figure(f"the viewer, {at}: CPU", size, viewer, "% of a core")
            yield figure(f"exchanges lost, {at}", size, float(len(found.lost)), "exchanges")


if __name__ == "__main__":
    sys.exit(main(["live", *sys.argv[1:]]))
