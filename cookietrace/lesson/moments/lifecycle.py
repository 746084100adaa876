"""Rules about a cookie's life cycle: not there yet, set, sent back, changed, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cookietrace.cookies import Cookie, Outcome, Site, StoreResult, domain_match
from cookietrace.fold.exchange import RequestCookie
from cookietrace.lesson.cookie_histories import CookieEvent
from cookietrace.lesson.display_text import quoted_text, shown, span, times
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.missed_deletions import MissedDeletion, missed_deletion
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, at_most, weigh
from cookietrace.lesson.moments.losses import lines_done
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.never_sent import why_not_sent
from cookietrace.lesson.prose import hosts_of, life_of, named, page, paths_of
from cookietrace.lesson.session_names import is_session_like
from cookietrace.lesson.standing import is_open, is_wrong
from cookietrace.safe_text import safe

SHORT_LIFE = 600
"""The lifetime, in seconds, up to which it may be a mistake that a cookie is gone."""

SOON = 60
"""Within how many more exchanges an app that renews its tokens does so."""

BRIEF_LIFE = 120
"""The lifetime, in seconds, up to which a cookie that is missed was not meant to be gone."""


def none_at_first(scene: Scene) -> Iterator[RuleMatch]:
    """The app reads a cookie that was never set in this client."""
    for read in scene.reads:
        if read.value is not None:
            continue
        name = read.name
        there = {carried.name for carried in scene.part.cookies}
        there |= {held.cookie.name for held in scene.lacked}
        there |= {absent.cookie.name for absent in scene.part.missing}
        given = scene.histories.first_given(scene.client_id, name)
        if name in there or (given is not None and scene.had_response(given)):
            continue

        def write(name: str = name) -> MomentText:
            here, given = scene.at(), scene.histories.first_given(scene.client_id, name)
            refused = (
                scene.histories.first_refused(scene.client_id, name) if given is None else None
            )
            attempt = scene.request_step(refused) if refused not in (None, scene.number) else ()
            quoted, there = quoted_text(name), scene.at(refused)
            answer = f"Because the request contains no {quoted}: the client does not have it yet."
            if given == scene.number:
                answer += (
                    " Only the response to this request sets it, so the server can read it in the "
                    "next request at the earliest."
                )
            elif given is not None:
                answer += f" Only the response in {scene.at(given)} sets it."
            elif refused is not None:
                where = "to this request" if refused == scene.number else f"in {there}"
                answer += f" The response {where} tries to set it, but the client refuses it."
            else:
                answer += " Nothing in this trace ever sets it."
            return MomentText(
                f"Why does the server read None for {quoted} in {here}?",
                answer,
                (*scene.steps(scene.number, given), *attempt),
            )

        yield RuleMatch((scene.client_id, name), write)


def sent_back(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that a response set is sent with a request for the first time."""
    for sent in scene.sent:
        cookie = sent.cookie
        if cookie is None or cookie.inferred:
            continue
        yield RuleMatch((scene.client_id, sent.name), _sent_back_text(scene, sent, cookie))


def _sent_back_text(
    scene: Scene, sent: RequestCookie, cookie: Cookie
) -> Callable[[], MomentText | None]:
    def write() -> MomentText | None:
        given = scene.set_before(cookie.key)
        if given is None:
            return None
        name = named(sent.name)
        return MomentText(
            f"How does {name} get back to the server in {scene.at()}?",
            f"The client sends it by itself. The response in {scene.at(given)} set it to "
            f"{scene.value(sent.value)}, and the client stored it in {scene.stored_at(given)}. "
            "From then on, it is part of the Cookie header of every request that it is meant for: "
            f"{hosts_of(cookie)}, {paths_of(cookie)}. The request for {page(scene.exchange)} is "
            "one of them. No code on the page does this.",
            scene.steps(given, scene.number),
        )

    return write


