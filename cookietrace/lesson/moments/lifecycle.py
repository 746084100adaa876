"""Rules on the way of a cookie: not there yet, set, brought back, changed, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cookietrace.cookies import Cookie, Outcome, StoreResult
from cookietrace.fold.exchange import RequestCookie
from cookietrace.lesson.cookie_histories import CookieEvent
from cookietrace.lesson.display_text import plural, quoted_text, shown
from cookietrace.lesson.missed_deletions import MissedDeletion, missed_deletion
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import hosts_of, life_of, named, page, paths_of, span, times
from cookietrace.safe_text import safe


def none_at_first(scene: Scene) -> Iterator[RuleMatch]:
    """The app asks for a cookie that its client has never been given."""
    for read in scene.reads:
        if read.value is not None:
            continue
        name = read.name
        there = {told.name for told in scene.part.cookies}
        there |= {held.cookie.name for held in scene.part.withheld}
        there |= {absent.cookie.name for absent in scene.part.missing}
        given = scene.histories.first_given(scene.client_id, name)
        if name in there or (given is not None and given < scene.number):
            continue

        def write(name: str = name) -> MomentText:
            here, given = scene.at(), scene.histories.first_given(scene.client_id, name)
            refused = (
                scene.histories.first_refused(scene.client_id, name) if given is None else None
            )
            tries = scene.asked(refused) if refused not in (None, scene.number) else ()
            told, there = quoted_text(name), scene.at(refused)
            answer = f"Because the request brings no {told}: the client does not have one yet."
            if given == scene.number:
                answer += (
                    " It is the answer to this very request that sets it, and what an answer sets "
                    "can be read at the next request at the earliest."
                )
            elif given is not None:
                answer += f" Only the answer in {scene.at(given)} sets it."
            elif refused is not None:
                where = "to this very request" if refused == scene.number else f"in {there}"
                answer += f" The answer {where} tries to set it, and the client refuses that."
            else:
                answer += " Nothing in this trace ever sets it."
            return MomentText(
                f"Why does the server read None for {told} in {here}?",
                answer,
                (*scene.steps(scene.number, given), *tries),
            )

        yield RuleMatch((scene.client_id, name), write)


def sent_back(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that an answer has set goes with a request for the first time."""
    for told in scene.sent:
        cookie = told.cookie
        if cookie is None or cookie.inferred:
            continue
        yield RuleMatch((scene.client_id, told.name), _coming_back(scene, told, cookie))


def _coming_back(
    scene: Scene, told: RequestCookie, cookie: Cookie
) -> Callable[[], MomentText | None]:
    def write() -> MomentText | None:
        given = scene.set_before(cookie.key)
        if given is None:
            return None
        name = named(told.name)
        return MomentText(
            f"How does {name} get back to the server in {scene.at()}?",
            f"The client brings it by itself. The answer in {scene.at(given)} set it to "
            f"{scene.value(told.value)}, the client stored it in {scene.stored_at(given)}, and "
            f"since then it goes into the Cookie header of every request that it belongs to: "
            f"those to {hosts_of(cookie)}, on {paths_of(cookie)}. The request for "
            f"{page(scene.exchange)} is one of them; no code of the page does this.",
            scene.steps(given, scene.number),
        )

    return write


def set_every_time(scene: Scene) -> Iterator[RuleMatch]:
    """Each answer of a page sets a cookie that the client already has, the same again."""
    for result in scene.results:
        if result.outcome is not Outcome.REFRESHED or result.cookie is None:
            continue
        key = result.cookie.key
        if all(told.cookie is None or told.cookie.key != key for told in scene.cookies):
            continue  # the app could not know that the client has it

        def write(
            result: StoreResult = result, cookie: Cookie = result.cookie
        ) -> MomentText | None:
            answers = scene.histories.answers(scene.exchange)
            setting = scene.histories.answers_setting(scene.exchange, result.name)
            if answers < 2 or setting < answers:
                return None
            name, server = named(result.name), scene.exchange.server
            who = "the server"
            if server is not None and server.function is not None:
                written = {write.name: write.where for write in server.writes}
                if written.get(result.name) == "view":
                    who = f"the view {safe(server.function)}"
            answer = (
                f"Because {who} sets it every time, without a look at whether the client brought "
                f"it: {_all(answers)} of {page(scene.exchange)} do. In {scene.at()}"
                f" the client already had {scene.value(result.value)}, so "
            )
            advice = f"Set it only where the request does not bring {name}."
            if cookie.expires_at is None:
                answer += "nothing changes: it stores the same cookie once more."
            else:
                answer += f"only its life begins anew: {life_of(cookie, cookie.set_at)} from then."
                advice = "Good where each visit should prolong the cookie; else set it only once."
            given = scene.set_before(cookie.key)
            return MomentText(
                f"Why is {name} set on every answer?",
                answer,
                scene.steps(given, scene.number),
                advice,
            )

        yield RuleMatch((scene.client_id, page(scene.exchange), result.name), write)


