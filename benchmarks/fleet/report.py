"""What a run found, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from benchmarks.fleet.measured import Measured
from benchmarks.fleet.queues import Outcome
from benchmarks.fleet.sizing import Load, Node, Size
from benchmarks.fleet.viewing import Reading, Viewing, gone_after


class Found(msgspec.Struct, frozen=True):
    """What one broker needs, and what a failure does."""

    size: Size
    node_fails: Outcome
    all_away: Outcome
    terms: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True):
    """Everything that a run finds."""

    load: Load
    node: Node
    measured: Measured
    viewing: Viewing
    brokers: dict[str, Found]
    too_large: dict[str, str]


def lines(found: Answer) -> Iterator[str]:
    """Yield the lines of the report."""
    load, node = found.load, found.node
    yield (
        f"{load.recorders:,} recorders, {load.rate:g} exchanges a second each: "
        f"{load.total:,.0f} a second, {load.total * found.measured.bytes / 1e6:,.0f} MB/s"
    )
    yield (
        f"a node: {node.cores:g} cores, {node.memory_gib:g} GiB of memory, "
        f"{node.disk_gib:,.0f} GiB of disk, {node.network_gbit:g} Gbit/s; "
        f"{node.busy:.0%} busy at most"
    )
    yield from _table(found)
    for reason in found.too_large.values():
        yield f"too large: {reason}"
    yield ""
    yield from _viewing(found.viewing)
    for broker in found.brokers.values():
        kept = broker.size.keeps_seconds
        after = gone_after(found.measured, load, kept)
        if after < float("inf"):
            yield (
                f"  following everything in one process: what it has not read is gone from "
                f"{broker.size.broker} after {_time(after)}"
            )
    for broker in found.brokers.values():
        yield ""
        yield f"{broker.size.broker}, where its numbers are from:"
        yield from (f"  - {term}" for term in broker.terms)


def _table(found: Answer) -> Iterator[str]:
    columns = [_column(broker) for broker in found.brokers.values()]
    if not columns:
        return
    yield ""
    widths = [max(len(text) for text in column.values()) for column in columns]
    first = max(map(len, columns[0]))
    for row in columns[0]:
        cells = [f"{column[row]:>{width}}" for column, width in zip(columns, widths, strict=True)]
        yield f"{row:{first}}  {'   '.join(cells)}".rstrip()


def _column(found: Found) -> dict[str, str]:
    """Return the figures of one broker, by what they are."""
    size, use, after = found.size, found.size.use, found.size.use_after
    return {
        "": size.broker,
        "units": f"{size.units:,} {size.unit}{'s' if size.units != 1 else ''}",
        "copies of each": str(size.copies),
        "nodes": f"{size.nodes:,}",
        "recorders on the fullest unit": f"{size.recorders_per_unit:,}",
        "its core is busy": f"{size.unit_busy:.0%}" if size.unit_busy else "shared",
        "kept for": _time(size.keeps_seconds),
        "memory, all nodes": _gib(size.memory_gib),
        "disk, all nodes": _gib(size.disk_gib),
        "network in": f"{size.in_gbit:.2f} Gbit/s",
        "network between nodes": f"{size.copy_gbit:.2f} Gbit/s",
        "network to viewers": f"{size.out_gbit:.2f} Gbit/s",
        "busiest node: processor": f"{use.processor:.0%} ({after.processor:.0%})",
        "busiest node: network in": f"{use.network_in:.0%} ({after.network_in:.0%})",
        "busiest node: network out": f"{use.network_out:.0%} ({after.network_out:.0%})",
        "busiest node: disk writes": f"{use.disk_write:.0%} ({after.disk_write:.0%})",
        "fullest node: memory": f"{use.memory:.0%}",
        "fullest node: disk": f"{use.disk:.0%}",
        "(after one failed)": "",
        "filling an empty node": _time(size.resync_seconds),
        **_outcome("a node fails", found.node_fails),
        **_outcome("all are away", found.all_away),
    }


def _outcome(what: str, outcome: Outcome) -> dict[str, str]:
    lost = outcome.made - outcome.delivered - outcome.dropped
    return {
        f"{what}: units away": f"{outcome.away_seconds:.1f} s",
        f"{what}: recorders hit": f"{outcome.recorders_hit:,}",
        f"{what}: lag before, p99": f"{outcome.lag_p99 * 1e3:.1f} ms",
        f"{what}: lag at most": f"{outcome.lag_most:.1f} s",
        f"{what}: waiting at most": f"{outcome.waited_most:,}",
        f"{what}: caught up after": f"{outcome.caught_up_seconds:.1f} s",
        f"{what}: sent again": f"{outcome.sent_again:,}",
        f"{what}: lost": f"{lost:,}",
        f"{what}: dropped by --keeps": f"{outcome.dropped:,}",
    }


def _viewing(found: Viewing) -> Iterator[str]:
    yield "viewers and the fold:"
    rows: Sequence[tuple[str, Reading]] = (
        ("a viewer of one capture", found.one_capture),
        ("a viewer of the summaries of all", found.summaries),
        ("a viewer that reads and folds everything", found.everything),
    )
    for what, reading in rows:
        yield f"  {what}: {reading.mbit:,.1f} Mbit/s, {reading.cores:.3g} cores"
    if found.behind_per_second:
        yield (
            f"  one process that follows everything falls behind by "
            f"{found.behind_per_second:,.0f} exchanges a second"
        )
    yield (
        f"  the fold in each publisher: {found.publisher_cores:.1%} of a core per recorder "
        f"({found.publishers_cores:.0f} cores on all their machines)"
    )
    yield (
        f"  the fold in consumers instead: {found.consumers_cores:.0f} cores in the middle, and "
        "values leave the recorders' machines before they are redacted"
    )


def _time(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:,.0f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def _gib(amount: float) -> str:
    return f"{amount:,.0f} GiB" if amount < 10_000 else f"{amount / 1024:,.0f} TiB"
