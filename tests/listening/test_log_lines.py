"""A log is divided into lines, of which none is too long."""

from __future__ import annotations

import pytest

from cookietrace.listening.log_lines import LogLines


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines(size: int) -> None:
    """However the bytes come, the lines are the same; what has no end is the last one."""
    data, lines = b"one\n\ntwo\r\nthree", LogLines(10)
    found = [line for at in range(0, len(data), size) for line in lines.feed(data[at : at + size])]
    assert found == [b"one", b"", b"two\r"]
    assert lines.end() == b"three"
    assert lines.end() == b""


def test_a_line_that_is_too_long() -> None:
    """It is passed over, takes no more memory than it may, and the next one is read."""
    lines = LogLines(10)
    for _ in range(5):
        assert list(lines.feed(b"x" * 10)) == []
        assert len(lines._rest) <= 10
    assert list(lines.feed(b"x\nnext\n")) == [b"next"]
    assert lines.passed_over == 1
    assert list(lines.feed(b"x" * 11 + b"\nnext\n")) == [b"next"]
    list(lines.feed(b"x" * 11))
    assert lines.end() == b""
    assert lines.passed_over == 3
