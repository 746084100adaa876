"""Every mode can read any trace: live, at once, redacted, masked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from cookietrace.events import Capture
from cookietrace.formats.writing import outgoing
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.mask import Mask, masked, unmasked
from cookietrace.lesson.moments import MomentBoard, key_moments
from cookietrace.lesson.quiz import QuizBoard, quiz
from cookietrace.lesson.sample import sample
from cookietrace.lesson.snapshot import Snapshot, snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import TrackerBoard, track
from cookietrace.lesson.transcript import paragraphs
from cookietrace.trace import Trace, fold
from tests.lesson.random_traces import random_story

SEEDS = range(0, 60, 4)


def texts(trace: Trace, mask: Mask = unmasked) -> Iterator[str]:
    """Every text of the modes for a trace."""
    table = Table(trace, mask=mask)
    board = FlowBoard(table)
    for step in range(1, len(table) + 1):
        flow = board.flow(step)
        yield from (line for stage in flow.stages for line in stage.lines)
        yield from (*flow.up, *flow.down, *flow.jar, flow.action)
        listing = sample(table.exchange(step), kind=table.trace_row(step).kind, mask=mask)
        yield from (*listing.elsewhere, *listing.notice, listing.title)
    for moment in key_moments(table):
        yield from (moment.question, moment.answer, moment.advice)
    for question in quiz(table, count=40):
        yield from (question.prompt, question.hint, question.feedback)
        yield from (option.text for option in question.options)
    for row in track(table, jar=True).rows:
        yield row.name
        yield from (value for _, value in row.changes)
    yield from (line.text for line in snapshot(table))
    yield from paragraphs(trace, mask)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_mode_reads_every_trace(seed: int) -> None:
    """No mode fails, and no text contains a line feed or a control character."""
    trace = random_story(seed).trace()
    for mask in (unmasked, masked):
        for text in texts(trace, mask):
            assert text.isprintable() or not text


@pytest.mark.parametrize("seed", SEEDS)
def test_live_and_at_once_are_the_same(seed: int) -> None:
    """Boards that are fed event by event end like those that read everything at once."""
    story = random_story(seed)
    trace = Trace()
    table = Table(trace)
    moments, shown, tracked = MomentBoard(table), Snapshot(table), TrackerBoard(table, jar=True)
    questions = QuizBoard(table)
    for number, event in enumerate(story.events):
        update = trace.apply(event)
        table.update(update)
        for board in (moments, shown, tracked, questions):
            board.update(update)
        if number % 7 == 0:
            moments.write(3)
            tracked.window(0)
            questions.questions(count=3)
    whole = Table(story.trace())
    moments.write()
    assert moments.moments() == key_moments(whole)
    assert shown.lines() == snapshot(whole)
    assert questions.questions(seed) == quiz(whole, seed)
    found, expected = tracked.window(0), track(whole, jar=True)
    assert {row.name: found.cells(row) for row in found.rows} == {
        row.name: expected.cells(row) for row in expected.rows
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_redacted_traces_read_the_same(seed: int) -> None:
    """With tokens for values, the same moments occur at the same steps."""
    sensitive = [
        msgspec.structs.replace(event, sensitive=True) if isinstance(event, Capture) else event
        for event in random_story(seed).events
    ]
    hidden = fold(outgoing(sensitive, show_values=False))
    plain = fold(sensitive)
    by_length = {"near-limit", "header-large", "value-of-another-client"}
    assert [
        (moment.rule, moment.step, moment.count)
        for moment in key_moments(Table(hidden))
        if moment.rule not in by_length
    ] == [
        (moment.rule, moment.step, moment.count)
        for moment in key_moments(Table(plain))
        if moment.rule not in by_length
    ]
    for _ in texts(hidden):
        pass
