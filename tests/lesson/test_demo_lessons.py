"""Every lesson of the demo app, played with its real views and witness, tells its own story."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.prose import RULES_IN_SHORT, reason
from cookietrace.lesson.quiz import Question, quiz
from cookietrace.lesson.sample import sample
from cookietrace.lesson.transcript import paragraphs
from demo_app.lessons.refusals import REFUSALS
from tests.lesson.demo_browser import FORM, DemoBrowser
from tests.lesson.visits import WITHIN

LESSONS = "/lessons"


def greeting() -> DemoBrowser:
    """Greeted twice, then quietly, then renamed, then forgotten."""
    browser = DemoBrowser()
    for path in ("/", "/", "/lessons/greeting/quiet", "/lessons/greeting/rename", "/"):
        browser.open(path)
    browser.open("/lessons/greeting/forget")
    browser.open("/lessons/greeting/quiet")
    return browser


def lifetimes() -> DemoBrowser:
    """Short and long lives, a deletion that misses and one that hits."""
    browser = DemoBrowser()
    for page in ("brief", "visit", "keep", "too-long", "both"):
        browser.open(f"{LESSONS}/lifetimes/{page}")
    browser.wait(20)
    for page in ("nonsense", "delete-wrong", "delete-right"):
        browser.open(f"{LESSONS}/lifetimes/{page}")
    return browser


def sign_in() -> DemoBrowser:
    """In and out, by hand and by Flask's session."""
    browser = DemoBrowser()
    browser.open(f"{LESSONS}/sign-in")
    for page in ("in", "flask-in", "out", "flask-out"):
        browser.open(f"{LESSONS}/sign-in/{page}", method="POST", headers=FORM)
    return browser


def scope() -> DemoBrowser:
    """Paths, a host-only cookie and one for the whole domain."""
    browser = DemoBrowser("https://shop.test")
    for page in ("scope", "scope/set-paths", "scope/deep", "scope/set-host"):
        browser.open(f"{LESSONS}/{page}")
    browser.open(f"https://www.shop.test{LESSONS}/scope")
    for page in ("scope/set-domain", "scope-nearby", "scope/clear"):
        browser.open(f"{LESSONS}/{page}")
    return browser


def same_site() -> DemoBrowser:
    """One cookie of each kind, and a picture on another site's page."""
    browser = DemoBrowser("https://shop.test")
    browser.open(f"{LESSONS}/same-site/set")
    browser.open(f"https://ads.test{LESSONS}/same-site/from-ads")
    browser.open(f"{LESSONS}/same-site/pixel.png", headers=WITHIN)
    return browser


Case = tuple[Callable[[], DemoBrowser], dict[str, str], dict[str, str], tuple[str, ...]]

