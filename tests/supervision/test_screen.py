"""The screen's process, and the hints file in the user's data folder."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cookietrace.supervision.screen import Screen, hints_file


def test_the_file_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It does not exist before the user hides the hints."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert hints_file().parent == tmp_path / "cookietrace"
    assert not hints_file().exists()


def test_ctrl_c_cannot_end_the_screen_while_it_loads() -> None:
    """From its first moment on, SIGINT is blocked or ignored; this process still gets it."""
    with Screen() as screen:
        screen.load()
        assert screen._process is not None
        lines = Path(f"/proc/{screen._process.pid}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        kept_away = int(status["SigBlk"], 16) | int(status["SigIgn"], 16)
        assert kept_away & 1 << (signal.SIGINT - 1)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
