"""Select the cookies of one site for one request, and tell why others stay behind (5.8.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cookietrace.cookies.bucket import Bucket, Fates, Group, traits_of
from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie
from cookietrace.cookies.results import Selection, Withheld
from cookietrace.cookies.rules.order import BY_SEQUENCE, cookie_string, in_order
from cookietrace.cookies.rules.retrieval import Retrieval

_LAX_DEFAULT_ALONE = [Code.SAME_SITE_LAX_DEFAULT]
_EXPIRED_ALONE = [Code.EXPIRED]

Order = Callable[[Cookie], Any]
"""``BY_SEQUENCE`` or ``BY_CREATION``."""


def fates_of(bucket: Bucket, rules: Retrieval) -> Fates:
    """Return which groups of a site a request carries, as far as that does not hang on time."""
    sent: dict[int, tuple[Group, ...]] = {}
    withheld: list[tuple[Group, list[Code]]] = []
    inferred: list[Group] = []
    for group in bucket.groups.values():
        traits = group.traits
        if traits.inferred:
            if rules.covers_host(traits):
                inferred.append(group)
            continue
        codes = rules.refusals(traits)
        if codes:
            withheld.append((group, codes))
        else:
            sent[len(traits.path)] = (*sent.get(len(traits.path), ()), group)
    tiers = tuple([sent[length] for length in sorted(sent, reverse=True)])
    timeless = not any(codes == _LAX_DEFAULT_ALONE for _, codes in withheld)
    return Fates(rules, tiers, tuple(withheld), tuple(inferred), timeless)


def select_groups(fates: Fates, now: float, order: Order) -> Selection:
    """Return the selection where time has no say, so that groups go or stay as they are."""
    sent: tuple[Cookie, ...] = ()
    headers: list[str] = []
    for tier in fates.sent:
        if len(tier) == 1 and tier[0].in_sequence and order is BY_SEQUENCE:
            sent += tuple(tier[0].cookies.values())
            headers += tier[0].pairs.values()
        else:
            mixed = [cookie for group in tier for cookie in group.cookies.values()]
            mixed.sort(key=order)
            sent += tuple(mixed)
            headers += [cookie.pair for cookie in mixed]
    rules = fates.rules
    withheld = [
        rules.withheld(cookie, codes, now)
        for group, codes in fates.withheld
        for cookie in group.cookies.values()
    ]
    inferred = [cookie for group in fates.inferred for cookie in group.cookies.values()]
    return Selection(sent, tuple(withheld), tuple(inferred), "; ".join(headers))


def select_one_by_one(bucket: Bucket, rules: Retrieval, now: float, order: Order) -> Selection:
    """Return the selection where the age of a cookie counts too.

    What has expired is told as withheld where nothing else keeps it back, be it
    evicted from the bucket or not yet.
    """
    sent: dict[int, list[Cookie]] = {}
    withheld: list[Withheld] = []
    inferred: list[Cookie] = []
    late: list[Cookie] = []
    for group in bucket.groups.values():
        traits = group.traits
        cookies: Collection[Cookie] = group.cookies.values()
        late += [cookie for cookie in cookies if _is_expired(cookie, now)]
        cookies = [cookie for cookie in cookies if not _is_expired(cookie, now)]
        if traits.inferred:
            if rules.covers_host(traits):
                inferred.extend(cookies)
            continue
        codes = rules.refusals(traits)
        if codes == _LAX_DEFAULT_ALONE:
            young = [cookie for cookie in cookies if rules.young_enough(cookie, now)]
            cookies = [cookie for cookie in cookies if not rules.young_enough(cookie, now)]
            if young:
                sent.setdefault(len(traits.path), []).extend(young)
        if codes:
            withheld.extend([rules.withheld(cookie, codes, now) for cookie in cookies])
        else:
            sent.setdefault(len(traits.path), []).extend(cookies)
    for cookie in (*bucket.expired.values(), *late):
        if not cookie.inferred and not rules.refusals(traits_of(cookie)):
            withheld.append(rules.withheld(cookie, _EXPIRED_ALONE, now))
    ordered = in_order(sent, order)
    return Selection(ordered, tuple(withheld), tuple(inferred), cookie_string(ordered))


def _is_expired(cookie: Cookie, now: float) -> bool:
    """Whether a cookie's expiry has come."""
    return cookie.expires_at is not None and cookie.expires_at <= now
