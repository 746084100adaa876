"""Rules on cookies that stay out: refused by the client, or kept at home by it."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import Code, Finding, Outcome, StoreResult, Withheld
from cookietrace.lesson.moments.scene import Scene, Spot, Told
from cookietrace.lesson.phrases import hosts_of, named, page, reason, remedy
from cookietrace.lesson.words import authority

ELSEWHERE = frozenset({Code.OTHER_HOST, Code.HOST_ONLY})
"""The rules that keep a cookie away from the sister hosts of the one that set it."""


def refused(scene: Scene) -> Iterator[Spot]:
    """The client refuses a Set-Cookie; one moment a reason."""
    for result in scene.results:
        if result.outcome is not Outcome.REJECTED:
            continue
        for finding in result.reasons:

            def tell(result: StoreResult = result, finding: Finding = finding) -> Told:
                others = len(result.reasons) - 1
                more = " That is not the only reason: there are others." if others else ""
                return Told(
                    f"Why does the client refuse {named(result.name)} in {scene.at()}?",
                    f"{reason(finding)}{_by(finding)}{more}",
                    (*scene.asked(), *scene.refused(result)),
                    remedy(finding),
                )

            yield Spot(finding.code, tell)


def withheld(scene: Scene) -> Iterator[Spot]:
    """The jar holds a cookie that does not go with a request; one moment a first reason."""
    for held in scene.withheld:
        first = held.reasons[0]
        if first.code is Code.EXPIRED:
            continue

        def tell(held: Withheld = held, first: Finding = first) -> Told:
            given, name = scene.set_before(held.cookie.key), named(held.cookie.name)
            also = "".join(f" {reason(finding)}" for finding in held.reasons[1:])
            return Told(
                f"Why does {name} not go with the request in {scene.at()}?",
                f"{reason(first)}{_by(first)}{also} The client keeps "
                f"{scene.value(held.cookie.value)} for the requests that it is meant for.",
                scene.steps(given, scene.number),
                remedy(first),
            )

        yield Spot(first.code, tell)


def wrong_host(scene: Scene) -> Iterator[Spot]:
    """A host wants a cookie that a sister host keeps to itself: signed in here, unknown there."""
    response = scene.exchange.response
    turned_away = response is not None and response.status_code in (401, 403)
    asked = {read.name for read in scene.reads if read.value is None}
    there = {told.name for told in scene.part.cookies}
    for held in scene.withheld:
        cookie = held.cookie
        if held.reasons[0].code not in ELSEWHERE or cookie.name in there:
            continue
        if cookie.name not in asked and not turned_away:
            continue

        def tell(held: Withheld = held) -> Told:
            cookie, here = held.cookie, authority(scene.part.target)
            given, name = scene.set_before(cookie.key), named(cookie.name)
            missed = (
                f"asked for {name} and got None"
                if cookie.name in asked
                else f"answered {response.status_code if response is not None else 'nothing'}"
            )
            return Told(
                f"Why does {here} not know the {name} that was set elsewhere?",
                f"Because {name} belongs to {hosts_of(cookie)}, and {here} is another host. So "
                f"the request for {page(scene.exchange)} in {scene.at()} left it at home, and "
                f"the server {missed}.",
                scene.steps(given, scene.number),
                f"If both hosts are yours, set {name} with a Domain that covers both.",
            )

        yield Spot((scene.client_id, cookie.name, scene.part.target.host), tell)


def _by(finding: Finding) -> str:
    """Return which part of the standard says so, in brackets."""
    numbered = finding.section[:1].isdigit()
    return f" (section {finding.section} of the cookie standard)" if numbered else ""
