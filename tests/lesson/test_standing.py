"""What is said about cookies that the client may not have stored."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Outcome, RestsOn, Standing, StoreResult, parse_set_cookie
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.detail import detail
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.jar.board import JarBoard
from cookietrace.lesson.jar.pane import life_section
from cookietrace.lesson.jar.rows import refused_row
from cookietrace.lesson.moments.board import key_moments
from cookietrace.lesson.quiz.board import quiz
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.snapshot import snapshot
from cookietrace.lesson.standing import (
    proviso,
    refuted_fix,
    refuted_verb,
    refuted_why,
    short_proviso,
)
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from cookietrace.lesson.transcript import paragraphs
from tests.story import Story
from tests.trace.test_standing import API, OWN, PAGE, SHARED, fetch
from tests.trace.test_third_party import FROM_ADS, OLD, Play, image

IF_WITH = "if the request was made with credentials"
IF_WITHOUT = "if the request was made without credentials"
THEN = "as it seemed at first; but"
SEEMED = f"{THEN} that request was made"


def app(*later: str | None) -> Story:
    """A script signs in, perhaps without credentials; then pages with these Cookie headers."""
    story = Story(PAGE)
    story.visit("/")
    fetch(story, f"sid=s1{SHARED}")
    fetch(story)
    for cookie in later:
        story.visit("/", cookie)
    return story


def without_credentials(*later: str | None) -> Story:
    """The script's request lacks a cookie that it could have sent."""
    story = Story(PAGE)
    story.visit(f"{API}/", None, "held=1")
    fetch(story, f"sid=s1{SHARED}")
    for cookie in later:
        story.visit("/", cookie)
    return story


def framed(headers: tuple[tuple[str, str], ...]) -> Story:
    """A request in another site's page sets a cookie that the next one does not take along."""
    story = Play(OLD).story
    story.respond(story.ask("/", None, headers=headers), f"sid=s1{SHARED}; Path=/deep")
    story.visit("/")
    return story


def not_deleted(*later: str | None) -> Story:
    """The script signs out, perhaps without credentials."""
    story = Story(PAGE)
    story.visit("/", None, "sid=s1; Path=/")
    story.respond(story.ask("/out", headers=OWN), "sid=; Max-Age=0; Path=/")
    for cookie in later:
        story.visit("/", cookie)
    return story


@pytest.mark.parametrize(
    ("story", "row", "refuted"),
    [
        (app(), "Client stores cookie 'sid'='s1', if requested with credentials", None),
        (app("sid=s1"), "Client stores cookie 'sid'='s1'", None),
        (
            app(None),
            "Client stores cookie 'sid'='s1', as it seemed at first",
            "Client had not stored 'sid' (step 3): that request was made without credentials",
        ),
        (
            without_credentials(),
            "Client refuses cookie 'sid'='s1', if requested without credentials",
            None,
        ),
        (
            without_credentials("sid=s1"),
            "Client refuses cookie 'sid'='s1', as it seemed at first",
            "Client had stored 'sid' (step 4): that request was made with credentials",
        ),
        (
            without_credentials(None),
            "Client refuses cookie 'sid'='s1': request without credentials",
            None,
        ),
        (not_deleted(), "Client deletes cookie 'sid', if requested with credentials", None),
        (
            not_deleted("sid=s1"),
            "Client deletes cookie 'sid', as it seemed at first",
            "Client had not deleted 'sid' (step 4): that request was made without credentials",
        ),
    ],
    ids=["open", "stored", "not stored", "refused", "not refused", "right", "deleted", "not"],
)
def test_a_row_says_what_it_depends_on(story: Story, row: str, refuted: str | None) -> None:
    """Until it is known; what turned out wrong has a row of its own."""
    table = Table(story.trace())
    rows = [table.row(step) for step in range(1, len(table) + 1)]
    assert row in [one.action for one in rows]
    wrong = [one.action for one in rows if one.kind is RowKind.REFUTED]
    assert wrong == ([] if refuted is None else [refuted])


