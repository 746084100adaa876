"""Grades of cookies that a request lacked: refused before it, withheld from it, or missing.

A loss is a problem only if something shows that the app needed the cookie. One cause is one
problem: where several cookies stay behind, the one that the app was seen to miss counts, or else
the one that is named like a session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

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
    domain_match,
    is_loopback,
    path_match,
)
from cookietrace.cookies.request.context import UNKNOWN_PARTITION
from cookietrace.events import Server
from cookietrace.fold.exchange import Exchange, MissingCookie, RequestPart, ResponsePart, RowKind
from cookietrace.fold.headers import header
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import clip, shown
from cookietrace.lesson.expired_lines import warning_of
from cookietrace.lesson.host_hops import HostHop
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, at_most, weigh
from cookietrace.lesson.moments.scene import Scene
from cookietrace.lesson.needed import (
    FORM_STATUSES,
    Need,
    NeedKind,
    is_sign_in,
    is_sign_out,
    may_return,
)
from cookietrace.lesson.same_object import remembered
from cookietrace.lesson.session_names import (
    FORM_TOKEN,
    is_preference_like,
    is_session_like,
    is_state_like,
)
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
    broke = need.failure is not None and need.failure.error != ""
    missed = broke or not is_preference_like(name)
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
            row=next(iter(scene.refused_step(result)), None),
            weight=weigh(Rank.STAYED, result.name),
        )
    need = needed_later(scene, result)
    if warning_of(result, Code.LINES_JOINED) is not None:
        need = None  # that is told as what it is
    kept = scene.kept_anyway(result) if need is None else None
    if kept is not None:
        return _kept_anyway(scene, result, kept)
    return graded(
        scene,
        need,
        code=_code_of(finding),
        name=result.name,
        brief=in_short(finding, scene.part),
        certain=not is_open(result) and not _is_doubted(finding) and _is_known(need),
        row=scene.refused_step(result),
    )


def _kept_anyway(scene: Scene, result: StoreResult, kept: Exchange) -> Grade:
    """Return the grade of a cookie that the client should have refused, and sends anyway.

    If a browser was asked for, the question is what that browser would have done: the app would
    not get the cookie. Otherwise a client of an unknown kind may keep it, and browsers do not; that
    a known browser seems to keep it shows nothing about the app.
    """
    finding = result.reasons[0]
    certain = not is_open(result) and not _is_doubted(finding)
    severity, witnessed = Severity.NOTE, False
    if scene.asked is not None:
        server = kept.server
        told = server is not None and "all" not in server.dropped
        witnessed = told and server is not None and _is_read(server, result.name)
        used = witnessed if told else not is_preference_like(result.name)
        severity = at_most(Severity.PROBLEM, certain and used)
    elif certain and scene.part.profile == "spec" and not is_kept_by_browsers(scene, finding):
        severity = Severity.WARNING
    return Grade(
        severity=severity,
        code=_code_of(finding),
        cookies=(result.name,),
        brief=in_short(finding, scene.part),
        row=(*scene.refused_step(result), None)[0],
        weight=weigh(
            Rank.NOT_KEPT if severity is Severity.PROBLEM else Rank.DOUBTFUL,
            result.name,
            top_level=kept.request.context.top_level,
            witnessed=witnessed,
        ),
    )


def _is_read(server: Server, name: str) -> bool:
    """Return whether the app was seen to get a cookie of this name."""
    return any(read.name == name and read.value is not None for read in server.reads)


def is_kept_by_browsers(scene: Scene, finding: Finding) -> bool:
    """Return whether browsers keep what the specification refuses: Secure, set on this machine."""
    return finding.code is Code.SECURE_FROM_INSECURE and is_loopback(scene.part.target.host)


def would_have_deleted(scene: Scene, result: StoreResult) -> bool:
    """Return whether a refused line was the only one to delete a cookie that the request has."""
    response = scene.exchange.response
    if response is None or not asks_to_delete(result, response.at):
        return False
    if any(dict(finding.facts).get("policy") == "clear-site-data" for finding in result.reasons):
        return False  # it is gone anyway
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
        and not _is_doubted(finding)
        and not may_be_unneeded(scene, held, need),
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
    own = scene.histories.given_after(scene.client_id, cookie.name, scene.part.position)
    response = scene.exchange.response
    if need is not None and need.witnessed:
        if need.failure is None and response is not None and own == response.position:
            need = None  # the page begins a session of its own
    elif need is not None:
        elsewhere = any(finding.code is Code.PATH_MISMATCH for finding in held.reasons)
        if own is not None or elsewhere or not _caused_by_the_site(scene, cookie.domain):
            need = None
    return graded(
        scene,
        need,
        code=held.reasons[0].code.value,
        name=cookie.name,
        brief=in_short(held.reasons[0], scene.part),
        certain=not cookie.unconfirmed
        and _is_known(need)
        and not may_be_unneeded(scene, held, need),
        rank=Rank.LACKED,
    )


def left_at(scene: Scene, hop: HostHop) -> Grade:
    """Return the grade of cookies that stay at a host of another domain.

    A status shows that both are one app only on this machine: other people's services fail too.
    """
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
        certain=_is_known(need) and need is not None and (need.witnessed or hop.local),
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
    for held in scene.lacked:
        if held.reasons[0].code is Code.EXPIRED:
            continue
        need = scene.need_here(held.cookie.name, held.cookie.key)
        if need is None or _renews_others(scene, held):
            continue
        if need.witnessed or not _of_another_part(scene, held, need):
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


def _of_another_part(scene: Scene, held: Withheld, need: Need) -> bool:
    """Return whether a cookie of another path or host is there for another part of the site.

    That is the state of a flow, unless the request could be of that flow; what a sign-in page
    sets other than the one that the request is sent to; and what each part calls by one name.
    """
    if held.reasons[0].code not in _BY_PLACE:
        return False
    name = held.cookie.name
    if is_state_like(name) and not is_session_like(name) and not may_return(scene.part):
        form = scene.part.context.top_level or FORM_TOKEN.search(name) is not None
        return not (scene.part.context.unsafe and form)
    if _has_its_own(scene, held):
        return True
    if need.failure is None or not need.failure.sign_in:
        return False
    pages = _set_from(scene, held)
    return all(map(is_sign_in, pages)) and need.failure.sign_in.rstrip("/") not in pages


def _has_its_own(scene: Scene, held: Withheld) -> bool:
    """Return whether a page soon gets a cookie of the same name, for a path beside the other's."""
    name, path, part = held.cookie.name, held.cookie.path, scene.part
    for other in scene.table.trace.exchanges[scene.number - 1 : scene.number + SOON]:
        if other.request.client_id != scene.client_id or other.response is None:
            continue
        for result in other.response.set_cookies:
            cookie = result.cookie
            if result.name != name or cookie is None or result.outcome not in ACCEPTED:
                continue
            covers = domain_match(part.target.host or "", cookie.domain)
            if covers and path_match(part.target.path, cookie.path):
                return not path_match(path, cookie.path)
    return False