def rotated(scene: Scene) -> Iterator[RuleMatch]:
    """An answer gives a cookie another value."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None or before.value == cookie.value:
            continue

        def write(before: Cookie = before, cookie: Cookie = cookie) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            since = f" since {scene.stored_at(given)}" if given is not None else ""
            return MomentText(
                f"Why does {name} have another value after {scene.at()}?",
                f"The answer in {scene.at()} set it to {scene.value(cookie.value)}. The jar had "
                f"held {scene.value(before.value)}{since}; name, domain and path are the same, so "
                "the new value takes the old one's place, and from now on only the new one is "
                "sent.",
                scene.steps(given, scene.number),
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def deleted(scene: Scene) -> Iterator[RuleMatch]:
    """An answer deletes a cookie that the client has."""
    for result in scene.results:
        cookie = result.previous
        if result.outcome is not Outcome.DELETED or cookie is None:
            continue

        def write(result: StoreResult = result, cookie: Cookie = cookie) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            how, often = _expiry_as_written(result), _deletions(scene, cookie.name)
            places = (
                f" It does so {times(often)} here, once for each domain and path, since to the "
                "client these are different cookies."
                if often > 1
                else ""
            )
            return MomentText(
                f"How does the server delete {name} in {scene.at()}?",
                f"It sets {name} once more with an expiry in the past ({how}), for the same name, "
                f"domain and path. The client sees that its time is over and drops it: "
                f"{scene.value(cookie.value)} is not sent again. There is no other way for a "
                f"server to take a cookie back.{places}",
                scene.steps(given, scene.number),
            )

        yield RuleMatch((scene.client_id, cookie.name), write)


def deleted_nothing(scene: Scene) -> Iterator[RuleMatch]:
    """A deletion misses the cookie that it must have meant: domain or path differs."""
    for result in scene.results:
        if result.outcome is not Outcome.IGNORED:
            continue

        missed = missed_deletion(result)
        if missed is None:
            continue

        def write(result: StoreResult = result, missed: MissedDeletion = missed) -> MomentText:
            return MomentText(
                f"Why is {named(result.name)} still there after {scene.at()} deleted it?",
                f"{missed.sentence} So the one in the jar stays.",
                scene.steps(scene.set_before(missed.held.key), scene.number),
                missed.fix,
            )

        yield RuleMatch((scene.client_id, result.name), write)


def expired(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie's time ran out between two requests."""
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
                f"What became of {name} between {since}{scene.at()}?"
                if since
                else f"What became of {name} before {scene.at()}?",
                f"Its time ran out. It was set to live {life_of(cookie, cookie.set_at)}, and that "
                f"ended {span(ago)} before the request in {scene.at()}. The client drops such a "
                "cookie by itself and tells nobody.",
                scene.steps(given, scene.number),
                "Give it a longer Max-Age, or set it again on each visit, if it should live on.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def unused_after_redirect(scene: Scene) -> Iterator[RuleMatch]:
    """A redirect sets a cookie that no later request carries."""
    response = scene.exchange.response
    if response is None or not 300 <= response.status_code < 400:
        return
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None:
            continue

        def write(cookie: Cookie = cookie) -> MomentText | None:
            key, histories = cookie.key, scene.histories
            after = histories.requests_after(scene.exchange)
            if (
                after == 0
                or histories.first(CookieEvent.SENT, scene.client_id, key, scene.number) is not None
            ):
                return None
            name = named(cookie.name)
            return MomentText(
                f"What was {name}, set on the redirect in {scene.at()}, good for?",
                f"For nothing so far. The redirect set it to {scene.value(cookie.value)} for "
                f"{hosts_of(cookie)}, {paths_of(cookie)}, and not one of the "
                f"{plural(after, 'request')} to that host since then carried it.",
                scene.steps(scene.number),
                "See that the page the redirect leads to lies within the cookie's Domain and Path.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _all(answers: int) -> str:
    return "both answers" if answers == 2 else f"all {answers} answers"


def _deletions(scene: Scene, name: str) -> int:
    """Return how many cookies of a name the answer deletes."""
    outcomes = [result.outcome for result in scene.results if result.name == name]
    return outcomes.count(Outcome.DELETED)


def _expiry_as_written(result: StoreResult) -> str:
    for attribute in result.raw.split(";")[1:]:
        if attribute.strip().lower().startswith(("max-age", "expires")):
            return shown(attribute.strip())
    return "an expiry in the past"
