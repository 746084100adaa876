"""Rules about unexpected cookies: missing, unknown, changed, repeated, or of another client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import Code, Cookie, Finding, is_loopback
from cookietrace.fold.exchange import CookieStatus, MissingCookie, Note, NoteKind, RequestCookie
from cookietrace.fold.told import Looks
from cookietrace.lesson.browser_says.wording import written
from cookietrace.lesson.display_text import listed, shown, times
from cookietrace.lesson.guesses import unknown
from cookietrace.lesson.moments.grades import Grade, Rank, Severity, as_it_is, at_most, weigh
from cookietrace.lesson.moments.losses import absence
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import failure_clause, failure_of
from cookietrace.lesson.prose import cookies_named, found, named, page, place_of, reason, remedy
from cookietrace.lesson.session_names import is_session_like, is_state_like


def missing(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie should have been sent with a request, and was not."""
    for absent in scene.missing:

        def write(absent: MissingCookie = absent) -> MomentText:
            cookie = absent.cookie
            given, name = scene.set_before(cookie.key), named(cookie.name)
            since = f" since {scene.stored_at(given)}" if given is not None else ""
            because = " ".join(reason(finding) for finding in absent.reasons)
            doubt = (
                ""
                if scene.part.context.certain
                else f" This may still be correct: it is not certain {unknown(scene.part.context)}."
            )
            return MomentText(
                f"Why is {name} missing from the request in {scene.at()}?",
                f"{because} The jar should have held {scene.value(cookie.value)}{since}, and no "
                f"response removed it.{doubt}",
                scene.steps(given, scene.number),
                " ".join(remedy(finding) for finding in absent.reasons),
            )

        yield RuleMatch(
            (scene.client_id, absent.cookie.key), write, partial(absence, scene, absent)
        )


def never_set(scene: Scene) -> Iterator[RuleMatch]:
    """A request contains a cookie that no recorded response set."""
    for carried in scene.cookies:
        if carried.status is not CookieStatus.UNEXPLAINED or carried.replaces is not None:
            continue
        subject = (scene.client_id, carried.name, carried.domain)
        if carried.refused_in is not None:
            yield RuleMatch(subject, partial(_kept_although_refused, scene, carried))
            continue
        joined = scene.histories.joined_in(scene.client_id, carried.name, scene.part.position)
        if joined is not None:
            yield RuleMatch(subject, partial(_joined_by_the_recording, scene, carried, joined))
            continue

        by = written(scene.table.trace.browser, scene.exchange, carried, scene.table.mask)
        if by:
            yield RuleMatch(subject, partial(_written_by, scene, carried, by))
            continue

        def write(carried: RequestCookie = carried) -> MomentText:
            name = named(carried.name)
            return MomentText(
                f"Where does {name} in {scene.at()} come from?",
                f"Not from a response in this trace: none before {scene.at()} sets {name}, but "
                f"the request contains it with {_value_of(scene, carried)}. Either it was in the "
                "browser before the recording began, or a script on the page set it with "
                "document.cookie. Its Domain, Path and lifetime cannot be seen from here.",
                scene.steps(scene.number),
                "To see it being set, start with a fresh browser profile.",
            )

        yield RuleMatch(subject, write)


def _written_by(scene: Scene, carried: RequestCookie, by: str) -> MomentText:
    """Describe a cookie of which the browser itself says how it was written."""
    name = named(carried.name)
    return MomentText(
        f"Where does {name} in {scene.at()} come from?",
        f"It was {by}. The request contains it with {_value_of(scene, carried)}.",
        scene.steps(scene.number),
    )


def _joined_by_the_recording(scene: Scene, carried: RequestCookie, joined: int) -> MomentText:
    """Describe a cookie that was set in a line which the recording joined to another."""
    name = named(carried.name)
    return MomentText(
        f"Where does {name} in {scene.at()} come from?",
        f"Most likely from the response in {scene.at(joined)}: its Set-Cookie line has {name} "
        "after another cookie. A browser would not read that as a second cookie, but the request "
        f"contains {name} with {_value_of(scene, carried)}, so the client got two lines, and the "
        "recording joined them.",
        scene.steps(joined, scene.number),
        "Record with a tool that keeps header fields apart.",
    )


