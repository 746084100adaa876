"""Rules about Set-Cookie lines that do not do what they were written for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from cookietrace.cookies import Code, Finding, Site, StoreResult
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import listed
from cookietrace.lesson.expired_lines import has_foreign_lifetime, warning_of
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, as_it_is, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import Need
from cookietrace.lesson.prose import named, reason, remedy


def lines_joined(scene: Scene) -> Iterator[RuleMatch]:
    """Several Set-Cookie lines seem to have been joined into one."""
    for result in scene.results:
        warning = warning_of(result, Code.LINES_JOINED)
        if warning is None:
            continue

        def write(result: StoreResult = result, warning: Finding = warning) -> MomentText:
            others = dict(warning.facts)["others"]
            assert isinstance(others, tuple)
            came_back = _came_back(scene, others)
            question = f"Why is {named(others[0])} not a cookie of its own in {scene.at()}?"
            answer = reason(warning)
            if has_foreign_lifetime(result) and result.outcome not in ACCEPTED:
                name = named(result.name)
                question = f"Why does the client not keep {name} from {scene.at()}?"
                answer = f"{answer} That lifetime is over, so {name} itself is not kept either."
            if not came_back:
                needs = _needs(scene, result, others)
                told = [
                    scene.consequence(need, named(name)) for name, need in list(needs.items())[:1]
                ]
                return MomentText(
                    question,
                    f"{answer}{''.join(told)}",
                    scene.steps(scene.number, *[need.number for need in needs.values()][:1]),
                    remedy(warning),
                )
            names = listed([named(name) for name in came_back])
            places = listed([scene.at(number) for number in dict.fromkeys(came_back.values())])
            return MomentText(
                question,
                f"{answer} But {names} came back in {places}: the client did get it as a cookie "
                "of its own, so it was the recording that joined the lines, not what the client "
                "received.",
                scene.steps(scene.number, *came_back.values()),
                "Record with a tool that keeps header fields apart; the app itself may be right.",
            )

        yield RuleMatch(
            (scene.client_id, result.name), write, partial(_joined, scene, result, warning)
        )


def _joined(scene: Scene, result: StoreResult, warning: Finding) -> Grade:
    """Return the grade of joined lines: a problem if the app missed one of the cookies."""
    others = dict(warning.facts)["others"]
    assert isinstance(others, tuple)
    needs = _needs(scene, result, others)
    came_back = _came_back(scene, others)
    if len(came_back) == len(others):
        severity = Severity.NOTE
    else:
        severity = Severity.PROBLEM if needs else Severity.WARNING
    need = next(iter(needs.values()), None)
    return Grade(
        severity=severity,
        code="lines-joined",
        cookies=tuple(needs) or others,
        brief="two cookies in one Set-Cookie line",
        weight=weigh(
            Rank.DOUBTFUL if need is None else Rank.NOT_KEPT,
            next(iter(needs), others[0]),
            top_level=need is None or need.top_level,
            witnessed=need is not None and need.witnessed,
        ),
    )


def _needs(scene: Scene, result: StoreResult, others: tuple[str, ...]) -> dict[str, Need]:
    """Return the cookies of a joined line that the app missed later, and what shows it."""
    names = list(others)
    if has_foreign_lifetime(result) and result.outcome not in ACCEPTED:
        names.append(result.name)
    came_back = _came_back(scene, others)
    found = {}
    for name in names:
        need = scene.need_later(name, None, result.parsed.path)
        if name not in came_back and need is not None:
            found[name] = need
    return found


def _came_back(scene: Scene, names: tuple[str, ...]) -> dict[str, int]:
    """Return the joined names that later requests send, though no line of their own set them."""
    response = scene.exchange.response
    assert response is not None
    after = scene.histories.requests_until(response.position)
    found = {}
    for name in names:
        later = scene.histories.carried(scene.client_id, name)
        number = next((number for number in later if number > after), None)
        if number is not None and not _given_otherwise(scene, name, number):
            found[name] = number
    return found


def _given_otherwise(scene: Scene, name: str, number: int) -> bool:
    """Return whether a response had set this name by itself by a request."""
    given = scene.histories.first_given(scene.client_id, name)
    if given is None:
        return False
    response = scene.table.trace.exchanges[given - 1].response
    at = scene.table.trace.exchanges[number - 1].request.position
    return response is not None and response.position < at


def line_miswritten(scene: Scene) -> Iterator[RuleMatch]:
    """A Set-Cookie line has a mistake that a browser passes over without a word."""
    for result in scene.results:
        for warning in result.warnings:
            if warning.code is not Code.LINE_MISWRITTEN:
                continue

            def write(result: StoreResult = result, warning: Finding = warning) -> MomentText:
                facts = dict(warning.facts)
                what = f"{facts['attribute']} for " if facts["attribute"] else ""
                return MomentText(
                    f"Is {what}{named(result.name)} written as it was meant in {scene.at()}?",
                    f"It does not look like it. {reason(warning)}",
                    scene.steps(scene.number),
                    remedy(warning),
                )

            context = scene.part.context
            elsewhere = context.site is Site.CROSS and not context.top_level
            grade = Grade(
                severity=Severity.NOTE if elsewhere else Severity.WARNING,
                code="line-miswritten",
                cookies=(result.name,),
                brief=MISTAKES.get(str(dict(warning.facts)["mistake"]), "written wrongly"),
                weight=weigh(Rank.DOUBTFUL, result.name),
            )
            yield RuleMatch(
                (scene.client_id, result.name, warning.facts), write, partial(as_it_is, grade)
            )


MISTAKES: Mapping[str, str] = {
    "header-name": "the header's name is in its value",
    "quotes": "quotation marks around the line",
    "json": "JSON instead of a cookie",
    "colon": "colon instead of an equals sign",
    "value-cut": "a semicolon cuts the value",
    "flag-value": "an attribute is on, whatever its value",
    "attribute-colon": "colon after an attribute",
    "misspelt": "an attribute is misspelt",
    "no-semicolon": "a semicolon is missing",
}
"""The mistakes of a Set-Cookie line in a few words."""


def born_expired(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that was meant to be kept had expired when it was set."""
    for result in scene.results:
        warning = warning_of(result, Code.BORN_EXPIRED)
        if warning is None:
            continue

        def write(result: StoreResult = result, warning: Finding = warning) -> MomentText:
            gone = ""
            if result.previous is not None:
                gone = f" So {scene.value(result.previous.value)}, which it had, is gone too."
            need = scene.need_later(result.name, result.parsed.domain, result.parsed.path)
            return MomentText(
                f"Why does the client not keep {named(result.name)} from {scene.at()}?",
                f"{reason(warning)}{gone}{scene.consequence(need)}",
                scene.steps(scene.number, need.number if need is not None else None),
                remedy(warning),
            )

        yield RuleMatch((scene.client_id, result.name), write, partial(_never_there, scene, result))


def _never_there(scene: Scene, result: StoreResult) -> Grade:
    """Return the grade of a cookie that had expired when it was set."""
    need = scene.need_later(result.name, result.parsed.domain, result.parsed.path)
    return Grade(
        severity=Severity.WARNING if need is None else Severity.PROBLEM,
        code="born-expired",
        cookies=(result.name,),
        brief="had expired when it was set",
        weight=weigh(
            Rank.DOUBTFUL if need is None else Rank.NOT_KEPT,
            result.name,
            top_level=need is None or need.top_level,
            witnessed=need is not None and need.witnessed,
        ),
    )
