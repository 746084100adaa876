"""Rules about sessions that work, and that an attacker could use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import Cookie, default_path, path_match
from cookietrace.fold.exchange import Exchange, RequestCookie
from cookietrace.lesson.cookie_histories import CookieEvent
from cookietrace.lesson.display_text import clip, shown
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import failure_of, is_sign_in, is_sign_out
from cookietrace.lesson.prose import hosts_of, named, page
from cookietrace.lesson.session_names import is_session_like
from cookietrace.lesson.standing import asks_to_delete

MOST_LATER = 50
"""How many later requests with a cookie are looked at."""

ENOUGH_USES = 10
"""How often a cookie must have been sent before anything is said about the hosts that use it."""


def session_not_renewed(scene: Scene) -> Iterator[RuleMatch]:
    """A sign-in succeeds, and the session keeps the id that it had before (session fixation)."""
    part, response = scene.part, scene.exchange.response
    if part.method != "POST" or response is None or not is_sign_in(part.target.path):
        return
    if not 300 <= response.status_code < 400 or failure_of(scene.exchange) is not None:
        return
    if any(is_session_like(result.name) and result.value for result in response.set_cookies):
        return
    for sent in scene.sent:
        if not is_session_like(sent.name) or sent.cookie is None or sent.cookie.inferred:
            continue

        def write(sent: RequestCookie = sent) -> MomentText | None:
            later = _signed_in_with(scene, sent)
            if later is None or sent.cookie is None:
                return None
            name = named(sent.name)
            given = scene.set_before(sent.cookie.key)
            return MomentText(
                f"Is {name} the same session before and after the sign-in in {scene.at()}?",
                f"Yes. The request had {scene.value(sent.value)} before the user signed in, the "
                f"response did not change it, and the request in {scene.at(later.number)} still "
                "has it. Anyone who knew the value before, for example because they set it in the "
                "user's browser, is now signed in too (session fixation).",
                scene.steps(given, scene.number, later.number),
                "Give the session a new id when the user signs in.",
            )

        yield RuleMatch(
            (scene.client_id, sent.cookie.key),
            write,
            partial(_not_renewed, scene, sent),
        )


def session_after_sign_out(scene: Scene) -> Iterator[RuleMatch]:
    """A session is still accepted after the user signed out, by a page that needs a sign-in.

    That a page needs one shows only where it was refused without.
    """
    response = scene.exchange.response
    if response is None or not is_sign_out(scene.exchange) or response.status_code >= 400:
        return
    for carried in scene.cookies:
        if not is_session_like(carried.name):
            continue

        def write(carried: RequestCookie = carried) -> MomentText | None:
            later = _accepted_after(scene, carried)
            if later is None:
                return None
            name, refused = named(carried.name), scene.needs.turned_away(later)[0]
            return MomentText(
                f"Does the session in {name} end with the sign-out in {scene.at()}?",
                f"No. The request in {scene.at(later.number)} still has "
                f"{scene.value(carried.value)}, and {page(later)} accepts it. The page does "
                f"need a session: it refused the request in {scene.at(refused)}. Anyone who has "
                "the value is still signed in.",
                scene.steps(scene.number, later.number, refused),
                "End the session on the server as well: delete or mark it there. A value that "
                "cannot be revoked should expire soon.",
            )

        yield RuleMatch(
            (scene.client_id, carried.name), write, partial(_still_accepted, scene, carried)
        )


def domain_too_wide(scene: Scene) -> Iterator[RuleMatch]:
    """A session is sent to a whole domain, and only the host that set it uses it."""
    host = scene.part.target.host or ""
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.host_only or not is_session_like(cookie.name):
            continue
        if host == cookie.domain:
            continue

        def write(cookie: Cookie = cookie) -> MomentText | None:
            if not _only_at(scene, cookie, host):
                return None
            name = named(cookie.name)
            return MomentText(
                f"Do all hosts of {shown(cookie.domain)} need {name}?",
                f"Not in this trace. The response in {scene.at()} sets {name} for "
                f"{hosts_of(cookie)}, and every request with it went to {shown(host)}. A "
                "vulnerable host under that domain could read it, or set another one in its place.",
                scene.steps(scene.number),
                f"Leave out Domain, so that only {shown(host)} gets it, unless another host "
                "needs it too.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write, partial(_too_wide, scene, cookie))


def _signed_in_with(scene: Scene, sent: RequestCookie) -> Exchange | None:
    """Return the next exchange with the same session; None if it is renewed, or of no use."""
    response = scene.exchange.response
    assert response is not None
    if scene.histories.given_after(scene.client_id, sent.name, response.position) is not None:
        return None
    later = _next_use(scene, sent)
    if later is None or not _succeeded(later) or is_sign_in(later.request.target.path):
        return None
    return later


def _next_use(scene: Scene, sent: RequestCookie) -> Exchange | None:
    """Return the next exchange whose request has a cookie with the same value."""
    for later in _later(scene, sent.name):
        if any((one.name, one.value) == (sent.name, sent.value) for one in later.request.cookies):
            return later
    return None


def _accepted_after(scene: Scene, carried: RequestCookie) -> Exchange | None:
    """Return a later exchange in which a page accepts a session that it refuses to be without."""
    for later in _later(scene, carried.name):
        if later.request.method == "POST" and is_sign_in(later.request.target.path):
            return None
        if is_sign_out(later) or not _succeeded(later):
            continue
        if not any(
            (one.name, one.value) == (carried.name, carried.value) for one in later.request.cookies
        ):
            continue
        if _other_session(scene, later, carried.name):
            continue
        for number in scene.needs.turned_away(later):
            without = scene.table.trace.exchanges[number - 1].request
            if all(name != carried.name for name, _ in without.pairs):
                return later
    return None


def _other_session(scene: Scene, later: Exchange, name: str) -> bool:
    """Return whether a page has another session, or is of a part that was not signed out of."""
    response = scene.exchange.response
    assert response is not None
    if any(
        one.name != name
        and is_session_like(one.name)
        and one.cookie is not None
        and one.cookie.set_at > response.at
        for one in later.request.cookies
    ):
        return True
    ended = [
        result.parsed.path or default_path(scene.part.target.path)
        for result in response.set_cookies
        if is_session_like(result.name) and asks_to_delete(result, response.at)
    ]
    path = later.request.target.path
    return bool(ended) and not any(path_match(path, ends) for ends in ended)


def _later(scene: Scene, name: str) -> Iterator[Exchange]:
    """Yield the client's next exchanges with a cookie of this name, from this response on."""
    response, left = scene.exchange.response, MOST_LATER
    assert response is not None
    for number in scene.histories.carried(scene.client_id, name):
        exchange = scene.table.trace.exchanges[number - 1]
        if exchange.request.position > response.position:
            yield exchange
            left -= 1
            if not left:
                return


