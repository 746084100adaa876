"""Rules on what a cookie says of itself: lifetime, protections, reach and size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cookietrace.cookies import Code, Cookie, Finding, Outcome, SameSite, Site, StoreResult
from cookietrace.lesson.cookie_histories import CookieEvent
from cookietrace.lesson.display_text import authority, listed, plural, shown
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import life_of, named, reason, remedy

SESSION_NAME = re.compile(
    r"sess(?:ion)?(?:[-_.]?id)?$|(?:^|[-_.])(?:sid|sess(?:ion)?|auth|token|jwt|login|remember)(?:[-_.]|$)",
    re.IGNORECASE,
)
"""Names under which apps keep who is signed in."""

FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.IGNORECASE)
"""Names of tokens that scripts are meant to read."""

NEAR_LIMIT = 3072
"""Octets of name and value from which a cookie is near the limit."""

LIMIT = 4096
"""The most octets of name and value that a client takes (-22 5.6 step 5)."""

LARGE_HEADER = 4096
"""Octets of a Cookie header from which a request is slow, and servers begin to refuse it."""

SAME_TIME = 300
"""Seconds by which Max-Age and Expires may differ and still mean the same time."""

_UNREAD = frozenset({Code.EXPIRES_UNPARSABLE, Code.MAX_AGE_UNPARSABLE})

_STRENGTH = {SameSite.NONE: 0, SameSite.DEFAULT: 1, SameSite.LAX: 2, SameSite.STRICT: 3}


def is_session_like(name: str) -> bool:
    """Say whether a cookie's name speaks of a session."""
    return SESSION_NAME.search(name) is not None and FOR_SCRIPTS.search(name) is None


