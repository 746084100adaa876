"""The cookies of one registrable domain, found by key and by name."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from cookietrace.cookies.cookie import Cookie, Key
from cookietrace.cookies.counted import Counted
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.selection_cache import SelectionCache
from cookietrace.cookies.suffixes import PublicSuffixes

MOST_EVICTED = 256
"""Evicted cookies remembered per site; beyond that the oldest are forgotten."""

MOST_NAMESAKES = 256
"""Cookies of one name that a new one is compared with, per site: those that were there first.

Only what no browser would hold is above it: hundreds of paths or partitions with one name."""


class Bucket:
    """The cookies of one site."""

    __slots__ = ("_counted", "_counts_unconfirmed", "by_key", "by_name", "evicted", "selections")

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start empty."""
        self.by_key: dict[Key, Cookie] = {}
        self.by_name: dict[str, dict[Key, Cookie]] = {}
        self.evicted: dict[Key, Cookie] = {}
        """Expired cookies that no request has reported yet."""
        self.selections = SelectionCache(profile, public_suffixes)
        self._counts_unconfirmed = profile.eviction == "before"
        self._counted: Counted | None = None

    @property
    def counted(self) -> Counted:
        """The cookies that count towards the site's limits; kept up to date from the first use.

        Most sites come nowhere near their limits.
        """
        if self._counted is None:
            self._counted = Counted(unconfirmed=self._counts_unconfirmed)
            for key, cookie in self.by_key.items():
                self._counted.put(key, cookie)
        return self._counted

    def add(self, key: Key, cookie: Cookie) -> None:
        """Put a cookie under its key."""
        if self.evicted:
            self.evicted.pop(key, None)
        if self._counted is not None:
            self._counted.put(key, cookie)
        self.by_key[key] = cookie
        namesakes = self.by_name.get(cookie.name)
        if namesakes is None:
            namesakes = self.by_name[cookie.name] = {}
        namesakes[key] = cookie
        self.selections.put(key, cookie)

    def take(self, key: Key) -> Cookie | None:
        """Remove and return the cookie under a key."""
        cookie = self._take(key)
        if cookie is not None:
            self.selections.remove(key)
        return cookie

    def evict(self, key: Key, cookie: Cookie) -> None:
        """Remove the cookie under a key, which expired; remember it until a request reports it."""
        self._take(key)
        self.evicted[key] = cookie
        self.selections.evict(key)
        if len(self.evicted) > MOST_EVICTED:
            self.forget_evicted(next(iter(self.evicted)))

    def forget_evicted(self, key: Key) -> None:
        """Stop reporting an evicted cookie."""
        if self.evicted.pop(key, None) is not None:
            self.selections.remove(key)

    def namesakes(self, name: str) -> Collection[Cookie]:
        """Return the cookies with a name, the first ``MOST_NAMESAKES`` at most."""
        found = self.by_name.get(name)
        if found is None:
            return ()
        if len(found) > MOST_NAMESAKES:
            return tuple(islice(found.values(), MOST_NAMESAKES))
        return found.values()

    def _take(self, key: Key) -> Cookie | None:
        """Remove a cookie from both tables."""
        cookie = self.by_key.pop(key, None)
        if cookie is not None:
            namesakes = self.by_name[cookie.name]
            del namesakes[key]
            if not namesakes:
                del self.by_name[cookie.name]
            if self._counted is not None:
                self._counted.remove(key)
        return cookie
