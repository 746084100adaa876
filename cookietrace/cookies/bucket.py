"""The cookies of one registrable domain, kept in groups of equal traits."""

from __future__ import annotations

from collections.abc import Collection

from cookietrace.cookies.cookie import Cookie, CookieKey
from cookietrace.cookies.rules.retrieval import Traits, traits_of


class Bucket:
    """One site's share of a jar: by key, by name, and by traits.

    Grouping is what makes a request cheap: the retrieval rules are asked once
    for a group, however many cookies it holds.
    """

    __slots__ = ("by_key", "expired", "groups", "names")

    def __init__(self) -> None:
        self.by_key: dict[CookieKey, Cookie] = {}
        self.groups: dict[Traits, dict[CookieKey, Cookie]] = {}
        self.names: dict[str, dict[CookieKey, Cookie]] = {}
        self.expired: dict[CookieKey, Cookie] = {}
        """What expired and was not yet told of."""

    def add(self, key: CookieKey, cookie: Cookie) -> Cookie | None:
        """Put a cookie under its key; return what stood there."""
        old = self.by_key.get(key)
        traits = traits_of(cookie)
        if old is not None and traits_of(old) != traits:
            self._leave_group(key, old)
        self.by_key[key] = cookie
        group = self.groups.get(traits)
        if group is None:
            group = self.groups[traits] = {}
        group[key] = cookie
        names = self.names.get(cookie.name)
        if names is None:
            names = self.names[cookie.name] = {}
        names[key] = cookie
        return old

    def take(self, key: CookieKey) -> Cookie | None:
        """Remove and return what stands under a key."""
        cookie = self.by_key.pop(key, None)
        if cookie is None:
            return None
        self._leave_group(key, cookie)
        names = self.names[cookie.name]
        del names[key]
        if not names:
            del self.names[cookie.name]
        return cookie

    def namesakes(self, name: str) -> Collection[Cookie]:
        """The cookies of one name."""
        found = self.names.get(name)
        return found.values() if found is not None else ()

    def _leave_group(self, key: CookieKey, cookie: Cookie) -> None:
        """Take a cookie out of its group, and an empty group out of the bucket."""
        traits = traits_of(cookie)
        group = self.groups[traits]
        del group[key]
        if not group:
            del self.groups[traits]
