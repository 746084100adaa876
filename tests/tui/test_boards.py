"""The boards of the modes take in every change, however late they are used."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.lesson.live.boards import Boards
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, merge_updates
from tests.lesson.random_traces import random_story

CONTENTS: dict[str, Callable[[Boards], object]] = {
    "tracker": lambda boards: boards.tracker.board.window(0),
    "moments": lambda boards: (boards.moments.board.write(), boards.moments.board.moments()),
    "quiz": lambda boards: boards.quiz.board.questions(3),
    "snapshot": lambda boards: boards.snapshot.board.lines(),
    "problems": lambda boards: boards.problems.board.problems(),
    "jar": lambda boards: boards.jar.board.view("c1", 10_000),
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize(("seed", "together"), [(0, 1), (1, 1), (2, 3), (3, 4), (4, 7)])
def test_a_board_that_was_not_used_for_long(name: str, seed: int, together: int) -> None:
    """Used again at the end, it has the same content as a new one.

    However many events come in one update, which then tells of exchanges that begin with it.
    """
    content = CONTENTS[name]
    trace = Trace()
    table = Table(trace)
    boards = Boards(table)
    events = random_story(seed).events
    for at in range(0, len(events), together):
        update = merge_updates([trace.apply(event) for event in events[at : at + together]])
        table.update(update)
        boards.add_update(update)
        if at <= len(events) // 3 < at + together:
            getattr(boards, name).catch_up(None)
            content(boards)
    assert getattr(boards, name).catch_up(None)
    fresh = Boards(Table(trace))
    assert getattr(fresh, name).catch_up(None)
    assert content(boards) == content(fresh)


def test_boards_of_another_table_share_the_histories() -> None:
    """What depends only on the trace is not computed again for another focus."""
    trace = random_story(1).trace()
    boards = Boards(Table(trace))
    assert boards.jar.catch_up(None)
    assert Boards(Table(trace), boards.histories.board).histories.catch_up(0)
