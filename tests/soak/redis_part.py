"""Redis, recorders and publishers are killed under load: nothing is lost, nothing is doubled."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.soak.finding import Finding
from tests.soak.options import Options
from tests.soak.redis_kills import KINDS, Outcome, Rounds

FULL_KILLS = 50
"""How often each is killed if the soak is full, in captures of ten kills each."""

_PER_CAPTURE = 10


def run(options: Options) -> Iterator[Finding]:
    """Kill each kind once, then again while there is time; if the soak is full, 50 times."""
    until = time.monotonic() + options.seconds
    outcomes: list[Outcome] = []
    kinds = cycle(KINDS)
    captures = FULL_KILLS * len(KINDS) // _PER_CAPTURE
    while len(outcomes) < captures if options.full else time.monotonic() < until or not outcomes:
        with tempfile.TemporaryDirectory(prefix="round-", dir=options.folder) as folder:
            seed = options.seed * 1000 + len(outcomes)
            rounds = Rounds(Path(folder), options.folder / "confdir", seed)
            outcomes.append(rounds.run(list(islice(kinds, _PER_CAPTURE))))
    yield finding(outcomes)


def finding(outcomes: list[Outcome]) -> Finding:
    """Return what was found in all captures."""
    kills = sum(outcome.kills.total() for outcome in outcomes)
    received = sum(outcome.received for outcome in outcomes)
    recorded = sum(outcome.recorded for outcome in outcomes)
    lost = [one for outcome in outcomes for one in outcome.lost]
    doubled = [one for outcome in outcomes for one in outcome.doubled]
    wrong = [one for outcome in outcomes for one in outcome.wrong]
    first = f", first {'; '.join([*lost, *doubled, *wrong][:3])}" if lost + doubled + wrong else ""
    return Finding(
        "nothing is lost or doubled in Redis, whatever is killed",
        f"{len(lost)} lost, {len(doubled)} doubled, {len(wrong)} wrong{first}; {kills} kills in "
        f"{len(outcomes)} captures, {received:,} responses received, "
        f"{recorded:,} requests and responses recorded",
        bool(outcomes) and all(outcome.good for outcome in outcomes),
    )
