"""Every way in which a recording can end, under load, with the ledgers against the capture.

``python -m tests.soak.ends --rounds N [--kind NAME]`` prints one line per kind; its exit status is
1 if the capture disagrees with what the clients received or the app saw.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tests.e2e.terminal import Terminal
from tests.ports import held_ports
from tests.processes import wait_until
from tests.soak.ledger import Comparison, Disagreement, Ledger, compare
from tests.soak.load import Clients, FastApp

RECORDER, PARENT = "proxy_addon", "cookietrace"
RESPONSES_BEFORE = 60
"""Responses that a round waits for before the end."""
DISAGREEMENTS_SHOWN = 10


def _send(number: signal.Signals, *processes: str) -> Callable[[Terminal], None]:
    """Return an end that sends a signal to processes, one right after the other."""

    def end(shown: Terminal) -> None:
        children = shown.children()
        for name in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(children[name], number)

    return end


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A way in which a recording ends."""

    what: str
    end: Callable[[Terminal], None]
    """Ends ``cookietrace proxy``, which runs on a terminal of its own."""
    killed: bool = False
    """Whether the recorder gets no chance to write anything more."""


KINDS: dict[str, Kind] = {
    "recorder-killed": Kind(
        what="SIGKILL of the recorder", end=_send(signal.SIGKILL, RECORDER), killed=True
    ),
    "parent-killed": Kind(
        what="SIGKILL of the parent: the pipe closes", end=_send(signal.SIGKILL, PARENT)
    ),
    "both-killed": Kind(
        what="SIGKILL of both", end=_send(signal.SIGKILL, RECORDER, PARENT), killed=True
    ),
    "ctrl-c": Kind(what="Ctrl-C", end=lambda shown: shown.press("\x03")),
    "ctrl-c-twice": Kind(what="Ctrl-C, twice", end=lambda shown: shown.press("\x03\x03")),
    "sigterm": Kind(what="SIGTERM to the parent", end=_send(signal.SIGTERM, PARENT)),
    "sigterm-all": Kind(
        what="SIGTERM to every process", end=_send(signal.SIGTERM, PARENT, RECORDER)
    ),
    "recorder-sigterm": Kind(
        what="SIGTERM to the recorder, twice", end=_send(signal.SIGTERM, RECORDER, RECORDER)
    ),
    "recorder-sigint": Kind(what="SIGINT to the recorder", end=_send(signal.SIGINT, RECORDER)),
    "recorder-sighup": Kind(what="SIGHUP to the recorder", end=_send(signal.SIGHUP, RECORDER)),
    "terminal-closed": Kind(what="the terminal is closed", end=lambda shown: shown.hang_up()),
}


class Result(msgspec.Struct, kw_only=True):
    """What the rounds of one kind showed, added up."""

    kind: str
    rounds: int = 0
    requests: int = 0
    seen: int = 0
    responses: int = 0
    exchanges: int = 0
    unfinished: int = 0
    uncommitted: int = 0
    slowest_end: float = 0.0
    """Seconds from the end's cause until no process was left."""
    disagreements: list[Disagreement] = msgspec.field(default_factory=list)

    def add(self, comparison: Comparison, seconds: float) -> None:
        """Add one round."""
        self.rounds += 1
        self.requests += comparison.requests
        self.seen += comparison.seen
        self.responses += comparison.responses
        self.exchanges += comparison.exchanges
        self.unfinished += comparison.unfinished
        self.uncommitted += comparison.uncommitted
        self.slowest_end = max(self.slowest_end, seconds)
        self.disagreements += comparison.disagreements

    @property
    def line(self) -> str:
        """The result in one line."""
        return (
            f"{self.kind}: {self.rounds} rounds, {self.responses} responses received, "
            f"{self.seen} requests seen by the app, {self.exchanges} exchanges recorded, "
            f"{len(self.disagreements)} disagreements "
            f"({self.unfinished} recorded before they arrived, {self.uncommitted} not yet "
            f"committed; slowest end {self.slowest_end:.1f} s)"
        )


def run_round(
    name: str, folder: Path, confdir: Path, *, responses: int = RESPONSES_BEFORE, seed: int = 0
) -> tuple[Comparison, float]:
    """Record under load, end it this way, and compare; return also how long the end took.

    ``folder`` is new and empty, and gets the capture and everything that a user's home would.
    """
    kind = KINDS[name]
    capture = folder / "ends.cookietrace"
    ledger = Ledger()
    environment = {
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    with held_ports() as free_port, FastApp(ledger) as app:
        port = free_port()
        shown = Terminal(
            [
                *("proxy", app.url, "--listen", f"127.0.0.1:{free_port()}"),
                *("--reverse-listen", f"127.0.0.1:{port}"),
                *("--capture", str(capture), "--confdir", str(confdir)),
            ],
            secrets.token_hex(8),
            columns=400,
            environment=environment,
        )
        with contextlib.closing(shown):
            shown.wait_for("Ctrl-C to stop")
            with Clients(ledger, ("127.0.0.1", port), seed=seed):
                wait_until(lambda: ledger.completed >= responses, "there is load")
                began = time.time()
                kind.end(shown)
                wait_until(lambda: shown.process.poll() is not None, "the command has ended")
                wait_until(shown.nothing_left, "no process is left")
                seconds = time.time() - began
    return compare(ledger, capture, killed_at=began if kind.killed else None), seconds


def run_kind(name: str, rounds: int, confdir: Path, *, seed: int = 0) -> Result:
    """Return what this many rounds of a kind showed."""
    result = Result(kind=name)
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="cookietrace-ends-") as folder:
            # Another number of responses each time, so that the end meets other moments.
            responses = RESPONSES_BEFORE + 7 * (number % 13)
            result.add(
                *run_round(
                    name, Path(folder), confdir, responses=responses, seed=seed * 1000 + number
                )
            )
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rounds; return 1 if there was a disagreement."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.ends", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each kind")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="only this one")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    failed = False
    with tempfile.TemporaryDirectory(prefix="cookietrace-ca-") as confdir:
        for name in given.kind or KINDS:
            result = run_kind(name, given.rounds, Path(confdir), seed=given.seed)
            print(result.line, flush=True)
            for each in result.disagreements[:DISAGREEMENTS_SHOWN]:
                print(f"  {each.fault}: {each.request_id}: {each.message}", flush=True)
            failed = failed or bool(result.disagreements)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