def persistence(scene: Scene) -> Iterator[RuleMatch]:
    """A session cookie becomes a persistent one, or the reverse."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None:
            continue
        if (before.expires_at is None) is (cookie.expires_at is None):
            continue

        def write(cookie: Cookie = cookie, before: Cookie = before) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            now = life_of(cookie, cookie.set_at)
            if cookie.expires_at is not None:
                question = f"Why does {name} outlive the browser window from {scene.at()} on?"
                answer = (
                    f"Because the answer in {scene.at()} sets it with an expiry: the client keeps "
                    f"it {now}, on disk. Before, it had none and would have gone when the browser "
                    "closes."
                )
            else:
                question = f"Why is {name} gone when the browser closes, from {scene.at()} on?"
                answer = (
                    f"Because the answer in {scene.at()} sets it without Max-Age and Expires. "
                    f"Before, it was to live {life_of(before, before.set_at)}; a new Set-Cookie "
                    "takes the place of the whole cookie, its expiry included."
                )
            return MomentText(question, answer, scene.steps(given, scene.number))

        yield RuleMatch((scene.client_id, cookie.key), write)


def protection_lost(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is set anew with less protection than it had."""
    for result in scene.replaced:
        before, cookie = result.previous, result.cookie
        if before is None or cookie is None:
            continue
        lost = _lost(before, cookie)
        if not lost:
            continue

        def write(cookie: Cookie = cookie, lost: tuple[str, ...] = tuple(lost)) -> MomentText:
            given, name = scene.set_before(cookie.key), named(cookie.name)
            return MomentText(
                f"What did {name} lose in {scene.at()}?",
                f"{listed(list(lost))}. The answer in {scene.at()} sets {name} again and does "
                "not repeat that, and a client keeps nothing of the old cookie but its age: "
                "whatever the new Set-Cookie leaves out is gone.",
                scene.steps(given, scene.number),
                f"Write {listed(list(lost))} in every Set-Cookie of {name}.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


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
                f"Every script on the pages of {shown(cookie.domain)}, by document.cookie: the "
                f"answer in {scene.at()} sets {name} without HttpOnly. By its name it keeps who "
                "is signed in, and one injected script would be enough to carry it off.",
                scene.steps(scene.number),
                "Add HttpOnly, unless a script of yours has to read it.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def sent_unencrypted(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie that is named like a session is set over https, and would go over http too."""
    if scene.part.target.scheme not in ("https", "wss"):
        return
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.secure or not is_session_like(cookie.name):
            continue

        def write(cookie: Cookie = cookie) -> MomentText:
            name = named(cookie.name)
            return MomentText(
                f"Could {name} travel unencrypted?",
                f"Yes. The answer in {scene.at()} came over https, but it sets {name} without "
                f"Secure: a single request to http://{shown(cookie.domain)} would carry "
                f"{scene.value(cookie.value)} for everybody on the way to read.",
                scene.steps(scene.number),
                "Add Secure.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def needless_same_site_none(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie says SameSite=None, and only ever goes with same-site requests."""
    for result in scene.accepted:
        cookie = result.cookie
        if cookie is None or cookie.same_site is not SameSite.NONE:
            continue
        if scene.part.context.site is not Site.SAME:
            continue

        def write(cookie: Cookie = cookie) -> MomentText | None:
            histories, key = scene.histories, cookie.key
            sent = histories.count(CookieEvent.SENT, scene.client_id, key)
            if sent == 0 or histories.count(CookieEvent.CROSS, scene.client_id, key):
                return None
            name = named(cookie.name)
            return MomentText(
                f"Does {name} need SameSite=None?",
                f"Not for anything in this trace: {name} went with {plural(sent, 'request')}, and "
                "each of them was same-site. SameSite=None only adds that other sites' pages can "
                "send it too.",
                scene.steps(
                    scene.number,
                    histories.first(CookieEvent.SENT, scene.client_id, key, scene.number - 1),
                ),
                "Use SameSite=Lax, unless your pages are framed by, or called from, other sites.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def third_party(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is set or sent within another site's page."""
    context = scene.part.context
    if context.site is not Site.CROSS or context.top_level:
        return
    stored = [(result.cookie, "sets") for result in scene.accepted if result.cookie is not None]
    brought = [(told.cookie, "brings") for told in scene.sent if told.cookie is not None]
    for cookie, did in (*brought, *stored):

        def write(cookie: Cookie = cookie, did: str = did) -> MomentText:
            name, host = named(cookie.name), authority(scene.part.target)
            where = f"a page of {shown(context.top_level_site)}" if context.top_level_site else (
                "another site's page"
            )  # fmt: skip
            subject = "answer" if did == "sets" else "request"
            answer = f"The {subject} in {scene.at()} {did} {name} of {host} from within {where}, so"
            if cookie.partition_key is not None:
                answer += (
                    " it is a third-party cookie, and a partitioned one: it is kept apart for "
                    f"{shown(cookie.partition_key)}, and pages of other sites get another."
                )
            else:
                answer += (
                    " it is a third-party cookie. It is not partitioned: the same one would go "
                    "along from every site that embeds this host, which can thereby follow a "
                    "person from site to site. Some browsers block that."
                )
            return MomentText(
                f"Whose cookie is {name} in {scene.at()}?",
                answer,
                scene.steps(scene.number),
                ""
                if cookie.partition_key is not None
                else "Add Partitioned where one per site is enough.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def lifetime_capped(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie asks for a longer life than the client gives."""
    for result in scene.accepted:
        cookie = result.cookie
        for warning in result.warnings:
            if warning.code is not Code.LIFETIME_CAPPED or cookie is None:
                continue

            def write(cookie: Cookie = cookie, warning: Finding = warning) -> MomentText:
                return MomentText(
                    f"Does {named(cookie.name)} live as long as {scene.at()} asks for?",
                    f"No. {reason(warning)} So the client keeps it "
                    f"{life_of(cookie, cookie.set_at)} and no longer.",
                    scene.steps(scene.number),
                    remedy(warning),
                )

            yield RuleMatch((scene.client_id, cookie.key), write)


def ignored_expiry(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie names a lifetime that does not count: unreadable, or beaten by Max-Age."""
    for result in scene.accepted:
        cookie, parsed = result.cookie, result.parsed
        if cookie is None:
            continue
        unread = [told for told in result.warnings if told.code in _UNREAD]
        beaten = (
            parsed.max_age is not None
            and parsed.expires is not None
            and abs(parsed.expires - cookie.set_at - parsed.max_age) > SAME_TIME
        )
        if not unread and not beaten:
            continue

        def write(
            result: StoreResult = result, cookie: Cookie = cookie, unread: list[Finding] = unread
        ) -> MomentText:
            name, life = named(cookie.name), life_of(cookie, cookie.set_at)
            why = (
                " ".join(map(reason, unread))
                if unread
                else f"It has both {_attribute(result, 'max-age')} and "
                f"{_attribute(result, 'expires')}, which disagree, and then Max-Age alone counts."
            )
            return MomentText(
                f"How long does {name} live, as {scene.at()} sets it?",
                f"{life[:1].upper()}{life[1:]}. {why}",
                scene.steps(scene.number),
                " ".join(map(remedy, unread)) or "Write Max-Age alone, or let both say the same.",
            )

        yield RuleMatch((scene.client_id, cookie.key), write)


def _attribute(result: StoreResult, wanted: str) -> str:
    """Return an attribute as it was written: ``Max-Age=10``."""
    written = [attribute.strip() for attribute in result.raw.split(";")[1:]]
    return next((shown(w) for w in written if w.lower().startswith(f"{wanted}=")), wanted)


def near_limit(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie is nearly as large as a client takes, or larger."""
    for result in scene.results:
        size = len(result.name) + len(result.value)
        over = result.outcome is Outcome.REJECTED and any(
            finding.code is Code.NAME_VALUE_TOO_LARGE for finding in result.reasons
        )
        if not over and (size < NEAR_LIMIT or result.outcome is Outcome.REJECTED):
            continue

        def write(result: StoreResult = result, size: int = size, over: bool = over) -> MomentText:
            name = named(result.name)
            outcome = (
                "That is over the limit, so the client refuses it, and says so to nobody."
                if over
                else f"There are {LIMIT - size} left: a little more, and the client would refuse "
                "it without a word."
            )
            return MomentText(
                f"How much more fits into {name}?",
                f"{'Nothing' if over else 'Not much'}. In {scene.at()} its name and value make "
                f"{size} octets together, and a cookie may have {LIMIT}. {outcome}",
                (*scene.asked(), *(scene.refused(result) if over else scene.steps(scene.number))),
                "Keep the data on the server, and only a key to it in the cookie.",
            )

        yield RuleMatch((scene.client_id, result.name), write)


def header_large(scene: Scene) -> Iterator[RuleMatch]:
    """A Cookie header grows large."""
    size = len(scene.part.observed)
    if size < LARGE_HEADER:
        return

    def write() -> MomentText:
        count = len(scene.part.cookies)
        first = scene.histories.first_visit(scene.exchange)
        began = len(scene.table.trace.exchanges[first - 1].request.observed)
        growth = f" In {scene.at(first)} it was {began}." if first < scene.number else ""
        return MomentText(
            f"How much does the client send to {authority(scene.part.target)} each time?",
            f"In {scene.at()} the Cookie header has {size} octets, in {plural(count, 'cookie')}."
            f"{growth} All of it goes along with every request, pictures included, and many "
            "servers refuse headers over 8192 octets.",
            scene.steps(first, scene.number) if first != scene.number else scene.asked(),
            "Delete what is no longer needed, and narrow Path and Domain.",
        )

    yield RuleMatch((scene.client_id, scene.part.target.host), write)


def evicted(scene: Scene) -> Iterator[RuleMatch]:
    """A new cookie pushes old ones out of the jar."""
    for result in scene.accepted:
        if not result.evicted:
            continue

        def write(result: StoreResult = result) -> MomentText:
            gone = [named(cookie.name) for cookie in result.evicted[:3]]
            more = len(result.evicted) - len(gone)
            names = listed([*gone, plural(more, "other cookie")] if more else gone)
            return MomentText(
                f"What became of {gone[0]} in {scene.at()}?",
                f"It was pushed out. A browser keeps only so many cookies a site, and "
                f"{named(result.name)} was one too many, so {names} had to go.",
                scene.steps(scene.number),
                "Use fewer cookies: one with a key to data on the server does for many.",
            )

        yield RuleMatch((scene.client_id, scene.part.target.host), write)
