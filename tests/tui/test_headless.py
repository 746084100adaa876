"""What the tests share between apps to start them quickly is the same as the real thing."""

from __future__ import annotations

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from cookietrace.lesson.modes import MODES
from tests.tui import captures, headless
from tests.tui.conftest import Open


def content(rule: RuleSet) -> str:
    """Everything that a rule holds."""
    return repr((rule.selector_set, rule.styles.get_rules(), rule.errors, rule.tie_breaker))


async def test_shared_rules_are_those_of_a_fresh_parse(opened: Open) -> None:
    """After every mode and both themes, no shared rule differs from one parsed just now."""
    it = opened(captures.seed())
    async with it.app.run_test() as pilot:
        for key in (*(mode.key for mode in MODES), "t", "t"):
            await pilot.press(key)
            await it.settled(pilot)
            sheet = it.app.stylesheet
            for where, (css, default, tie_breaker, scope) in sheet.source.items():
                fresh = headless._parse(
                    Stylesheet(variables=sheet._variables), css, where, default, tie_breaker, scope
                )
                shared = sheet._parse_rules(css, where, default, tie_breaker, scope)
                assert [content(rule) for rule in shared] == [content(rule) for rule in fresh]
