"""``python -m benchmarks.fleet``: what 1,000 recorders at 50 exchanges a second would need.

It runs in seconds on any machine, with the same result for the same options.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.fleet import measured as figures
from benchmarks.fleet.brokers import BROKERS
from benchmarks.fleet.queues import MOST_PAUSE, Failure, simulate
from benchmarks.fleet.report import Answer, Found, lines
from benchmarks.fleet.sizing import Load, Node, TooLargeError, size
from benchmarks.fleet.viewing import viewing


def answer(given: argparse.Namespace) -> Answer:
    """Return what the options ask for. Raises ``ValueError`` or ``OSError`` if one is wrong."""
    measured = figures.Measured() if given.measured is None else figures.read(given.measured)
    measured = figures.changed(measured, given.set)
    load = Load(
        recorders=given.recorders,
        rate=given.rate,
        readers=given.readers,
        keeps_seconds=given.retention,
    )
    node = Node(
        cores=given.cores,
        memory_gib=given.memory,
        disk_gib=given.disk,
        network_gbit=given.network,
    )
    found, too_large = {}, {}
    for name in given.broker or BROKERS:
        broker = BROKERS[name]
        try:
            needs, plan = size(broker, measured, load, node)
        except TooLargeError as error:
            too_large[name] = str(error)
            continue
        begins = given.seconds / 6
        one, all_of_them = (
            simulate(
                broker,
                measured,
                load,
                node,
                plan,
                failure=failure,
                seconds=given.seconds,
                seed=given.seed,
                keeps=given.keeps,
                pause=given.pause,
            )
            for failure in (
                Failure(at=begins),
                Failure(at=begins, node=None, seconds=given.outage),
            )
        )
        found[name] = Found(needs, one, all_of_them, broker.terms)
    return Answer(load, node, measured, viewing(measured, load), found, too_large)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet",
        description="Simulate a fleet of recorders, and what would carry their captures.",
    )
    made.add_argument("--recorders", type=_count, default=1_000)
    made.add_argument("--rate", type=_amount, default=50.0, help="exchanges a second of each [50]")
    made.add_argument(
        "--readers", type=_amount, default=0.1, help="viewers per capture, on average [0.1]"
    )
    made.add_argument(
        "--retention", type=_amount, help="seconds that the broker keeps [each its own]"
    )
    made.add_argument(
        "--keeps",
        type=_amount,
        default=math.inf,
        help="seconds that a recorder's own capture keeps, as by --max-age [for ever]",
    )
    made.add_argument(
        "--pause",
        type=_amount,
        default=MOST_PAUSE,
        help=f"longest seconds between a publisher's attempts to get through [{MOST_PAUSE:g}]",
    )
    made.add_argument("--broker", action="append", choices=BROKERS, help="only this one")
    made.add_argument("--cores", type=_amount, default=8.0, help="of a node [8]")
    made.add_argument("--memory", type=_amount, default=64.0, help="GiB of a node [64]")
    made.add_argument("--disk", type=_amount, default=2_000.0, help="GiB of a node [2000]")
    made.add_argument("--network", type=_amount, default=10.0, help="Gbit/s of a node [10]")
    made.add_argument("--seconds", type=_amount, default=60.0, help="to simulate [60]")
    made.add_argument(
        "--outage", type=_amount, default=15.0, help="seconds without any node, in the second run"
    )
    made.add_argument("--seed", type=int, default=15)
    made.add_argument("--measured", type=Path, metavar="FILE", help="of benchmarks.fleet.measure")
    made.add_argument(
        "--set", action="append", default=[], metavar="NAME=NUMBER", help="change a figure"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON too")
    return made


def _amount(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError("must be from 1 to 100000")
    return value


def main(arguments: Sequence[str]) -> int:
    """Simulate and print; return 0, or 2 if an option is wrong."""
    given = parser().parse_args(arguments)
    try:
        found = answer(given)
    except (ValueError, OSError) as error:
        print(f"fleet: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines(found)))
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
