"""The cookies of one registrable domain, kept in groups of equal traits."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Key, SameSite
from cookietrace.cookies.request.context import RequestContext
from cookietrace.cookies.results import Selection
from cookietrace.cookies.rules.retrieval import Retrieval, Traits

_Plain = tuple[str, bool, str, bool, SameSite, str | None, bool]
Asked = tuple[str, str | None, int | None, str, RequestContext]
"""Scheme, host and port of a request, its path where paths matter, and its circumstances."""


class Group:
    """The cookies of a site that share a fate, and how each stands in a header."""

    __slots__ = ("_latest", "cookies", "in_sequence", "pairs", "traits")

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self.cookies: dict[Key, Cookie] = {}
        self.pairs: dict[Key, str] = {}
        self.in_sequence = True
        """Whether both are in the order of the cookies' sequence."""
        self._latest = 0

    def put(self, key: Key, cookie: Cookie, old: Cookie | None) -> None:
        """Place a cookie: where the ``old`` one under its key stood, if both have one sequence."""
        sequence = cookie.sequence
        if old is None or old.sequence != sequence:
            if old is not None:
                self.take(key)
            if sequence < self._latest:
                self.in_sequence = False
            else:
                self._latest = sequence
        self.cookies[key] = cookie
        self.pairs[key] = cookie.pair

    def take(self, key: Key) -> None:
        """Remove a cookie."""
        del self.cookies[key]
        del self.pairs[key]


class Fates(NamedTuple):
    """What one kind of request means for the groups of a site."""

    rules: Retrieval
    sent: tuple[tuple[Group, ...], ...]
    """By the length of their path, the longest first."""
    withheld: tuple[tuple[Group, list[Code]], ...]
    """With every rule that keeps them back."""
    inferred: tuple[Group, ...]
    """Those of the host that were never seen set."""
    timeless: bool
    """Whether no group is held back by a rule that lets its young cookies go (5.6.7.2)."""


class Bucket:
    """One site's share of a jar: by key, by name, and by traits.

    Grouping is what makes a request cheap: the retrieval rules are asked once
    for a group, however many cookies it holds.
    """

    __slots__ = ("answers", "by_key", "expired", "fates", "group_of", "groups", "names", "narrow")

    def __init__(self) -> None:
        self.by_key: dict[Key, Cookie] = {}
        self.groups: dict[_Plain, Group] = {}
        self.group_of: dict[Key, Group] = {}
        self.names: dict[str, dict[Key, Cookie]] = {}
        self.expired: dict[Key, Cookie] = {}
        """What expired and was not yet told of."""
        self.narrow = 0
        """How many groups do not cover every path."""
        self.answers: dict[Asked, Selection] = {}
        """What was selected since the last change, where time has no say in it.

        None of it tells of an expired cookie."""
        self.fates: dict[Asked, Fates] = {}
        """What was found out since the last group came or went."""

    def add(self, key: Key, cookie: Cookie) -> Cookie | None:
        """Put a cookie under its key; return what stood there."""
        self.answers.clear()
        old = self.by_key.get(key)
        if old is None:
            names = self.names.get(cookie.name)
            if names is None:
                names = self.names[cookie.name] = {}
        else:
            names = self.names[cookie.name]
            if (
                old.secure is not cookie.secure
                or old.same_site is not cookie.same_site
                or old.inferred is not cookie.inferred
            ):
                self._leave_group(key)
        self.by_key[key] = names[key] = cookie
        group = self.group_of.get(key)
        if group is None:
            group = self.group_of[key] = self._group(cookie)
            group.put(key, cookie, None)
        else:
            group.put(key, cookie, old)
        return old

    def take(self, key: Key) -> Cookie | None:
        """Remove and return what stands under a key."""
        cookie = self.by_key.pop(key, None)
        if cookie is None:
            return None
        self.answers.clear()
        self._leave_group(key)
        names = self.names[cookie.name]
        del names[key]
        if not names:
            del self.names[cookie.name]
        return cookie

    def namesakes(self, name: str) -> Collection[Cookie]:
        """The cookies of one name."""
        found = self.names.get(name)
        return found.values() if found is not None else ()

    def _group(self, cookie: Cookie) -> Group:
        """Return the group that a cookie belongs to, a new one where there is none."""
        plain = _plain(cookie)
        group = self.groups.get(plain)
        if group is None:
            self.fates.clear()
            group = self.groups[plain] = Group(Traits(*plain))
            self.narrow += cookie.path != "/"
        return group

    def _leave_group(self, key: Key) -> None:
        """Take a cookie out of its group, and an empty group out of the bucket."""
        group = self.group_of.pop(key)
        group.take(key)
        if not group.cookies:
            self.fates.clear()
            del self.groups[group.traits]
            self.narrow -= group.traits.path != "/"


def _plain(cookie: Cookie) -> _Plain:
    """Return the traits of a cookie as a plain tuple, which is quicker to make and to look up."""
    return (
        cookie.domain,
        cookie.host_only,
        cookie.path,
        cookie.secure,
        cookie.same_site,
        cookie.partition_key,
        cookie.inferred,
    )


def traits_of(cookie: Cookie) -> Traits:
    """Return all that the retrieval rules ask of a cookie, apart from its age."""
    return Traits(*_plain(cookie))
