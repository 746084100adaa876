"""The notes on a trace as people read them."""

from __future__ import annotations

import pytest

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.notices import notices

OVER = " · over: it came through since"


def failed(position: int, host: str = "a.test", over_at: int | None = None) -> Note:
    """A client did not reach a host."""
    return Note(NoteKind.CONNECTION_FAILURE, position, "no trust", "c1", host, over_at)


GAP = Note(NoteKind.GAP, 3, "2 events were not recorded")


@pytest.mark.parametrize(
    ("notes", "lines"),
    [
        ([], []),
        ([GAP], ["2 events were not recorded"]),
        ([failed(1)], ["a.test: no trust"]),
        ([failed(1), failed(2)], ["a.test: no trust (2 times)"]),
        ([failed(1), failed(2, "b.test")], ["b.test: no trust", "a.test: no trust"]),
        (
            [failed(1), failed(2, "b.test"), failed(4)],
            ["a.test: no trust (2 times)", "b.test: no trust"],
        ),
        (
            [failed(1), GAP, failed(4, over_at=5)],
            ["a.test: no trust (2 times)", "2 events were not recorded"],
        ),
        ([GAP, failed(4, over_at=5)], ["2 events were not recorded", f"a.test: no trust{OVER}"]),
        (
            [failed(1, over_at=9), failed(2, over_at=9), failed(3, "b.test", over_at=7), GAP],
            [
                "2 events were not recorded",
                f"b.test: no trust{OVER}",
                f"a.test: no trust (2 times){OVER}",
            ],
        ),
        ([failed(1, "\x1b[2J.test")], ["\\x1b[2J.test: no trust"]),
    ],
)
def test_each_thing_once(notes: list[Note], lines: list[str]) -> None:
    """What holds comes before what is over, the newest first, and equal notes are one."""
    assert [notice.line for notice in notices(notes)] == lines