def may_be_unneeded(scene: Scene, held: Withheld, need: Need | None) -> bool:
    """Return whether a failed request may have had no use for a cookie of another path or host.

    Most forms that are refused by 400 or 422 are not filled in correctly. A cookie that no
    sign-in has set, and that is not named like one, need not be what tells who the user is. And
    one that pages elsewhere can use is perhaps for them alone.
    """
    if need is None or need.witnessed or need.failure is None:
        return False
    if held.reasons[0].code not in _BY_PLACE:
        return False
    if need.failure.status in FORM_STATUSES:
        return True
    name = held.cookie.name
    if is_session_like(name) or is_state_like(name):
        return _is_used_elsewhere(scene, held)
    return not any(map(is_sign_in, _set_from(scene, held)))


def _is_used_elsewhere(scene: Scene, held: Withheld) -> bool:
    """Return whether pages of another path use a cookie, and none of them caused the request."""
    cookie = held.cookie
    if held.reasons[0].code is not Code.PATH_MISMATCH:
        return False
    source = _address(header(scene.part.headers, "referer") or "")
    if source.netloc in scene.part.target.origin and path_match(source.path or "/", cookie.path):
        return False
    for other in around(scene):
        if all(one.cookie is None or one.cookie.key != cookie.key for one in other.request.cookies):
            continue
        answered = other.response is not None and 200 <= other.response.status_code < 300
        if answered and not is_sign_in(other.request.target.path) and not is_sign_out(other):
            return True
    return False


def around(scene: Scene) -> Iterator[Exchange]:
    """Yield the client's exchanges before and after this one, as far as it pays to look."""
    first = max(0, scene.number - 1 - SOON)
    for other in scene.table.trace.exchanges[first : scene.number + SOON]:
        if other.request.client_id == scene.client_id:
            yield other


def _address(url: str) -> SplitResult:
    """Return the parts of a URL; nothing of one that is not valid."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _set_from(scene: Scene, held: Withheld) -> tuple[str, ...]:
    """Return the path whose response set a cookie, and that of the page which asked for it."""
    given = scene.set_before(held.cookie.key)
    if given is None:
        return ("",)
    part = scene.table.trace.exchanges[given - 1].request
    before = _address(header(part.headers, "referer") or "").path if part.context.unsafe else ""
    return part.target.path.rstrip("/"), before.rstrip("/")


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


def _caused_by_the_site(scene: Scene, domain: str) -> bool:
    """Return whether a page of another host of the same site, which has a cookie, caused a request.

    A page that does not have the cookie itself cannot expect that the host gets it.
    """
    if scene.part.context.site is not Site.SAME:
        return False
    headers = scene.part.headers
    source = header(headers, "origin") or header(headers, "referer") or ""
    host = _address(source).hostname
    if host is not None and not (host == domain or domain_match(host, domain)):
        return False
    if header(headers, "sec-fetch-site") == "same-site":
        return True
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
    """Return whether a reason rests on what the wire does not tell."""
    facts = dict(finding.facts)
    if finding.code is Code.PARTITION_MISMATCH:
        return facts["partition"] == UNKNOWN_PARTITION or not facts["request_partition"]
    return facts.get("policy") in _DOUBTED
