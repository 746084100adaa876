"""What each browser does with one line, in every version about which enough is known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cookietrace.cookies import (
    Cookie,
    CookieJar,
    Finding,
    Outcome,
    ParsedCookie,
    Profile,
    PublicSuffixes,
    StoreResult,
    parse_set_cookie,
    profile_of,
)
from cookietrace.cookies.profiles import DOUBTFUL_BEFORE, ROWS, TRIED, Departure, Version, without
from cookietrace.lesson.compared.circumstance import Circumstance, requests

BROWSERS: Final = ("chromium", "firefox", "safari", "spec")
"""In the order in which they are compared; ``spec`` is the specification."""

_SOON: Final = 0.001
"""Seconds between the response and the requests that may send its cookie."""


class Basis(StrEnum):
    """What an opinion rests on."""

    TRIED = "tried"
    """The browser itself was seen to follow these rules."""
    DOCUMENTS = "documents"
    """Public documents only."""
    SPECIFICATION = "specification"


class Sending(msgspec.Struct, frozen=True):
    """Whether a kind of request sends the cookie that was stored."""

    request: str
    """A key of ``requests``."""
    sent: bool
    reasons: tuple[Finding, ...] = ()
    """Why it is withheld."""
    seconds: float | None = None
    """For how long it is sent, if that ends before the cookie does."""


class Opinion(msgspec.Struct, frozen=True):
    """What a browser does, in a range of its versions."""

    browser: str
    since: Version | None
    """The first version; None if nothing older is known."""
    until: Version | None
    """The first version in which it is not so any more; None if it still is."""
    result: StoreResult
    sendings: tuple[Sending, ...]
    """In the order of ``requests``; empty if nothing is stored."""
    basis: Basis
    because: tuple[Departure, ...]
    """The rows of the browser's profile without which it would do something else."""

    @property
    def until_known(self) -> bool:
        """Whether ``until`` is exact; otherwise it ended in that version at the latest."""
        return not any(
            row.until_at_latest and row.until == self.until
            for row in ROWS.get(self.browser, ())
            if self.until is not None
        )

    def covers(self, version: Version) -> bool:
        """Return whether a version is one of the range."""
        return (self.since is None or self.since <= version) and (
            self.until is None or version < self.until
        )

    @property
    def stored(self) -> Cookie | None:
        """The cookie in the jar; None if the line stores none."""
        return self.result.cookie if self.result.outcome is Outcome.CREATED else None


def opinions(
    line: str,
    circumstance: Circumstance,
    suffixes: PublicSuffixes,
    now: float,
    asked: Circumstance | None = None,
    asked_at: float | None = None,
) -> tuple[Opinion, ...]:
    """Return what every browser does with a Set-Cookie line, the newest versions first.

    The jar is empty before, ``now`` is Unix time in seconds. ``asked`` is a later request, in place
    of the same request again, made at ``asked_at``; the other requests are for its URL. Accepts any
    line.
    """
    asking = _Asking(
        line,
        circumstance,
        requests(asked or circumstance),
        suffixes,
        now,
        now + _SOON if asked_at is None else asked_at,
        parse_set_cookie(line),
    )
    found: list[Opinion] = []
    for browser in BROWSERS:
        ranges: list[Opinion] = []
        for since, until in _ranges(browser):
            opinion = _opinion(browser, since, until, asking)
            if ranges and _same(ranges[-1], opinion):
                opinion = msgspec.structs.replace(ranges.pop(), until=until)
            ranges.append(opinion)
        found += (_based(each, asking) for each in reversed(ranges))
    return tuple(found)


def fate(
    line: str, circumstance: Circumstance, profile: Profile, suffixes: PublicSuffixes, now: float
) -> tuple[StoreResult, tuple[Sending, ...]]:
    """Return what one browser does with a Set-Cookie line, and with the cookie after that."""
    asking = _Asking(
        line,
        circumstance,
        requests(circumstance),
        suffixes,
        now,
        now + _SOON,
        parse_set_cookie(line),
    )
    return asking.done(profile)


