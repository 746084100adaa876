"""Damaged and hostile files of every format: a result, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.fuzz_files import Fuzzer

FOUND = (304, 1022, 3663, 3700, 3962)
"""Seeds whose files end in a traceback, or in a line as long as the file, if nothing is checked."""


def test_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and short lines on standard error; `make fuzz` tries more."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    fuzzer = Fuzzer(tmp_path)
    for seed in (*FOUND, *range(40)):
        path, command = fuzzer.made(seed)
        assert fuzzer.problem(path, command) is None, (seed, command)
