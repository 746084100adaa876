"""Runs a part of the soak as a process of its own, and ends everything that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from tests.e2e.terminal import ROOT
from tests.processes import running_with
from tests.soak.finding import Finding
from tests.soak.options import Options
from tests.soak.parts import Part

MARK = "COOKIETRACE_SOAK_MARK"
"""The variable by which every process of a soak is known."""

SLACK = 300.0
"""Seconds that a part may take longer than it was given."""

_LEAVE = 20.0
"""Seconds in which what a part started must be gone after it."""


def run_part(
    part: Part, options: Options, environment: Mapping[str, str], say: Callable[[Finding], None]
) -> bool:
    """Run a part, say each finding as it comes; return whether all promises are kept."""
    kept = True

    def found(finding: Finding) -> None:
        nonlocal kept
        kept = kept and finding.kept
        say(finding)

    options.folder.mkdir()
    errors = options.folder / "errors.txt"
    with errors.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.soak.part", part.name),
                msgspec.json.encode(options, enc_hook=str).decode(),
            ],
            cwd=ROOT,
            env={**environment, MARK: options.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        assert process.stdout is not None
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            end_all(options.mark, 0.0)

        watch = threading.Timer(options.seconds + SLACK, end)
        watch.start()
        try:
            for line in process.stdout:
                found(msgspec.json.decode(line, type=Finding))
            process.wait()
        finally:
            watch.cancel()
            left = end_all(options.mark, _LEAVE if not overdue.is_set() else 0.0)
    if overdue.is_set():
        found(
            Finding("it ends in time", f"ended after {options.seconds + SLACK:.0f} s", kept=False)
        )
    elif process.returncode:
        found(Finding("it runs to its end", _last_line(errors), kept=False))
    else:
        figure = f"left and ended: {', '.join(left)}" if left else "no process is left"
        found(Finding("nothing is left running", figure, not left))
    return kept


def end_all(mark: str, patience: float) -> list[str]:
    """End every process of a soak that does not end by itself; return what those are."""
    end = time.monotonic() + patience
    while (pids := running_with(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    names = [_command(pid) for pid in pids]
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return names


@contextlib.contextmanager
def stage(mark: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a folder, and an environment in which nothing outside of it is written."""
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        inside = {
            "HOME": folder / "home",
            "TMPDIR": folder / "tmp",
            **{f"XDG_{kind}_HOME": folder / kind.lower() for kind in ("DATA", "CONFIG", "CACHE")},
        }
        for path in inside.values():
            path.mkdir()
        try:
            yield folder, {**os.environ, **{key: str(path) for key, path in inside.items()}}
        finally:
            end_all(mark, 0.0)


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return str(pid)
    return f"{pid} {b' '.join(words[:6]).decode('utf-8', 'replace')}"[:80]


def _last_line(errors: Path) -> str:
    lines = errors.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it ended with an error, and said nothing"