def set_every_time(scene: Scene) -> Iterator[RuleMatch]:
    """Every response for a page sets a cookie that the client already has, unchanged."""
    for result in scene.results:
        if result.outcome is not Outcome.REFRESHED or result.cookie is None:
            continue
        key = result.cookie.key
        if all(sent.cookie is None or sent.cookie.key != key for sent in scene.cookies):
            continue  # the app could not know that the client has it

        def write(
            result: StoreResult = result, cookie: Cookie = result.cookie
        ) -> MomentText | None:
            responses = scene.histories.responses(scene.exchange)
            setting = scene.histories.responses_setting(scene.exchange, result.name)
            if responses < 2 or setting < responses:
                return None
            name, server = named(result.name), scene.exchange.server
            who = "the server"
            if server is not None and server.function is not None:
                written = {write.name: write.where for write in server.writes}
                if written.get(result.name) == "view":
                    who = f"the view {safe(server.function)}"
            answer = (
                f"Because {who} sets it every time, without checking whether the client sent it: "
                f"{_all(responses)} for {page(scene.exchange)} do. In {scene.at()} the client "
                f"already had {scene.value(result.value)}, so "
            )
            advice = f"Set it only if the request does not contain {name}."
            if cookie.expires_at is None:
                answer += "nothing changes: it stores the same cookie again."
            else:
                life = life_of(cookie, cookie.set_at)
                answer += f"only its lifetime starts again: {life} from then on."
                advice = (
                    "This is fine if each visit should renew the cookie; otherwise, set it once."
                )
            given = scene.replaced_from(cookie.key)
            return MomentText(
                f"Why is {name} set on every response?",
                answer,
                scene.steps(given, scene.number),
                advice,
            )

        yield RuleMatch((scene.client_id, page(scene.exchange), result.name), write)