CASES: list[Case] = [
    (
        greeting,
        {
            "none-at-first": "the client does not have one yet",
            "sent-back": "set it to 'Alice'",
            "rotated": "set it to 'Bob'",
            "deleted": "'Alice' is not sent again",
        },
        {
            "first-sent": "Step 3",
            "stops-setting": "It stays in the jar, and the next visit to that page sends it with",
        },
        (
            "brings the cookie 'user' with the value 'Bob'",
            "puts 'Bob' in place of 'Alice'",
            "deletes 'user', as the answer asks",
            "the view quiet asks for 'user' and gets None",
        ),
    ),
    (
        lifetimes,
        {
            "lifetime-capped": "for 400 days and no longer",
            "expired": "It was set to live for 10 seconds",
            "deleted-nothing": "path /lessons/lifetimes, and this deletes",
            "deleted": "'ten-years' is not sent again",
        },
        {"why-withheld": "Because its time had run out"},
        (
            "'Expires=tomorrow' is not a valid date",
            "asks to delete 'keep', and misses it. The jar holds 'keep'",
            "By now the time of 'brief' has run out",
        ),
    ),
    (
        sign_in,
        {
            "none-at-first": "brings no 'login'",
            "sent-back": "on paths under /lessons/sign-in",
            "deleted": "is not sent again",
        },
        {"first-sent": "Step"},
        (
            "the framework's session sets 'session' to",
            "(HttpOnly)",
            "deletes 'login', as the answer asks",
        ),
    ),
    (
        scope,
        {
            "duplicate-name": "'medium' for shop.test alone and path /lessons/scope",
            "shadows-other-cookie": "it stands beside it and does not replace it",
            "withheld": "is for paths under /lessons/scope/deep",
            "wrong-host": "www.shop.test is another host",
        },
        {"which-of-two": "'", "why-withheld": "Because"},
        (
            "'shade' stands there 3 times",
            "deletes the 'shade' of shop.test alone, paths under /lessons/scope/deep",
            "for shop.test and its subdomains",
        ),
    ),
    (
        same_site,
        {"withheld": "SameSite", "third-party": "It is not partitioned"},
        {"which-sent": "'", "why-withheld": "Because it"},
        ("on behalf of another site and brings the cookie 'none'", "3 cookies stay behind"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_lesson(case: Case) -> None:
    """Its key moments, its questions and its transcript speak of what the lesson is about."""
    play, moments, questions, words = case
    browser = play()
    found = key_moments(browser.table)
    for rule, answer in moments.items():
        assert any(answer in m.answer for m in found if m.rule == rule), rule
    asked = quiz(browser.table, count=60)
    for kind, right in questions.items():
        assert any(
            right_of(question).startswith(right) for question in asked if question.kind == kind
        )
    prose = "\n".join(paragraphs(browser.trace))
    for phrase in words:
        assert phrase in prose


def right_of(question: Question) -> str:
    """The right option's words."""
    return question.options[question.right].text


def test_nothing_unforeseen_happens_in_any_lesson() -> None:
    """A browser that keeps the rules raises no question about missing or unknown cookies."""
    for play, *_ in CASES:
        rules = {moment.rule for moment in key_moments(play().table)}
        assert rules.isdisjoint({"missing", "never-set", "changed-outside", "two-jars"})


def test_the_source_of_a_real_view() -> None:
    """The greeting's view shows its own source, the lines that ran, and Alice beside hers."""
    browser = greeting()
    told = sample(browser.trace.exchanges[1])
    assert told.title.startswith("hello (")
    (line,) = (line for line in told.lines if "request.cookies.get" in line.text)
    assert line.ran
    assert [value.text for value in line.values] == ["user = 'Alice'"]
    assert line.reads == ("'user': 'Alice'",)
    (line,) = (line for line in told.lines if "set_cookie" in line.text)
    assert line.sets == ("'user'='Alice'",)
    assert not told.notice


@pytest.mark.parametrize(
    "code", [code for code, refusal in REFUSALS.items() if not refusal.cross_site]
)
def test_every_refusal_is_explained(code: str) -> None:
    """What the lesson provokes is told by its reason in moments, quiz and transcript."""
    refusal = REFUSALS[code]
    scheme = refusal.scheme or "https"
    browser = DemoBrowser(f"{scheme}://shop.test")
    if refusal.first is not None:
        browser.open(f"https://shop.test{LESSONS}/refused/{code}/first")
    browser.open(f"{LESSONS}/refused/{code}")
    results = browser.trace.exchanges[-1].response
    assert results is not None
    codes = [finding.code for finding in results.set_cookies[0].reasons]
    assert code in codes
    (told,) = (moment for moment in key_moments(browser.table) if moment.rule == "refused")
    for finding in results.set_cookies[0].reasons:
        assert reason(finding).rstrip(".") in told.answer
    (question,) = (q for q in quiz(browser.table) if q.kind == "why-refused")
    assert right_of(question) == f"Because {RULES_IN_SHORT[codes[0]]}"
    assert "The client refuses" in list(paragraphs(browser.trace))[-1]
