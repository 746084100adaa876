"""The figures that the simulation rests on: what was measured, and on what terms."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one exchange costs, as measured (``benchmarks.fleet.measure`` and ``bench_redis``).

    The defaults are those of docs/SCALING.md.
    """

    bytes: float = 5_551.0
    """What is published of one: redacted events with verdicts, as lines of JSON, no bodies."""
    packed_bytes: float = 555.0
    """The same if a hundred of them are compressed together (zstd, level 3).

    An ordinary capture of ``benchmarks.captures`` gives 165, but its exchanges are more alike than
    those of real sites: a tenth of the bytes is assumed.
    """
    redis_bytes: float = 6_214.0
    """Memory of Redis for one."""
    redis_in_us: float = 14.5
    """Microseconds of Redis to take one in, to give it to one reader, and to one replica."""
    redis_out_us: float = 4.1
    redis_copy_us: float = 8.9
    publish_us: float = 708.0
    """Microseconds of the publisher: reading, folding, redacting and encoding."""
    view_us: float = 110.0
    """Microseconds of a viewer: 43 to read and check one, and 67 to fold it (``bench_fold``)."""


def changed(measured: Measured, settings: Iterable[str]) -> Measured:
    """Return figures with some of them replaced: ``NAME=NUMBER``. Raises ``ValueError``."""
    values = {}
    for setting in settings:
        name, _, number = setting.partition("=")
        if name not in Measured.__struct_fields__:
            raise ValueError(f"{name}: known are {', '.join(Measured.__struct_fields__)}")
        try:
            values[name] = float(number)
        except ValueError:
            raise ValueError(f"{setting}: write it as {name}=NUMBER") from None
        if not 0 < values[name] < float("inf"):
            raise ValueError(f"{name} must be more than 0")
    return msgspec.structs.replace(measured, **values)


def read(path: Path) -> Measured:
    """Return the figures in a file that ``benchmarks.fleet.measure`` wrote."""

    class Written(msgspec.Struct):
        measured: Measured

    return msgspec.json.decode(path.read_bytes(), type=Written).measured
