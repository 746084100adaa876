"""What can be copied from a step."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from cookietrace.lesson.copies import StepText, step_texts
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.problems import ProblemBoard
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.story import TYPED, Story, seed_story


def texts(table: Table, step: int) -> dict[str, str]:
    """Return the texts of a step by their names; every key letter is unique."""
    found = step_texts(table, step)
    assert len({each.key for each in found}) == len(found)
    return {each.name: each.text for each in found}


def seed_trace() -> Trace:
    """Return the seed trace: three steps, one cookie."""
    return seed_story().trace()


def test_a_request_with_a_cookie() -> None:
    """The row as tab-separated cells, both headers as sent, the URL, and the details."""
    table = Table(seed_trace(), Focus(path="/", cookies=("user",)))
    found = texts(table, 3)
    assert found["Row"] == "\t".join(table.row(3).cells)
    assert found["Request cookies"] == "{'user': 'Alice'}"
    assert found["Cookie header"] == "user=Alice"
    assert found["Set-Cookie"].startswith("user=Alice")
    assert found["URL"] == table.exchange(3).request.url
    assert found["Details"].startswith("What happened\n  ")


def test_empty_texts_are_left_out() -> None:
    """The first request has no Cookie header to copy."""
    assert "Cookie header" not in texts(Table(seed_trace()), 1)


def test_a_row_as_markdown() -> None:
    """The headings and the row, as the Markdown export writes them."""
    table = Table(seed_trace(), Focus(path="/", cookies=("user",)))
    headings, rule, row = texts(table, 2)["Row as Markdown"].splitlines()
    assert headings.startswith("| Step | Action |")
    assert set(rule) == {"|", "-"}
    assert row == "| 2 | Client stores cookie 'user'='Alice' | {} | N/A | N/A | N/A |"


def test_the_request_as_a_command() -> None:
    """The request of a storing row is that of its exchange."""
    table = Table(seed_trace())
    command = texts(table, 3)["curl command"]
    assert command.startswith("curl -i 'http://127.0.0.1:5000/'")
    assert "-H 'Cookie: user=Alice'" in command


def broken() -> tuple[Table, ProblemBoard]:
    """A sign-in whose two cookies the browser refuses, and then the page that needed them."""
    story = Story("http://shop.test")
    story.respond(
        story.ask("/login", method="POST", headers=TYPED),
        "session=abc; SameSite=None; HttpOnly",
        "__Host-csrf=def; Path=/",
        status=302,
        headers=(("Location", "/account"),),
    )
    story.respond(story.ask("/account"), status=401)
    table = Table(story.trace())
    board = ProblemBoard(table)
    board.update()
    return table, board


def named(texts: tuple[StepText, ...], name: str) -> StepText:
    """Return the text of that name."""
    return next(text for text in texts if text.name == name)


def test_what_went_wrong_and_the_fix() -> None:
    """The explanation, and the corrected lines in each framework, with what they need."""
    table, board = broken()
    step = next(step for step in range(1, len(table) + 1) if board.at(step) is not None)
    problem = board.at(step)
    assert problem is not None
    found = step_texts(table, step, problem)
    explanation = named(found, "Explanation").text
    assert explanation.startswith(problem.question)
    assert explanation.endswith(f"Fix: {problem.advice}")
    fix = named(found, "Fix of 'session'").choices
    assert named(fix, "Set-Cookie").text == "session=abc; Path=/; Secure; HttpOnly; SameSite=None"
    assert named(fix, "Flask").text == (
        'app.config.update(SESSION_COOKIE_PATH="/", SESSION_COOKIE_SECURE=True, '
        'SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="None")'
    )
    assert named(fix, "Express").text == (
        'res.cookie("session", value, { path: "/", secure: true, httpOnly: true, '
        'sameSite: "none" });'
    )
    assert {way.remark for way in fix} == {"Send it over https."}
    assert len({way.key for way in fix}) == len(fix) == 10


def test_the_fix_of_a_renamed_session() -> None:
    """The setting of the framework that the value tells says that this is a guess."""
    value = "s%3AXq9yHq1R5lYw0bXyq0Nn4bBq2xkT7c8a.f2QF2bA0y5VhJmKk5J0vY9m0X1u3rZ8wq7tPpLsN6cE"
    story = Story("https://shop.test")
    story.respond(story.ask("/login", method="POST"), f"shop={value}; SameSite=None")
    story.respond(story.ask("/account"), status=401)
    table = Table(story.trace())
    fix = named(step_texts(table, 2), "Fix of 'shop'").choices
    assert named(fix, "Express").text.startswith('app.use(session({ ...options, name: "shop", ')
    assert named(fix, "Express").remark.startswith("The value looks like that of the framework's")
    assert not any(way.remark for way in fix if way.name != "Express")


def test_several_cookies() -> None:
    """Values and corrections of several cookies are chosen by number."""
    table, board = broken()
    found = step_texts(table, 1, board.at(1))
    values = named(found, "Value of a cookie").choices
    assert [(each.key, each.name, each.text) for each in values] == [
        ("1", "'session'", "abc"),
        ("2", "'__Host-csrf'", "def"),
    ]
    fixes = named(found, "Fix of a cookie").choices
    assert [(each.key, each.name) for each in fixes] == [("1", "'session'"), ("2", "'__Host-csrf'")]
    seed = step_texts(Table(seed_trace()), 3)
    assert named(seed, "Value of 'user'").text == "Alice"
    assert not any(each.name.startswith(("Fix", "Explanation")) for each in seed)


def every(texts: tuple[StepText, ...]) -> str:
    """Return all texts, with what there is to choose from."""
    return "\n".join(f"{text.name}\n{text.text}\n{every(text.choices)}" for text in texts)


def test_masked_values_stay_masked() -> None:
    """No text of a masked table contains a value."""
    for step in (1, 2, 3):
        for name, text in texts(Table(seed_trace(), mask=masked), step).items():
            if name not in ("Details",):  # which has the body
                assert "Alice" not in text or name.startswith("Row"), name
    table, board = broken()
    hidden = Table(table.trace, mask=masked)
    for step in range(1, len(hidden) + 1):
        text = every(step_texts(hidden, step, board.at(step)))
        assert "abc" not in text
        assert "=def" not in text


VALUE = "a+b/secret"


@pytest.mark.parametrize("again", [VALUE, quote(VALUE, safe=""), f"x{VALUE}y"])
def test_a_hidden_value_that_is_repeated_elsewhere(again: str) -> None:
    """Neither addresses, headers and bodies show a hidden value, nor does a redirect."""
    story = Story("https://shop.test")
    story.visit("/", None, f"sid={VALUE}; Path=/")
    headers = (
        *TYPED,
        ("Referer", f"https://a.test/?t={again}"),
        ("Authorization", f"Bearer {again}"),
    )
    for status in (200, 302):
        story.respond(
            story.ask(f"/page?token={again}", f"sid={VALUE}", headers=headers),
            status=status,
            headers=(("Content-Type", "text/html"), ("Location", f"/to?token={again}")),
            body=f"It is {again}.",
        )
    hidden = Table(story.trace(), mask=masked)
    for step in range(1, len(hidden) + 1):
        assert again not in every(step_texts(hidden, step))
    shown = Table(story.trace())
    assert again in every(step_texts(shown, len(shown)))
