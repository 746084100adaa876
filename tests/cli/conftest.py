"""The command line as a person meets it: a process, its two outputs, its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]


class Result(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A data folder of this test's own."""
    return tmp_path / "data"


@pytest.fixture
def run(data_folder: Path) -> Run:
    """Run ``cookietrace`` to its end, without a terminal."""

    def run_it(*arguments: object, **environment: str) -> Result:
        result = subprocess.run(
            [sys.executable, "-m", "cookietrace", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "XDG_DATA_HOME": str(data_folder), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(result.returncode, result.stdout, result.stderr)

    return run_it
