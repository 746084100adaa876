"""What reading costs: one capture, all of them, or what the publishers say about themselves."""

from __future__ import annotations

import msgspec

from benchmarks.fleet.measured import Measured
from benchmarks.fleet.sizing import Load

SUMMARY_BYTES = 400.0
"""What a publisher says about one capture: position, counts, heartbeat."""

SUMMARY_SECONDS = 2.0
"""How often a listing reads it."""


class Reading(msgspec.Struct, frozen=True):
    """What one viewer needs."""

    mbit: float
    """Network, in megabits per second."""
    cores: float
    """Of the viewer, to fold what it reads."""


class Viewing(msgspec.Struct, frozen=True):
    """What viewers need, and where the fold runs."""

    one_capture: Reading
    everything: Reading
    summaries: Reading
    behind_per_second: float
    """Exchanges by which one process falls behind each second if it follows everything."""
    publisher_cores: float
    """Of each recorder's machine: reading, folding, redacting and encoding its own exchanges."""
    publishers_cores: float
    """Of all of them together."""
    consumers_cores: float
    """Of a cluster that would do the same for all, with a consumer per unit."""


def viewing(measured: Measured, load: Load) -> Viewing:
    """Return what reading and folding cost for a load."""

    def reading(rate: float) -> Reading:
        return Reading(rate * measured.bytes * 8 / 1e6, rate * measured.view_us / 1e6)

    said = load.recorders * SUMMARY_BYTES / SUMMARY_SECONDS
    return Viewing(
        one_capture=reading(load.rate),
        everything=reading(load.total),
        summaries=Reading(said * 8 / 1e6, 0.0),
        behind_per_second=max(0.0, load.total - 1e6 / measured.view_us),
        publisher_cores=load.rate * measured.publish_us / 1e6,
        publishers_cores=load.total * measured.publish_us / 1e6,
        consumers_cores=load.total * measured.publish_us / 1e6,
    )


def gone_after(measured: Measured, load: Load, keeps_seconds: float) -> float:
    """Return when one process that follows everything finds that what comes next was removed.

    Having begun with the traffic, it has read ``pace * t`` after ``t`` seconds, and all but the
    last ``keeps_seconds`` of what was made is gone: the two meet once. Infinite if it keeps up.
    """
    pace = 1e6 / measured.view_us
    if pace >= load.total:
        return float("inf")
    return load.total * keeps_seconds / (load.total - pace)
