"""Rules about what works by accident: by an age, by a host, or by one browser's own ways."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import PROFILES
from cookietrace.lesson.accidents import (
    BROWSERS,
    DEPARTURE,
    LOOPBACK,
    TWO_MINUTES,
    Accident,
    kept_by_accident,
    sent_by_accident,
)
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import named
from cookietrace.lesson.session_names import is_session_like, is_state_like


def lax_post_exception(scene: Scene) -> Iterator[RuleMatch]:
    """A new cookie without SameSite is sent with another site's POST."""
    if not scene.part.context.unsafe:
        return
    for accident in _sent(scene):
        if accident.kind != TWO_MINUTES:
            continue

        def write(accident: Accident = accident) -> MomentText:
            cookie = accident.cookie
            return MomentText(
                f"Why is {named(cookie.name)} sent with another site's "
                f"{shown(scene.part.method)} in {scene.at()}?",
                f"{accident.sentence} The exception is meant for sign-ins that return from another "
                "site; a user who takes longer comes back without the cookie.",
                scene.steps(scene.set_before(cookie.key), scene.number),
                accident.fix,
            )

        yield RuleMatch(
            (scene.client_id, accident.cookie.key), write, partial(_for_now, scene, accident)
        )


def _for_now(scene: Scene, accident: Accident) -> Grade:
    """Return the grade of what works only for two minutes: a warning if it seems to matter."""
    name = accident.cookie.name
    read = any(read.name == name for read in scene.reads)
    matters = read or is_session_like(name) or is_state_like(name)
    return Grade(
        severity=Severity.WARNING if matters else Severity.NOTE,
        code="lax-post-exception",
        cookies=(name,),
        brief="no SameSite: sent for two minutes only",
        weight=weigh(Rank.UNSAFE, name, witnessed=read),
    )


def only_on_loopback(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that needs a secure connection is kept because the host is this machine."""
    for accident in _kept(scene):
        if accident.kind != LOOPBACK:
            continue

        def write(accident: Accident = accident) -> MomentText:
            return MomentText(
                f"Would {named(accident.cookie.name)} in {scene.at()} be kept on another host?",
                f"Not over plain http. {accident.sentence}",
                scene.steps(scene.number),
                accident.fix,
            )

        yield RuleMatch((scene.client_id, accident.cookie.name), write)


def only_in_this_browser(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is kept, or sent, only because this browser departs from the standard.

    One moment for each set of rules that the standard would apply.
    """
    who = BROWSERS.get(PROFILES[scene.part.profile].name, "this client")
    for verb, accidents in (("kept", _kept(scene)), ("sent", _sent(scene))):
        for accident in accidents:
            if accident.kind != DEPARTURE:
                continue

            def write(accident: Accident = accident, verb: str = verb) -> MomentText:
                cookie = accident.cookie
                given = scene.set_before(cookie.key) if verb == "sent" else None
                return MomentText(
                    f"Is {named(cookie.name)} {verb} in {scene.at()} only because the client is "
                    f"{who}?",
                    f"Not every browser does the same. {accident.sentence}",
                    scene.steps(given, scene.number),
                    accident.fix,
                )

            codes = frozenset(finding.code for finding in accident.findings)
            yield RuleMatch((scene.client_id, verb, codes), write)


def _kept(scene: Scene) -> Iterator[Accident]:
    for result in scene.accepted:
        accident = kept_by_accident(scene.exchange, result)
        if accident is not None:
            yield accident


def _sent(scene: Scene) -> Iterator[Accident]:
    for carried in scene.sent:
        accident = sent_by_accident(scene.exchange, carried)
        if accident is not None:
            yield accident