def test_marks() -> None:
    """An open result has a mark of its own, on its row and on its exchange's."""
    table = Table(app().trace())
    assert [table.row(step).marks for step in (2, 3)] == [{Mark.UNCONFIRMED}] * 2
    table = Table(app(None).trace())
    assert [table.row(step).marks for step in (2, 3, 6)] == [{Mark.REFUTED}] * 3
    table = Table(app("sid=s1").trace())
    assert [table.row(step).marks for step in (2, 3)] == [{Mark.CHANGED}] * 2


def test_a_row_out_of_focus_keeps_its_number() -> None:
    """An earlier exchange is named by its step, in focus or not."""
    table = Table(app(None).trace(), Focus(host="shop.test"))
    assert table.row(3).action == (
        "Client had not stored 'sid' (step 2): that request was made without credentials"
    )


def test_the_story() -> None:
    """The single-page app's story has no script, no closed browser and no missing cookie."""
    told = list(paragraphs(app(None).trace()))
    assert "stores 'sid' with the value 's1', for shop.test and its subdomains" in told[2]
    assert told[2].endswith(f", {SEEMED} without credentials.")
    assert "This request does not show whether the client holds 'sid'." in told[3]
    assert (
        "This shows that the client had not stored 'sid' after the response in step 2: that "
        "request was made without credentials. Fix: Use fetch with credentials: 'include'"
        in told[4]
    )
    assert not any(word in " ".join(told) for word in ("script,", "missing", "closed"))


@pytest.mark.parametrize(
    ("story", "words"),
    [
        (
            without_credentials(),
            f"refuses 'sid' with the value 's1', {IF_WITHOUT}. Fix: If it is needed, use fetch",
        ),
        (
            without_credentials("sid=s1"),
            "had stored 'sid' after the response in step 3: that request was made",
        ),
        (not_deleted(), f"deletes 'sid', as the response asks, {IF_WITH}."),
        (not_deleted("sid=s1"), "the client had not deleted 'sid' after the response in step 3"),
    ],
)
def test_the_story_of_other_outcomes(story: Story, words: str) -> None:
    """Refusals and deletions are told the same way."""
    assert words in " ".join(paragraphs(story.trace()))


def test_a_value_that_a_response_set_is_not_put_down_to_a_script() -> None:
    """The response is named, whatever the jar held when the value came back."""
    story = Story(PAGE)
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    story.visit("/", "a=1; b=1", "a=2; Path=/", "b=; Max-Age=0; Path=/")
    last = story.visit("/", "a=1; b=1")
    trace = story.trace()
    text = list(paragraphs(trace))[-1]
    assert (
        "The jar held '2' for 'a', but this value is the one that the response in step 1 set"
        in text
    )
    assert (
        "The jar no longer held 'b', but this value is the one that the response in step 1 set"
        in text
    )
    assert "script" not in text
    lines = [line.text for section in detail(trace.exchange(last)) for line in section.lines]
    assert lines.count("an earlier response set this value; what brought it back is unknown") == 2
    board = JarBoard(Table(trace))
    board.update()
    view = board.view("c1", trace.position)
    life = life_section(board, view, trace.position, view.cookies[0])
    assert any(
        "seen in a request as '1', which the response in step 1 set" in one.text
        for one in life.lines
    )


def test_an_overlapping_absence_is_told() -> None:
    """A cookie that is lacking while a response changes it is no riddle left open."""
    story = Story(PAGE)
    story.visit("/", None, "a=1; Path=/")
    story.ask("/", after=0.2)
    text = list(paragraphs(story.trace()))[-1]
    assert "'a' is not sent, and there is no verdict on that: a response that changes it" in text


def test_detail() -> None:
    """The step's detail has the condition, and for a wrong one what was shown, with the fix."""
    trace = app(None).trace()
    table = Table(trace)
    stored = detail(table.exchange(3), table.trace_row(3))[0]
    assert stored.lines[0].text == f"'sid'='s1' stored, {SEEMED} without credentials"
    wrong = detail(table.exchange(6), table.trace_row(6))[0]
    assert wrong.title == "Not as assumed"
    assert [line.text for line in wrong.lines[:2]] == [
        "'sid': the client had not stored it",
        "that request was made without credentials",
    ]
    assert wrong.lines[2].text.startswith("→ Use fetch with credentials: 'include'")


