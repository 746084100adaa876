"""Runs a command as a process of its own, and says what it took of time, processor and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, figure

_LAUNCHER = """
import json, os, sys, time
status_file, command = sys.argv[1], sys.argv[2:]
output = os.open(os.devnull, os.O_WRONLY)
begun = time.perf_counter()
pid = os.posix_spawn(
    command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output, 1)]
)
_, status, used = os.wait4(pid, 0)
took = time.perf_counter() - begun
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with open(status_file, "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), took, used.ru_utime + used.ru_stime, peak], file)
"""
"""A small process between: Linux counts the memory of whoever starts a process as its own."""


NOT_OF_USERS = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""What slows Python down here and not there: users have compiled bytecode."""


class Spent(NamedTuple):
    """What a process took until its end."""

    seconds: float
    """Wall-clock time."""
    processor: float
    """Seconds of CPU, in all threads and in processes that it started and waited for."""
    megabytes: float
    """The most memory that it had at a time (resident, of one process)."""


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    statuses: Sequence[int] = (0,),
) -> Spent:
    """Run a command to its end; what it prints on standard output is thrown away.

    ``folder`` is where it runs; of the environment, ``NOT_OF_USERS`` is left out. Raises
    ``RuntimeError``, with what it printed as errors, if its exit status is none of ``statuses``.
    """
    told = folder / ".spent"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _LAUNCHER, str(told), *command],
        cwd=folder,
        env={name: text for name, text in environment.items() if name not in NOT_OF_USERS},
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} did not start: {done.stderr.decode(errors='replace')}")
    status, took, processor, peak = json.loads(told.read_text())
    if status not in statuses:
        errors = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{' '.join(command)} ended with {status}: {errors}")
    return Spent(took, processor, peak / 1e6)


def peak_of_running(pid: int) -> int:
    """Return the most memory that a running process has had, in bytes; Linux only.

    When it has ended, Linux tells no less than whoever started it had then.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


MEASURES = (("wall-clock", "s"), ("CPU", "s"), ("peak memory", "MB"))
"""What is told of each process, in the order of ``Spent``."""


def figures_of(
    name: str, size: int, spent: Sequence[float], peer: str, peer_spent: Sequence[float]
) -> Iterator[Figure]:
    """Yield the figures of one command beside those of its peer."""
    for (measure, unit), value, theirs in zip(MEASURES, spent, peer_spent, strict=True):
        yield figure(f"{name}: {measure}", size, value, unit, peer=peer, peer_value=theirs)
