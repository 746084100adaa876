"""Runs benchmarks one after another, and reports them in one shape."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks import report as reports
from benchmarks.registry import BENCHMARKS, SIZES, Entry
from benchmarks.report import Report, Run

QUICK = (500,)
"""Sizes at which everything is run once, to see that it works."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 0 unless a benchmark failed."""
    parser = _parser()
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in BENCHMARKS:
            parser.error(f"{name} is no benchmark: choose from {', '.join(BENCHMARKS)}")
    sizes = QUICK if given.quick else SIZES if given.all_sizes else given.sizes
    earlier = None if given.against is None else reports.read(given.against)
    found = Report(at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", machine=reports.this_machine())
    if given.add is not None and given.add.exists():
        found = msgspec.structs.replace(found, runs=reports.read(given.add).runs)
    failed = []
    for name in given.names or BENCHMARKS:
        try:
            run = _run(name, BENCHMARKS[name], sizes)
        except (OSError, RuntimeError) as error:
            _say(f"  {name} FAILED: {error}")
            failed.append(name)
            continue
        found = _with(found, run)
        for path in filter(None, (given.json, given.add)):
            reports.write(found, path)  # after each: a run that is cut short leaves what it found
    rows = reports.rows_of(found, earlier)
    table = reports.markdown_table(rows) if given.markdown else reports.text_table(rows)
    print(*table, "", reports.describe(found), sep="\n")
    for path in filter(None, (given.json, given.add)):
        _say(f"Wrote {path}")
    return 1 if failed else 0


def _with(found: Report, run: Run) -> Report:
    """Return a report with one more benchmark, which replaces an earlier run of the same."""
    runs = {each.benchmark: each for each in (*found.runs, run)}
    ordered = [runs.pop(name) for name in BENCHMARKS if name in runs]
    return msgspec.structs.replace(found, runs=(*ordered, *runs.values()))


def _run(name: str, entry: Entry, sizes: Sequence[int] | None) -> Run:
    chosen = sizes or entry.sizes
    about = "" if sizes else f" (about {entry.takes})"
    _say(f"{name}: {entry.measures}, at {', '.join(f'{size:,}' for size in chosen)}{about}")
    figures, before, begun = [], os.getloadavg()[0], time.perf_counter()
    for figure in entry.load()(chosen):
        figures.append(figure)
        ratio = "" if figure.ratio is None else f" = {figure.ratio:.2f} x {figure.peer}"
        _say(f"  {figure.name}, {figure.size:,}: {figure.value:.4g} {figure.unit}{ratio}")
    took = time.perf_counter() - begun
    return Run(name, took, (before, os.getloadavg()[0]), tuple(figures))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    lines = [f"  {name:10} {entry.measures}; {entry.takes}" for name, entry in BENCHMARKS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure speed and memory, each beside a peer where there is one.",
        epilog="\n".join(["benchmarks, and about how long each takes:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="[all]")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--sizes", type=_sizes, help="such as 1000,100000 [those of each benchmark]")
    how.add_argument("--all-sizes", action="store_true", help="up to 1,000,000 for each")
    how.add_argument("--quick", action="store_true", help="once and small, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    parser.add_argument(
        "--add", type=Path, metavar="FILE", help="add them to FILE, and print all that it holds"
    )
    parser.add_argument("--against", type=Path, metavar="FILE", help="show what they were in FILE")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part.replace("_", "")) for part in text.split(","))
    if not all(size > 0 for size in sizes):
        raise ValueError
    return sizes