@pytest.mark.parametrize(
    ("story", "step", "sentence", "has_fix"),
    [
        (without_credentials(), 4, f"Refused, {IF_WITHOUT}.", True),
        (without_credentials("sid=s1"), 4, f"Refused, {SEEMED} with credentials.", False),
    ],
    ids=["open", "wrong"],
)
def test_a_refusal_in_doubt_is_not_given_a_reason_as_a_fact(
    story: Story, step: int, sentence: str, has_fix: bool
) -> None:
    """Jar and detail say on what it depends; there is nothing to fix in a wrong one."""
    table = Table(story.trace())
    row = table.trace_row(step)
    refused = refused_row(table.exchange(step), row)
    assert (refused.sentence, bool(refused.fix)) == (sentence, has_fix)
    texts = [line.text for line in detail(table.exchange(step), row)[0].lines]
    assert not any("the request was made without credentials, so" in text for text in texts)
    assert any(text.startswith("→ ") for text in texts) == has_fix


def test_moments_quiz_and_snapshot_do_not_take_it_for_stored() -> None:
    """A cookie that was not stored is neither withheld nor counted, and no riddle twice."""
    table = Table(app(None).trace())
    asked = [moment.question for moment in key_moments(table)]
    assert "Why is 'sid' not in the jar after step 2?" in asked
    assert not any("not sent" in question for question in asked)
    kinds = {question.kind for question in quiz(table, count=40)}
    assert "why-withheld" not in kinds
    assert not any("withheld" in line.text for line in snapshot(table))
    counted = [question.step for question in quiz(table, count=40) if question.kind == "how-many"]
    assert counted in ([], [6])


@pytest.mark.parametrize(
    ("story", "words"),
    [
        (app(), f"It is not known whether the client holds it at all: it does only {IF_WITH}."),
        (framed(FROM_ADS), f"it does only {IF_WITH} and the client accepts third-party cookies."),
        (framed(image()), "it does only if the client accepts third-party cookies."),
        (app("sid=s1"), "The client had it: the request in step 5 sends it"),
    ],
    ids=["credentials", "both", "third party", "stored"],
)
def test_a_moment_knows_what_was_settled(story: Story, words: str) -> None:
    """Every doubt is told, and what a later request has confirmed is no longer said to be one."""
    (moment,) = (one for one in key_moments(Table(story.trace())) if "not sent" in one.question)
    assert words in moment.answer


def test_flow_and_tracker_do_not_state_it_as_stored() -> None:
    """Both mark the value until it is confirmed."""
    table = Table(app("sid=s1").trace())
    flow = FlowBoard(table).flow(3)
    assert flow.jar == ("'sid'='s1' (unconfirmed)",)
    jar_row = next(row for row in track(table, jar=True).rows if row.name.startswith("jar"))
    assert jar_row.changes == ((3, "s1 (unconfirmed)"), (5, "s1"))
    open_flow = FlowBoard(Table(app().trace())).flow(3)
    assert "'sid'='s1' stored, if requested with credentials" in [
        one for s in open_flow.stages for one in s.lines
    ]
    refused = FlowBoard(Table(without_credentials().trace())).flow(4)
    assert "'sid'='s1' refused, if requested without credentials" in [
        one for s in refused.stages for one in s.lines
    ]
    wrong = FlowBoard(Table(app(None).trace())).flow(6)
    assert "'sid': the client had not stored it" in [one for s in wrong.stages for one in s.lines]


