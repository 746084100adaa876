"""Rules about what servers and caches do with cookies: refuse their size, or hand them out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import StoreResult
from cookietrace.fold.told import Looks
from cookietrace.lesson.display_text import authority, plural
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, at_most, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import named, page
from cookietrace.lesson.refused_headers import RefusedHeader, refused_header
from cookietrace.lesson.session_names import is_session_like
from cookietrace.lesson.shared_caches import CacheRisk, cache_risk


def header_refused(scene: Scene) -> Iterator[RuleMatch]:
    """A request is refused because its cookies are too large."""
    found = refused_header(scene.exchange)
    if found is None:
        return

    def write(found: RefusedHeader = found) -> MomentText:
        first = scene.histories.first_visit(scene.exchange)
        return MomentText(
            f"Why does {authority(scene.part.target)} refuse the request in {scene.at()}?",
            f"{found.sentence} {found.most}",
            scene.steps(first, scene.number) if first != scene.number else scene.request_step(),
            found.fix,
        )

    def grade(found: RefusedHeader = found) -> Grade:
        return Grade(
            severity=at_most(Severity.PROBLEM, found.certain),
            code="header-refused",
            cookies=tuple(dict.fromkeys(name for name, _ in scene.part.pairs)),
            brief=f"Cookie header too large: {plural(found.size, 'byte')}",
            weight=weigh(Rank.TURNED_AWAY, top_level=scene.part.context.top_level),
        )

    yield RuleMatch((scene.client_id, scene.part.target.host), write, grade)


def cacheable_set_cookie(scene: Scene) -> Iterator[RuleMatch]:
    """A response that sets a session cookie came from a shared cache, or may be kept by one."""
    for result in scene.accepted:
        risk = cache_risk(scene.exchange, result)
        if risk is None or not (risk.handed_out or is_session_like(result.name)):
            continue

        def write(result: StoreResult = result, risk: CacheRisk = risk) -> MomentText:
            name = named(result.name)
            what = "this session" if is_session_like(result.name) else "this cookie"
            start = "A cache does." if risk.handed_out else "A cache could."
            return MomentText(
                f"Who else gets {name} from {scene.at()}?",
                f"{start} {risk.sentence}"
                if not risk.handed_out
                else f"Perhaps other users: a cache hands out {what}. {risk.sentence}",
                scene.steps(scene.number),
                risk.fix,
            )

        def grade(result: StoreResult = result, risk: CacheRisk = risk) -> Grade:
            told = len(scene.histories.given_to(result.name, result.value)) > 1
            session = is_session_like(result.name)
            return Grade(
                severity=Severity.WARNING if session and not told else Severity.NOTE,
                code="cacheable-set-cookie",
                cookies=(result.name,),
                brief="came from a shared cache" if risk.handed_out else "a cache may keep it",
                weight=weigh(Rank.SHARED if risk.handed_out else Rank.UNSAFE, result.name),
            )

        yield RuleMatch((scene.client_id, page(scene.exchange), result.name), write, grade)


def same_value_for_two(scene: Scene) -> Iterator[RuleMatch]:
    """A response gives a client a value that another client got before."""
    carried = {cookie.value for cookie in scene.part.cookies}
    for result in scene.accepted:
        value = result.value
        looks = scene.part.facts(result.name, value).looks
        if value in carried or not _is_like_a_key(result.name, looks):
            continue
        owners = scene.histories.given_to(result.name, value)
        if len(owners) < 2 or min(owners.values()) >= scene.number:
            continue

        def write(result: StoreResult = result) -> MomentText | None:
            owners = scene.histories.given_to(result.name, result.value)
            earlier = [
                number
                for client_id, number in owners.items()
                if client_id != scene.client_id and number < scene.number
            ]
            if not earlier:
                return None
            first, name = min(earlier), named(result.name)
            risk = cache_risk(scene.exchange, result)
            why = (
                risk.sentence
                if risk is not None
                else "Nothing in the response says that it came from a cache; a cache that does "
                "not say so, or a server that gives everyone the same value, would look like this."
            )
            return MomentText(
                f"Why do two clients get the same {name} by {scene.at()}?",
                f"The response in {scene.at()} sets {scene.value(result.value)}, which the "
                f"response in {scene.at(first)} had given to another client; the request did not "
                f"contain it. If it identifies a session, both are one user now. {why}",
                scene.steps(first, scene.number),
                "Send Cache-Control: private, no-store with every response that sets it, and give "
                "each client a value of its own.",
            )

        yield RuleMatch(result.name, write, partial(_shared, scene, result))


def _shared(scene: Scene, result: StoreResult) -> Grade:
    risk = cache_risk(scene.exchange, result)
    severity = Severity.NOTE
    if is_session_like(result.name):
        severity = at_most(Severity.PROBLEM, risk is not None and risk.handed_out)
    return Grade(
        severity=severity,
        code="same-value-for-two",
        cookies=(result.name,),
        brief="another client has the same value",
        weight=weigh(Rank.SHARED, result.name),
    )


def _is_like_a_key(name: str, looks: Looks) -> bool:
    """Return whether a value seems to be random, or its cookie's name suggests a session."""
    return looks is Looks.RANDOM or (looks is not Looks.SHORT and is_session_like(name))
