"""A browser's log goes through a pipe that only the user can open, and that has no end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cookietrace.supervision.log_pipe import MOST_BYTES, LogPipe


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Also by a browser that opens it again; in between, there is nothing to read."""
    pipe = LogPipe(tmp_path / "log")
    assert stat.S_IMODE(pipe.path.stat().st_mode) == 0o600
    assert pipe.path.is_fifo()
    for piece in (b"one", b"two"):
        assert pipe.read() == b""
        with pipe.path.open("wb", buffering=0) as writer:
            writer.write(piece)
        pipe.wait(60.0)
        assert pipe.read() == piece
    pipe.close()


def test_a_browser_goes_on_without_its_log(tmp_path: Path) -> None:
    """What it writes fails once nobody reads it."""
    pipe = LogPipe(tmp_path / "log")
    writer = os.open(pipe.path, os.O_WRONLY)
    pipe.close()
    with pytest.raises(BrokenPipeError):
        os.write(writer, b"more")
    os.close(writer)


def test_one_look_is_bounded(tmp_path: Path) -> None:
    """However fast the browser writes, there is an end to what is read at once."""
    pipe = LogPipe(tmp_path / "log")
    writer = os.open(pipe.path, os.O_WRONLY | os.O_NONBLOCK)
    written = os.write(writer, b"x" * 4 * MOST_BYTES)
    assert 0 < written <= MOST_BYTES
    assert len(pipe.read()) == written
    assert 0 < pipe.fill <= 1
    os.close(writer)
    pipe.close()


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    """Nothing that is there already is read, or written into."""
    (tmp_path / "log").touch()
    with pytest.raises(FileExistsError):
        LogPipe(tmp_path / "log")
