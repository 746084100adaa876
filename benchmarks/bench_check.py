"""Measures what a check of a capture takes, compared with reading and folding it.

Run ``python -m benchmarks.bench_check``. The traffic is that of ``bench_problems``: a shop with
a few problems, whose texts are redacted. The numbers are CPU time, in the same run.
"""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.bench_problems import EXCHANGES, RUNS, traffic
from cookietrace.checking import REPORTERS, Severity, check
from cookietrace.events import Capture
from cookietrace.formats import read_capture
from cookietrace.stores import create_capture
from cookietrace.trace import fold


def seconds(capture: Path) -> tuple[float, float]:
    """Return the CPU seconds of reading and folding, and of a check with its report."""
    gc.collect()
    start = time.process_time()
    fold(read_capture(capture))
    folded = time.process_time()
    gc.collect()
    again = time.process_time()
    report = check(read_capture(capture), source="shop")
    REPORTERS["sarif"].write(report, Severity.PROBLEM)
    return folded - start, time.process_time() - again


def main() -> None:
    """Print the median of the runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder  # for the secret that tokens are made from
        capture = Path(folder) / "shop.cookietrace"
        first, *others = traffic(EXCHANGES)
        assert isinstance(first, Capture)
        with closing(create_capture(capture, info=first)) as store:
            store.append(others)
        del others
        runs = [seconds(capture) for _ in range(RUNS)]
        found = check(read_capture(capture), source="shop").tally.text or "nothing"
    shares = [checked / folded for folded, checked in runs]
    spread = f"{min(shares):.2f} to {max(shares):.2f}"
    each = statistics.median(run[0] for run in runs) / EXCHANGES * 1e6
    print(f"{EXCHANGES:,} exchanges, in which there is: {found}")
    print(f"reading and folding takes {each:.1f} us each")
    print(f"a check takes {statistics.median(shares):.2f} times as long ({spread})")


if __name__ == "__main__":
    main()