def _value_of(scene: Scene, carried: RequestCookie) -> str:
    return f"{'the value ' if carried.value else ''}{scene.value(carried.value)}"


def _kept_although_refused(scene: Scene, carried: RequestCookie) -> MomentText:
    """Describe a cookie that the client kept although it should have refused it."""
    assert carried.refused_in is not None
    before, name = scene.table.trace.exchange(carried.refused_in), named(carried.name)
    assert before.response is not None
    why = next(
        (
            result.reasons
            for result in reversed(before.response.set_cookies)
            if (result.name, result.value) == (carried.name, carried.value) and result.reasons
        ),
        (),
    )
    because = " ".join(reason(finding) for finding in why)
    insecure = any(finding.code is Code.SECURE_FROM_INSECURE for finding in why)
    if insecure and is_loopback(before.request.target.host):
        others = "Chromium and Firefox treat this machine as secure, and keep it here too."
    else:
        others = (
            "Current browsers follow this rule; curl, an HTTP library, an old browser or a script "
            "that copies cookies may not."
        )
    return MomentText(
        f"Why is {name} sent in {scene.at()}, when it should have been refused in "
        f"{scene.at(before.number)}?",
        f"This client kept it anyway. {because} {others}",
        scene.steps(before.number, scene.number),
        " ".join(remedy(finding) for finding in why),
    )


def changed_outside(scene: Scene) -> Iterator[RuleMatch]:
    """A request contains a cookie with another value than the one that was set."""
    for carried in scene.cookies:
        if carried.status is not CookieStatus.UNEXPLAINED or carried.replaces is None:
            continue

        def write(
            carried: RequestCookie = carried, before: Cookie = carried.replaces
        ) -> MomentText:
            given, name = scene.set_before(before.key), named(carried.name)
            by = written(scene.table.trace.browser, scene.exchange, carried, scene.table.mask)
            if by:
                return MomentText(
                    f"Who changed {name} before {scene.at()}?",
                    f"The value {scene.value(carried.value)} was {by}. Before, it was "
                    f"{scene.value(before.value)}.",
                    scene.steps(given, scene.number),
                    "Mark it HttpOnly if no script should touch it.",
                )
            source = f"{scene.at(given)} set it to" if given is not None else "it was"
            return MomentText(
                f"Who changed {name} before {scene.at()}?",
                f"No response: {source} {scene.value(before.value)}, no response changed it after "
                f"that, but the request in {scene.at()} contains {scene.value(carried.value)}. A "
                "script on the page can do that if the cookie is not HttpOnly; so can a second "
                "tab whose traffic is not recorded.",
                scene.steps(given, scene.number),
                "Mark it HttpOnly if no script should touch it.",
            )

        yield RuleMatch((scene.client_id, carried.replaces.key), write)


def duplicate_name(scene: Scene) -> Iterator[RuleMatch]:
    """A request contains several cookies of the same name."""
    same: dict[str, list[RequestCookie]] = defaultdict(list)
    for carried in scene.cookies:
        same[carried.name].append(carried)
    for name, namesakes in same.items():
        if len(namesakes) < 2:
            continue

        def write(name: str = name, namesakes: list[RequestCookie] = namesakes) -> MomentText:
            places = [f"{scene.value(one.value)} ({_place(one)})" for one in namesakes]
            read = next((read for read in scene.reads if read.name == name), None)
            wrong = _wrong(scene, tuple(namesakes))
            server = (
                f"Here the server read {found(read.value, scene.mask)}."
                if read is not None
                else f"Most servers take the first one, here {scene.value(namesakes[0].value)}."
            )
            givens = [
                scene.set_before(one.cookie.key) for one in namesakes if one.cookie is not None
            ]
            return MomentText(
                f"Why does the request in {scene.at()} contain {named(name)} "
                f"{times(len(namesakes))}?",
                f"Because the client holds {listed(places)}, and "
                f"{'both' if len(places) == 2 else 'all'} match {page(scene.exchange)}. "
                f"{server}{wrong} To the client these are different cookies: a cookie is "
                "identified by its name, domain and path together. The Cookie header contains "
                "neither domain nor path, so the server cannot tell them apart.",
                tuple(sorted({*scene.steps(*givens, scene.number)})),
                f"Always set {named(name)} with the same Domain and Path, and delete the other.",
            )

        yield RuleMatch(
            (scene.part.target.host, name), write, partial(_mistaken, scene, tuple(namesakes))
        )


