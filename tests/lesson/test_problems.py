"""The problems of a table: those among its key moments, live and at once, whatever the focus."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cookies import Standing
from cookietrace.lesson.live.boards import Boards
from cookietrace.lesson.moments import Moment, Severity, key_moments
from cookietrace.lesson.moments.rules import GRADED, LATER, NOTES, OF_LINES, RULES
from cookietrace.lesson.problems import ProblemBoard, problems, ranked
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, merge_updates
from tests.lesson.moments.test_rules import CASES, IDS, Case
from tests.lesson.random_traces import random_story
from tests.lesson.visits import Visit, story_of
from tests.story import Story, seed_story
from tests.trace.test_truth import played
from tests.work import lines_run


def told(moments: tuple[Moment, ...]) -> list[tuple[str, str, str, int, int, str]]:
    """What the board of problems and the board of moments must agree on."""
    return [
        (one.rule, one.severity.value, one.question, one.step, one.row, one.grade.brief)
        for one in moments
    ]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_cheap_way_finds_what_all_rules_find(case: Case) -> None:
    """Looking only at what could hold a problem finds the same as trying every rule everywhere.

    A board that is fed event by event ends like one that read everything at once.
    """
    for visits in (case.matches, case.near_miss):
        story = story_of(*visits)
        table = Table(story.trace())
        found = problems(table)
        assert told(found) == told(ranked(key_moments(table)))
        live = Trace()
        growing = Table(live)
        board = ProblemBoard(growing)
        for event in story.events:
            update = live.apply(event)
            growing.update(update)
            board.update(update)
            board.problems()
        assert board.problems() == found


def troubled(seed: int) -> Story:
    """A random story in which some requests sign in or out, and some fail."""
    story, random = random_story(seed, 14), Random(seed)
    for index, event in enumerate(story.events):
        if isinstance(event, ev.Request) and random.random() < 0.3:
            path = random.choice(("/login", "/logout", "/admin"))
            url = "/".join(event.url.split("/")[:3]) + path
            story.events[index] = msgspec.structs.replace(event, method="POST", url=url)
        if isinstance(event, ev.Response) and random.random() < 0.5:
            headers = event.headers
            status = random.choice((302, 302, 400, 401, 403, 431, 500))
            if status == 302:
                headers = (*headers, ("Location", random.choice(("/login", "/"))))
            story.events[index] = msgspec.structs.replace(
                event, status_code=status, headers=headers
            )
    return story


@pytest.mark.parametrize("seed", range(0, 90, 3))
def test_the_cheap_way_finds_the_same_in_any_trace(seed: int) -> None:
    """Also in random traces, live and at once."""
    story = troubled(seed)
    table = Table(story.trace())
    found = problems(table)
    assert told(found) == told(ranked(key_moments(table)))
    live = Trace()
    growing = Table(live)
    board = ProblemBoard(growing)
    for event in story.events:
        update = live.apply(event)
        growing.update(update)
        board.update(update)
        board.problems()
    assert board.problems() == found


@pytest.mark.parametrize("seed", range(1, 31, 6))
def test_problems_can_be_graded_bit_by_bit(seed: int) -> None:
    """Grading one at a time ends with the same, also if traffic comes before it has ended."""
    story = troubled(seed)
    live = Trace()
    growing = Table(live)
    board = ProblemBoard(growing)
    for event in story.events:
        update = live.apply(event)
        growing.update(update)
        board.update(update)
        board.grade(1)
    while not board.grade(1):
        pass
    assert lines_run(board.problems) < 20
    assert board.problems() == problems(Table(story.trace()))


@pytest.mark.parametrize("seed", range(2, 42, 4))
def test_boards_read_what_requests_did_once_one_of_them_needs_it(seed: int) -> None:
    """Problems and moments are those of the whole trace, whichever board read how much when."""
    story, random = troubled(seed), Random(seed)
    live = Trace()
    growing = Table(live)
    boards = Boards(growing)
    moments_from = random.randrange(len(story.events))
    at = 0
    while some := story.events[at : at + random.choice((1, 1, 2, 5))]:
        at += len(some)
        update = merge_updates([live.apply(event) for event in some])
        growing.update(update)
        boards.add_update(update)
        if random.random() < 0.7:
            boards.problems.catch_up(random.choice((1, 2, 5)))
        if at > moments_from:
            boards.moments.catch_up(random.choice((1, 2)))
    for lazy in (boards.problems, boards.moments):
        while not lazy.catch_up(2):
            pass
    boards.moments.board.write()
    assert boards.reading == ""
    whole = Table(story.trace())
    assert told(boards.problems.board.problems()) == told(problems(whole))
    assert boards.moments.board.moments() == key_moments(whole)


def test_what_requests_did_is_left_out_until_it_is_needed() -> None:
    """Then it is read bit by bit, and the board says how far it is."""
    table = Table(story_of(*[Visit(cookie="a=1") for _ in range(50)]).trace())
    boards = Boards(table)
    assert boards.problems.catch_up(None)
    assert boards.histories.board.recorded == 0
    steps = []
    while not boards.moments.catch_up(10):
        steps.append(boards.reading)
    assert steps[:2] == ["read 10 of 50 requests", "read 20 of 50 requests"]
    assert boards.reading == ""


def test_grading_one_is_a_small_part_of_the_work() -> None:
    """However many there are, so that a screen can stay responsive in between."""
    refused = [Visit(sets=(f"s{n}=1; SameSite=None",)) for n in range(60)]
    read = [Visit(reads=((f"s{n}", None),)) for n in range(60)]
    table = Table(story_of(*refused, *read).trace())
    board = ProblemBoard(table)
    board.update()
    work = [lines_run(lambda: board.grade(1))]
    while not board.grade(0):
        work.append(lines_run(lambda: board.grade(1)))
    assert len(board.problems()) >= 60
    assert max(work) * 8 < sum(work)


def failing(seed: int) -> Story:
    """A story of browsers whose policies the wire does not tell, in which requests fail."""
    (story, _), random = played(seed), Random(seed)
    for index, event in enumerate(story.events):
        if isinstance(event, ev.Response) and random.random() < 0.4:
            status = random.choice((302, 401, 403, 400, 422))
            location = (("Location", "/login"),) if status == 302 else ()
            story.events[index] = msgspec.structs.replace(
                event, status_code=status, headers=event.headers + location
            )
    return story


def doubts(table: Table, problem: Moment) -> Iterator[bool]:
    """Yield whether it is uncertain what happened, for each cookie that a problem is about."""
    exchange = table.trace.exchange(problem.exchange_id)
    part, response = exchange.request, exchange.response
    for name in problem.grade.cookies:
        for held in (held for held in part.withheld if held.cookie.name == name):
            if problem.rule == "withheld" and held.reasons[0].code == problem.grade.code:
                unknown = dict(held.reasons[0].facts).get("partition") == "?"
                yield held.cookie.unconfirmed or unknown
        for removed in part.removed if problem.rule == "expired" else ():
            if removed.cookie.name == name:
                yield removed.cookie.unconfirmed
        for result in response.set_cookies if response is not None else ():
            if result.name == name and problem.rule in OF_LINES:
                before = result.previous if problem.rule == "late-response" else None
                unknown = before is not None and before.unconfirmed
                yield result.standing is Standing.UNCONFIRMED or unknown


@pytest.mark.parametrize("seed", [*range(0, 120, 12), 35, 56, 74, 236])
def test_what_is_uncertain_is_at_most_a_warning(seed: int) -> None:
    """No problem rests on an unconfirmed cookie, an unknown partition or an uncertain context."""
    for story in (troubled(seed), failing(seed)):
        table = Table(story.trace())
        for problem in problems(table):
            if problem.severity is not Severity.PROBLEM:
                continue
            uncertain = list(doubts(table, problem))
            assert not uncertain or not all(uncertain), problem
            assert problem.rule != "missing"
            context = table.trace.exchange(problem.exchange_id).request.context
            if problem.grade.code.startswith("same-site") and problem.rule == "withheld":
                assert context.certain


def test_the_seed_has_no_problem() -> None:
    """The seed trace has neither a problem nor a warning."""
    assert problems(Table(seed_story().trace())) == ()


def test_every_rule_grades_or_says_why_it_does_not() -> None:
    """Each rule grades what it matches, or stands among those that are never more than a note."""
    assert set(NOTES) <= set(RULES)
    assert set(GRADED) == set(RULES) - set(NOTES)
    assert set(GRADED) >= LATER
    graded = set()
    for case in CASES:
        for moment in key_moments(Table(story_of(*case.matches).trace())):
            if moment.rule in NOTES:
                assert moment.severity == "note"
            elif moment.grade.cookies or moment.rule == "two-jars":
                assert moment.grade.brief
                assert len(moment.grade.brief) <= 60
                graded.add(moment.rule)
    assert graded == set(GRADED)


def test_what_happens_to_every_client_is_one_problem() -> None:
    """The same cookie lost in several browsers is one problem with a count; another host's is not.

    So is what happens again in one browser.
    """
    visits = [
        Visit(f"{host}{path}", sets=sets, status=status, client=client)
        for host, client in (
            ("https://shop.test", "c1"),
            ("https://shop.test", "c2"),
            ("https://other.test", "c2"),
        )
        for path, sets, status in (
            ("/in", ("sid=1; Path=/app; HttpOnly; Secure",), 200),
            ("/account", (), 401),
            ("/account", (), 401),
        )
    ]
    found = problems(Table(story_of(*visits).trace()))
    assert [(one.grade.code, one.host, one.count) for one in found] == [
        ("path-mismatch", "shop.test", 4),
        ("path-mismatch", "other.test", 2),
    ]
