"""Select the cookies for a request (-22 5.8.3), one cookie after another.

``select`` is the rule itself, in its simplest form. ``SelectionCache`` gives
the same result faster; the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie
from cookietrace.cookies.results import Selection, Withheld
from cookietrace.cookies.rules.retrieval import Retrieval, traits_of

LAX_BY_DEFAULT_ONLY = [Code.SAME_SITE_LAX_DEFAULT]
_EXPIRED_ONLY = [Code.EXPIRED]

_last_access_at = attrgetter("last_access_at")

by_creation = attrgetter("created_at", "sequence")
"""Sort key: earlier cookies first (5.8.3 step 4)."""

by_creation_and_place = attrgetter("created_at", "sequence", "name", "domain", "path")
"""The same for inferred cookies, which can share a creation time and have no sequence."""


def select(
    cookies: Iterable[Cookie], evicted: Iterable[Cookie], rules: Retrieval, now: float
) -> Selection:
    """Return which cookies of a site a request sends, and why it withholds the others.

    ``cookies`` are those in the jar, ``evicted`` those that expired and have not
    been reported yet. An expired cookie is listed as withheld if nothing else
    withholds it, whether or not it has been evicted. All lists are in order of
    creation; of the cookies sent, those with longer paths come first. A cookie of
    a host that the request's host does not belong to is only counted.
    """
    elsewhere = 0
    sent: list[Cookie] = []
    withheld: list[Withheld] = []
    inferred: list[Cookie] = []
    expired = list(evicted)
    for cookie in cookies:
        traits = traits_of(cookie)
        if cookie.expires_at is not None and cookie.expires_at <= now:
            expired.append(cookie)
        elif cookie.inferred:
            if rules.covers_host(traits):
                inferred.append(cookie)
        else:
            codes = rules.refusals(traits)
            if not codes or (codes == LAX_BY_DEFAULT_ONLY and rules.young_enough(cookie, now)):
                sent.append(cookie)
            elif codes[0] is Code.OTHER_HOST:
                elsewhere += 1
            else:
                withheld.append(rules.withheld(cookie, codes, now))
    for cookie in expired:
        if not cookie.inferred and not rules.refusals(traits_of(cookie)):
            withheld.append(rules.withheld(cookie, _EXPIRED_ONLY, now))
    sent.sort(key=lambda cookie: (-len(cookie.path), *by_creation(cookie)))
    withheld.sort(key=lambda held: by_creation(held.cookie))
    inferred.sort(key=by_creation_and_place)
    header = "; ".join(pairs_of(sent))
    return Selection(
        tuple(sent), tuple(withheld), tuple(inferred), header, elsewhere, earliest_access(sent)
    )


def withheld_elsewhere(
    cookies: Iterable[Cookie], rules: Retrieval, now: float
) -> tuple[Withheld, ...]:
    """Return the cookies of a site that ``select`` only counts, with every reason.

    They are in order of creation.
    """
    withheld = []
    for cookie in cookies:
        if cookie.inferred or (cookie.expires_at is not None and cookie.expires_at <= now):
            continue
        codes = rules.refusals(traits_of(cookie))
        if codes and codes[0] is Code.OTHER_HOST:
            withheld.append(rules.withheld(cookie, codes, now))
    return tuple(sorted(withheld, key=lambda held: by_creation(held.cookie)))


def earliest_access(cookies: Iterable[Cookie]) -> float | None:
    """Return the earliest time at which one of the cookies was sent last; None without cookies."""
    return min(map(_last_access_at, cookies), default=None)


def pairs_of(cookies: Iterable[Cookie]) -> list[str]:
    """Return cookies as they are written in a Cookie header (5.8.3 step 6)."""
    return [f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in cookies]
