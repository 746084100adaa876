"""The corpus of spellings of a secret, against every output."""

from __future__ import annotations

from collections.abc import Iterator

from tests.e2e.terminal import ROOT
from tests.soak.commands import last_of, run_module
from tests.soak.finding import Finding
from tests.soak.options import Options

ROOMS = ("tests/redact", "tests/test_redact.py", "tests/leaks")
"""The tests with the corpus: those of them that are there."""


def run(options: Options) -> Iterator[Finding]:
    """Run the tests with the corpus, each spelling against each output."""
    rooms = [room for room in ROOMS if (ROOT / room).exists()]
    ran = run_module(
        "pytest",
        *("-q", "-n", "0", "-p", "no:cacheprovider", "--durations=0", "--no-header", *rooms),
        seconds=options.seconds + 300.0,
    )
    yield Finding(
        "no secret of the corpus is in any output",
        last_of(ran, "nothing was said").strip("= "),
        ran.status == 0,
    )
