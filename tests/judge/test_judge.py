"""A real Chromium compared with the fold: one test per scenario, and one for the total score."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.judge.runner import run
from tests.judge.scenario import Scenario
from tests.judge.scenarios import SCENARIOS
from tests.judge.score import Score, scores

pytestmark = pytest.mark.browser

MOST_UNCERTAIN = 0.15
"""The largest share of exchanges that may be uncertain."""


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Mapping[str, Score]:
    """Return the score of every selected scenario, all run in one browser."""
    selected = set()
    for item in request.session.items:
        scenario = getattr(getattr(item, "callspec", None), "params", {}).get("scenario")
        if isinstance(scenario, Scenario):
            selected.add(scenario.name)
    return scores(run([one for one in SCENARIOS if not selected or one.name in selected]))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, judged: Mapping[str, Score]) -> None:
    """If the headers decide, fold and browser agree: headers, refusals, reasons, jars."""
    score = judged[scenario.name]
    assert not score.differences, "\n".join([scenario.promise, *map(str, score.differences)])
    assert score.certain.compared + score.uncertain.compared > 0


def test_score(judged: Mapping[str, Score]) -> None:
    """Every certain exchange agrees, and few are uncertain."""
    total = Score()
    for score in judged.values():
        total.add(score)
    assert total.certain.agreed == total.certain.compared
    assert total.lines.agreed == total.lines.compared
    assert total.withheld.agreed == total.withheld.compared
    assert total.jars.agreed == total.jars.compared
    assert total.share_uncertain <= MOST_UNCERTAIN


def test_names_are_unique() -> None:
    """Names are unique: listeners and responses are found by them."""
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
