"""Every lesson of the demo app, played in a real Chromium, tells its own story right."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cookietrace import events as ev
from cookietrace.cookies import Code
from cookietrace.fold.exchange import Exchange
from cookietrace.formats import read_capture
from cookietrace.lesson.moments import Moment, key_moments
from cookietrace.lesson.quiz import QuizBoard
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraphs
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.trace import Trace, fold
from demo_app.lessons import LESSONS as LISTED
from tests.e2e.lesson_stories import IN_BROWSER, LESSONS, Lesson, Tells
from tests.judge.browser import Browser, Window
from tests.judge.variants import VARIANTS
from tests.lesson.quiz.checks import Case
from tests.lesson.quiz.test_answers import assert_sound, every_question
from tests.ports import held_ports
from tests.processes import wait_until

pytestmark = pytest.mark.browser

QUESTIONS = 1000
"""How long a quiz is asked for: long enough for every question of a lesson to come up."""

Play = Callable[[Window], None]


class Played(NamedTuple):
    """What was recorded of one lesson, and what came of it."""

    events: list[ev.Event]
    trace: Trace
    table: Table


@pytest.fixture(scope="module")
def stage(confdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """The demo app behind a recording proxy, for all lessons."""
    with held_ports() as free_port:
        options = RecordingOptions(
            listen=f"127.0.0.1:{free_port()}",
            reverse_listen=f"127.0.0.1:{free_port()}",
            capture=tmp_path_factory.mktemp("capture") / "lessons.cookietrace",
            confdir=confdir,
            demo=True,
        )
        with recording(options, print) as running:
            yield running


@pytest.fixture(scope="module")
def browser(
    request: pytest.FixtureRequest,
    stage: Recording,
) -> Iterator[tuple[str, Browser]]:
    """One real browser for all lessons, and its name."""
    listener = stage.proxy.listen(f"{request.param} itself")
    assert stage.proxy.ca is not None
    with VARIANTS[request.param].start(listener.address, stage.proxy.ca) as running:
        yield request.param, running


@pytest.fixture
def play(stage: Recording, browser: tuple[str, Browser]) -> Callable[[Play], Played]:
    """Play a lesson in a window with a jar and a listener of its own."""
    name, running = browser

    def start(lesson: Play) -> Played:
        label = f"{lesson.__name__} in {name}"
        window = running.open(stage.proxy.listen(label).address, private=False, seen=True)
        lesson(window)
        window.close()
        return whole_story(stage.capture, label)

    return start


def is_whole(exchange: Exchange) -> bool:
    """Return whether an exchange has its response and its body."""
    return exchange.failure is not None or exchange.response_body is not None


def whole_story(capture: Path, label: str) -> Played:
    """Return what one browser has done, once every response has been recorded."""
    events: list[ev.Event] = []

    def all_whole() -> bool:
        events[:] = events_of(capture, label)
        return all(map(is_whole, fold(events).exchanges))

    wait_until(all_whole, "every response has been recorded")
    trace = fold(events)
    return Played(events, trace, Table(trace))


def events_of(capture: Path, label: str) -> Iterator[ev.Event]:
    """Yield the events of the clients behind one listener, as if each had a capture to itself."""
    clients: set[str] = set()
    exchanges: set[str | None] = set()
    for event in read_capture(capture):
        if isinstance(event, ev.Client):
            if event.label != label:
                continue
            clients.add(event.client_id)
        elif isinstance(event, ev.Request):
            if event.client_id not in clients:
                continue
            exchanges.add(event.exchange_id)
        elif (
            isinstance(event, ev.Response | ev.Body | ev.Server | ev.Failure)
            and event.exchange_id not in exchanges
        ):
            continue
        yield event


RAW_CODES = re.compile(
    rf"(?<![\w/-])(?:{'|'.join(code.value for code in Code if '-' in code.value)})(?![\w/-])"
)
"""A reason's code as a word of its own; in an address of the lesson it may stand."""

