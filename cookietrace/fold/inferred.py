"""The cookies that requests carried and no recorded response set, by how lately each was carried.

A site's script can give every request a cookie with a new name. Browsers hold at most some 180
cookies of a site, so of more than that, those not carried for longest are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.cookies import CookieJar, CookieKey

MOST_INFERRED = 256
"""How many inferred cookies of one site are remembered, if no request carries half as many."""


class Inferred:
    """The keys of one client's inferred cookies."""

    def __init__(self, jar: CookieJar) -> None:
        """Start empty. ``jar`` knows what all domains have in common that share cookies."""
        self._jar = jar
        self._keys: dict[str, dict[CookieKey, None]] = {}
        """Site -> the keys, those carried last at the end; some may be inferred no longer."""

    def saved(self) -> tuple[CookieKey, ...]:
        """Return the keys, for ``restore``."""
        return tuple([key for keys in self._keys.values() for key in keys])

    def restore(self, saved: Iterable[CookieKey]) -> None:
        """Have the keys that were saved."""
        for key in saved:
            self.carried(key)

    def carried(self, key: CookieKey) -> None:
        """Record that a request carried an inferred cookie."""
        keys = self._keys.setdefault(self._jar.site(key.domain), {})
        keys.pop(key, None)
        keys[key] = None

    def gone(self, host: str, carried: int) -> Iterator[CookieKey]:
        """Yield what a client no longer holds for a host's site; its request carried so many."""
        keys = self._keys.get(self._jar.site(host))
        if keys is not None and len(keys) > (most := max(MOST_INFERRED, 2 * carried)):
            for key in list(keys)[:-most]:
                del keys[key]
                yield key
