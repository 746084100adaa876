"""What a run of benchmarks found, as JSON and as a table."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks.figures import ANY_SIZE, Figure

PACKAGES = ("mitmproxy", "textual", "msgspec")


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cores: int
    memory: str
    system: str
    versions: dict[str, str]


class Run(msgspec.Struct, frozen=True):
    """One benchmark that was run."""

    benchmark: str
    seconds: float
    load: tuple[float, float]
    """The load average before and after: programs that wanted a processor, in the last minute."""
    figures: tuple[Figure, ...]


class Report(msgspec.Struct, frozen=True):
    """Everything that was run."""

    at: str
    """Date and time, in UTC."""
    machine: Machine
    runs: tuple[Run, ...] = ()


def this_machine() -> Machine:
    """Return what matters of this machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    if shutil.which("node") is not None:
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
        versions["Node"] = told.stdout.strip().removeprefix("v")
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory=f"{pages / 2**30:.0f} GiB",
        system=f"{platform.system()} {platform.release()}",
        versions=versions,
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def describe(report: Report) -> str:
    """Return one line on when and where a report was made."""
    machine = report.machine
    loads = [load for run in report.runs for load in run.load]
    load = f"load average {min(loads):.1f} to {max(loads):.1f}; " if loads else ""
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"{report.at}; {machine.processor}, {machine.cores} cores, {machine.memory}, "
        f"{machine.system}; {load}{versions}"
    )


# The table -----------------------------------------------------------------------------------

_Key = tuple[str, str, str, str | None]
"""Benchmark, name, unit and peer: one row."""


def rows_of(report: Report, earlier: Report | None = None) -> list[list[str]]:
    """Return the table's cells, the first row being the titles.

    A cell is a value with its ratio to the peer's; ``earlier`` adds what the value was then.
    """
    cells, before = _by_row(report), {} if earlier is None else _by_row(earlier)
    sizes = sorted({size for row in cells.values() for size in row})
    titles = [f"{size:,}" if size != ANY_SIZE else "at any size" for size in sizes]
    table = [["benchmark", "what", "unit", *titles, "compared with"]]
    for key, row in cells.items():
        benchmark, name, unit, peer = key
        values = [_cell(row.get(size), before.get(key, {}).get(size)) for size in sizes]
        table.append([benchmark, name, unit, *values, peer or ""])
    return table


def _by_row(report: Report) -> dict[_Key, dict[int, Figure]]:
    found: dict[_Key, dict[int, Figure]] = {}
    for run in report.runs:
        for each in run.figures:
            found.setdefault((run.benchmark, each.name, each.unit, each.peer), {})[each.size] = each
    return found


def _cell(figure: Figure | None, before: Figure | None) -> str:
    if figure is None:
        return ""
    asides = [f"{_short(figure.ratio)}×"] if figure.ratio is not None else []
    asides += [f"was {_short(before.value)}"] if before is not None else []
    return _short(figure.value) + (f" ({', '.join(asides)})" if asides else "")


def _short(value: float) -> str:
    """Return a number with about three digits that say something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def text_table(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield the lines of a table for a terminal."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def markdown_table(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    titles, *others = rows
    for row in (titles, ["---"] * len(titles), *others):
        yield f"| {' | '.join(row)} |"


def write(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def read(path: Path) -> Report:
    """Return a report that was written. Raises ``msgspec.DecodeError`` for anything else."""
    return msgspec.json.decode(path.read_bytes(), type=Report)
