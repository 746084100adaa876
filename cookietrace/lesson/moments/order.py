"""Rules about responses that overtake each other, so that an older request has the last word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import Cookie, Outcome, Site, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange
from cookietrace.lesson.late_responses import late_fix, late_text, newer_lost
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, at_most, weigh
from cookietrace.lesson.moments.losses import around
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import failure_of
from cookietrace.lesson.prose import named

_SAFE = frozenset({"GET", "HEAD"})
ROUTINE = 4
"""How many responses renew a cookie before that is taken for a routine."""


def late_response(scene: Scene) -> Iterator[RuleMatch]:
    """A response deletes or replaces a cookie that was set while its request was in progress."""
    for result in scene.results:
        newer = newer_lost(scene.table.trace, scene.exchange, result)
        if newer is None or result.previous is None:
            continue

        def write(
            result: StoreResult = result, before: Cookie = result.previous, newer: Exchange = newer
        ) -> MomentText:
            name = named(result.name)
            return MomentText(
                f"Why is the newer {name} lost after {scene.at()}?",
                late_text(scene.exchange, result, newer, scene.at, scene.mask),
                scene.steps(newer.number, scene.number),
                late_fix(named(before.name)),
            )

        yield RuleMatch(
            (result.previous.key, result.outcome),
            write,
            partial(_lost, scene, result, newer),
        )


def _lost(scene: Scene, result: StoreResult, newer: Exchange) -> Grade:
    """Return the grade of a cookie that a late response undid.

    If the newer one was begun again, for a request that had none and signed nobody in, it is no
    great loss: several requests of a first visit each begin one, and only one of them stays.
    If every response renews it, as frameworks do that note the time in it, both are as good.
    """
    fresh = (
        result.outcome is not Outcome.DELETED
        and not newer.request.context.unsafe
        and all(name != result.name for name, _ in newer.request.pairs)
    )
    context = scene.part.context
    elsewhere = context.site is Site.CROSS and not context.top_level
    gone = result.outcome is Outcome.DELETED
    doubtful = result.previous is not None and result.previous.unconfirmed
    harmless = fresh or doubtful or (not gone and _is_renewed_anyway(scene, result, newer))
    steps = scene.steps(scene.number)[1:]
    return Grade(
        severity=Severity.NOTE if elsewhere else at_most(Severity.PROBLEM, not harmless),
        code="late-response",
        cookies=(result.name,),
        brief=f"late response {'deleted' if gone else 'overwrote'} it",
        row=steps[0] if steps else None,
        weight=weigh(Rank.OVERWRITTEN, result.name, top_level=context.top_level),
    )


def _is_renewed_anyway(scene: Scene, result: StoreResult, newer: Exchange) -> bool:
    """Return whether pages renew a cookie as a matter of routine, and none fails afterwards."""
    response = scene.exchange.response
    if response is None or any(one.method not in _SAFE for one in (scene.part, newer.request)):
        return False
    renewals = 0
    for other in around(scene):
        if other.response is None or all(name != result.name for name, _ in other.request.pairs):
            continue
        after = other.request.position > response.position
        if after and failure_of(other) is not None:
            return False
        if other.request.method in _SAFE:
            renewals += any(one.name == result.name for one in other.response.set_cookies)
    return renewals >= ROUTINE


def overlapping(scene: Scene) -> Iterator[RuleMatch]:
    """A request differs from the jar while a response that changes the cookie is in progress."""
    names = [
        absent.cookie.name
        for absent in scene.part.missing
        if absent.status is CookieStatus.OVERLAPPING
        and scene.table.focus.covers(absent.cookie.name)
    ]
    names += [
        carried.name for carried in scene.cookies if carried.status is CookieStatus.OVERLAPPING
    ]
    for name in dict.fromkeys(names):

        def write(name: str = name) -> MomentText:
            there = {carried.name: carried for carried in scene.cookies}.get(name)
            what = (
                f"contains {named(name)} with {scene.value(there.value)}, which is not what the "
                "jar held"
                if there is not None
                else f"does not contain {named(name)}, which the jar held"
            )
            return MomentText(
                f"Does the request in {scene.at()} show what happened to {named(name)}?",
                f"No. It {what}; but a response that changes {named(name)} was in progress at that "
                "time, so both can be right, and there is no verdict.",
                scene.steps(scene.number),
            )

        yield RuleMatch((scene.client_id, name), write)
