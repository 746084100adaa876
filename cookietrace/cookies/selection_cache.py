"""Select one site's cookies quickly: the result of ``select``, with most of the work cached.

What is cached, from the longest-lived to the shortest:

* **groups** of cookies with the same traits, by domain: the rules look at nothing
  else, so they are applied once per group, however many cookies it holds;
* **views**, one per origin that was asked for: the domains that its host belongs to. The
  cookies of all other hosts of the site are only counted, and the count is kept;
* **plans**, one per kind of request to an origin: which groups it sends and which it
  withholds. Kinds that send the same and withhold nothing share a plan. Plans are dropped when
  a group of one of the host's domains appears or disappears;
* the last **selection** of a plan. It is made again after a change to a cookie of one
  of these domains; cookies of other hosts come and go without touching it.

If the time matters, nothing is cached and ``select`` is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

import msgspec

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Key
from cookietrace.cookies.hosts import LONGEST_CACHED, is_ip
from cookietrace.cookies.match import Target, domain_match
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import RequestContext
from cookietrace.cookies.results import Selection, Withheld
from cookietrace.cookies.rules.retrieval import Retrieval, Traits, traits_of
from cookietrace.cookies.selection import (
    LAX_BY_DEFAULT_ONLY,
    by_creation,
    by_creation_and_place,
    earliest_access,
    pairs_of,
    select,
)
from cookietrace.cookies.suffixes import PublicSuffixes

_created_at = attrgetter("created_at")
_sequence = attrgetter("sequence")

MOST_PLANS = 256
"""Plans cached per site; beyond that all of them are dropped, and the views with them."""

_Request = tuple[str, RequestContext]
"""What a plan of a view depends on: the path if paths matter, and the context."""


class SelectionCache:
    """The cookies of one site, ready to be selected for one request after another.

    The owner of the cookies reports every change to them. A key is either that
    of a cookie in the jar, or of one that expired and has not been reported yet.
    """

    __slots__ = (
        "_changes", "_domains", "_group_of", "_number", "_number_of_plans", "_profile",
        "_suffixes", "_views",
    )  # fmt: skip

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start without cookies."""
        self._profile = profile
        self._suffixes = public_suffixes
        self._domains: dict[str, _Domain] = {}
        self._group_of: dict[Key, _Group] = {}
        self._number = 0
        """How many cookies count: the sum of the numbers of all domains."""
        self._views: dict[str, _View] = {}
        """By origin."""
        self._number_of_plans = 0
        self._changes = 0

    # --- changes

    def put(self, key: Key, cookie: Cookie) -> None:
        """Add a cookie, or replace the one that has its key."""
        group = self._group_of.get(key)
        if group is None or not group.suits(cookie):
            if group is not None:
                self._leave(group, key)
            group = self._join(key, traits_of(cookie), evicted=False)
        self._changes += 1
        group.domain.changes += 1
        group.put(key, cookie)

    def remove(self, key: Key) -> None:
        """Forget the cookie that has this key, if there is one."""
        group = self._group_of.pop(key, None)
        if group is not None:
            self._changes += 1
            group.domain.changes += 1
            self._leave(group, key)

    def evict(self, key: Key) -> None:
        """Turn a cookie of the jar into one that expired and has not been reported yet."""
        group = self._group_of[key]
        cookie = group.cookies[key]
        self.remove(key)
        self._join(key, group.traits, evicted=True).put(key, cookie)

    def _join(self, key: Key, traits: Traits, *, evicted: bool) -> _Group:
        """Return the group for a new cookie; add the group if there is none."""
        domain = self._domains.get(traits.domain)
        if domain is None:
            domain = self._domains[traits.domain] = _Domain()
        group = domain.groups.get((traits, evicted))
        if group is None:
            group = domain.groups[traits, evicted] = _Group(domain, traits, evicted)
            self._drop_views(traits.domain)
        self._group_of[key] = group
        domain.number += group.counts
        self._number += group.counts
        return group

    def _leave(self, group: _Group, key: Key) -> None:
        """Remove a cookie from its group, and drop the group if it is then empty."""
        group.remove(key)
        domain = group.domain
        domain.number -= group.counts
        self._number -= group.counts
        if not group.cookies:
            del domain.groups[group.traits, group.evicted]
            if not domain.groups:
                del self._domains[group.traits.domain]
            self._drop_views(group.traits.domain)

    def _drop_views(self, domain: str) -> None:
        """Drop the views of the hosts that belong to a domain."""
        views = self._views.items()
        for origin in [origin for origin, view in views if domain_match(view.host, domain)]:
            self._number_of_plans -= len(self._views.pop(origin).plans)

    # --- selecting

    def select(self, target: Target, context: RequestContext, now: float) -> Selection:
        """Return the same as the function ``select``.

        ``target`` must have a host, and no cookie of the jar may have expired by ``now``.
        """
        view = self._views.get(target.origin)
        if view is None:
            host = target.host or ""
            view = self._views[target.origin] = _View(host, self._covering(host))
        request = (target.path if view.paths_matter else "", context)
        plan = view.plans.get(request)
        if plan is None:
            plan = self._new_plan(view, target, request)
        if plan.depends_on_time:
            return self._select_uncached(view, plan.rules, now)
        if plan.seen != self._changes:
            changes, elsewhere = 0, self._number
            for domain in view.domains:
                changes += domain.changes
                elsewhere -= domain.number
            if plan.changes != changes:
                plan.selection = plan.make(now, elsewhere)
                plan.changes = changes
            elif plan.selection.elsewhere != elsewhere:
                plan.selection = msgspec.structs.replace(plan.selection, elsewhere=elsewhere)
            plan.seen = self._changes
        return plan.selection

    def _covering(self, host: str) -> list[_Domain]:
        """Return the domains that a host belongs to (5.1.3)."""
        domains = self._domains
        if len(host) > LONGEST_CACHED:
            return [domain for name, domain in domains.items() if domain_match(host, name)]
        names = [host]
        if not is_ip(host):
            names += [host[at + 1 :] for at, char in enumerate(host) if char == "."]
        return [domains[name] for name in names if name in domains]

    def _new_plan(self, view: _View, target: Target, request: _Request) -> _Plan:
        """Return a plan for a request to the origin of a view."""
        if self._number_of_plans >= MOST_PLANS:
            self._views.clear()
            self._number_of_plans = 0
            view.plans.clear()
            view.shared.clear()
            self._views[target.origin] = view
        rules = Retrieval(target, request[1], self._profile, self._suffixes)
        plan = _Plan(rules, view.domains)
        if plan.is_shared:
            plan = view.shared.setdefault(plan.groups, plan)
        view.plans[request] = plan
        self._number_of_plans += 1
        return plan

    def _select_uncached(self, view: _View, rules: Retrieval, now: float) -> Selection:
        """Apply the plain rule to every cookie of the domains that the host belongs to."""
        cookies: list[Cookie] = []
        evicted: list[Cookie] = []
        elsewhere = self._number
        for domain in view.domains:
            elsewhere -= domain.number
            for group in domain.groups.values():
                (evicted if group.evicted else cookies).extend(group.cookies.values())
        selection = select(cookies, evicted, rules, now)
        return msgspec.structs.replace(selection, elsewhere=elsewhere)


