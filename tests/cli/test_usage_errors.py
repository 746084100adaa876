"""A command line that makes no sense is one line that says what to do, with exit status 2."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "No such command 'nope' (`cookietrace -h` says more)"),
        (["export"], "Missing argument 'FILE' (`cookietrace export -h` says more)"),
        (
            ["explain", "--nope", "x"],
            "No such option '--nope' (`cookietrace explain -h` says more)",
        ),
    ],
)
def test_usage(arguments: list[str], line: str) -> None:
    """What is wrong and where help is, and nothing on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "cookietrace", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"cookietrace: {line}"]
