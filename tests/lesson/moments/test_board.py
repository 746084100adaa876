"""The key moments of a table: the seed's three, live and at once, in focus, masked, safe."""

from __future__ import annotations

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.moments import RULES, Moment, MomentBoard, key_moments
from cookietrace.lesson.moments.rules import RULE_MARKS
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.moments.test_rules import CASES
from tests.lesson.visits import Visit, story_of
from tests.story import seed_story

SEED = Focus(path="/", cookies=("user",))


def test_seed() -> None:
    """The seed raises three questions: why None, how it gets back, why it is always set."""
    found = key_moments(Table(seed_story().trace(), SEED))
    assert [(moment.rule, moment.question, moment.step) for moment in found] == [
        ("none-at-first", "Why does the server read None for 'user' in step 1?", 1),
        ("sent-back", "How does 'user' get back to the server in step 3?", 3),
        ("set-every-time", "Why is 'user' set on every response?", 3),
    ]
    assert "the client does not have it yet" in found[0].answer
    assert "set it to 'Alice'" in found[1].answer
    assert "stored it in step 2" in found[1].answer
    assert "the view index sets it every time" in found[2].answer
    assert [moment.advice for moment in found] == [
        "",
        "",
        "Set it only if the request does not contain 'user'.",
    ]


def live(trace: Trace, table: Table, board: MomentBoard, event: object) -> TraceUpdate:
    """Apply one event the way a screen does."""
    update = trace.apply(event)  # type: ignore[arg-type]
    table.update(update)
    board.update(update)
    return update


def test_live_and_at_once_are_the_same() -> None:
    """A board that is fed event by event ends like one that read everything at once."""
    for case in CASES:
        story = story_of(*case.matches)
        trace = Trace()
        table = Table(trace)
        board = MomentBoard(table)
        for event in story.events:
            live(trace, table, board, event)
            board.write(1)
        board.write()
        assert board.moments() == key_moments(Table(story.trace()))


def test_catching_up_bit_by_bit() -> None:
    """Reading a few steps at a time gives the same moments in the end."""
    visits = tuple(visit for case in CASES[:12] for visit in case.matches)
    table = Table(story_of(*visits).trace())
    board = MomentBoard(table)
    rounds = 1
    while not board.update(limit=3):
        rounds += 1
        assert rounds < 100
    assert rounds > 5
    assert board.moments() == ()
    while not board.write(limit=2):
        rounds += 1
        assert rounds < 200
    assert board.moments() == key_moments(table)


def test_an_update_reaches_no_further_than_the_limit() -> None:
    """Exchanges of an update whose steps have not been read yet are left for later."""
    visits = tuple(visit for case in CASES[:12] for visit in case.matches)
    trace = story_of(*visits).trace()
    table = Table(trace)
    board = MomentBoard(table)
    every = tuple(exchange.exchange_id for exchange in trace.exchanges)
    while not board.seen:
        board.update(TraceUpdate(trace.position, exchanges=every), limit=4)
    board.write()
    assert board.seen == 4
    assert board.moments()
    assert {moment.step for moment in board.moments()} <= {1, 2, 3, 4}


def test_every_mark_is_that_of_a_rule() -> None:
    """Marks are given to existing rules only, and each moment has its rule's mark."""
    assert set(RULE_MARKS) <= set(RULES)
    for moment in key_moments(Table(seed_story().trace(), SEED)):
        assert moment.mark is RULE_MARKS.get(moment.rule)


def test_a_moment_that_no_longer_holds_is_gone() -> None:
    """A moment that later traffic refutes disappears."""
    begin = (Visit("/login", sets=("a=1",), status=302, location="/"), Visit("/other"))
    before = key_moments(Table(story_of(*begin).trace()))
    after = key_moments(Table(story_of(*begin, Visit("/", "a=1")).trace()))
    assert "unused-after-redirect" in rules(before)
    assert "unused-after-redirect" not in rules(after)


def rules(moments: tuple[Moment, ...]) -> list[str]:
    """The rules that matched."""
    return [moment.rule for moment in moments]


