"""Rules about a cookie's attributes: lifetime, protections, reach and size."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import Code, Cookie, Finding, Outcome, SameSite, Site, StoreResult
from cookietrace.cookies.request.context import UNKNOWN_PARTITION
from cookietrace.lesson.cookie_histories import CookieEvent
from cookietrace.lesson.display_text import authority, capitalized, listed, plural, shown
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, as_it_is, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import Need
from cookietrace.lesson.prose import life_of, named, reason, remedy
from cookietrace.lesson.session_names import is_session_like

NEAR_LIMIT = 3072
"""The size of name and value, in bytes, from which a cookie is near the limit."""

LIMIT = 4096
"""The largest size of name and value, in bytes, that a client accepts (-22 5.6 step 5)."""

REFUSED_HEADER = 8192
"""The size of a Cookie header, in bytes, from which many servers refuse it."""

MOST_EVICTED = 20
"""How many evicted cookies are followed up."""

LARGE_HEADER = 4096
"""The size of a Cookie header, in bytes, from which it is slow and may be refused."""

SAME_TIME = 300
"""Seconds by which Max-Age and Expires may differ and still count as equal."""

_UNPARSABLE = frozenset({Code.EXPIRES_UNPARSABLE, Code.MAX_AGE_UNPARSABLE})

_STRENGTH = {SameSite.NONE: 0, SameSite.DEFAULT: 1, SameSite.LAX: 2, SameSite.STRICT: 3}


def persistence(scene: Scene) -> Iterator[RuleMatch]:
    """A session cookie becomes a persistent one, or the reverse."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None:
            continue
        if (before.expires_at is None) is (cookie.expires_at is None):
            continue

        def write(cookie: Cookie = cookie, before: Cookie = before) -> MomentText:
            given, name = scene.replaced_from(cookie.key), named(cookie.name)
            now = life_of(cookie, cookie.set_at)
            if cookie.expires_at is not None:
                question = f"Why does {name} survive closing the browser from {scene.at()} on?"
                answer = (
                    f"Because the response in {scene.at()} sets it with an expiry: the client "
                    f"keeps it {now}, on disk. Before, it had no expiry and would have been gone "
                    "when the browser closed."
                )
            else:
                question = f"Why is {name} lost when the browser closes, from {scene.at()} on?"
                answer = (
                    f"Because the response in {scene.at()} sets it without Max-Age or Expires. "
                    f"Before, it was set to last {life_of(before, before.set_at)}; a new "
                    "Set-Cookie replaces the whole cookie, including its expiry."
                )
            return MomentText(question, answer, scene.steps(given, scene.number))

        yield RuleMatch((scene.client_id, cookie.key), write)