def rotated(scene: Scene) -> Iterator[RuleMatch]:
    """A response gives a cookie another value."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None or before.value == cookie.value:
            continue

        def write(before: Cookie = before, cookie: Cookie = cookie) -> MomentText:
            given, name = scene.replaced_from(cookie.key), named(cookie.name)
            since = f" since {scene.stored_at(given)}" if given is not None else ""
            return MomentText(
                f"Why does {name} have another value after {scene.at()}?",
                f"The response in {scene.at()} set it to {scene.value(cookie.value)}. The jar had "
                f"held {scene.value(before.value)}{since}. Name, domain and path are the same, so "
                "the new value replaces the old one, and only the new one is sent from now on.",
                scene.steps(given, scene.number),
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def deleted(scene: Scene) -> Iterator[RuleMatch]:
    """A response deletes a cookie that the client has."""
    for result in scene.results:
        cookie = result.previous
        if result.outcome is not Outcome.DELETED or cookie is None or not is_deletion(result):
            continue

        def write(result: StoreResult = result, cookie: Cookie = cookie) -> MomentText:
            given, name = scene.replaced_from(cookie.key), named(cookie.name)
            how, often = _expiry_as_written(result), _deletions(scene, cookie.name)
            places = (
                f" It does so {times(often)} here, once for each domain and path, because these "
                "are different cookies to the client."
                if often > 1
                else ""
            )
            return MomentText(
                f"How does the server delete {name} in {scene.at()}?",
                f"It sets {name} again with an expiry in the past ({how}), for the same domain and "
                "path. The client sees that it has expired and drops it: "
                f"{scene.value(cookie.value)} is not sent again. Set-Cookie has no other way to "
                f"delete a cookie.{places}",
                scene.steps(given, scene.number),
            )

        yield RuleMatch((scene.client_id, cookie.name), write)


def deleted_nothing(scene: Scene) -> Iterator[RuleMatch]:
    """A deletion misses the cookie that it probably meant: domain or path differs."""
    for result in scene.results:
        if result.outcome is not Outcome.IGNORED:
            continue

        missed = missed_deletion(result)
        if missed is None:
            continue

        def write(result: StoreResult = result, missed: MissedDeletion = missed) -> MomentText:
            return MomentText(
                f"Why is {named(result.name)} still there after {scene.at()} tried to delete it?",
                f"{missed.sentence} So the cookie in the jar stays.",
                scene.steps(scene.replaced_from(missed.held.key), scene.number),
                missed.fix,
            )

        yield RuleMatch(
            missed.held.key,
            write,
            partial(_still_there, scene, result, missed),
        )


def _still_there(scene: Scene, result: StoreResult, missed: MissedDeletion) -> Grade:
    """Return the grade of a deletion that missed: a problem if the app meant what it has here.

    What the response sets or deletes anyway, and what is kept for another host, is a note.
    """
    held, response = missed.held, scene.exchange.response
    assert response is not None
    done = result.name in lines_done(response)
    host = scene.part.target.host or ""
    here = host == held.domain if held.host_only else domain_match(host, held.domain)
    carried = any(one.cookie is not None and one.cookie.key == held.key for one in scene.cookies)
    later = scene.histories.first(CookieEvent.SENT, scene.client_id, held.key, scene.number)
    context = scene.part.context
    within = context.site is Site.CROSS and not context.top_level
    if done or not here:
        severity = Severity.NOTE
    elif carried or later is not None or is_session_like(result.name):
        known = not is_open(result) and not held.unconfirmed
        severity = at_most(Severity.PROBLEM, known and not within)
    else:
        severity = Severity.WARNING
    return Grade(
        severity=severity,
        code="deleted-nothing",
        cookies=(result.name,),
        brief=f"not deleted: {missed.brief}",
        weight=weigh(
            Rank.STAYED,
            result.name,
            top_level=scene.part.context.top_level,
            witnessed=later is not None,
        ),
    )


def expired(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie expired between two requests."""
    for removed in scene.part.removed:
        cookie = removed.cookie
        if removed.reason != "expired" or not scene.table.focus.covers(cookie.name):
            continue

        def write(cookie: Cookie = cookie) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            since = f"{scene.at(given)} and " if given is not None else ""
            end = cookie.expires_at if cookie.expires_at is not None else scene.part.at
            ago = scene.part.at - end
            return MomentText(
                f"What happened to {name} between {since}{scene.at()}?"
                if since
                else f"What happened to {name} before {scene.at()}?",
                f"It expired. It was set to last {life_of(cookie, cookie.set_at)}, and that ended "
                f"{span(ago)} before the request in {scene.at()}. The client drops an expired "
                "cookie by itself and without notice."
                f"{scene.consequence(scene.need_here(cookie.name, cookie.key))}",
                scene.steps(given, scene.number),
                "If it should last longer, give it a longer Max-Age or set it again on each visit.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write, partial(_missed, scene, cookie))


def _missed(scene: Scene, cookie: Cookie) -> Grade:
    """Return the grade of an expiry: a problem if it was so soon that the app missed the cookie.

    That a session ends one day is meant, even if the user has to sign in again; so is a token that
    the app renews at once.
    """
    need = scene.need_here(cookie.name, cookie.key)
    life = (cookie.expires_at or cookie.set_at) - cookie.set_at
    severity = Severity.NOTE
    if need is not None and life <= SHORT_LIFE and not _is_renewed(scene, cookie):
        soon = life <= BRIEF_LIFE and (need.certain or need.top_level or need.witnessed)
        severity = at_most(Severity.PROBLEM, soon and not cookie.unconfirmed)
    return Grade(
        severity=severity,
        code="expired",
        cookies=(cookie.name,),
        brief=f"expired, {span(life)} after it was set" if life > 0 else "expired",
        weight=weigh(
            Rank.LACKED,
            cookie.name,
            top_level=scene.part.context.top_level,
            witnessed=need is not None and need.witnessed,
        ),
    )


def _is_renewed(scene: Scene, cookie: Cookie) -> bool:
    """Return whether one of the next responses sets a cookie of this name again."""
    trace = scene.table.trace
    again = scene.histories.given_after(scene.client_id, cookie.name, scene.part.position)
    if again is None:
        return False
    until = trace.exchanges[min(scene.number + SOON, len(trace.exchanges)) - 1]
    return until.response is None or again <= until.response.position


def unused_after_redirect(scene: Scene) -> Iterator[RuleMatch]:
    """A redirect sets a cookie that no later request sends."""
    response = scene.exchange.response
    if response is None or not 300 <= response.status_code < 400:
        return
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or is_open(result) or is_wrong(result):
            continue

        def write(cookie: Cookie = cookie) -> MomentText | None:
            unsent = why_not_sent(scene.table, scene.histories, scene.exchange, cookie)
            if unsent is None or not unsent.steps:
                return None
            name = named(cookie.name)
            return MomentText(
                f"Is {name}, set by the redirect in {scene.at()}, ever sent?",
                f"Not so far. The redirect set it to {scene.value(cookie.value)} for "
                f"{hosts_of(cookie)}, {paths_of(cookie)}. {unsent.sentence}",
                (*scene.steps(scene.number), *unsent.steps),
                unsent.fix
                or "Make sure that the redirect's target matches the cookie's Domain and Path.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _all(responses: int) -> str:
    return "both responses" if responses == 2 else f"all {responses} responses"


def _deletions(scene: Scene, name: str) -> int:
    """Return how many cookies of a name the response deletes."""
    outcomes = [result.outcome for result in scene.results if result.name == name]
    return outcomes.count(Outcome.DELETED)


def _expiry_as_written(result: StoreResult) -> str:
    for attribute in result.raw.split(";")[1:]:
        if attribute.strip().lower().startswith(("max-age", "expires")):
            return shown(attribute.strip())
    return "an expiry in the past"
