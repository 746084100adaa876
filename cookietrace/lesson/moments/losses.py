"""Grades of cookies that a request lacked: refused before it, withheld from it, or missing.

A loss is a problem only if something shows that the app needed the cookie. One cause is one
problem: where several cookies stay behind, the one that the app was seen to miss counts, or else
the one that is named like a session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieKey,
    Finding,
    Outcome,
    RestsOn,
    Site,
    StoreResult,
    Withheld,
)
from cookietrace.fold.exchange import Exchange, MissingCookie, RequestPart, ResponsePart, RowKind
from cookietrace.fold.headers import header
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import clip, shown
from cookietrace.lesson.expired_lines import warning_of
from cookietrace.lesson.host_hops import HostHop
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, at_most, weigh
from cookietrace.lesson.moments.scene import Scene
from cookietrace.lesson.needed import Need, NeedKind
from cookietrace.lesson.same_object import remembered
from cookietrace.lesson.session_names import is_preference_like, is_session_like, is_state_like
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.standing import asks_to_delete, is_open

ELSEWHERE = frozenset({Code.OTHER_HOST, Code.HOST_ONLY})
"""The rules that withhold a cookie from other hosts of the site that set it."""

_BY_PLACE = ELSEWHERE | {Code.PATH_MISMATCH}
CELLS = 60
"""The most cells of a reason in a few words."""

SOON = 60
"""How many exchanges after a failed one are searched for the renewal of a session."""

_WHATEVER_CAUSED_IT = frozenset({Code.PATH_MISMATCH, Code.SECURE_OVER_INSECURE})
"""The rules that do not depend on who caused a request, or in which mode."""

_DOUBTED = frozenset({"third-party-seems-blocked", "third-party-if-frame"})
"""Policies of which the wire does not tell for certain."""


def needed_later(scene: Scene, result: StoreResult) -> Need | None:
    """Return what shows later that a Set-Cookie should have been kept; None if nothing does.

    None also if the response set the same name in another line, which was kept.
    """
    response = scene.exchange.response
    if response is None or asks_to_delete(result, response.at):
        return None
    kept = _kept(response)
    if kept[result.name] > (result.outcome in ACCEPTED):
        return None
    need = scene.need_later(result.name, result.parsed.domain, result.parsed.path)
    if need is None or need.kind is not NeedKind.NEW_SESSION:
        return need
    context = scene.part.context
    if context.site is Site.CROSS and not context.top_level:
        return None  # third parties number their visitors again and again
    again = scene.table.trace.exchanges[need.number - 1].response
    renewed = again is not None and _kept(again)[result.name] > 0
    return None if renewed and result.outcome is Outcome.REJECTED else need


@remembered
def _kept(response: ResponsePart) -> Counter[str]:
    """Return how many lines of a response set each name and were kept."""
    return Counter(one.name for one in response.set_cookies if one.outcome in ACCEPTED)


@remembered
def lines_done(response: ResponsePart) -> frozenset[str]:
    """Return the names that a response set or deleted, at least in one place."""
    done = (*ACCEPTED, Outcome.DELETED)
    return frozenset(one.name for one in response.set_cookies if one.outcome in done)


def _is_known(need: Need | None) -> bool:
    """Return whether a request would have had the cookie; a navigation has its credentials."""
    return need is not None and (need.certain or need.top_level or need.witnessed)


def rank_of(need: Need, otherwise: Rank) -> Rank:
    """Return what happened, given the evidence."""
    return Rank.RESTARTED if need.kind is NeedKind.NEW_SESSION else otherwise


def graded(
    scene: Scene,
    need: Need | None,
    *,
    code: str,
    name: str,
    brief: str,
    certain: bool = True,
    rank: Rank = Rank.NOT_KEPT,
    row: tuple[int, ...] = (),
) -> Grade:
    """Return the grade of a loss: a note if nothing shows that the cookie was needed."""
    if need is None:
        return Grade(
            severity=Severity.NOTE,
            code=code,
            cookies=(name,),
            brief=brief,
            row=row[0] if row else None,
            weight=weigh(Rank.DOUBTFUL, name, top_level=scene.part.context.top_level),
        )
    missed = need.failure is not None or not is_preference_like(name)
    return Grade(
        severity=at_most(Severity.PROBLEM, certain and missed),
        code=code,
        cookies=(name,),
        brief=brief,
        row=row[0] if row else None,
        weight=weigh(rank_of(need, rank), name, top_level=need.top_level, witnessed=need.witnessed),
    )


def refusal(scene: Scene, result: StoreResult) -> Grade:
    """Return the grade of a Set-Cookie that the client refused."""
    finding = result.reasons[0]
    if would_have_deleted(scene, result):
        context = scene.part.context
        within = context.site is Site.CROSS and not context.top_level
        return Grade(
            severity=at_most(Severity.PROBLEM, not is_open(result) and not within),
            code=finding.code.value,
            cookies=(result.name,),
            brief=clip(f"not deleted: {in_short(finding, scene.part)}", CELLS),
            row=(*scene.refused_step(result), None)[0],
            weight=weigh(Rank.STAYED, result.name),
        )
    need = needed_later(scene, result)
    if warning_of(result, Code.LINES_JOINED) is not None:
        need = None  # that is told as what it is
    return graded(
        scene,
        need,
        code=_code_of(finding),
        name=result.name,
        brief=in_short(finding, scene.part),
        certain=not is_open(result) and not _is_doubted(finding) and _is_known(need),
        row=scene.refused_step(result),
    )


def would_have_deleted(scene: Scene, result: StoreResult) -> bool:
    """Return whether a refused line was the only one to delete a cookie that the request has."""
    response = scene.exchange.response
    if response is None or not asks_to_delete(result, response.at):
        return False
    if any(dict(finding.facts).get("policy") == "clear-site-data" for finding in result.reasons):
        return False  # it is gone all the same
    if result.name in lines_done(response):
        return False
    return any(carried.name == result.name for carried in scene.part.cookies)


def not_kept(scene: Scene, result: StoreResult) -> Grade:
    """Return the grade of a Set-Cookie that turned out not to have been stored."""
    third = result.rests_on is not RestsOn.CREDENTIALS
    need = needed_later(scene, result) if result.outcome in ACCEPTED else None
    return graded(
        scene,
        need,
        code=(Code.CLIENT_POLICY if third else Code.WITHOUT_CREDENTIALS).value,
        name=result.name,
        brief=f"not stored: {'third party' if third else 'fetch without credentials'}",
        certain=not third and _is_known(need),
        row=refuted_step(scene, result),
    )


def refuted_step(scene: Scene, result: StoreResult) -> tuple[int, ...]:
    """Return the step that shows what a client had really done with a Set-Cookie."""
    table = scene.table
    return tuple(
        step
        for step in table.steps_of(result.settled_by or "")
        if table.trace_row(step).kind is RowKind.REFUTED
        and table.trace_row(step).refutes == scene.exchange.exchange_id
    )[:1]


def withholding(scene: Scene, held: Withheld) -> Grade:
    """Return the grade of a cookie that a request did not send, and rightly so."""
    finding, name = held.reasons[0], held.cookie.name
    need = needed_here(scene).get(held.cookie.key)
    if finding.code in ELSEWHERE:
        need = None  # told as a cookie of another host
    return graded(
        scene,
        need,
        code=finding.code.value,
        name=name,
        brief=in_short(finding, scene.part),
        certain=(
            scene.part.context.certain
            or finding.code in _WHATEVER_CAUSED_IT
            or shown_to_be_held(scene, held) is not None
        )
        and not held.cookie.unconfirmed
        and not _is_doubted(finding),
        rank=Rank.LACKED,
    )


def shown_to_be_held(scene: Scene, held: Withheld) -> int | None:
    """Return the exchange that shows that a same-site request was made without credentials.

    That is one of the next with the same cookie: the client had it all the time. Otherwise it is
    the navigation to the page that made the request, if it had the cookie, which no script can
    delete. None if the cookie was not withheld for that reason, or if there is no such exchange.
    """
    if held.reasons[0].code is not Code.WITHOUT_CREDENTIALS:
        return None
    if scene.part.context.site is not Site.SAME:
        return None
    key, value = held.cookie.key, held.cookie.value
    for later in scene.table.trace.exchanges[scene.number : scene.number + SOON]:
        if later.request.client_id != scene.client_id:
            continue
        if any(absent.cookie.key == key for absent in later.request.missing):
            return None
        for carried in later.request.cookies:
            if carried.cookie is not None and carried.cookie.key == key:
                return later.number if carried.value == value else None
    page = _page_of(scene) if held.cookie.http_only else None
    if page is None or not any(
        carried.cookie is not None and carried.cookie.key == key and carried.value == value
        for carried in page.request.cookies
    ):
        return None
    return page.number


def _page_of(scene: Scene) -> Exchange | None:
    """Return the last navigation to the origin of the page that made a request."""
    headers = scene.part.headers
    source = header(headers, "origin") or header(headers, "referer") or ""
    before = scene.table.trace.exchanges[max(0, scene.number - 1 - SOON) : scene.number - 1]
    for earlier in reversed(before):
        part = earlier.request
        if part.client_id == scene.client_id and part.context.top_level:
            return earlier if f"{source}/".startswith(f"{part.target.origin}/") else None
    return None


def of_another_host(scene: Scene, held: Withheld) -> Grade:
    """Return the grade of a cookie that belongs to another host of the site.

    Two hosts of one site are one app if the view looks for the cookie, or if a page of the site
    caused the request and this host never sets such a cookie itself.
    """
    cookie = held.cookie
    need = needed_here(scene).get(cookie.key)
    if need is not None and not need.witnessed:
        own = scene.histories.given_after(scene.client_id, cookie.name, scene.part.position)
        if own is not None or not _caused_by_the_site(scene):
            need = None
    return graded(
        scene,
        need,
        code=held.reasons[0].code.value,
        name=cookie.name,
        brief=in_short(held.reasons[0], scene.part),
        certain=not cookie.unconfirmed and _is_known(need),
        rank=Rank.LACKED,
    )


def left_at(scene: Scene, hop: HostHop) -> Grade:
    """Return the grade of cookies that stay at a host of another domain."""
    need, cookie = None, hop.cookies[0]
    for left in hop.cookies:
        if need is None:
            need = scene.need_here(left.name)
            cookie = left if need is not None else cookie
    if need is not None and not need.witnessed and need.kind is not NeedKind.STATUS:
        need = None
    return graded(
        scene,
        need,
        code="other-host",
        name=cookie.name,
        brief=clip(f"belongs to {shown(cookie.domain)}", CELLS),
        certain=_is_known(need),
        rank=Rank.LACKED,
    )


def absence(scene: Scene, absent: MissingCookie) -> Grade:
    """Return the grade of a cookie that should have been sent: why it was not is not known."""
    name = absent.cookie.name
    return graded(
        scene,
        needed_here(scene).get(absent.cookie.key),
        code="missing",
        name=name,
        brief="should have been sent, and was not",
        certain=False,
        rank=Rank.LACKED,
    )


@remembered
def needed_here(scene: Scene) -> Mapping[CookieKey, Need]:
    """Return which of the cookies that a request lacked it needed, as far as anything shows."""
    found: _Found = {}
    for held in scene.part.withheld:
        if held.reasons[0].code is Code.EXPIRED:
            continue
        need = scene.need_here(held.cookie.name, held.cookie.key)
        if need is not None and not _renews_others(scene, held):
            found[held.cookie.key] = (need, held.cookie, held.reasons[0])
    for absent in scene.missing:
        need = scene.need_here(absent.cookie.name, absent.cookie.key)
        if need is not None:
            found[absent.cookie.key] = (need, absent.cookie, None)
    chosen = _told(found)
    expired = any(is_session_like(removed.cookie.name) for removed in scene.part.removed)
    return {
        key: need
        for key, (need, _, finding) in chosen.items()
        if need.witnessed or not expired or finding is None or finding.code not in _BY_PLACE
    }


_Found = dict[CookieKey, tuple[Need, Cookie, Finding | None]]
"""What shows that a cookie was needed, the cookie, and why it was withheld."""


def _told(found: _Found) -> _Found:
    """Return the cookies whose want explains most: those that the app looked for, or likely did."""
    witnessed = {key: entry for key, entry in found.items() if entry[0].witnessed}
    if witnessed:
        missed = {
            key: entry for key, entry in witnessed.items() if not is_preference_like(entry[1].name)
        }
        return missed or witnessed
    for suggests in (is_session_like, is_state_like):
        named = {key: entry for key, entry in found.items() if suggests(entry[1].name)}
        if named:
            found = named
            break
    by_rule = {
        key: entry
        for key, entry in found.items()
        if entry[2] is None or entry[2].code not in _BY_PLACE
    }
    return by_rule or found


def _renews_others(scene: Scene, held: Withheld) -> bool:
    """Return whether a cookie of another path is there to renew others, as refresh tokens are."""
    if held.reasons[0].code is not Code.PATH_MISMATCH:
        return False
    if "refresh" in held.cookie.name.lower() or "refresh" in held.cookie.path.lower():
        return True
    for later in scene.table.trace.exchanges[scene.number : scene.number + SOON]:
        if later.response is None or not later.response.set_cookies:
            continue
        carried = (one.cookie for one in later.request.cookies if one.cookie is not None)
        if all(cookie.key != held.cookie.key for cookie in carried):
            continue
        if any(
            result.name != held.cookie.name and result.value and is_session_like(result.name)
            for result in later.response.set_cookies
        ):
            return True
    return False


def _caused_by_the_site(scene: Scene) -> bool:
    """Return whether a page of another host of the same site caused a request."""
    if scene.part.context.site is not Site.SAME:
        return False
    headers = scene.part.headers
    if header(headers, "sec-fetch-site") == "same-site":
        return True
    source = header(headers, "origin") or header(headers, "referer") or ""
    return "://" in source and scene.part.target.origin not in source


def _code_of(finding: Finding) -> str:
    """Return a reason's code; the one of the cause if the client's policy is that of a request."""
    if dict(finding.facts).get("policy") == "no-credentials":
        return Code.WITHOUT_CREDENTIALS.value
    return finding.code.value


def in_short(finding: Finding, part: RequestPart) -> str:
    """Return why a request did not send a cookie, or why it could not be set, in a few words."""
    return clip(short_reason(finding, shown(part.method)), CELLS)


def _is_doubted(finding: Finding) -> bool:
    return dict(finding.facts).get("policy") in _DOUBTED
