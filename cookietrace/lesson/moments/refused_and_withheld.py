"""Rules on cookies that stay out: refused by the client, or kept at home by it."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import (
    Code,
    Cookie,
    Finding,
    Outcome,
    SameSite,
    Site,
    StoreResult,
    Withheld,
)
from cookietrace.lesson.display_text import authority, shown
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import hosts_of, named, page, reason, remedy, span

ELSEWHERE = frozenset({Code.OTHER_HOST, Code.HOST_ONLY})
"""The rules that keep a cookie away from the sister hosts of the one that set it."""

_CROSS_SITE = frozenset({Code.SAME_SITE_STRICT, Code.SAME_SITE_LAX, Code.SAME_SITE_LAX_DEFAULT})
"""The rules that ask who caused a request, and how."""


def refused(scene: Scene) -> Iterator[RuleMatch]:
    """The client refuses a Set-Cookie; one moment a first reason."""
    for result in scene.results:
        if result.outcome is not Outcome.REJECTED or not result.reasons:
            continue

        def write(result: StoreResult = result) -> MomentText:
            first, *others = result.reasons
            more = f" Nor is that all: {' '.join(map(reason, others))}" if others else ""
            return MomentText(
                f"Why does the client refuse {named(result.name)} in {scene.at()}?",
                f"{_told(first)}{more}",
                (*scene.asked(), *scene.refused(result)),
                remedy(first),
            )

        yield RuleMatch(result.reasons[0].code, write)


def withheld(scene: Scene) -> Iterator[RuleMatch]:
    """The jar holds a cookie that does not go with a request.

    One moment a first reason; where SameSite is the reason, one for links and
    forms, which show a page, and one for what is asked for within a page.
    """
    for held in scene.withheld:
        first = held.reasons[0]
        if first.code is Code.EXPIRED:
            continue

        def write(held: Withheld = held, first: Finding = first) -> MomentText:
            given, name = scene.set_before(held.cookie.key), named(held.cookie.name)
            also = "".join(f" {reason(finding)}" for finding in held.reasons[1:])
            return MomentText(
                f"Why does {name} not go with the request in {scene.at()}?",
                f"{_told(first)}{also} The client keeps "
                f"{scene.value(held.cookie.value)} for the requests that it is meant for.",
                scene.steps(given, scene.number),
                remedy(first),
            )

        yield RuleMatch(
            (first.code, first.code in _CROSS_SITE and scene.part.context.top_level), write
        )


def wrong_host(scene: Scene) -> Iterator[RuleMatch]:
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

        def write(held: Withheld = held) -> MomentText:
            cookie, here = held.cookie, authority(scene.part.target)
            given, name = scene.set_before(cookie.key), named(cookie.name)
            missed = (
                f"asked for {name} and got None"
                if cookie.name in asked
                else f"answered {response.status_code if response is not None else 'nothing'}"
            )
            return MomentText(
                f"Why does {here} not know the {name} that was set elsewhere?",
                f"Because {name} belongs to {hosts_of(cookie)}, and {here} is another host. So "
                f"the request for {page(scene.exchange)} in {scene.at()} left it at home, and "
                f"the server {missed}.",
                scene.steps(given, scene.number),
                f"If both hosts are yours, set {name} with a Domain that covers both.",
            )

        yield RuleMatch((scene.client_id, cookie.name, scene.part.target.host), write)


def lax_post_exception(scene: Scene) -> Iterator[RuleMatch]:
    """A young cookie without SameSite goes with another site's form that posts."""
    context = scene.part.context
    if context.site is not Site.CROSS or not context.unsafe or not context.top_level:
        return
    for told in scene.sent:
        cookie = told.cookie
        if cookie is None or cookie.inferred or cookie.same_site is not SameSite.DEFAULT:
            continue

        def write(cookie: Cookie = cookie) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            age = span(scene.part.at - cookie.created_at)
            return MomentText(
                f"Why does {name} go with another site's {shown(scene.part.method)} in "
                f"{scene.at()}?",
                f"{name} has no SameSite. That counts as Lax, and a Lax cookie stays at home when "
                f"another site's form posts. But this browser makes an exception for the first "
                f"two minutes of such a cookie, for the sake of sign-ins that come back from "
                f"another site, and {name} was {age} old. Later it would have stayed behind.",
                scene.steps(given, scene.number),
                "Write SameSite=Lax, which has no such exception, or SameSite=None; Secure if "
                "other sites' forms are meant to bring it.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _told(finding: Finding) -> str:
    """Return why, and which part of the standard says so, in one sentence."""
    told = reason(finding)
    if not finding.section[:1].isdigit():
        return told
    return f"{told.removesuffix('.')} (section {finding.section} of the cookie standard)."
