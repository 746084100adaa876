"""Select one site's cookies quickly: the result of ``select``, with most of the work cached.

What is cached, from the longest-lived to the shortest:

* **groups** of cookies with the same traits: the rules look at nothing else, so
  they are applied once per group, however many cookies it holds;
* **plans**, one per kind of request: which groups it sends and which it
  withholds. They are dropped when a group appears or disappears;
* the last **selection** of a plan. It is made again after any change.

If the time matters, nothing is cached and ``select`` is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Key
from cookietrace.cookies.match import Target
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import RequestContext
from cookietrace.cookies.results import Selection, Withheld
from cookietrace.cookies.rules.retrieval import Retrieval, Traits, traits_of
from cookietrace.cookies.selection import (
    LAX_BY_DEFAULT_ONLY,
    by_creation,
    by_creation_and_place,
    pairs_of,
    select,
)
from cookietrace.cookies.suffixes import PublicSuffixes

_created_at = attrgetter("created_at")
_sequence = attrgetter("sequence")

MOST_PLANS = 64
"""Plans cached per site; beyond that all of them are dropped."""

_Request = tuple[str, str | None, int | None, str, RequestContext]
"""What a plan depends on: scheme, host, port, the path if paths matter, and the context."""


class SelectionCache:
    """The cookies of one site, ready to be selected for one request after another.

    The owner of the cookies reports every change to them. A key is either that
    of a cookie in the jar, or of one that expired and has not been reported yet.
    """

    __slots__ = (
        "_changes", "_group_of", "_groups", "_groups_with_path", "_plans", "_profile", "_suffixes",
    )  # fmt: skip

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start without cookies."""
        self._profile = profile
        self._suffixes = public_suffixes
        self._groups: dict[tuple[Traits, bool], _Group] = {}
        self._group_of: dict[Key, _Group] = {}
        self._groups_with_path = 0
        """How many groups do not cover every path; without any, a request's path is irrelevant."""
        self._plans: dict[_Request, _Plan] = {}
        self._changes = 0

    # --- changes

    def put(self, key: Key, cookie: Cookie) -> None:
        """Add a cookie, or replace the one that has its key."""
        self._changes += 1
        group = self._group_of.get(key)
        if group is None or not group.suits(cookie):
            if group is not None:
                self._leave(group, key)
            group = self._join(key, traits_of(cookie), evicted=False)
        group.put(key, cookie)

    def remove(self, key: Key) -> None:
        """Forget the cookie that has this key, if there is one."""
        group = self._group_of.pop(key, None)
        if group is not None:
            self._changes += 1
            self._leave(group, key)

    def evict(self, key: Key) -> None:
        """Turn a cookie of the jar into one that expired and has not been reported yet."""
        group = self._group_of[key]
        cookie = group.cookies[key]
        self.remove(key)
        self._join(key, group.traits, evicted=True).put(key, cookie)

    def _join(self, key: Key, traits: Traits, *, evicted: bool) -> _Group:
        """Return the group for a new cookie; add the group if there is none."""
        group = self._groups.get((traits, evicted))
        if group is None:
            group = self._groups[traits, evicted] = _Group(traits, evicted)
            self._groups_with_path += traits.path != "/"
            self._plans.clear()
        self._group_of[key] = group
        return group

    def _leave(self, group: _Group, key: Key) -> None:
        """Remove a cookie from its group, and drop the group if it is then empty."""
        group.remove(key)
        if not group.cookies:
            del self._groups[group.traits, group.evicted]
            self._groups_with_path -= group.traits.path != "/"
            self._plans.clear()

    # --- selecting

    def select(self, target: Target, context: RequestContext, now: float) -> Selection:
        """Return the same as the function ``select``.

        ``target`` must have a host, and no cookie of the jar may have expired by ``now``.
        """
        path = target.path if self._groups_with_path else ""
        request = (target.scheme, target.host, target.port, path, context)
        plan = self._plans.get(request)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            rules = Retrieval(target, context, self._profile, self._suffixes)
            plan = self._plans[request] = _Plan(rules, self._groups.values())
        if plan.depends_on_time:
            return self._select_uncached(plan.rules, now)
        if plan.changes != self._changes:
            plan.selection = plan.make(now)
            plan.changes = self._changes
        return plan.selection

    def _select_uncached(self, rules: Retrieval, now: float) -> Selection:
        """Apply the plain rule to every cookie."""
        cookies: list[Cookie] = []
        evicted: list[Cookie] = []
        for group in self._groups.values():
            (evicted if group.evicted else cookies).extend(group.cookies.values())
        return select(cookies, evicted, rules, now)


class _Group:
    """Cookies with the same traits, in order of creation."""

    __slots__ = ("_in_order", "_last", "cookies", "evicted", "pairs", "traits")

    def __init__(self, traits: Traits, evicted: bool) -> None:
        self.traits = traits
        self.evicted = evicted
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


class _Plan:
    """What one kind of request does with each group of a site."""

    __slots__ = (
        "_inferred", "_sent", "_withheld", "changes", "depends_on_time", "rules", "selection",
    )  # fmt: skip

    def __init__(self, rules: Retrieval, groups: Iterable[_Group]) -> None:
        """Apply the rules to every group."""
        self.rules = rules
        self.changes = 0
        """The number of changes to the site's cookies that ``selection`` takes into account."""
        self.selection = Selection()
        self.depends_on_time = False
        """Whether the age or the expiry of a cookie matters to such a request."""
        self._withheld: list[tuple[_Group, list[Code]]] = []
        self._inferred: list[_Group] = []
        sent: defaultdict[int, list[_Group]] = defaultdict(list)
        for group in groups:
            traits = group.traits
            codes = rules.refusals(traits)
            if group.evicted:
                self.depends_on_time |= not traits.inferred and not codes
            elif traits.inferred:
                if rules.covers_host(traits):
                    self._inferred.append(group)
            elif not codes:
                sent[len(traits.path)].append(group)
            else:
                self._withheld.append((group, codes))
                self.depends_on_time |= codes == LAX_BY_DEFAULT_ONLY and rules.spares_young
        self._sent = [sent[length] for length in sorted(sent, reverse=True)]

    def make(self, now: float) -> Selection:
        """Return the selection from the groups as they are now."""
        sent: list[Cookie] = []
        pairs: list[str] = []
        for groups in self._sent:
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
        for group in self._inferred:
            inferred += group.cookies.values()
        if len(self._withheld) > 1:
            withheld.sort(key=lambda held: by_creation(held.cookie))
        if inferred:
            inferred.sort(key=by_creation_and_place)
        return Selection(tuple(sent), tuple(withheld), tuple(inferred), "; ".join(pairs))
