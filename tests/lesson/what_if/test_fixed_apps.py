"""What is said about a fix is what the recording of the fixed app says."""

from __future__ import annotations

from typing import Any

import pytest

from cookietrace.cookies import parse_set_cookie
from cookietrace.lesson.what_if import LineChange, Move, Scenario, retold
from cookietrace.trace import Trace, fold
from demo_app.lessons.refusals import PATH, REFUSALS, Refusal
from tests.lesson.demo_browser import DemoBrowser
from tests.lesson.visits import WITHIN


def attributes(line: str) -> dict[str, str | None]:
    """Return the attributes of a line as they are written."""
    found: dict[str, str | None] = {}
    for part in line.split(";")[1:]:
        name, equals, value = part.strip().partition("=")
        found[name] = value if equals else None
    return found


def fix_of(refusal: Refusal) -> Scenario | None:
    """Return the fix of a refusal as a scenario; None if it is another value or name."""
    before, after = (parse_set_cookie(line) for line in (refusal.line, refusal.fixed))
    if (before.name, before.value) != (after.name, after.value) or refusal.first is not None:
        return None
    if refusal.line == refusal.fixed:
        return Scenario(moves=(Move.parse("http://shop.test=https://shop.test"),))
    old, new = attributes(refusal.line), attributes(refusal.fixed)
    wanted = tuple((name, value) for name, value in new.items() if old.get(name, "") != value)
    gone = tuple(name for name in old if name not in new)
    return Scenario(changes=(LineChange(before.name, wanted, gone),))


FIXABLE = [refusal for refusal in REFUSALS.values() if fix_of(refusal) is not None]


def told(trace: Trace) -> list[Any]:
    """Return what each exchange sends, and what becomes of the lines of its response."""
    return [
        (
            each.request.observed,
            [
                (
                    result.name, result.outcome, result.reasons,
                    result.cookie and (
                        result.cookie.key, result.cookie.secure, result.cookie.http_only,
                        result.cookie.same_site,
                    ),
                )
                for result in (each.response.set_cookies if each.response is not None else ())
            ],
        )
        for each in trace.exchanges
    ]  # fmt: skip


def journey(refusal: Refusal, page: str, scheme: str) -> DemoBrowser:
    """Open a page of the lesson, then two that get the cookie if it was stored."""
    browser = DemoBrowser(f"{scheme}://shop.test")
    if refusal.cross_site:
        browser.open(page, headers=WITHIN)
    else:
        browser.open(page)
    browser.open(PATH)
    browser.open("/")
    return browser


@pytest.mark.parametrize("refusal", FIXABLE, ids=lambda refusal: refusal.code)
def test_the_fix_of_every_refusal_that_is_one_of_attributes(refusal: Refusal) -> None:
    """The demo's broken line, told with the fix, is the demo's fixed line as it was recorded."""
    scenario = fix_of(refusal)
    assert scenario is not None
    moved = bool(scenario.moves)
    broken = journey(refusal, f"{PATH}/{refusal.code}", "http" if moved else "https")
    fixed = journey(refusal, f"{PATH}/{refusal.code}/fixed", "https")
    retelling = retold(broken.story.events, scenario)
    assert told(retelling.real) != told(fixed.trace)
    assert told(retelling.imagined) == told(fold(fixed.story.events))
    response = retelling.real.exchanges[0].response
    assert response is not None
    assert refusal.code in [each.code for each in response.set_cookies[0].reasons]


def test_most_refusals_are_tried() -> None:
    """Only those are left out whose fix is another name or value, or needs another cookie."""
    assert set(REFUSALS) - {refusal.code for refusal in FIXABLE} == {
        "control-character", "name-value-too-large", "empty-cookie", "would-overwrite-secure",
        "prefix-nameless",
    }  # fmt: skip