CLUMSY = re.compile(
    r"(?<![\w/-])([a-z]+) \1\b|\ba the\b|\bno the\b|  |\.\.| 0 seconds|favicon", re.IGNORECASE
)
"""What nobody would read aloud: a word twice, two articles, two ends of a sentence."""


def leads_to(wanted: Tells, table: Table) -> Container[str]:
    """Return the paths that a moment may lead to: of several in a tuple, the first requested."""
    if isinstance(wanted.path, str):
        return (wanted.path,)
    if isinstance(wanted.path, frozenset):
        return wanted.path
    asked = (exchange.request.target.path for exchange in table.trace.exchanges)
    return (next(path for path in asked if path in wanted.path),)


def fits(moment: Moment, wanted: Tells, table: Table) -> bool:
    """Return whether a moment is the expected one and leads to the expected request."""
    text = f"{moment.question} {moment.answer} {moment.advice}"
    return (
        moment.rule == wanted.rule
        and table.exchange(moment.step).request.target.path in leads_to(wanted, table)
        and all(words in text for words in wanted.words)
    )


def assert_moments(lesson: Lesson, table: Table) -> list[str]:
    """The lesson's own moments are there and no rule speaks beside them; return all texts."""
    moments = key_moments(table)
    for wanted in lesson.tells:
        assert any(fits(moment, wanted, table) for moment in moments), (
            wanted,
            [moment for moment in moments if moment.rule == wanted.rule],
        )
    assert {moment.rule for moment in moments} == {wanted.rule for wanted in lesson.tells}
    texts = []
    for moment in moments:
        text = f"{moment.question} {moment.answer}"
        named = {int(step) for step in re.findall(r"(?<!\d )\bstep (\d+)", text)}
        assert named <= set(moment.steps) | {moment.step}, moment
        texts.append(f"{text} {moment.advice}")
    return texts


def assert_questions(lesson: Lesson, played: Played) -> list[str]:
    """The lesson's own questions are asked, and every answer holds; return all texts."""
    texts = []
    asked = every_question(QuizBoard(played.table), len(played.table), 0, count=QUESTIONS)
    for question in asked:
        assert_sound(Case(played.events, played.table, question))
        options = " · ".join(option.text for option in question.options)
        texts += [question.prompt, options, question.hint, question.feedback]
    for wanted in lesson.asks:
        assert any(
            question.kind == wanted.kind
            and wanted.prompt in question.prompt
            and question.options[question.right].text.startswith(wanted.right)
            for question in asked
        ), wanted
    return texts


def assert_story(lesson: Lesson, trace: Trace) -> list[str]:
    """The transcript has the lesson's turns of events in their order; return its paragraphs."""
    text = list(paragraphs(trace))
    prose, at = " ".join(text), 0
    for pieces in lesson.story:
        ends = []
        for piece in (pieces,) if isinstance(pieces, str) else pieces:
            assert piece in prose, piece
            found = prose.find(piece, at)
            assert found >= 0, f"out of order: {piece}"
            ends.append(found + len(piece))
        at = max(ends)
    return text


@pytest.mark.parametrize(
    ("browser", "lesson"),
    [(name, lesson) for name, lessons in IN_BROWSER.items() for lesson in lessons],
    ids=lambda each: each if isinstance(each, str) else each.play.__name__,
    indirect=["browser"],
)
def test_lesson(play: Callable[[Play], Played], lesson: Lesson) -> None:
    """Played as its page says, it tells its story in moments, quiz and transcript."""
    played = play(lesson.play)
    texts = assert_moments(lesson, played.table)
    texts += assert_questions(lesson, played)
    texts += assert_story(lesson, played.trace)
    for text in texts:
        assert RAW_CODES.search(text) is None, text
        assert CLUMSY.search(text) is None, text


def test_every_lesson_is_played() -> None:
    """No lesson of the index is without its play."""
    played = {lesson.play.__name__.partition("_over")[0] for lesson in LESSONS}
    assert played == {lesson.blueprint.name for lesson in LISTED}
