"""Real browsers compared with the fold: a test per browser and scenario, and one per total."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cookietrace.errors import LaunchError
from cookietrace.lesson.moments import Severity
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.supervision.browsers import find_browser
from cookietrace.trace import fold
from tests.judge.alone import taken_alone
from tests.judge.own_word import own_word
from tests.judge.runner import Run, labels_of, run
from tests.judge.scenario import Scenario
from tests.judge.scenarios import SCENARIOS
from tests.judge.score import Score, scores, total
from tests.judge.two_words import two_words
from tests.judge.variants import VARIANTS, why_not

pytestmark = pytest.mark.browser

PLAYED = [
    (browser, scenario)
    for browser in VARIANTS
    for scenario in SCENARIOS
    if why_not(browser, scenario) is None
]
JOURNEYS = [(browser, scenario) for browser, scenario in PLAYED if scenario.group == "journey"]


def _name(value: str | Scenario) -> str:
    return value if isinstance(value, str) else value.name


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Run:
    """All selected scenarios, played; the browsers run at the same time."""
    chosen: dict[str, dict[str, Scenario]] = {}
    for item in request.session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if item.path == request.path and "browser" in params:
            scenarios = chosen.setdefault(params["browser"], {})
            if "scenario" in params:
                scenarios[params["scenario"].name] = params["scenario"]
    for browser in chosen:
        try:
            find_browser(VARIANTS[browser].kind)
        except LaunchError as error:
            pytest.fail(f"this test needs a real browser: {error}", pytrace=False)
    return run({browser: list(played.values()) for browser, played in chosen.items() if played})


@pytest.fixture(scope="module")
def judged(played: Run) -> Mapping[str, Mapping[str, Score]]:
    """Return the scores of all selected scenarios by browser."""
    return scores(played)


@pytest.mark.parametrize(("browser", "scenario"), PLAYED, ids=_name)
def test_scenario(
    browser: str, scenario: Scenario, judged: Mapping[str, Mapping[str, Score]]
) -> None:
    """If the headers decide, fold and browser agree: headers, refusals, reasons, jars."""
    score = judged[browser][scenario.name]
    assert not score.differences, "\n".join([scenario.promise, *map(str, score.differences)])
    assert score.certain.compared + score.uncertain.compared > 0


@pytest.mark.parametrize(("browser", "scenario"), PLAYED, ids=_name)
def test_one_line_alone(browser: str, scenario: Scenario, played: Run) -> None:
    """What is said about each line without any traffic is what the browser did with it."""
    found = [
        line
        for label in labels_of(browser, scenario)
        for line in taken_alone(fold(played.recorded[label])).contradictions
    ]
    assert found == []


@pytest.mark.parametrize("browser", VARIANTS)
def test_all_lines_alone(browser: str, played: Run) -> None:
    """Nearly every line of the scenarios is compared; the others depend on more than the line."""
    alone = [
        taken_alone(fold(events))
        for label, events in played.recorded.items()
        if label.partition("/")[0] == browser
    ]
    compared = sum(each.compared for each in alone)
    left_out = sum(each.left_out.total() for each in alone)
    assert left_out <= 0.06 * (compared + left_out), (compared, left_out)


@pytest.mark.parametrize(("browser", "scenario"), JOURNEYS, ids=_name)
def test_journey(browser: str, scenario: Scenario, played: Run) -> None:
    """No problem is reported in a journey that works, and the right ones in one that does not."""
    found = [
        moment
        for label in labels_of(browser, scenario)
        for moment in problems(Table(fold(played.recorded[label])))
        if moment.severity is Severity.PROBLEM
    ]
    codes = {moment.grade.code for moment in found}
    assert codes <= scenario.problems, [(moment.question, moment.answer) for moment in found]
    assert scenario.races or codes == scenario.problems


@pytest.mark.parametrize("browser", VARIANTS)
def test_score(browser: str, judged: Mapping[str, Mapping[str, Score]]) -> None:
    """Everything that is certain agrees, and in today's scenarios few exchanges are uncertain."""
    found = judged[browser]
    score = total(found.values())
    assert score.certain.agreed == score.certain.compared
    assert score.lines.agreed == score.lines.compared
    assert score.withheld.agreed == score.withheld.compared
    assert score.jars.agreed == score.jars.compared
    base = total(found[one.name] for one in SCENARIOS if one.group == "base" and one.name in found)
    assert base.share_uncertain <= VARIANTS[browser].most_uncertain


@pytest.mark.parametrize("browser", VARIANTS)
def test_own_word(browser: str, played: Run) -> None:
    """What a browser's own log says is matched to its exchange, and disputes no certain verdict.

    Firefox does not speak of each: of what changes nothing in its jar, for instance.
    """
    scenarios = [scenario for name, scenario in PLAYED if name == browser]
    chosen = {report.scenario.name for report in played.reports if report.browser == browser}
    found = own_word(played, browser, [one for one in scenarios if one.name in chosen])
    assert found.wrongly == []
    assert found.disputes == []
    assert found.matched >= 0.99 * found.requests, found.unmatched
    assert found.confirmed >= 0.95 * (found.confirmed + found.predicted)


@pytest.mark.parametrize("browser", VARIANTS)
def test_protocol_word(browser: str, played: Run) -> None:
    """What is said over a protocol is matched to its exchange, too, and is what the log says."""
    scenarios = [scenario for name, scenario in PLAYED if name == browser]
    chosen = {report.scenario.name for report in played.reports if report.browser == browser}
    chosen_scenarios = [one for one in scenarios if one.name in chosen]
    found = own_word(played, browser, chosen_scenarios, protocol=True)
    assert found.wrongly == []
    assert found.disputes == []
    assert found.matched >= 0.99 * found.requests, found.unmatched
    assert found.confirmed >= 0.9 * (found.confirmed + found.predicted)
    both = two_words(played.heard[browser], played.said[browser])
    assert both.differences == []
    assert both.verdicts >= 0.8 * found.confirmed


def test_names_are_unique() -> None:
    """Names are unique: listeners and responses are found by them."""
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_reasons_for_not_playing() -> None:
    """Whatever a browser does not play names that browser and says why."""
    for scenario in SCENARIOS:
        assert scenario.cannot.keys() <= VARIANTS.keys()
        assert all(scenario.cannot.values())