def protection_lost(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is set again with less protection than it had."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None:
            continue
        lost = _lost(before, cookie)
        if not lost:
            continue

        def write(cookie: Cookie = cookie, lost: tuple[str, ...] = tuple(lost)) -> MomentText:
            given, name = scene.replaced_from(cookie.key), named(cookie.name)
            return MomentText(
                f"Which protection did {name} lose in {scene.at()}?",
                f"{listed(list(lost))}. The response in {scene.at()} sets {name} again without "
                f"{'it' if len(lost) == 1 else 'them'}, and a client keeps nothing of the old "
                "cookie except its age: whatever the new Set-Cookie leaves out is lost.",
                scene.steps(given, scene.number),
                f"Repeat {listed(list(lost))} in every Set-Cookie for {name}.",
            )

        session = is_session_like(cookie.name)
        yield RuleMatch(
            (scene.client_id, cookie.key),
            write,
            partial(_unsafe, scene, "protection-lost", cookie, f"lost {lost[0]}", session),
        )


def _lost(before: Cookie, cookie: Cookie) -> list[str]:
    lost = []
    if before.http_only and not cookie.http_only:
        lost.append("HttpOnly")
    if before.secure and not cookie.secure:
        lost.append("Secure")
    explicit = before.same_site in (SameSite.LAX, SameSite.STRICT)
    if explicit and _STRENGTH[cookie.same_site] < _STRENGTH[before.same_site]:
        lost.append(f"SameSite={before.same_site.value.capitalize()}")
    return lost


def readable_by_scripts(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that is named like a session can be read by scripts."""
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.http_only or not is_session_like(cookie.name):
            continue

        def write(cookie: Cookie = cookie) -> MomentText:
            name = named(cookie.name)
            return MomentText(
                f"Who can read {name} besides the server?",
                f"Every script on the pages of {shown(cookie.domain)}, through document.cookie: "
                f"the response in {scene.at()} sets {name} without HttpOnly. Judging by its name, "
                "it identifies a signed-in user, and one injected script would be enough to "
                "steal it.",
                scene.steps(scene.number),
                "Add HttpOnly, unless one of your scripts has to read it.",
            )

        new = result.previous is None or not result.previous.http_only
        yield RuleMatch(
            (scene.client_id, cookie.key),
            write,
            partial(_unsafe, scene, "readable-by-scripts", cookie, "no HttpOnly", new),
        )


def sent_unencrypted(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that is named like a session is set over https, and would be sent over http too."""
    if scene.part.target.scheme not in ("https", "wss"):
        return
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.secure or not is_session_like(cookie.name):
            continue

        def write(cookie: Cookie = cookie) -> MomentText:
            name = named(cookie.name)
            return MomentText(
                f"Could {name} be sent unencrypted?",
                f"Yes. The response in {scene.at()} came over https, but it sets {name} without "
                f"Secure: a single request to http://{shown(cookie.domain)} would send "
                f"{scene.value(cookie.value)} for anyone on the network path to read.",
                scene.steps(scene.number),
                "Add Secure.",
            )

        new = result.previous is None or not result.previous.secure
        yield RuleMatch(
            (scene.client_id, cookie.key),
            write,
            partial(_unsafe, scene, "sent-unencrypted", cookie, "no Secure, over https", new),
        )


def _unsafe(scene: Scene, code: str, cookie: Cookie, brief: str, matters: bool) -> Grade:
    """Return the grade of a weak protection: a warning, but for the cookies of third parties.

    ``matters`` is whether this moment is the one to tell it.
    """
    context = scene.part.context
    elsewhere = context.site is Site.CROSS and not context.top_level
    return Grade(
        severity=Severity.WARNING if matters and not elsewhere else Severity.NOTE,
        code=code,
        cookies=(cookie.name,),
        brief=brief,
        weight=weigh(Rank.UNSAFE, cookie.name, top_level=context.top_level),
    )


def needless_same_site_none(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie has SameSite=None, and is only ever sent with same-site requests."""
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.same_site is not SameSite.NONE:
            continue
        if scene.part.context.site is not Site.SAME:
            continue

        def write(cookie: Cookie = cookie) -> MomentText | None:
            histories, key = scene.histories, cookie.key
            sent = histories.count(CookieEvent.SENT, scene.client_id, key)
            if sent == 0 or histories.count(CookieEvent.SENT_CROSS_SITE, scene.client_id, key):
                return None
            name = named(cookie.name)
            return MomentText(
                f"Does {name} need SameSite=None?",
                f"Not for anything in this trace: {name} was sent with "
                f"{_same_site_requests(sent)}. SameSite=None only lets requests from other "
                "sites' pages send it too.",
                scene.steps(
                    scene.number,
                    histories.first(CookieEvent.SENT, scene.client_id, key, scene.number - 1),
                ),
                "Use SameSite=Lax, unless your pages are framed by, or called from, other sites.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _same_site_requests(count: int) -> str:
    return "1 request, which was same-site" if count == 1 else f"{count:,} same-site requests"


def third_party(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is set or sent inside another site's page."""
    context = scene.part.context
    if context.site is not Site.CROSS or context.top_level:
        return
    stored = [(result.cookie, "sets") for result in scene.accepted if result.cookie is not None]
    sent = [(carried.cookie, "sends") for carried in scene.sent if carried.cookie is not None]
    for cookie, verb in (*sent, *stored):

        def write(cookie: Cookie = cookie, verb: str = verb) -> MomentText:
            name, host = named(cookie.name), authority(scene.part.target)
            where = f"a page of {shown(context.top_level_site)}" if context.top_level_site else (
                "another site's page"
            )  # fmt: skip
            subject = "response" if verb == "sets" else "request"
            answer = f"Yes. The {subject} in {scene.at()} {verb} {name} for {host} inside {where}."
            if cookie.partition_key is not None:
                unknown = cookie.partition_key == UNKNOWN_PARTITION
                partition = "that site" if unknown else shown(cookie.partition_key)
                answer += (
                    f" It is partitioned: it is kept separately for {partition}, and pages of "
                    "other sites get another cookie."
                )
            else:
                answer += (
                    " It is not partitioned: the same cookie would be sent from every site that "
                    "embeds this host, so this host can follow a user from site to site. Some "
                    "browsers block that."
                )
            return MomentText(
                f"Is {name} in {scene.at()} a third-party cookie?",
                answer,
                scene.steps(scene.number),
                ""
                if cookie.partition_key is not None
                else "Add Partitioned if one cookie per site is enough.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def lifetime_capped(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie asks for a longer lifetime than the client allows."""
    for result in scene.accepted:
        cookie = result.cookie
        for warning in result.warnings:
            if warning.code is not Code.LIFETIME_CAPPED or cookie is None:
                continue

            def write(cookie: Cookie = cookie, warning: Finding = warning) -> MomentText:
                return MomentText(
                    f"Does {named(cookie.name)} last as long as {scene.at()} asks for?",
                    f"No. {reason(warning)} So the client keeps it "
                    f"{life_of(cookie, cookie.set_at)} and no longer.",
                    scene.steps(scene.number),
                    remedy(warning),
                )

            yield RuleMatch((scene.client_id, cookie.key), write)


def ignored_expiry(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie has a lifetime that is ignored: unreadable, or overridden by Max-Age."""
    for result in scene.accepted:
        cookie, parsed = result.cookie, result.parsed
        if cookie is None:
            continue
        unparsable = [found for found in result.warnings if found.code in _UNPARSABLE]
        overridden = (
            parsed.max_age is not None
            and parsed.expires is not None
            and abs(parsed.expires - cookie.set_at - parsed.max_age) > SAME_TIME
        )
        if not unparsable and not overridden:
            continue

        def write(
            result: StoreResult = result,
            cookie: Cookie = cookie,
            unparsable: list[Finding] = unparsable,
        ) -> MomentText:
            name, life = named(cookie.name), life_of(cookie, cookie.set_at)
            why = (
                " ".join(map(reason, unparsable))
                if unparsable
                else f"It has both {_attribute(result, 'max-age')} and "
                f"{_attribute(result, 'expires')}, which disagree, so only Max-Age counts."
            )
            return MomentText(
                f"How long does {name} last, as set in {scene.at()}?",
                f"{capitalized(life)}. {why}",
                scene.steps(scene.number),
                " ".join(map(remedy, unparsable)) or "Use Max-Age alone, or make both agree.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _attribute(result: StoreResult, wanted: str) -> str:
    """Return an attribute as it was written: ``Max-Age=10``."""
    written = [attribute.strip() for attribute in result.raw.split(";")[1:]]
    return next((shown(w) for w in written if w.lower().startswith(f"{wanted}=")), wanted)


def near_limit(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is nearly as large as a client accepts, or larger."""
    for result in scene.results:
        size = len(result.name) + (scene.part.facts(result.name, result.value).size or 0)
        over = result.outcome is Outcome.REJECTED and any(
            finding.code is Code.NAME_VALUE_TOO_LARGE for finding in result.reasons
        )
        if not over and (size < NEAR_LIMIT or result.outcome is Outcome.REJECTED):
            continue

        def write(result: StoreResult = result, size: int = size, over: bool = over) -> MomentText:
            name = named(result.name)
            outcome = (
                "That is over the limit, so the client silently refuses it."
                if over
                else f"There are {LIMIT - size} left: a little more, and the client would silently "
                "refuse it."
            )
            return MomentText(
                f"How much more fits into {name}?",
                f"{'Nothing' if over else 'Not much'}. In {scene.at()} its name and value have "
                f"{size} bytes together; the limit is {LIMIT}. {outcome}",
                (
                    *scene.request_step(),
                    *(scene.refused_step(result) if over else scene.steps(scene.number)),
                ),
                "Keep the data on the server, and only a key to it in the cookie.",
            )

        yield RuleMatch((scene.client_id, result.name), write)


def header_large(scene: Scene) -> Iterator[RuleMatch]:
    """A Cookie header is large."""
    size = scene.part.header_size
    if size is None or size < LARGE_HEADER:
        return

    def write(size: int = size) -> MomentText:
        count = len(scene.part.cookies)
        first = scene.histories.first_visit(scene.exchange)
        began = scene.table.trace.exchanges[first - 1].request.header_size
        growth = ""
        if first < scene.number and began is not None:
            growth = f" In {scene.at(first)} it had {plural(began, 'byte')}."
        return MomentText(
            f"How large is the Cookie header sent to {authority(scene.part.target)}?",
            f"In {scene.at()} it has {size} bytes, for {plural(count, 'cookie')}.{growth} It is "
            "sent with every request, even for images, and many servers refuse headers over "
            "8192 bytes.",
            scene.steps(first, scene.number) if first != scene.number else scene.request_step(),
            "Delete what is no longer needed, and narrow Path and Domain.",
        )

    grade = Grade(
        severity=Severity.WARNING if size >= REFUSED_HEADER else Severity.NOTE,
        code="header-large",
        cookies=tuple(dict.fromkeys(name for name, _ in scene.part.pairs)),
        brief=f"Cookie header of {plural(size, 'byte')}",
        weight=weigh(Rank.DOUBTFUL, top_level=scene.part.context.top_level),
    )
    yield RuleMatch((scene.client_id, scene.part.target.host), write, partial(as_it_is, grade))


def evicted(scene: Scene) -> Iterator[RuleMatch]:
    """A new cookie evicts old ones from the jar."""
    for result in scene.accepted:
        if not result.evicted:
            continue

        def write(result: StoreResult = result) -> MomentText:
            gone = [named(cookie.name) for cookie in result.evicted[:3]]
            more = len(result.evicted) - len(gone)
            missed, need = _missed(scene, result)
            names = listed([*gone, plural(more, "other cookie")] if more else gone)
            return MomentText(
                f"What happened to {gone[0]} in {scene.at()}?",
                f"It was evicted. A browser keeps only a limited number of cookies per site, and "
                f"{named(result.name)} was one too many, so {names} had to go."
                f"{scene.consequence(need, named(missed.name))}",
                scene.steps(scene.number, need.number if need is not None else None),
                "Use fewer cookies: one key to data on the server can replace many.",
            )

        yield RuleMatch(
            (scene.client_id, scene.part.target.host), write, partial(_evicted, scene, result)
        )


def _missed(scene: Scene, result: StoreResult) -> tuple[Cookie, Need | None]:
    """Return the evicted cookie that the app missed, with what shows it, or else the first."""
    for cookie in result.evicted[:MOST_EVICTED]:
        domain = None if cookie.host_only else cookie.domain
        need = scene.need_later(cookie.name, domain, cookie.path)
        if need is not None:
            return cookie, need
    return result.evicted[0], None


def _evicted(scene: Scene, result: StoreResult) -> Grade:
    """Return the grade of cookies that had to go: a problem if the app missed one of them."""
    gone, need = _missed(scene, result)
    severity = Severity.NOTE if need is None else Severity.PROBLEM
    if need is None and any(is_session_like(cookie.name) for cookie in result.evicted):
        severity = Severity.WARNING
    steps = scene.steps(scene.number)[1:]
    return Grade(
        severity=severity,
        code="evicted",
        cookies=(gone.name,),
        brief="evicted: too many cookies of this site",
        row=steps[0] if steps else None,
        weight=weigh(
            Rank.DOUBTFUL if need is None else Rank.NOT_KEPT,
            gone.name,
            top_level=need is None or need.top_level,
            witnessed=need is not None and need.witnessed,
        ),
    )