def _mistaken(scene: Scene, namesakes: tuple[RequestCookie, ...]) -> Grade:
    """Return the grade of several cookies of one name: a problem if the app got the wrong one.

    The wrong one is an older one than the server set last, at least if the name says that there is
    but one of its kind, or if both are for the same path.
    """
    name = namesakes[0].name
    newest, taken, witnessed = _newest(scene, namesakes), namesakes[0], False
    read = next((read for read in scene.reads if read.name == name and read.value), None)
    if read is not None:
        witnessed = True
        taken = next((one for one in namesakes if read.value in _readings(one.value)), taken)
    wrong = newest is not None and newest.value != taken.value
    failed = failure_of(scene.exchange) is not None and _is_one_of_a_kind(name)
    severity = Severity.NOTE
    if newest is not None and wrong and (witnessed or failed):
        same_path = newest.path == taken.path
        severity = at_most(Severity.PROBLEM, _is_one_of_a_kind(name) or same_path)
    return Grade(
        severity=severity,
        code="duplicate-name",
        cookies=(name,),
        brief=f"{len(namesakes)} of this name, the older one was taken"
        if severity is not Severity.NOTE
        else f"{len(namesakes)} of this name",
        weight=weigh(
            Rank.WRONG_ONE, name, top_level=scene.part.context.top_level, witnessed=witnessed
        ),
    )


def _wrong(scene: Scene, namesakes: tuple[RequestCookie, ...]) -> str:
    """Return what is wrong with what the app got, as a sentence after others; empty if nothing."""
    if _mistaken(scene, namesakes).severity is Severity.NOTE:
        return ""
    newest, failure = _newest(scene, namesakes), failure_of(scene.exchange)
    if newest is None or newest.cookie is None:
        return ""
    given = scene.set_before(newest.cookie.key)
    since = f", set in {scene.at(given)}" if given is not None else ""
    then = f", and {failure_clause(failure)}" if failure is not None else ""
    return f" That is the older one: the newer is {scene.value(newest.value)}{since}{then}."


def _is_one_of_a_kind(name: str) -> bool:
    return is_session_like(name) or is_state_like(name)


def _newest(scene: Scene, namesakes: tuple[RequestCookie, ...]) -> RequestCookie | None:
    """Return the cookie that a response set last; None if one of them was never seen being set."""
    dated = []
    for one in namesakes:
        given = scene.set_before(one.cookie.key) if one.cookie is not None else None
        response = scene.table.trace.exchanges[given - 1].response if given is not None else None
        if response is None or one.cookie is None or one.cookie.inferred:
            return None
        dated.append((response.position, one.cookie.sequence, one))
    return max(dated, key=lambda entry: entry[:2])[2]


def _readings(value: str) -> tuple[str, str]:
    """Return what an app may get for a value: as it is, or without its quotation marks."""
    return value, value.strip('"')


def shadows_other_cookie(scene: Scene) -> Iterator[RuleMatch]:
    """A response stores another cookie of a name that the jar already has."""
    for result in scene.accepted:
        for warning in result.warnings:
            if warning.code is not Code.SHADOWS_OTHER_COOKIE or result.cookie is None:
                continue

            def write(cookie: Cookie = result.cookie, warning: Finding = warning) -> MomentText:
                namesakes = _namesakes(scene, cookie)
                if len(namesakes) > 2:
                    places = [
                        f"{scene.value(other.value)} ({place_of(other)})" for other in namesakes
                    ]
                    return MomentText(
                        f"Why are there {len(namesakes)} {cookies_named(cookie.name)} after "
                        f"{scene.at()}?",
                        "Because a cookie is identified by its name, domain and path together, and "
                        f"these differ: the client holds {listed(places)}. None of them replaces "
                        "another, and a request can contain several of the same name.",
                        scene.steps(scene.number),
                        remedy(warning),
                    )
                return MomentText(
                    f"Why are there two {cookies_named(cookie.name)} after {scene.at()}?",
                    f"{reason(warning)} The new one, {scene.value(cookie.value)}, is for "
                    f"{place_of(cookie)}. The other one is for another place, so the new one does "
                    "not replace it.",
                    scene.steps(scene.number),
                    remedy(warning),
                )

            yield RuleMatch((scene.client_id, result.name), write)


