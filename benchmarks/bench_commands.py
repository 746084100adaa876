"""What a user waits for: ``explain --json`` and ``check``, as whole processes.

Each command reads a capture of each shape in ``benchmarks.captures``, from its file to its last
line. Beside it, in the same round, stands a process
that only reads the same exchanges: mitmproxy's ``FlowReader`` with a flow file, for the captures;
Python's ``json.loads``, for the HAR. Start-up counts for all of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.captures import SEED, SHAPES
from benchmarks.figures import Figure, medians, own_home, rounds
from benchmarks.mitmproxy_peer import READ_PROGRAM, READING, write_flow_file
from benchmarks.runner import main
from benchmarks.whole_process import Spent, figures_of, run
from cookietrace.stores import events_of, open_store

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-m", "cookietrace")

Commands = Mapping[str, tuple[str, ...]]
"""What is measured -> the command of ours and its options."""

COMMANDS: Commands = {
    "explain --json": ("explain", "--json"),
    "explain --json --show-values": ("explain", "--json", "--show-values"),
    "check": ("check",),
}

MEASURED = ("ordinary", "siblings", "har")
"""The shapes that commands are measured with."""

HAR_PEER = (
    "json.loads of the file",
    "import json, sys\nwith open(sys.argv[1], 'rb') as file: json.loads(file.read())",
)
"""What else reads a HAR, and the program that does."""
FLOW_PEER = (READING, READ_PROGRAM)

FOUND = 1
"""The exit status of ``check`` that says that there are problems, and of ``diff``: differences."""
FINDING = ("check", "diff")


class Given(NamedTuple):
    """A capture to measure with, and what its peer reads."""

    folder: Path
    file: Path
    peer: str
    peer_command: tuple[str, ...]
    environment: Mapping[str, str]

    def cookietrace(self, command: Sequence[str]) -> Spent:
        """Run a command of ours on the capture."""
        name, *options = command
        return run(
            (*PROGRAM, name, str(self.file), *options),
            folder=self.folder,
            environment=self.environment,
            statuses=(0, FOUND) if name in FINDING else (0,),
        )

    def by_peer(self) -> Spent:
        """Have the peer read the same exchanges."""
        return run(self.peer_command, folder=self.folder, environment=self.environment)


@contextmanager
def given(shape: str, size: int) -> Iterator[Given]:
    """Make a capture for the duration of the block, and what the peer reads of it."""
    with own_home(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        is_har = shape == "har"
        file = folder / ("capture.har" if is_har else "capture.cookietrace")
        SHAPES[shape](file, size, SEED)
        theirs = file if is_har else folder / "capture.flow"
        peer, program = HAR_PEER if is_har else FLOW_PEER
        command = (sys.executable, "-c", program, str(theirs))
        if not is_har:
            with closing(open_store(file)) as store:
                write_flow_file(theirs, events_of(store))
        yield Given(folder, file, peer, command, environment)


def compare(commands: Callable[[str, int], Commands], sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the figures of the commands for each shape and size, each beside its peer's.

    Each round of a command comes right after one of the peer.
    """
    for shape in MEASURED:
        for size in sizes:
            with given(shape, size) as made:
                yield from compared(made, commands(shape, size), shape, size)


def compared(made: Given, commands: Commands, shape: str, size: int) -> Iterator[Figure]:
    """Yield the figures of some commands on one capture."""
    for name, command in commands.items():
        both = [(*made.by_peer(), *made.cookietrace(command)) for _ in range(rounds(size))]
        middle = medians(both)
        peer_spent, spent = middle[:3], middle[3:]
        yield from figures_of(f"{name}, {shape}", size, spent, made.peer, peer_spent)


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what ``explain --json``, redacted and with values shown, and ``check`` take."""
    yield from compare(lambda _shape, _size: COMMANDS, sizes)


if __name__ == "__main__":
    sys.exit(main(["commands", *sys.argv[1:]]))