class _Domain:
    """The cookies of one domain."""

    __slots__ = ("changes", "groups", "number")

    def __init__(self) -> None:
        self.groups: dict[tuple[Traits, bool], _Group] = {}
        self.number = 0
        """How many of its cookies a host that does not belong to it counts."""
        self.changes = 0


class _View:
    """What is known about the requests to one origin."""

    __slots__ = ("domains", "host", "paths_matter", "plans", "shared")

    def __init__(self, host: str, domains: list[_Domain]) -> None:
        self.host = host
        self.domains = domains
        self.plans: dict[_Request, _Plan] = {}
        self.shared: dict[_Groups, _Plan] = {}
        """Those of the plans that are shared, by what they send."""
        self.paths_matter = any(
            traits.path != "/" for domain in domains for traits, _ in domain.groups
        )


class _Group:
    """Cookies with the same traits, in order of creation."""

    __slots__ = (
        "_in_order", "_last", "cookies", "counts", "domain", "evicted", "pairs", "traits",
    )  # fmt: skip

    def __init__(self, domain: _Domain, traits: Traits, evicted: bool) -> None:
        self.domain = domain
        self.traits = traits
        self.evicted = evicted
        self.counts = not (traits.inferred or evicted)
        """Whether other hosts count its cookies."""
        self.cookies: dict[Key, Cookie] = {}
        self.pairs: dict[Key, str] = {}
        self._last = (float("-inf"), 0)
        self._in_order = True

    def suits(self, cookie: Cookie) -> bool:
        """Return whether a cookie with the key of a member still belongs in this group.

        All other traits are part of the key.
        """
        traits = self.traits
        return (
            traits.secure is cookie.secure
            and traits.same_site is cookie.same_site
            and traits.inferred is cookie.inferred
            and not self.evicted
        )

    def put(self, key: Key, cookie: Cookie) -> None:
        """Add a cookie, or replace the one that has its key."""
        old = self.cookies.get(key)
        if old is None or old.sequence != cookie.sequence or old.created_at != cookie.created_at:
            if old is not None:
                self.remove(key)
            created = (cookie.created_at, cookie.sequence)
            if created < self._last:
                self._in_order = False
            else:
                self._last = created
        self.cookies[key] = cookie
        self.pairs[key] = cookie.pair

    def remove(self, key: Key) -> None:
        """Remove a cookie."""
        del self.cookies[key]
        del self.pairs[key]

    def sort(self) -> None:
        """Restore the order after a cookie was added late."""
        if not self._in_order:
            self.cookies = dict(sorted(self.cookies.items(), key=_item_by_creation))
            self.pairs = {key: self.pairs[key] for key in self.cookies}
            self._in_order = True


