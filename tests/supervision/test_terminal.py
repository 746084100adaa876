"""The terminal of a command that serves browsers: keys do nothing there, and leave nothing."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Iterator
from typing import Any

import pytest

from cookietrace.supervision.terminal import keys_unseen


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Return both ends of a terminal that is stdin: whoever types, and the program."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "r", closefd=False) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours, theirs
    os.close(ours)
    os.close(theirs)


def in_group(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal belong to a process group."""
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: group)


def echoes(attributes: list[Any]) -> bool:
    """Return whether a terminal with these attributes shows the keys."""
    return bool(attributes[3] & termios.ECHO)


def test_keys_are_not_shown_and_are_forgotten(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell that comes after it gets none of them; Ctrl-C stays a signal."""
    ours, theirs = terminal
    in_group(os.getpgrp(), monkeypatch)
    before = termios.tcgetattr(theirs)
    assert echoes(before)
    with keys_unseen():
        during = termios.tcgetattr(theirs)
        assert not echoes(during)
        assert during[3] & termios.ISIG
        os.write(ours, b"rm -r x\n")
    assert termios.tcgetattr(theirs) == before
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        os.read(theirs, 100)


def test_another_programs_terminal_stays_as_it_is(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the background, changing it would stop us."""
    in_group(os.getpgrp() + 1, monkeypatch)
    before = termios.tcgetattr(terminal[1])
    with keys_unseen():
        assert termios.tcgetattr(terminal[1]) == before
    monkeypatch.setattr(sys, "stdin", None)
    with keys_unseen():
        pass
