"""Every kind of end under load, in turn until the time is up: the ledgers against the capture."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.soak.ends import KINDS, RESPONSES_BEFORE, Result, run_round
from tests.soak.finding import Finding
from tests.soak.options import Options

FULL_ROUNDS = 100


def run(options: Options) -> Iterator[Finding]:
    """End each kind once, then again while there is time; if the soak is full, 100 times."""
    confdir = options.folder / "confdir"
    results = {name: Result(kind=name) for name in KINDS}
    until = time.monotonic() + options.seconds
    number = 0
    while number < FULL_ROUNDS if options.full else time.monotonic() < until or not number:
        for name, result in results.items():
            if number and not options.full and time.monotonic() > until:
                break
            with tempfile.TemporaryDirectory(prefix="round-", dir=options.folder) as folder:
                # Another number of responses each time, so that the end meets other moments.
                responses = RESPONSES_BEFORE + 7 * (number % 13)
                seed = options.seed * 1000 + number
                result.add(*run_round(name, Path(folder), confdir, responses=responses, seed=seed))
        number += 1
    for name, result in results.items():
        yield _finding(KINDS[name].what, result)


def _finding(what: str, result: Result) -> Finding:
    wrong = [f"{each.fault} {each.request_id}: {each.message}" for each in result.disagreements]
    lost = f", first {'; '.join(wrong[:2])}" if wrong else ""
    return Finding(
        f"nothing is lost at an end by {what}",
        f"{len(wrong)} lost or wrong{lost}; {result.rounds} rounds, "
        f"{result.responses:,} responses received, {result.seen:,} requests seen by the app, "
        f"{result.exchanges:,} exchanges recorded; slowest end {result.slowest_end:.1f} s",
        not wrong and result.responses > 0,
    )