def _item_by_creation(item: tuple[Key, Cookie]) -> tuple[float, int]:
    """Sort key: earlier cookies first."""
    return item[1].created_at, item[1].sequence


_Groups = tuple[tuple[tuple[_Group, ...], ...], tuple[_Group, ...]]
"""Groups that a request sends, those with the longest paths first, and inferred ones."""


class _Plan:
    """What one kind of request does with each group of the domains of its host."""

    __slots__ = ("_withheld", "changes", "depends_on_time", "groups", "rules", "seen", "selection")

    def __init__(self, rules: Retrieval, domains: Iterable[_Domain]) -> None:
        """Apply the rules to every group."""
        self.rules = rules
        self.changes = -1
        """The number of changes to these cookies that ``selection`` takes into account."""
        self.seen = -1
        """The same of all cookies of the site."""
        self.selection = Selection()
        self.depends_on_time = False
        """Whether the age or the expiry of a cookie matters to such a request."""
        self._withheld: list[tuple[_Group, list[Code]]] = []
        inferred: list[_Group] = []
        sent: defaultdict[int, list[_Group]] = defaultdict(list)
        for group in [group for domain in domains for group in domain.groups.values()]:
            traits = group.traits
            codes = rules.refusals(traits)
            if group.evicted:
                self.depends_on_time |= not traits.inferred and not codes
            elif traits.inferred:
                if rules.covers_host(traits):
                    inferred.append(group)
            elif not codes:
                sent[len(traits.path)].append(group)
            else:
                self._withheld.append((group, codes))
                self.depends_on_time |= codes == LAX_BY_DEFAULT_ONLY and rules.spares_young
        by_length = tuple([tuple(sent[length]) for length in sorted(sent, reverse=True)])
        self.groups: _Groups = (by_length, tuple(inferred))

    @property
    def is_shared(self) -> bool:
        """Whether it serves all requests to the origin that do the same with its groups.

        Why a request withholds a cookie depends on the request, and so does what its age decides.
        """
        return not self._withheld and not self.depends_on_time

    def make(self, now: float, elsewhere: int) -> Selection:
        """Return the selection from the groups as they are now."""
        sent: list[Cookie] = []
        pairs: list[str] = []
        by_length, inferred_groups = self.groups
        for groups in by_length:
            if len(groups) == 1:
                groups[0].sort()
                sent += groups[0].cookies.values()
                pairs += groups[0].pairs.values()
            else:
                mixed = [cookie for group in groups for cookie in group.cookies.values()]
                mixed.sort(key=_sequence)  # both sorts together are faster than one by both
                mixed.sort(key=_created_at)
                sent += mixed
                pairs += pairs_of(mixed)
        withheld: list[Withheld] = []
        for group, codes in self._withheld:
            group.sort()
            withheld += [
                self.rules.withheld(cookie, codes, now) for cookie in group.cookies.values()
            ]
        inferred: list[Cookie] = []
        for group in inferred_groups:
            inferred += group.cookies.values()
        if len(self._withheld) > 1:
            withheld.sort(key=lambda held: by_creation(held.cookie))
        if inferred:
            inferred.sort(key=by_creation_and_place)
        header = "; ".join(pairs)
        return Selection(
            tuple(sent), tuple(withheld), tuple(inferred), header, elsewhere, earliest_access(sent)
        )
