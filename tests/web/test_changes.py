"""The log of changes: a reader that comes back is told everything that it has missed."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from cookietrace.web.changes import MOST_CHANGED, MOST_KEPT, Changes, Rows

TOPICS = ("problems", "state")


def log(steps: int = 0, start: int = 100) -> Changes:
    """Return a log after some rows, added one by one."""
    changes = Changes(start, TOPICS)
    for step in range(1, steps + 1):
        changes.rows(step, step)
    return changes


def test_what_was_missed_is_merged() -> None:
    """Several changes are told as one: the new rows, the earlier ones that changed, the topics."""
    changes = log(3)
    told = changes.id
    changes.rows(4, 5, {2})
    changes.topic("problems")
    changes.rows(6, 6, {1, 4})
    changes.topic("problems")
    news = changes.since(told)
    assert news.rows == Rows(4, 6, (1, 2))
    assert news.topics == {"problems"}
    assert news.id == changes.id == told + 4
    assert changes.since(news.id).rows is None


def test_changed_rows_alone_add_none() -> None:
    """Where only earlier rows have changed, the first new one is after the last."""
    changes = log(3)
    told = changes.id
    changes.rows(4, 3, {2})
    assert changes.since(told).rows == Rows(4, 3, (2,))


@pytest.mark.parametrize("told", [0, 99, 10**9])
def test_an_id_that_is_not_known(told: int) -> None:
    """A reader of an earlier server, or one that makes ids up, reads everything again."""
    news = log(3).since(told)
    assert news.rows == Rows(1, 3, ())
    assert news.topics == set(TOPICS)


def test_the_log_is_bounded() -> None:
    """It keeps a number of changes; who has missed more reads everything again."""
    changes = log(MOST_KEPT + 10)
    last = MOST_KEPT + 10
    assert changes.since(100).rows == Rows(1, last, ())
    assert changes.since(105).topics == set(TOPICS)
    assert changes.since(110).rows == Rows(11, last, ())
    assert changes.since(110).topics == set()


def test_many_changed_rows_are_read_again() -> None:
    """What is listed is bounded: of very many changed rows, only the first is named."""
    changes = log(5000)
    told = changes.id
    changes.rows(5001, 5001, range(10, 20 + MOST_CHANGED))
    assert changes.since(told).rows == Rows(10, 5001, ())


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_missed(seed: int) -> None:
    """However a reader is told in parts, it ends with the latest state of every row."""
    random = Random(seed)
    changes = Changes(1, TOPICS)
    rows: list[int] = []
    """The true state: for each step, how often it changed."""
    known: dict[int, int] = {}
    told, topics, seen_topics = 0, 0, 0
    for _ in range(600):
        if random.random() < 0.2:
            changes.topic("state")
            topics += 1
        else:
            new = random.choice((0, 0, 1, 3))
            changed = {random.randint(1, len(rows)) for _ in range(2) if rows}
            for step in changed:
                rows[step - 1] += 1
            first = len(rows) + 1
            rows += [0] * new
            if new or changed:
                changes.rows(first, len(rows), changed)
        if random.random() < 0.1:
            news = changes.since(told)
            if news.rows is not None:
                steps = [*range(news.rows.first, news.rows.last + 1), *news.rows.changed]
                known.update({step: rows[step - 1] for step in steps})
            if "state" in news.topics:
                seen_topics = topics
            told = news.id
            assert known == dict(enumerate(rows, 1))
            assert seen_topics == topics


async def test_waiting_ends_with_a_change() -> None:
    """Every reader that waits continues as soon as anything changes."""
    changes = log(1)
    waiting = [asyncio.create_task(changes.wait(changes.id)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    changes.topic("state")
    await asyncio.wait_for(asyncio.gather(*waiting), 120)
    await asyncio.wait_for(changes.wait(0), 120)
