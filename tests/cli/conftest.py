"""Ways to run the command line: in this process, or in a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import cookietrace
from cookietrace.cli import main

ROOT = Path(cookietrace.__file__).parents[1]


class Result(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]
"""Runs ``cookietrace`` with arguments, and with environment variables as keywords."""


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Return a data folder for this test only."""
    return tmp_path / "data"


@pytest.fixture
def run(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``cookietrace`` in this process, without a terminal, until it exits.

    An exception that would be a traceback for the user fails the test.
    """

    def run_here(*arguments: object, **environment: str) -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with monkeypatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
            for name, value in {"XDG_DATA_HOME": str(data_folder), **environment}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["cookietrace", *map(str, arguments)])
            patch.setattr(sys, "stdin", nothing)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                main()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, _written(out), _written(err))

    return run_here


def _written(stream: io.TextIOWrapper) -> str:
    """Return what was written to a stream, line ends as they were written."""
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@pytest.fixture
def run_process(data_folder: Path) -> Run:
    """Run ``cookietrace`` in a process of its own, without a terminal, until it exits."""

    def run_there(*arguments: object, **environment: str) -> Result:
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

    return run_there
