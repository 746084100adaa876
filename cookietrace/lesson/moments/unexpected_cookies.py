"""Rules on what nobody foretold: cookies missing, unknown, changed, twice, or mixed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from cookietrace.cookies import Code, Cookie, Finding, is_loopback
from cookietrace.fold.exchange import CookieStatus, MissingCookie, Note, NoteKind, RequestCookie
from cookietrace.lesson.display_text import listed, shown
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.prose import found, hosts_of, named, page, reason, remedy, times

TELLING_VALUE = 6
"""How long a value must be for two clients not to have it by chance."""


def missing(scene: Scene) -> Iterator[RuleMatch]:
    """A cookie should have gone with a request, and did not."""
    for absent in scene.missing:

        def write(absent: MissingCookie = absent) -> MomentText:
            cookie = absent.cookie
            given, name = scene.set_before(cookie.key), named(cookie.name)
            since = f" since {scene.stored_at(given)}" if given is not None else ""
            because = " ".join(reason(finding) for finding in absent.reasons)
            doubt = (
                ""
                if scene.part.context.certain
                else " It may be right all the same: nothing tells for sure whether this request "
                "was same-site."
            )
            return MomentText(
                f"Where is {name} in the request of {scene.at()}?",
                f"{because} The jar should hold {scene.value(cookie.value)}{since}, and no answer "
                f"took it away.{doubt}",
                scene.steps(given, scene.number),
                " ".join(remedy(finding) for finding in absent.reasons),
            )

        yield RuleMatch((scene.client_id, absent.cookie.key), write)


def never_set(scene: Scene) -> Iterator[RuleMatch]:
    """A request carries a cookie that no answer ever set."""
    for told in scene.cookies:
        if told.status is not CookieStatus.UNEXPLAINED or told.replaces is not None:
            continue
        if told.refused_in is not None:
            yield RuleMatch((scene.client_id, told.name, told.domain), partial(_kept, scene, told))
            continue

        def write(told: RequestCookie = told) -> MomentText:
            name = named(told.name)
            return MomentText(
                f"Where does {name} in {scene.at()} come from?",
                f"Not from an answer in this trace: none before {scene.at()} sets {name}, and yet "
                f"the request brings {scene.value(told.value)}. Either it was in the browser "
                "before the recording began, or a script on the page made it with "
                "document.cookie. Its Domain, Path and lifetime cannot be seen from here.",
                scene.steps(scene.number),
                "To see it being set, start with a fresh browser profile.",
            )

        yield RuleMatch((scene.client_id, told.name, told.domain), write)


def _kept(scene: Scene, told: RequestCookie) -> MomentText:
    """Tell of a cookie that the client kept although it was to be refused."""
    assert told.refused_in is not None
    before, name = scene.table.trace.exchange(told.refused_in), named(told.name)
    assert before.response is not None
    why = next(
        (
            result.reasons
            for result in reversed(before.response.set_cookies)
            if (result.name, result.value) == (told.name, told.value) and result.reasons
        ),
        (),
    )
    because = " ".join(reason(finding) for finding in why)
    insecure = any(finding.code is Code.SECURE_FROM_INSECURE for finding in why)
    if insecure and is_loopback(before.request.target.host):
        others = "Chromium and Firefox take this very machine for secure, and keep it here, too."
    else:
        others = (
            "A browser of today goes by that rule; curl, an HTTP library, an old browser or a "
            "script that copies cookies need not."
        )
    return MomentText(
        f"{name} of {scene.at(before.number)} was to be refused: why does {scene.at()} bring it?",
        f"This client kept it all the same. {because} {others}",
        scene.steps(before.number, scene.number),
        " ".join(remedy(finding) for finding in why),
    )


def changed_outside(scene: Scene) -> Iterator[RuleMatch]:
    """A request carries a cookie under another value than the one that was set."""
    for told in scene.cookies:
        if told.status is not CookieStatus.UNEXPLAINED or told.replaces is None:
            continue

        def write(told: RequestCookie = told, before: Cookie = told.replaces) -> MomentText:
            given, name = scene.set_before(before.key), named(told.name)
            source = f"{scene.at(given)} set" if given is not None else "it was"
            return MomentText(
                f"Who changed {name} before {scene.at()}?",
                f"Nobody on the wire: {source} {scene.value(before.value)}, no answer changed it "
                f"after that, and yet the request in {scene.at()} brings "
                f"{scene.value(told.value)}. A script on the page can do that where the cookie is "
                "not HttpOnly; so can a second tab whose traffic is not recorded.",
                scene.steps(given, scene.number),
                "Mark it HttpOnly if no script should touch it.",
            )

        yield RuleMatch((scene.client_id, told.replaces.key), write)


def duplicate_name(scene: Scene) -> Iterator[RuleMatch]:
    """A request carries two cookies of one name."""
    same: dict[str, list[RequestCookie]] = defaultdict(list)
    for told in scene.cookies:
        same[told.name].append(told)
    for name, twins in same.items():
        if len(twins) < 2:
            continue

        def write(name: str = name, twins: list[RequestCookie] = twins) -> MomentText:
            places = [f"{scene.value(told.value)} for {_scope(told)}" for told in twins]
            read = next((read for read in scene.reads if read.name == name), None)
            server = (
                f"Here the server read {found(read.value, scene.mask)}."
                if read is not None
                else f"Most servers take the first one, here {scene.value(twins[0].value)}."
            )
            givens = [
                scene.set_before(told.cookie.key) for told in twins if told.cookie is not None
            ]
            return MomentText(
                f"Why does the request in {scene.at()} carry {named(name)} {times(len(twins))}?",
                f"Because these are different cookies to the client: a cookie is known by its "
                f"name, domain and path together. It holds {listed(places)}, and "
                f"{page(scene.exchange)} lies within all of them. The Cookie header gives neither "
                f"domain nor path, so the server cannot tell them apart. {server}",
                tuple(sorted({*scene.steps(*givens, scene.number)})),
                f"Set {named(name)} always with the same Domain and Path, and delete the other.",
            )

        yield RuleMatch((scene.client_id, name), write)


def shadows_other_cookie(scene: Scene) -> Iterator[RuleMatch]:
    """An answer stores a second cookie of a name that the jar has already."""
    for result in scene.accepted:
        for warning in result.warnings:
            if warning.code is not Code.SHADOWS_OTHER_COOKIE or result.cookie is None:
                continue

            def write(cookie: Cookie = result.cookie, warning: Finding = warning) -> MomentText:
                namesakes = _namesakes(scene, cookie)
                if len(namesakes) > 2:
                    places = [
                        f"{scene.value(other.value)} for {hosts_of(other)} and path "
                        f"{shown(other.path)}"
                        for other in namesakes
                    ]
                    return MomentText(
                        f"Why are there {len(namesakes)} {named(cookie.name)} after {scene.at()}?",
                        f"Because a cookie is known by its name, domain and path together, and "
                        f"these differ: the client holds {listed(places)}. None of them takes "
                        "another's place, and a request can carry several under one name.",
                        scene.steps(scene.number),
                        remedy(warning),
                    )
                return MomentText(
                    f"Why are there two {named(cookie.name)} after {scene.at()}?",
                    f"{reason(warning)} The new one, {scene.value(cookie.value)}, is for "
                    f"{hosts_of(cookie)} and path {shown(cookie.path)}; since that is not where "
                    "the other one histories, it stands beside it and does not replace it.",
                    scene.steps(scene.number),
                    remedy(warning),
                )

            yield RuleMatch((scene.client_id, result.name), write)


def _namesakes(scene: Scene, cookie: Cookie) -> list[Cookie]:
    """Return all of a cookie's name that the client holds for this host after the answer."""
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
    """Two jars seem to take turns in one client."""
    for note in scene.notes:
        if note.kind is not NoteKind.TWO_JARS:
            continue

        def write(note: Note = note) -> MomentText:
            return MomentText(
                "Are these really the requests of one browser?",
                f"It does not look like it. Up to {scene.at()} cookies were now there and now not, "
                "and came back with their old values, as if two jars took turns. "
                f"{shown(note.message)}",
                scene.steps(scene.number),
                "Give each browser a listener of its own.",
            )

        yield RuleMatch(note.client_id, write)


