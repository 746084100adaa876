"""What draws on a terminal and reads its keys, when the terminal fails, and when it only waits."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, TextIO, cast

import pytest
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from tui.app.ending import _Output, ending_with_terminal

DRAWING = "│ ○ ● ▲\n" * 50_000
"""More than a pipe takes at once."""


@pytest.fixture
def pipe() -> Iterator[tuple[IO[bytes], TextIO]]:
    """What is shown, and the file to draw on."""
    reading, writing = os.pipe()
    with ExitStack() as opened:
        shown = opened.enter_context(os.fdopen(reading, "rb"))
        file = opened.enter_context(os.fdopen(writing, "w", encoding="utf-8"))
        yield shown, cast(TextIO, file)


def test_a_terminal_that_nobody_may_wait_for(pipe: tuple[IO[bytes], TextIO]) -> None:
    """Another process set it so; still all of a large drawing arrives, and nothing ends."""
    shown, file = pipe
    os.set_blocking(file.fileno(), False)
    ended: list[str] = []
    output = _Output(file, lambda: ended.append("gone"), lambda: ended.append("failed"))
    drawing = threading.Thread(target=output.write, args=(DRAWING,), daemon=True)
    drawing.start()
    wanted = DRAWING.encode()
    seen = b""
    while len(seen) < len(wanted) and (piece := os.read(shown.fileno(), 1 << 20)):
        seen += piece
    drawing.join()
    assert seen == wanted
    assert ended == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EIO, "gone"),
        (errno.EPIPE, "gone"),
        (errno.ENXIO, "gone"),
        (errno.EBADF, "gone"),
        (errno.ENOMEM, "failed"),
    ],
)
def test_an_error_of_drawing(
    number: int,
    expected: str,
    pipe: tuple[IO[bytes], TextIO],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only some say that the terminal is gone; the others are told. None reaches the writer."""

    def fail(_fd: int, _data: bytes) -> int:
        raise OSError(number, "")

    ended: list[str] = []
    output = _Output(pipe[1], lambda: ended.append("gone"), lambda: ended.append("failed"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        output.write("x")
    assert ended == [expected]


class _FailingDriver(LinuxDriver):
    """Fails to read with each of some errors, one after the other, and then reads on."""

    failing: list[int]

    def run_input_thread(self) -> None:
        """Fail with the next error, if there is one left."""
        if self.failing:
            raise OSError(self.failing.pop(0), "")


@pytest.mark.parametrize(
    ("numbers", "ends", "told"),
    [
        ([errno.EAGAIN, errno.EAGAIN], 0, False),
        ([errno.EAGAIN, errno.EIO], 1, False),
        ([errno.EAGAIN, errno.ENOMEM], 0, True),
    ],
)
async def test_keys_that_another_process_has_read(
    numbers: list[int],
    ends: int,
    told: bool,
    pipe: tuple[IO[bytes], TextIO],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading then continues. The app ends if the terminal is gone; Textual reports the rest."""
    ended: list[object] = []
    monkeypatch.setattr("tui.app.ending._end_soon", lambda *given: ended.append(given))
    monkeypatch.setattr(sys, "__stdin__", pipe[0])
    monkeypatch.setattr(sys, "__stderr__", pipe[1])
    driver = ending_with_terminal(_FailingDriver, lambda: None)(App())
    assert isinstance(driver, _FailingDriver)
    driver.failing = list(numbers)
    failed = False
    try:
        driver.run_input_thread()
    except OSError:
        failed = True
    assert driver.failing == []
    assert (len(ended), failed) == (ends, told)
