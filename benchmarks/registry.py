"""BENCHMARKS: every benchmark by name. To add one, write its module, and a line here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import NamedTuple, cast

from benchmarks.figures import Benchmark

SIZES = (1_000, 100_000, 1_000_000)


class Entry(NamedTuple):
    """One benchmark."""

    module: str
    """A module of this package with a function ``figures``, imported when it is run."""
    measures: str
    takes: str
    """About how long it takes at its own sizes."""
    sizes: tuple[int, ...] = SIZES
    """The sizes that it is run at unless asked for others."""
    needs: str = ""
    """What it needs besides Python: a terminal, a browser, Redis, or a proxy with an app."""

    def load(self) -> Benchmark:
        """Import the benchmark."""
        module = importlib.import_module(f"benchmarks.{self.module}")
        return cast("Benchmark", module.figures)


BENCHMARKS: Mapping[str, Entry] = {
    "engine": Entry("bench_engine", "the cookie jar: store and select", "2 min"),
    "fold": Entry("bench_fold", "the fold from events to verdicts", "15 min"),
    "problems": Entry("bench_problems", "finding problems in a trace", "2 min", SIZES[:2]),
    "store": Entry("bench_store", "appending, following and reading a capture", "10 min"),
    "commands": Entry(
        "bench_commands", "explain and check, from file to last line", "30 min", SIZES[:2]
    ),
    "comparing": Entry(
        "bench_comparing", "diff and whatif, from file to last line", "8 min", (1_000, 20_000)
    ),
    "exports": Entry("bench_exports", "every export, from file to file", "40 min", SIZES[:2]),
    "table": Entry("bench_tui", "a table of many rows on the screen", "3 min"),
    "view": Entry("view_figures", "the viewer over a big capture", "5 min", SIZES[:2], "terminal"),
    "loading": Entry(
        "bench_loading", "the steps of loading a capture, without a screen", "3 min", SIZES[:2]
    ),
    "live": Entry("live_figures", "from the wire to the screen", "3 min", (10_000,), "terminal"),
    "web": Entry("bench_web", "from a commit to a reader of the page", "2 min", (4_000,)),
    "page": Entry(
        "bench_live_page", "from a commit to the live page", "5 min", (50_000,), "browser"
    ),
    "listening": Entry(
        "bench_listening", "what listening costs a browser", "30 min", (240,), "browser"
    ),
    "addon": Entry(
        "bench_addon", "recording an exchange in the proxy", "1 min", SIZES[:1], "proxy"
    ),
    "redis": Entry(
        "bench_redis", "publishing to Redis, and viewers of it", "3 min", (10_000,), "Redis"
    ),
    "memory": Entry(
        "bench_memory", "the proxy's peak, whatever goes through it", "1 min", SIZES[:1], "proxy"
    ),
}
"""In the order in which they are run."""