def _namesakes(scene: Scene, cookie: Cookie) -> list[Cookie]:
    """Return the cookies of this name that the client holds for this host after the response."""
    response = scene.exchange.response
    if response is None:
        return []
    jar = scene.table.trace.jar_at(scene.client_id, response.position)
    site = scene.part.target.host or ""
    return [
        other
        for other in jar
        if other.name == cookie.name and (site == other.domain or site.endswith(f".{other.domain}"))
    ]


def two_jars(scene: Scene) -> Iterator[RuleMatch]:
    """Two jars seem to alternate in one client."""
    for note in scene.notes:
        if note.kind is not NoteKind.TWO_JARS:
            continue

        def write(note: Note = note) -> MomentText:
            return MomentText(
                "Do these requests really come from one browser?",
                f"It does not look like it. Up to {scene.at()}, cookies were sometimes there and "
                "sometimes not, and came back with their old values, as if two jars took turns. "
                f"{shown(note.message)}",
                scene.steps(scene.number),
                "Give each browser a listener of its own. If one has replaced the other, mark "
                "that: B on the screen, --new-session STEP for a file.",
            )

        grade = Grade(
            severity=Severity.WARNING,
            code="two-jars",
            brief="two cookie jars in one client",
            weight=weigh(Rank.DOUBTFUL),
        )
        yield RuleMatch(note.client_id, write, partial(as_it_is, grade))


def value_of_another_client(scene: Scene) -> Iterator[RuleMatch]:
    """A client sends a value that a response set in another client, never in this one."""
    for carried in scene.cookies:
        unexplained = carried.status is CookieStatus.UNEXPLAINED
        if not unexplained or scene.part.facts(carried.name, carried.value).looks is Looks.SHORT:
            continue
        owners = scene.histories.given_to(carried.name, carried.value)
        if not owners or scene.client_id in owners:
            continue
        still_used = not _before(scene).isdisjoint(owners)

        def write(
            carried: RequestCookie = carried, still_used: bool = still_used
        ) -> MomentText | None:
            owners = scene.histories.given_to(carried.name, carried.value)
            earlier = [number for number in owners.values() if number < scene.number]
            if not earlier or scene.client_id in owners:
                return None
            given, name = min(earlier), named(carried.name)
            if still_used:
                return MomentText(
                    f"Which browser sends {name} in {scene.at()}?",
                    f"Most likely the one before: the response in {scene.at(given)} set "
                    f"{scene.value(carried.value)} before the fresh browser began, so that one is "
                    "still in use. Its requests look the same, and count as the fresh browser's.",
                    scene.steps(given, scene.number),
                    "Use one of them at a time, or give each browser a listener of its own.",
                )
            return MomentText(
                f"Why does this client send another client's {name} in {scene.at()}?",
                f"The response in {scene.at(given)} set {scene.value(carried.value)} in another "
                "client, and no response ever set it in this one. Either both are one browser "
                "that changed its User-Agent, or the value was copied.",
                scene.steps(given, scene.number),
                "If it identifies a session, copying it means signing in as someone else.",
            )

        session = is_session_like(carried.name) and not still_used
        grade = Grade(
            severity=Severity.WARNING if session else Severity.NOTE,
            code="value-of-another-client",
            cookies=(carried.name,),
            brief="another client's value",
            weight=weigh(Rank.SHARED, carried.name),
        )
        yield RuleMatch((scene.client_id, carried.name), write, partial(as_it_is, grade))


def _before(scene: Scene) -> frozenset[str]:
    """Return the clients before the scene's client, if it is a fresh browser."""
    found: set[str] = set()
    client_id = scene.table.trace.client(scene.client_id).follows
    while client_id is not None and client_id not in found:
        found.add(client_id)
        client_id = scene.table.trace.client(client_id).follows
    return frozenset(found)


def _place(carried: RequestCookie) -> str:
    return shown(carried.domain) if carried.cookie is None else place_of(carried.cookie)
