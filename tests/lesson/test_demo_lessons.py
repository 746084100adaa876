"""Every lesson of the demo app, played with its real views and witness, shows its subject."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problems import problems
from cookietrace.lesson.prose import RULES_IN_SHORT, reason
from cookietrace.lesson.quiz import Question, quiz
from cookietrace.lesson.sample import sample
from cookietrace.lesson.transcript import paragraphs
from demo_app.lessons.refusals import REFUSALS
from tests.lesson.demo_browser import FORM, DemoBrowser
from tests.lesson.visits import WITHIN

LESSONS = "/lessons"


def greeting() -> DemoBrowser:
    """Greet twice, then without setting a cookie, then rename and forget."""
    browser = DemoBrowser()
    for path in ("/", "/", "/lessons/greeting/quiet", "/lessons/greeting/rename", "/"):
        browser.open(path)
    browser.open("/lessons/greeting/forget")
    browser.open("/lessons/greeting/quiet")
    return browser


def lifetimes() -> DemoBrowser:
    """Short and long lifetimes, a deletion that misses and one that works."""
    browser = DemoBrowser()
    for page in ("brief", "visit", "keep", "too-long", "both"):
        browser.open(f"{LESSONS}/lifetimes/{page}")
    browser.wait(20)
    for page in ("nonsense", "delete-wrong", "delete-right"):
        browser.open(f"{LESSONS}/lifetimes/{page}")
    return browser


def sign_in() -> DemoBrowser:
    """Sign in and out, by hand and with Flask's session."""
    browser = DemoBrowser()
    browser.open(f"{LESSONS}/sign-in")
    for page in ("in", "flask-in", "out", "flask-out"):
        browser.open(f"{LESSONS}/sign-in/{page}", method="POST", headers=FORM)
    return browser


def scope() -> DemoBrowser:
    """Paths, a host-only cookie, and one for the whole domain."""
    browser = DemoBrowser("https://shop.test")
    for page in ("scope", "scope/set-paths", "scope/deep", "scope/set-host"):
        browser.open(f"{LESSONS}/{page}")
    browser.open(f"https://www.shop.test{LESSONS}/scope")
    for page in ("scope/set-domain", "scope-nearby", "scope/clear"):
        browser.open(f"{LESSONS}/{page}")
    return browser


def same_site() -> DemoBrowser:
    """One cookie of each kind, and an image on another site's page."""
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
            "none-at-first": "the client does not have it yet",
            "sent-back": "set it to 'Alice'",
            "rotated": "set it to 'Bob'",
            "deleted": "'Alice' is not sent again",
        },
        {
            "first-sent": "Step 3",
            "stops-setting": "It stays in the jar, and the next visit to that page sends it with",
        },
        (
            "sends the cookie 'user' with the value 'Bob'",
            "changes the value of 'user' from 'Alice' to 'Bob'",
            "deletes 'user', as the response asks",
            "the view quiet reads 'user' and gets None",
        ),
    ),
    (
        lifetimes,
        {
            "lifetime-capped": "for 400 days and no longer",
            "expired": "It was set to last for 10 seconds",
            "deleted-nothing": "path /lessons/lifetimes, but this deletes",
            "deleted": "'ten-years' is not sent again",
        },
        {"why-withheld": "Because it had expired"},
        (
            "'Expires=tomorrow' is not a valid date",
            "tries to delete 'keep' but misses it. The jar holds 'keep'",
            "By now, 'brief' has expired",
        ),
    ),
    (
        sign_in,
        {
            "none-at-first": "contains no 'login'",
            "sent-back": "paths under /lessons/sign-in",
            "deleted": "is not sent again",
        },
        {"first-sent": "Step"},
        (
            "the framework's session sets 'session' to",
            "(HttpOnly)",
            "deletes 'login', as the response asks",
        ),
    ),
    (
        scope,
        {
            "duplicate-name": "'medium' (shop.test only, path /lessons/scope)",
            "shadows-other-cookie": "so the new one does not replace it",
            "withheld": "is for paths under /lessons/scope/deep",
            "wrong-host": "www.shop.test is another host",
        },
        {"which-of-two": "'", "why-withheld": "Because"},
        (
            "The request contains 'shade' 3 times",
            "deletes the 'shade' for shop.test only, paths under /lessons/scope/deep",
            "for shop.test and its subdomains",
        ),
    ),
    (
        same_site,
        {"withheld": "SameSite", "third-party": "It is not partitioned"},
        {"which-sent": "'", "why-withheld": "Because it"},
        ("on behalf of another site and sends the cookie 'none'", "3 cookies are withheld"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_lesson(case: Case) -> None:
    """Its key moments, questions and transcript are about the lesson's subject."""
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
    """The right option's text."""
    return question.options[question.right].text


def test_nothing_unexpected_happens_in_any_lesson() -> None:
    """A browser that follows the rules has no missing or unknown cookies."""
    for play, *_ in CASES:
        rules = {moment.rule for moment in key_moments(play().table)}
        assert rules.isdisjoint({"missing", "never-set", "changed-outside", "two-jars"})


def test_the_source_of_a_real_view() -> None:
    """The greeting's view shows its own source, the lines that ran, and their values."""
    browser = greeting()
    listing = sample(browser.trace.exchanges[1])
    assert listing.title.startswith("hello (")
    (line,) = (line for line in listing.lines if "request.cookies.get" in line.text)
    assert line.ran
    assert [value.text for value in line.values] == ["user = 'Alice'"]
    assert line.reads == ("'user': 'Alice'",)
    (line,) = (line for line in listing.lines if "set_cookie" in line.text)
    assert line.sets == ("'user'='Alice'",)
    assert not listing.notice


@pytest.mark.parametrize(
    "code", [code for code, refusal in REFUSALS.items() if not refusal.cross_site]
)
def test_every_refusal_is_explained(code: str) -> None:
    """The refusal that a lesson provokes has its reason in moments, quiz and transcript."""
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
    (refused,) = (moment for moment in key_moments(browser.table) if moment.rule == "refused")
    for finding in results.set_cookies[0].reasons:
        assert reason(finding).rstrip(".") in refused.answer
    (question,) = (q for q in quiz(browser.table) if q.kind == "why-refused")
    assert right_of(question) == f"Because {RULES_IN_SHORT[codes[0]]}"
    assert "The client refuses" in list(paragraphs(browser.trace))[-1]


@pytest.mark.parametrize(
    ("play", "told"),
    [
        (greeting, []),
        (sign_in, []),
        (same_site, []),
        (
            lifetimes,
            [("deleted-nothing", ("keep",), "not deleted: stored with Path=/lessons/lifetimes")],
        ),
        (
            scope,
            [
                ("host-only", ("place", "shade"), "for shop.test only (set without Domain)"),
                (
                    "path-mismatch",
                    ("place",),
                    "Path=/lessons/scope does not cover /lessons/scope-nearby",
                ),
                ("duplicate-name", ("place",), "2 of this name, the older one was taken"),
            ],
        ),
    ],
)
def test_problems(
    play: Callable[[], DemoBrowser], told: list[tuple[str, tuple[str, ...], str]]
) -> None:
    """Only the lessons that show a failure on purpose have problems: those that they are about."""
    found = problems(play().table)
    assert [(one.grade.code, one.grade.cookies, one.grade.brief) for one in found] == told
    assert all(one.severity == "problem" for one in found)
