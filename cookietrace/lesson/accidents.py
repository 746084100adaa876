"""What works by accident: cookies kept or sent only where one browser departs from the standard.

Nothing here is a list of cases. The engine judges the same line, or the same request, again under
the other profiles; whatever ``spec`` decides differently is told.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import (
    PROFILES,
    Code,
    Cookie,
    CookieJar,
    Credentials,
    Finding,
    Outcome,
    Profile,
    RequestContext,
    Site,
    StoreResult,
    default_public_suffixes,
    is_loopback,
    parse_cookie_date,
    profile_for,
)
from cookietrace.cookies.profiles import version_text
from cookietrace.events import Headers
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestCookie, RequestPart
from cookietrace.fold.headers import header
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import capitalized, listed, shown, span
from cookietrace.lesson.prose import named, reason, remedy
from cookietrace.lesson.same_object import remembered

SPEC = PROFILES["spec"]
BROWSERS = {"chromium": "Chromium", "firefox": "Firefox", "safari": "Safari"}
"""The profiles of browsers, and what they are called."""

TWO_MINUTES = "two-minutes"
LOOPBACK = "loopback"
DEPARTURE = "departure"

_BY_LOOPBACK = frozenset(
    {
        Code.SECURE_FROM_INSECURE,
        Code.SECURE_OVER_INSECURE,
        Code.PREFIX_SECURE,
        Code.PREFIX_HOST,
        Code.PREFIX_HTTP,
        Code.PREFIX_HOST_HTTP,
        Code.PARTITIONED_INSECURE,
    }
)
"""Rules that a browser may lift because the host is this machine."""
_LATER = 86400.0
_BY_PARTITION = frozenset({Code.PARTITION_MISMATCH})
"""A partition is no rule of the standard: what one withholds, the other could not have stored."""


class Accident(msgspec.Struct, frozen=True):
    """One cookie that is kept or sent only by accident; display text."""

    kind: str
    """``two-minutes``, ``loopback`` or ``departure``."""
    cookie: Cookie
    findings: tuple[Finding, ...]
    """Why the standard would refuse or withhold it."""
    sentence: str
    fix: str


def kept_by_accident(exchange: Exchange, result: StoreResult) -> Accident | None:
    """Return why the client keeps a cookie that the standard refuses; None if it does not.

    Other cookies of the jar are left aside, as if it had been empty.
    """
    part, response, cookie = exchange.request, exchange.response, result.cookie
    own = _profile_of(part)
    if (
        own.name == SPEC.name
        or own.doubtful
        or response is None
        or cookie is None
        or result.outcome not in ACCEPTED
    ):
        return None
    findings = _refused(exchange, result, SPEC)
    if not findings or {finding.code for finding in findings} == {Code.DOMAIN_MISMATCH}:
        return None  # a Domain that no profile accepts was changed by redaction
    name, who = named(cookie.name), _label(own)
    others = [label for label, profile in _others(own) if _refused(exchange, result, profile)]
    host = part.target.host or ""
    if is_loopback(host) and {finding.code for finding in findings} <= _BY_LOOPBACK:
        refusing = _so_do(others, "would refuse it here too")
        return Accident(
            LOOPBACK,
            cookie,
            findings,
            f"{capitalized(name)} needs a secure connection, and {shown(part.target.origin)} is "
            f"none: {who} keeps it only because {shown(host)} is this machine. Under any other "
            f"name, over plain http, it would be refused.{refusing}",
            "On this machine nothing needs to be done; anywhere else, serve the page over https. "
            "A test under another name or from another device needs https too.",
        )
    because = " ".join(reason(finding) for finding in findings)
    return Accident(
        DEPARTURE,
        cookie,
        findings,
        f"Under the standard, {name} would be refused: {because[:1].lower()}{because[1:]} {who} "
        f"keeps it anyway.{_so_do(others, 'would refuse it too')}",
        " ".join(dict.fromkeys(remedy(finding) for finding in findings)),
    )


def sent_by_accident(exchange: Exchange, carried: RequestCookie) -> Accident | None:
    """Return why the client sends a cookie that the standard withholds; None if it does not.

    Only if it is certain who caused the request, except for the age that lets a cookie pass with
    another site's POST: then the doubt is told.
    """
    part, cookie = exchange.request, carried.cookie
    own = _profile_of(part)
    if (
        own.name == SPEC.name
        or own.doubtful
        or carried.status is not CookieStatus.SENT
        or cookie is None
    ):
        return None
    insecure = cookie.secure and part.target.scheme in ("http", "ws")
    if cookie.inferred or not (insecure or part.context.site is Site.CROSS):
        return None
    findings = _withheld(part, cookie, SPEC, part.at)
    if not findings:
        return None
    codes = {finding.code for finding in findings}
    if not part.context.certain and codes != {Code.SAME_SITE_LAX_DEFAULT}:
        return None
    if codes & _BY_PARTITION:
        return None
    name, who = named(cookie.name), _label(own)
    differ = [
        label
        for label, profile in _others(own)
        if _withheld(part, cookie, profile, part.at + _LATER)
    ]
    if codes == {Code.SAME_SITE_LAX_DEFAULT} and own.same_site_default_lax:
        others = [label for label, profile in _others(own) if profile.name != own.name]
        always = [label for label in others if label not in differ]
        age = span(part.at - cookie.created_at)
        doubt = "" if part.context.certain else " (if another site caused it, as it seems)"
        also = (
            f" Other browsers differ: {listed(always)}, as far as is known, "
            f"{'send' if len(always) > 1 else 'sends'} it at any age."
            if always
            else ""
        )
        return Accident(
            TWO_MINUTES,
            cookie,
            findings,
            f"{capitalized(name)} has no SameSite, which counts as Lax, and is sent with another "
            f"site's {shown(part.method)} only because it was set {age} ago{doubt}: "
            f"{span(own.lax_post_seconds)} after it was set, {who} withholds it.{also}",
            "If other sites' forms must send it, use SameSite=None; Secure. Otherwise write "
            "SameSite=Lax, which has no such exception.",
        )
    if not part.context.certain:
        return None
    if is_loopback(part.target.host or "") and codes <= _BY_LOOPBACK:
        return Accident(
            LOOPBACK,
            cookie,
            findings,
            f"{capitalized(name)} is Secure, and {who} sends it over plain http only because "
            f"{shown(part.target.host or '')} is this machine."
            f"{_so_do(differ, 'would withhold it')}",
            "On this machine nothing needs to be done; anywhere else, use https.",
        )
    because = " ".join(reason(finding) for finding in findings)
    return Accident(
        DEPARTURE,
        cookie,
        findings,
        f"Under the standard, {name} would be withheld: {because[:1].lower()}{because[1:]} {who} "
        f"sends it anyway.{_so_do(differ, 'would withhold it')}",
        " ".join(dict.fromkeys(remedy(finding) for finding in findings)),
    )


def accidents_told(found: Iterable[Accident]) -> list[tuple[str, str]]:
    """Return a sentence and a fix for each kind of accident, with the names of others like it.

    Accidents for the same rules are told once.
    """
    groups: dict[tuple[str, frozenset[Code]], list[Accident]] = {}
    for accident in found:
        codes = frozenset(finding.code for finding in accident.findings)
        groups.setdefault((accident.kind, codes), []).append(accident)
    told = []
    for first, *rest in groups.values():
        names = list(dict.fromkeys(named(other.cookie.name) for other in rest))
        more = f" The same is true of {listed(names)}." if names else ""
        told.append((f"{first.sentence}{more}", first.fix))
    return told


def _profile_of(part: RequestPart) -> Profile:
    """Return the profile that judged a request, in the version that its User-Agent names."""
    profile = profile_for(header(part.headers, "user-agent"))
    return profile if profile.name == part.profile else PROFILES.get(part.profile, SPEC)


def _label(profile: Profile) -> str:
    """Return what a browser is called, with its version if that is an old one."""
    name = BROWSERS.get(profile.name, "This client")
    if profile.version is None or profile.departures == PROFILES[profile.name].departures:
        return name
    return f"{name} {version_text(profile.version)}"


def _others(own: Profile) -> list[tuple[str, Profile]]:
    """Return the other browsers by what they are called, and newer versions of the same."""
    others = [(label, PROFILES[key]) for key, label in BROWSERS.items() if key != own.name]
    newest = PROFILES[own.name]
    if own.departures != newest.departures:
        others.insert(0, (f"today's {BROWSERS.get(own.name, own.name)}", newest))
    return others


def _so_do(labels: list[str], what: str) -> str:
    return f" {capitalized(listed(labels))}, as far as is known, {what}." if labels else ""


def _refused(exchange: Exchange, result: StoreResult, profile: Profile) -> tuple[Finding, ...]:
    """Return why a profile refuses the line of a result, with an empty jar."""
    part, response = exchange.request, exchange.response
    assert response is not None
    jar = CookieJar(profile, default_public_suffixes())
    date = _date(response.headers)
    context = msgspec.structs.replace(_anywhere(part), credentials=Credentials.INCLUDE)
    again = jar.store(result.raw, part.target, context, response.at, server_time=date)
    return again.reasons if again.outcome is Outcome.REJECTED else ()


@remembered
def _date(headers: Headers) -> float | None:
    """Return the Date of a response, if it has one that can be read."""
    return parse_cookie_date(header(headers, "date") or "")


def _withheld(
    part: RequestPart, cookie: Cookie, profile: Profile, now: float
) -> tuple[Finding, ...]:
    """Return why a profile withholds a cookie from a request; its expiry is left aside."""
    jar = CookieJar(profile, default_public_suffixes())
    jar.put(msgspec.structs.replace(cookie, expires_at=None, doubtful=False))
    found = jar.select(part.target, _anywhere(part), now).withheld
    return found[0].reasons if found else ()


def _anywhere(part: RequestPart) -> RequestContext:
    """Return a request's context without what this client itself allows to third parties."""
    return msgspec.structs.replace(part.context, storage_access=None, third_party=None)
