"""Rules about cookies that the client refused to store, or withheld from a request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import (
    Code,
    Cookie,
    Finding,
    Outcome,
    Site,
    StoreResult,
    Withheld,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import authority, capitalized
from cookietrace.lesson.guesses import guess
from cookietrace.lesson.host_hops import HostHop, host_hop
from cookietrace.lesson.misread_same_site import set_as_strict
from cookietrace.lesson.moments.losses import (
    ELSEWHERE,
    is_kept_by_browsers,
    left_at,
    may_be_unneeded,
    needed_here,
    needed_later,
    not_kept,
    of_another_host,
    refusal,
    shown_to_be_held,
    withholding,
    would_have_deleted,
)
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.navigations import origin_sentence
from cookietrace.lesson.needed import failure_of
from cookietrace.lesson.prose import (
    hosts_of,
    maker_of,
    named,
    page,
    reason,
    remedy,
    withheld_reason,
)
from cookietrace.lesson.standing import (
    held_only_if,
    is_open,
    is_wrong,
    proviso,
    refuted_fix,
    refuted_verb,
    refuted_why,
)

_CROSS_SITE = frozenset({Code.SAME_SITE_STRICT, Code.SAME_SITE_LAX, Code.SAME_SITE_LAX_DEFAULT})
"""The rules that depend on who caused a request, and how."""


def refused(scene: Scene) -> Iterator[RuleMatch]:
    """The client refuses a Set-Cookie; one moment per cookie and first reason."""
    for result in scene.results:
        if result.outcome is not Outcome.REJECTED or not result.reasons or is_wrong(result):
            continue

        def write(result: StoreResult = result) -> MomentText:
            first, *others = result.reasons
            if is_open(result):
                return MomentText(
                    f"Does the client refuse {named(result.name)} in {scene.refused_at(result)}?",
                    f"It does{proviso((result,))}. No request so far shows that for certain.",
                    (*scene.request_step(), *scene.refused_step(result)),
                    remedy(first, maker=maker_of(scene.part)),
                )
            more = f" There is more: {' '.join(map(reason, others))}" if others else ""
            need = needed_later(scene, result)
            kept = scene.kept_anyway(result) if need is None else None
            stays = ""
            if would_have_deleted(scene, result):
                stays = (
                    f" The line was meant to delete {named(result.name)}, which stays in the jar."
                )
            return MomentText(
                f"Why does the client refuse {named(result.name)} in {scene.refused_at(result)}?",
                f"{_with_section(first, reason(first))}{more}{stays}{scene.consequence(need)}"
                f"{_kept_anyway(scene, result, kept)}",
                (
                    *scene.request_step(),
                    *scene.refused_step(result),
                    *(scene.request_step(need.number) if need is not None else ()),
                    *(scene.request_step(kept.number) if kept is not None else ()),
                ),
                remedy(first, maker=maker_of(scene.part)),
            )

        code = result.reasons[0].code
        yield RuleMatch(
            (scene.part.target.host, result.name, code, is_open(result)),
            write,
            partial(refusal, scene, result),
            (code, is_open(result)),
        )


_ASKED = {"chromium": "Chromium", "firefox": "Firefox", "safari": "Safari"}


def _kept_anyway(scene: Scene, result: StoreResult, kept: Exchange | None) -> str:
    """Return that the client sends a cookie which should have been refused, as a sentence."""
    if kept is None:
        return ""
    text = f" But this client kept it, and sent it in {scene.at(kept.number)}"
    if scene.asked is not None:
        browser = _ASKED.get(scene.asked, "A client that follows the specification")
        return f"{text}. {browser} would not: there, the app would not get {named(result.name)}."
    if is_kept_by_browsers(scene, result.reasons[0]):
        return f"{text}, as Chromium and Firefox would: they treat this machine as secure."
    if scene.part.profile == "spec":
        return (
            f"{text}: its User-Agent names no browser. Browsers follow this rule; to judge it as "
            "one of them, use --browser chromium, firefox or safari."
        )
    return f"{text}."


def not_as_assumed(scene: Scene) -> Iterator[RuleMatch]:
    """A later request shows that the client had not done with a Set-Cookie what was assumed."""
    response = scene.exchange.response
    for result in scene.results:
        if not is_wrong(result) or result.settled_by is None or response is None:
            continue

        def write(result: StoreResult = result, at: float = response.at) -> MomentText:
            name = named(result.name)
            shown_by = scene.table.trace.exchange(result.settled_by or "").number
            question = (
                f"Why is {name} not in the jar after {scene.at()}?"
                if result.outcome is not Outcome.REJECTED
                else f"Why is {name} in the jar after {scene.at()}?"
            )
            need = needed_later(scene, result)
            return MomentText(
                question,
                f"The request in {scene.at(shown_by)} shows that the client "
                f"{refuted_verb(result, at)} it in {scene.at()}: {refuted_why(result)}."
                f"{scene.consequence(need)}",
                scene.steps(scene.number, shown_by, *((need.number,) if need is not None else ())),
                refuted_fix(result),
            )

        yield RuleMatch(
            (scene.part.target.host, result.name, result.rests_on),
            write,
            partial(not_kept, scene, result),
        )


def withheld(scene: Scene) -> Iterator[RuleMatch]:
    """The client withholds a cookie of its jar from a request.

    One moment per cookie and first reason. For a SameSite reason there are two: one for
    navigations (links and forms), and one for requests made within a page. Those that nobody
    needed are one for each reason. Cookies of other hosts of the site are told of once per host.
    """
    for held in (*scene.withheld, *scene.first_elsewhere):
        first = held.reasons[0]
        if first.code is Code.EXPIRED or _was_not_there(scene, held.cookie):
            continue

        alike = (first.code, first.code in _CROSS_SITE and scene.part.context.top_level)

        def write(
            held: Withheld = held, first: Finding = first, navigation: bool = alike[1]
        ) -> MomentText:
            given, name = scene.set_before(held.cookie.key), named(held.cookie.name)
            misread = None
            if given is not None and first.code is Code.SAME_SITE_STRICT:
                misread = set_as_strict(scene.table.trace.exchanges[given - 1], held.cookie.key)
            others = (*((misread,) if misread is not None else ()), *held.reasons[1:])
            said = scene.exchange.browser
            why = _with_section(first, withheld_reason(first, said))
            also = "".join(f" {withheld_reason(finding, said)}" for finding in others)
            doubt = guess(scene.part)
            doubt = f" {doubt}" if doubt else ""
            began, first_asked = "", None
            if navigation and scene.part.context.site is Site.CROSS:
                began, first_asked = origin_sentence(scene.table.trace, scene.exchange)
                began = f" {began}" if began else ""
            setting = _open_result(scene, given, held.cookie) if held.cookie.unconfirmed else None
            kept = (
                held_only_if(setting)
                if setting is not None
                else f"{capitalized(name)} stays in the jar."
            )
            shown_by = shown_to_be_held(scene, held)
            if shown_by is not None:
                sends = "sends" if shown_by > scene.number else "sent"
                kept = f"The client had it: the request in {scene.at(shown_by)} {sends} it."
            need = needed_here(scene).get(held.cookie.key)
            unclear = may_be_unneeded(scene, held, need)
            then = scene.consequence(need, doubtful=unclear)
            named_here = (given, first_asked.number if first_asked is not None else None)
            steps = sorted(number for number in named_here if number is not None)
            return MomentText(
                f"Why is {name} not sent with the request in {scene.at()}?",
                f"{why}{began}{also}{doubt} {kept}{then}",
                scene.steps(*steps, scene.number),
                remedy(first if misread is None else misread, maker=maker_of(scene.part)),
            )

        yield RuleMatch(
            (held.cookie.key, *alike),
            write,
            partial(withholding, scene, held),
            alike,
        )


def wrong_host(scene: Scene) -> Iterator[RuleMatch]:
    """A host needs a cookie that belongs to another host of the site: signed in only there."""
    response = scene.exchange.response
    turned_away = response is not None and failure_of(scene.exchange) is not None
    not_found = {read.name for read in scene.reads if read.value is None}
    there = {carried.name for carried in scene.part.cookies}
    for held in scene.lacked:
        cookie = held.cookie
        if not scene.table.focus.covers(cookie.name):
            continue
        if held.reasons[0].code not in ELSEWHERE or cookie.name in there:
            continue
        if cookie.name not in not_found and not turned_away:
            continue

        def write(held: Withheld = held) -> MomentText:
            cookie, here = held.cookie, authority(scene.part.target)
            given, name = scene.set_before(cookie.key), named(cookie.name)
            missed = (
                f"read {name} and got None"
                if cookie.name in not_found
                else f"responded with {response.status_code if response is not None else 'nothing'}"
            )
            return MomentText(
                f"Why does {here} not get {name}, which was set elsewhere?",
                f"Because {name} belongs to {hosts_of(cookie)}, and {here} is another host. So "
                f"the request for {page(scene.exchange)} in {scene.at()} was sent without it, and "
                f"the server {missed}.",
                scene.steps(given, scene.number),
                f"If both hosts are yours, set {name} with a Domain that covers both.",
            )

        yield RuleMatch(
            (cookie.name, scene.part.target.host),
            write,
            partial(of_another_host, scene, held),
        )


def other_host(scene: Scene) -> Iterator[RuleMatch]:
    """A flow of one app continues at a host that shares no domain with its cookie's."""
    hop = host_hop(scene.table.trace, scene.exchange)
    if hop is None or not any(scene.table.focus.covers(cookie.name) for cookie in hop.cookies):
        return

    def write(hop: HostHop = hop) -> MomentText:
        here, cookie = authority(scene.part.target), hop.cookies[0]
        given = scene.set_before(cookie.key)
        there = authority(hop.source.request.target)
        return MomentText(
            f"Why does {here} not get {named(cookie.name)}, which {there} gets?",
            f"{hop.sentence} The request for {page(scene.exchange)} in {scene.at()} was sent "
            "without it.",
            scene.steps(given, scene.number),
            hop.fix,
        )

    hosts = (hop.source.request.target.host, scene.part.target.host)
    yield RuleMatch((scene.client_id, hosts), write, partial(left_at, scene, hop))


def _was_not_there(scene: Scene, cookie: Cookie) -> bool:
    """Return whether a later request showed that the client had not stored a cookie.

    The histories leave out what was not stored after all.
    """
    return cookie.unconfirmed and scene.set_before(cookie.key) is None


def _open_result(scene: Scene, given: int | None, cookie: Cookie) -> StoreResult | None:
    """Return how the response in ``given`` set a cookie, if no request has shown it yet."""
    response = None if given is None else scene.table.trace.exchanges[given - 1].response
    for result in () if response is None else response.set_cookies:
        if is_open(result) and result.cookie is not None and result.cookie.key == cookie.key:
            return result
    return None


def _with_section(finding: Finding, sentence: str) -> str:
    """Return the sentence on a finding, with the section of the standard."""
    if not finding.section[:1].isdigit():
        return sentence
    return f"{sentence.removesuffix('.')} (section {finding.section} of the cookie standard)."
