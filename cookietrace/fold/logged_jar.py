"""A client's jar, every change to which goes into its history."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import Cookie, CookieJar, CookieKey, Profile, default_public_suffixes
from cookietrace.cookies.jar import SavedJar
from cookietrace.fold.exchange import Cause, JarChange
from cookietrace.fold.jar_history import JarHistory


class LoggedJar:
    """The cookies that the fold holds for one client.

    What a line did to ``cookies`` is told to ``log``; everything else changes them through
    ``put`` and ``remove``, which log it.
    """

    def __init__(self, profile: Profile, history: JarHistory) -> None:
        """``history`` is empty, or that of a jar that this one takes the place of."""
        self.cookies = CookieJar(profile, default_public_suffixes())
        self.history = history
        self.doubted: dict[CookieKey, bool] = {}
        """Each doubtful cookie -> whether a request of certain context lacked it.

        May hold more than the jar's doubtful cookies.
        """
        self.unplaced: set[CookieKey] = set()
        """Cookies whose age is not known: they may have replaced one that the client never had."""

    def restore(
        self,
        saved: SavedJar,
        doubted: Iterable[tuple[CookieKey, bool]],
        unplaced: Iterable[CookieKey],
        position: int,
    ) -> None:
        """Hold what was saved, from a position on. The jar must be empty."""
        self.cookies.restore(saved)
        self.doubted = dict(doubted)
        self.unplaced = set(unplaced)
        self.history.begin(position, self.cookies.cookies())

    def put(self, cookie: Cookie, exchange_id: str, position: int) -> Cookie:
        """Put a cookie as a request showed it, and return it."""
        before = self.cookies.put(cookie)
        self.log(exchange_id, position, cookie.key, before, cookie, "observed")
        return cookie

    def remove(self, cookie: Cookie, exchange_id: str, position: int, cause: Cause) -> None:
        """Remove a cookie that the jar holds."""
        self.cookies.remove(cookie.key)
        self.log(exchange_id, position, cookie.key, cookie, None, cause)

    def log(
        self,
        exchange_id: str,
        position: int,
        key: CookieKey,
        before: Cookie | None,
        after: Cookie | None,
        cause: Cause,
    ) -> None:
        """Record what happened to a cookie."""
        if after is None:
            self.unplaced.discard(key)
            if cause != "observed":
                self.doubted.pop(key, None)
        self.history.add(JarChange(position, exchange_id, key, before, after, cause))