def _succeeded(exchange: Exchange) -> bool:
    response = exchange.response
    return response is not None and 200 <= response.status_code < 300


def _only_at(scene: Scene, cookie: Cookie, host: str) -> bool:
    """Return whether a cookie was sent often, and always to one host."""
    places = scene.histories.places(CookieEvent.SENT, scene.client_id, cookie.key)
    exchanges = scene.table.trace.exchanges
    return len(places) >= ENOUGH_USES and all(
        exchanges[number - 1].request.target.host == host for number in places
    )


def _not_renewed(scene: Scene, sent: RequestCookie) -> Grade:
    kept = _signed_in_with(scene, sent) is not None
    return Grade(
        severity=Severity.WARNING if kept else Severity.NOTE,
        code="session-not-renewed",
        cookies=(sent.name,),
        brief="same session before and after sign-in",
        weight=weigh(Rank.UNSAFE, sent.name),
    )


def _still_accepted(scene: Scene, carried: RequestCookie) -> Grade:
    later = _accepted_after(scene, carried)
    steps = scene.request_step(later.number) if later is not None else ()
    return Grade(
        severity=Severity.WARNING if later is not None else Severity.NOTE,
        code="session-after-sign-out",
        cookies=(carried.name,),
        brief="accepted after sign-out",
        row=steps[0] if steps else None,
        weight=weigh(Rank.UNSAFE, carried.name),
    )


def _too_wide(scene: Scene, cookie: Cookie) -> Grade:
    alone = _only_at(scene, cookie, scene.part.target.host or "")
    return Grade(
        severity=Severity.WARNING if alone else Severity.NOTE,
        code="domain-too-wide",
        cookies=(cookie.name,),
        brief=f"{clip(f'Domain={shown(cookie.domain)}', 40)}, one host uses it",
        weight=weigh(Rank.UNSAFE, cookie.name),
    )