def test_focus() -> None:
    """Only cookies in focus raise questions, with the numbers that steps have without a focus."""
    story = story_of(
        Visit("/elsewhere", sets=("b=1; Path=/",)),
        Visit("/", "b=1", sets=("a=1",)),
        Visit("/", "b=1; a=1"),
    )
    (moment,) = (
        moment
        for moment in key_moments(Table(story.trace(), Focus(path="/", cookies=("a",))))
        if moment.rule == "sent-back"
    )
    assert moment.question == "How does 'a' get back to the server in step 5?"
    (other,) = (
        moment
        for moment in key_moments(Table(story.trace(), Focus(path="/", cookies=("b",))))
        if moment.rule == "sent-back"
    )
    assert "The response in step 1 set it" in other.answer


def test_the_same_again_is_one_moment_with_a_count() -> None:
    """A reason that occurs in several requests makes one moment, with all its steps."""
    visits = (Visit(sets=("a=1; Path=/x",)), Visit(), Visit(), Visit())
    (moment,) = (
        moment
        for moment in key_moments(Table(story_of(*visits).trace()))
        if moment.rule == "withheld"
    )
    assert moment.count == 3
    assert moment.step == 3
    assert moment.steps == (1, 2, 3, 4, 5)


def test_harmless_questions_do_not_crowd_out_the_others() -> None:
    """Of a question that every cookie raises, a few are shown and the rest counted."""
    visits = [Visit(sets=tuple(f"n{number}=1; Path=/{number}" for number in range(10)))]
    visits += [Visit(f"/{number}", cookie=f"n{number}=1") for number in range(10)]
    found = key_moments(Table(story_of(*visits).trace()))
    assert rules(found).count("sent-back") == 4
    assert [m for m in found if m.rule == "sent-back"][-1].answer.endswith("to 6 more cookies.")


def test_the_same_question_about_several_cookies_is_one_with_a_list() -> None:
    """What is asked of several cookies at one step is asked once, and names the others."""
    visits = (
        Visit(sets=("a=1", "b=1", "c=1", "p=1; Path=/p", "q=1; Path=/q")),
        Visit("/", "a=1; b=1; c=1"),
        Visit("/p", "p=1"),
    )
    found = {moment.rule: moment for moment in key_moments(Table(story_of(*visits).trace()))}
    assert found["sent-back"].question == "How does 'p' get back to the server in step 4?"
    first = next(
        m for m in key_moments(Table(story_of(*visits[:2]).trace())) if m.rule == "sent-back"
    )
    assert first.question == "How does 'a' get back to the server in step 3?"
    assert first.answer.endswith(" The same question applies to 'b' and 'c'.")
    assert found["missing"].question == "Why is 'a' missing from the request in step 4?"
    assert found["missing"].answer.endswith(" The same question applies to 'b' and 'c'.")
    assert found["withheld"].answer.endswith(" The same question applies to 'q'.")
    assert found["withheld"].steps == (1, 2, 3, 4)


def test_mask() -> None:
    """With a mask, no moment shows a value."""
    secret = "hunter2hunter2"
    for case in CASES:
        visits = [
            visit._replace(
                sets=tuple(line.replace("=1", f"={secret}", 1) for line in visit.sets),
                cookie=visit.cookie.replace("a=1", f"a={secret}") if visit.cookie else None,
            )
            for visit in case.matches
        ]
        for moment in key_moments(Table(story_of(*visits).trace(), mask=masked)):
            assert secret not in moment.question + moment.answer + moment.advice


def test_hostile_text_is_harmless() -> None:
    """Names and values from the wire put no control character into a moment."""
    evil = "\x9b31m\xe2\x80\xae"
    visits = (
        Visit(sets=(f"a{evil}=1{evil}; Path=/x{evil}", f"b{evil}=1; Domain=o{evil}.test")),
        Visit(f"/{evil}", f"c{evil}=2{evil}; c{evil}=3"),
    )
    found = key_moments(Table(story_of(*visits).trace()))
    assert len(found) >= 4
    for moment in found:
        for text in (moment.question, moment.answer, moment.advice):
            assert "\x9b" not in text
            assert "\u202e" not in text
            assert "\n" not in text
