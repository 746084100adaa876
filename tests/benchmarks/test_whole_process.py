"""What benchmarks measure of other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.whole_process import peak_of_running


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_the_peak_of_a_process_is_not_that_of_its_parent() -> None:
    """A benchmark that runs after larger ones measures its own process."""
    size = 128 * 1024 * 1024
    ours = bytearray(size)
    code = "print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        peak = peak_of_running(child.pid)
        child.communicate(b"\n")
    assert 0 < peak < size == len(ours)