def value_of_another_client(scene: Scene) -> Iterator[RuleMatch]:
    """A client brings a value that an answer gave to another client, never to this one."""
    for told in scene.cookies:
        if told.status is not CookieStatus.UNEXPLAINED or len(told.value) < TELLING_VALUE:
            continue
        givers = scene.histories.given_to(told.name, told.value)
        if not givers or scene.client_id in givers:
            continue

        def write(told: RequestCookie = told) -> MomentText | None:
            givers = scene.histories.given_to(told.name, told.value)
            earlier = [number for number in givers.values() if number < scene.number]
            if not earlier or scene.client_id in givers:
                return None
            given, name = min(earlier), named(told.name)
            return MomentText(
                f"Why does this client bring another client's {name} in {scene.at()}?",
                f"The answer in {scene.at(given)} gave {scene.value(told.value)} to another "
                "client, and none ever gave it to this one. Either both are one browser that "
                "changed its User-Agent, or the value was copied.",
                scene.steps(given, scene.number),
                "If it is a session, copying it means signing in as somebody else.",
            )

        yield RuleMatch((scene.client_id, told.name), write)


def _scope(told: RequestCookie) -> str:
    cookie = told.cookie
    if cookie is None:
        return shown(told.domain)
    return f"{hosts_of(cookie)} and path {shown(cookie.path)}"
