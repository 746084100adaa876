"""Real browsers, small apps, and one mistake in each: ``diff`` names it, ``whatif`` mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
import pytest

from cookietrace.cookies import Finding
from cookietrace.events import Event
from cookietrace.lesson.changes import changes_lines, compare
from cookietrace.lesson.what_if import LineChange, retold
from cookietrace.lesson.what_if import Scenario as WhatIf
from cookietrace.trace import Trace, fold
from tests.judge.flask_server import FlaskServer
from tests.judge.known_causes import JOURNEYS, Journey
from tests.judge.runner import labels_of, run

pytestmark = pytest.mark.browser

PLAYED = [(browser, journey) for journey in JOURNEYS for browser in journey.browsers]
MENDED = [(browser, journey) for browser, journey in PLAYED if journey.fix is not None]

Pair = tuple[Sequence[Event], Sequence[Event]]


def _name(value: str | Journey) -> str:
    return value if isinstance(value, str) else value.name


@pytest.fixture(scope="module")
def recorded() -> Mapping[tuple[str, str], Pair]:
    """The events of each journey, good and bad, by browser and name; one session per browser."""
    apps = {
        journey.scenario(works=works).name: partial(journey.app, works)
        for journey in JOURNEYS
        for works in (True, False)
    }
    chosen = {
        browser: [
            journey.scenario(works=works)
            for played, journey in PLAYED
            for works in (True, False)
            if played == browser
        ]
        for browser in dict.fromkeys(browser for browser, _ in PLAYED)
    }
    played = run(chosen, FlaskServer(apps))
    assert [report.error for report in played.reports if report.error] == []
    found: dict[tuple[str, str], Pair] = {}
    for browser, journey in PLAYED:
        good, bad = (
            played.recorded[labels_of(browser, journey.scenario(works=works))[0]]
            for works in (True, False)
        )
        found[browser, journey.name] = good, bad
    return found


@pytest.mark.parametrize(("browser", "journey"), PLAYED, ids=_name)
def test_the_cause_comes_first(
    browser: str, journey: Journey, recorded: Mapping[tuple[str, str], Pair]
) -> None:
    """The first difference is the mistake, with its reason; the rest follows from it."""
    good, bad = map(fold, recorded[browser, journey.name])
    found = compare(good, bad)
    first, *rest = found.divergences
    assert (first.kind, first.cookie, first.follows) == (journey.kind, journey.cookie, None)
    assert journey.words in first.after.what
    assert all(each.follows is not None for each in rest)
    assert not found.only_before
    assert not found.only_after
    codes = {finding.code.value for each in found.divergences for finding in each.after.reasons}
    assert journey.code is None or journey.code in codes
    assert any(
        line.startswith("First difference") for line in changes_lines(found, width=78, most=20)
    )


@pytest.mark.parametrize(("browser", "journey"), MENDED, ids=_name)
def test_the_fix_is_the_fixed_app(
    browser: str, journey: Journey, recorded: Mapping[tuple[str, str], Pair]
) -> None:
    """The bad journey retold with the fix has the verdicts of the app that has it."""
    good, bad = recorded[browser, journey.name]
    imagined = retold(bad, WhatIf(changes=(_change(journey, fold(bad)),))).imagined
    assert _verdicts(imagined) == _verdicts(fold(good))
    assert _verdicts(fold(bad)) != _verdicts(fold(good))
    kinds = {each.kind for each in compare(fold(good), imagined).divergences}
    assert kinds <= {"status"}  # it is assumed that the app responds as it did


def _change(journey: Journey, bad: Trace) -> LineChange:
    assert journey.fix is not None
    if journey.fix == "drop":
        change = LineChange(journey.cookie, drop=True)
    else:
        change = LineChange.parse(journey.fix)
    if journey.at is None:
        return change
    (at,) = (each for each in bad.exchanges if each.request.target.path == journey.at)
    return msgspec.structs.replace(change, exchange_id=at.exchange_id)


def _verdicts(trace: Trace) -> list[object]:
    """Return what became of every cookie of every exchange."""
    found: list[object] = []
    for each in trace.exchanges:
        part, response = each.request, each.response
        if part.housekeeping:
            continue
        results = response.set_cookies if response is not None else ()
        found.append(
            (
                part.method,
                part.url,
                [(cookie.name, cookie.status) for cookie in part.cookies],
                [(held.cookie.name, _codes(held.reasons)) for held in part.withheld],
                [(lost.cookie.name, lost.status) for lost in part.missing],
                [(result.name, result.outcome, _codes(result.reasons)) for result in results],
            )
        )
    return found


def _codes(reasons: Sequence[Finding]) -> list[str]:
    return [reason.code.value for reason in reasons]