@pytest.mark.parametrize(
    ("story", "life"),
    [
        (app(), [f"◌ stored with the value 's1', {IF_WITH} · step 3"]),
        (
            app("sid=s1"),
            ["◌ stored with the value 's1' · step 3", "─ confirmed by a request · step 5"],
        ),
        (
            app(None),
            [
                f"◌ stored with the value 's1', {SEEMED} without credentials · step 3",
                "○ not there after all: a request shows it · step 5",
            ],
        ),
        (
            not_deleted("sid=s1"),
            [
                f"○ deleted by the server, {SEEMED} without credentials · step 4",
                "● there after all, with the value 's1' · step 5",
            ],
        ),
    ],
    ids=["open", "stored", "not stored", "not deleted"],
)
def test_the_life_of_a_cookie(story: Story, life: list[str]) -> None:
    """The jar tells on what a change depends, and what a request showed."""
    trace = story.trace()
    board = JarBoard(Table(trace))
    board.update()
    view = board.view("c1", trace.position)
    cookie = (*view.cookies, *(gone.cookie for gone in view.gone))[0]
    lines = [
        f"{line.sign} {line.text}"
        for line in life_section(board, view, trace.position, cookie).lines
    ]
    assert [line for line in lines if line in life] == life
    assert board.row(cookie, view.now).state == ("unconfirmed" if cookie.unconfirmed else "")


def test_an_older_value_that_stayed() -> None:
    """If a later value was not stored, the life says which one stayed."""
    story = Story(PAGE)
    story.visit("/", None, "a=1; Path=/")
    story.respond(story.ask("/x", headers=OWN), "a=2; Path=/")
    story.visit("/", "a=1")
    trace = story.trace()
    board = JarBoard(Table(trace))
    board.update()
    view = board.view("c1", trace.position)
    life = life_section(board, view, trace.position, view.cookies[0])
    assert "still has the value '1' · step 5" in [line.text for line in life.lines]


def result(outcome: Outcome, standing: Standing, rests_on: RestsOn | None) -> StoreResult:
    """Return a result of the line ``a=1``."""
    parsed = parse_set_cookie("a=1")
    return StoreResult("a=1", outcome, parsed, standing=standing, rests_on=rests_on)


def test_third_party_cookies_have_words_of_their_own() -> None:
    """What rests on the client's policy is said so."""
    third = RestsOn.THIRD_PARTY
    created = result(Outcome.CREATED, Standing.UNCONFIRMED, third)
    assert proviso([created]) == ", if the client accepts third-party cookies"
    assert short_proviso([created]) == ", if it accepts third-party cookies"
    wrong = result(Outcome.CREATED, Standing.REFUTED, third)
    assert proviso([wrong]) == f", {THEN} {refuted_why(wrong)}"
    assert refuted_why(wrong) == "the client seems to block third-party cookies"
    assert refuted_fix(wrong).startswith("Add Partitioned")
    refused = result(Outcome.REJECTED, Standing.REFUTED, third)
    assert refuted_why(refused) == "the client accepts third-party cookies"
    assert refuted_fix(refused) == ""


def test_what_rests_on_both_is_said_of_both() -> None:
    """No sentence blames the credentials if the client may block third-party cookies."""
    both = RestsOn.BOTH
    condition = (
        "if the request was made with credentials and the client accepts third-party cookies"
    )
    assert proviso([result(Outcome.CREATED, Standing.UNCONFIRMED, both)]) == f", {condition}"
    wrong = result(Outcome.CREATED, Standing.REFUTED, both)
    assert proviso([wrong]) == f", {THEN} {refuted_why(wrong)}"
    assert refuted_why(wrong) == (
        "that request was made without credentials, or the client blocks third-party cookies"
    )
    refused = result(Outcome.REJECTED, Standing.REFUTED, both)
    assert proviso([refused]).endswith(
        "with credentials, and the client accepts third-party cookies"
    )


def test_a_certain_result_has_no_condition() -> None:
    """Nothing is added to what is known."""
    certain = result(Outcome.CREATED, Standing.CERTAIN, None)
    assert proviso([certain]) == short_proviso([certain]) == ""
    assert refuted_why(certain) == "the assumption was wrong"
    refused = result(Outcome.REJECTED, Standing.REFUTED, RestsOn.CREDENTIALS)
    assert refuted_verb(refused, 0.0) == "had stored"