def outcome_of(
    line: str,
    profile: Profile,
    suffixes: PublicSuffixes,
    setting: tuple[Circumstance, float],
    asked: tuple[Circumstance, float] | None = None,
) -> str:
    """Return what one browser does with a line, or with its cookie in a later request: no reasons.

    Both are given as a request and its time.
    """
    how, now = setting
    jar = CookieJar(profile, suffixes)
    context = how.context(profile, suffixes)
    result = jar.store(line, how.target, context, now, server_time=how.date)
    if asked is None or result.outcome is not Outcome.CREATED:
        return result.outcome.value
    later, at = asked
    selection = jar.select(later.target, later.context(profile, suffixes), at)
    return "sent" if selection.sent else "withheld"


def _ranges(browser: str) -> list[tuple[Version | None, Version | None]]:
    """Return the ranges of versions in which no row begins or ends, the oldest first."""
    if browser == "spec":
        return [(None, None)]
    first = DOUBTFUL_BEFORE[browser]
    edges = {edge for row in ROWS[browser] for edge in (row.since, row.until) if edge is not None}
    starts = [first, *sorted(edge for edge in edges if edge > first)]
    return list(zip(starts, [*starts[1:], None], strict=True))


class _Asking(NamedTuple):
    """What every browser is asked."""

    line: str
    circumstance: Circumstance
    requests: Mapping[str, Circumstance]
    suffixes: PublicSuffixes
    now: float
    asked_at: float
    parsed: ParsedCookie
    """The line, read once for all browsers: a long one takes a while."""

    def done(self, profile: Profile) -> tuple[StoreResult, tuple[Sending, ...]]:
        """Return what a browser does with the line, and with the cookie after that."""
        jar = CookieJar(profile, self.suffixes)
        target = self.circumstance.target
        context = self.circumstance.context(profile, self.suffixes)
        date = self.circumstance.date
        result = jar.store(
            self.line, target, context, self.now, server_time=date, parsed=self.parsed
        )
        if result.outcome is not Outcome.CREATED:
            return result, ()
        sendings = []
        for name, request in self.requests.items():
            target, context = request.target, request.context(profile, self.suffixes)
            selection = jar.select(target, context, self.asked_at)
            seconds = None
            if selection.sent and profile.lax_post_seconds:
                later = jar.select(target, context, self.now + profile.lax_post_seconds + 1)
                # The cookie itself may have expired by then, which is no reason.
                seconds = profile.lax_post_seconds if later.withheld and not later.sent else None
            reasons = selection.withheld[0].reasons if selection.withheld else ()
            sendings.append(Sending(name, bool(selection.sent), reasons, seconds))
        return result, tuple(sendings)


def _opinion(
    browser: str, since: Version | None, until: Version | None, asking: _Asking
) -> Opinion:
    result, sendings = asking.done(profile_of(browser, None if until is None else since))
    return Opinion(browser, since, until, result, sendings, Basis.DOCUMENTS, ())


def _same(one: Opinion, other: Opinion) -> bool:
    """Return whether two ranges of versions do the same, for the same reasons."""
    return _shown(one.result, one.sendings) == _shown(other.result, other.sendings)


def _shown(result: StoreResult, sendings: tuple[Sending, ...]) -> object:
    cookie = result.cookie
    kept = None if cookie is None else (cookie.key, cookie.value, cookie.expires_at)
    return result.outcome, result.reasons, kept, sendings


def _based(opinion: Opinion, asking: _Asking) -> Opinion:
    """Return an opinion with the rows that it depends on, and what it rests on."""
    browser, since, until = opinion.browser, opinion.since, opinion.until
    if browser == "spec":
        return msgspec.structs.replace(opinion, basis=Basis.SPECIFICATION)
    profile = profile_of(browser, None if until is None else since)
    shown = _shown(opinion.result, opinion.sendings)
    because = tuple(
        row for row in profile.departures if _shown(*asking.done(without(profile, row))) != shown
    )
    tried = TRIED.get(browser)
    seen = tried is not None and opinion.covers(tried) and all(row.tried for row in because)
    basis = Basis.TRIED if seen else Basis.DOCUMENTS
    return msgspec.structs.replace(opinion, because=because, basis=basis)
