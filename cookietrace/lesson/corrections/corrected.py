"""What a Set-Cookie line should have been, for each reason that attributes can settle.

A reason that no attribute settles (a value that is too long, a page that needs https) has no
corrected line; its fix in ``cookietrace.lesson.reasons`` says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Finding,
    Outcome,
    RequestContext,
    SameSite,
    StoreResult,
    Target,
    Withheld,
    domain_match,
    is_loopback,
)
from cookietrace.cookies.verdicts import Fact
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.corrections.line import SetCookieLine, line_of_cookie, line_of_result
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.moments.writing import Moment
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.lesson.standing import current_results, is_wrong
from cookietrace.lesson.table import Table

HTTPS = "Send it over https."


class Correction(msgspec.Struct, frozen=True):
    """The line to send instead of the one that did not do what it should."""

    line: SetCookieLine
    needs: str = ""
    """What is needed besides the line; display text, empty if nothing is."""


Facts = Mapping[str, Fact]
Change = Callable[[SetCookieLine, Facts], SetCookieLine | None]
"""Returns the line with a reason settled; None if no attribute settles it."""


def corrected_result(result: StoreResult, target: Target, at: float) -> Correction | None:
    """Return what a refused line, or a deletion that missed, should have been.

    ``target`` and ``at`` are those of the response. None if the line did what it should, or if
    attributes alone cannot correct it.
    """
    line = line_of_result(result, target, at)
    if result.outcome is Outcome.REJECTED:
        return _settled(line, result.reasons, REFUSED, target)
    if missed_deletion(result) is None:
        return None
    held = result.missed[-1]
    there = line_of_cookie(held)
    again = _replaced(
        line,
        path=there.path,
        domain=there.domain,
        partitioned=there.partitioned,
        secure=line.secure or there.secure or there.partitioned,
        deletes=True,
    )
    if there.domain is None and held.domain != target.host:
        return Correction(again, f"Send it from {shown(held.domain)}.")
    return Correction(again, _needs(again, (), target))


def corrected_for_request(
    held: Withheld, target: Target, context: RequestContext
) -> Correction | None:
    """Return what should have set a cookie, so that it goes with a request to ``target``.

    None if attributes alone cannot do that.
    """
    line = line_of_cookie(held.cookie)
    extra: dict[str, Fact] = {
        "to": target.host or "",
        "of": held.cookie.domain,
        "link": int(context.top_level and not context.unsafe),
    }
    return _settled(line, held.reasons, WITHHELD, target, extra)


def corrections_at(
    table: Table, step: int, problem: Moment | None = None
) -> tuple[Correction, ...]:
    """Return what the cookies of a step should have been set as, one for each name.

    What ``problem``, the worst one that the step's row shows, is about comes first.
    """
    found: dict[str, Correction] = {}
    for correction in _at(table, step, problem):
        if table.focus.covers(correction.line.name):
            found.setdefault(correction.line.name, correction)
    first = problem.grade.cookies if problem is not None else ()
    names = [name for name in first if name in found]
    names += [name for name in found if name not in names]
    return tuple(found[name] for name in names)


def _at(table: Table, step: int, problem: Moment | None) -> Iterator[Correction]:
    exchange, row = table.exchange(step), table.trace_row(step)
    part, response = exchange.request, exchange.response
    if row.kind is RowKind.REFUTED:
        return  # it is about the lines of an earlier response
    whole = row.kind is RowKind.EXCHANGE
    if response is not None:
        for result in response.set_cookies if whole else current_results(row, exchange):
            if is_wrong(result):
                continue  # the client took it after all
            correction = corrected_result(result, part.target, response.at)
            if correction is not None:
                yield correction
    # A cookie that nobody needed there is rightly withheld.
    needed = problem.grade.cookies if problem is not None and whole else ()
    elsewhere = siblings_of(table.trace, exchange) if needed else ()
    for held in (*part.withheld, *elsewhere):
        if held.cookie.name in needed:
            correction = corrected_for_request(held, part.target, part.context)
            if correction is not None:
                yield correction
    change = BY_PROBLEM.get(problem.grade.code) if problem is not None else None
    if problem is not None and change is not None:
        for cookie in _cookies(exchange):
            if cookie.name in problem.grade.cookies:
                line = line_of_cookie(cookie)
                better = change(line, {})
                if better is not None and better != line:
                    yield Correction(better, _needs(better, (), part.target))


def _cookies(exchange: Exchange) -> Iterator[Cookie]:
    """Yield the cookies that an exchange set or sent, as the jar holds them."""
    for result in exchange.response.set_cookies if exchange.response is not None else ():
        if result.cookie is not None and result.outcome is not Outcome.DELETED:
            yield result.cookie
    for carried in exchange.request.cookies:
        if carried.cookie is not None and not carried.cookie.inferred:
            yield carried.cookie


def _settled(
    line: SetCookieLine,
    reasons: Iterable[Finding],
    changes: Mapping[Code, Change],
    target: Target,
    extra: Facts | None = None,
) -> Correction | None:
    """Return the line with every reason settled; None if one cannot be, or none changes it."""
    better: SetCookieLine | None = line
    findings = tuple(reasons)
    for finding in findings:
        change = changes.get(finding.code)
        if change is None or better is None:
            return None
        better = change(better, {**dict(finding.facts), **(extra or {})})
    if better is None or better == line:
        return None
    return Correction(better, _needs(better, findings, target))


def _needs(line: SetCookieLine, findings: Iterable[Finding], target: Target) -> str:
    """Return what a line needs besides what is written in it."""
    if not line.secure or target.scheme == "https":
        return ""
    told = any(
        finding.code is Code.SECURE_FROM_INSECURE
        or "secure-connection" in _list(dict(finding.facts).get("lacks"))
        for finding in findings
    )
    return HTTPS if told or not is_loopback(target.host) else ""


def _list(fact: Fact | None) -> tuple[str, ...]:
    return fact if isinstance(fact, tuple) else ()


def _replaced(line: SetCookieLine, **changes: Any) -> SetCookieLine:
    return msgspec.structs.replace(line, **changes)


def _with(**changes: Any) -> Change:
    """Return a change that sets attributes, whatever the facts are."""
    return lambda line, _facts: _replaced(line, **changes)


def _right_domain(line: SetCookieLine, facts: Facts) -> SetCookieLine | None:
    """Write the Domain that was meant if it covers the host, and otherwise none."""
    remedy, meant = facts["remedy"], str(facts["meant"])
    if remedy == "valid-host":
        return None
    covers = remedy in ("write-domain", "common-parent") and not meant.endswith("…")
    return _replaced(line, domain=meant if covers else None)


def _both_hosts(line: SetCookieLine, facts: Facts) -> SetCookieLine | None:
    """Write the longest Domain that covers the host that set it and the one that lacked it."""
    one, other = str(facts["of"]).split("."), str(facts["to"]).split(".")
    labels: list[str] = []
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        labels.insert(0, mine)
    domain = ".".join(labels)
    if not domain_match(".".join(one), domain) or not domain_match(".".join(other), domain):
        return None
    if line.name.lower().startswith(("__host-", "__host-http-")):
        return None
    return _replaced(line, domain=domain)


def _for_strict(line: SetCookieLine, facts: Facts) -> SetCookieLine | None:
    """Write Lax if the user followed a link, and otherwise None."""
    if facts["link"]:
        return _replaced(line, same_site=SameSite.LAX)
    return _CROSS_SITE(line, facts)


def _for_third_parties(line: SetCookieLine, facts: Facts) -> SetCookieLine | None:
    """Write Partitioned if that gives the cookie a place in the client."""
    return _PARTITIONED(line, facts) if facts["policy"] in _HELPED else None


_SECURE = _with(secure=True)
_CROSS_SITE = _with(same_site=SameSite.NONE, secure=True)
_PARTITIONED = _with(partitioned=True, same_site=SameSite.NONE, secure=True)
_HELPED = frozenset({"third-party-seems-blocked", "storage-access-none", "storage-access-inactive"})
"""The policies of a client that stores a third-party cookie with Partitioned."""

REFUSED: Mapping[Code, Change] = {
    Code.PUBLIC_SUFFIX_DOMAIN: _with(domain=None),
    Code.DOMAIN_NOT_ASCII: _with(domain=None),
    Code.DOMAIN_MISMATCH: _right_domain,
    Code.SECURE_FROM_INSECURE: _SECURE,
    Code.WOULD_OVERWRITE_SECURE: _SECURE,
    Code.SAME_SITE_FROM_CROSS_SITE: _CROSS_SITE,
    Code.SAME_SITE_NONE_INSECURE: _SECURE,
    Code.PREFIX_SECURE: _SECURE,
    Code.PREFIX_HOST: _with(secure=True, path="/", domain=None),
    Code.PREFIX_HTTP: _with(secure=True, http_only=True),
    Code.PREFIX_HOST_HTTP: _with(secure=True, http_only=True, path="/", domain=None),
    Code.PARTITIONED_INSECURE: _SECURE,
    Code.CLIENT_POLICY: _for_third_parties,
}
"""What settles a reason to refuse a line; codes that are not here need more than attributes."""

WITHHELD: Mapping[Code, Change] = {
    Code.OTHER_HOST: _both_hosts,
    Code.HOST_ONLY: _both_hosts,
    Code.PATH_MISMATCH: _with(path="/"),
    Code.SAME_SITE_STRICT: _for_strict,
    Code.SAME_SITE_LAX: _CROSS_SITE,
    Code.SAME_SITE_LAX_DEFAULT: _CROSS_SITE,
    Code.CLIENT_POLICY: _for_third_parties,
}
"""What settles a reason to withhold a cookie."""

BY_PROBLEM: Mapping[str, Change] = {
    "readable-by-scripts": _with(http_only=True),
    "sent-unencrypted": _SECURE,
    "domain-too-wide": _with(domain=None),
}
"""What settles a problem or warning with a cookie that works, by the code of its grade."""
