"""Signs that a client's jar was swapped for another one and back: two browsers in one client."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import CookieStatus, RequestCookie

REMEMBERED_VALUES = 4
"""Number of earlier values kept per cookie, to notice two jars that alternate."""

SUSPICIOUS_TURNS = 2
"""How often a jar must seem to have been swapped and back before two are suspected."""


_SENT = CookieStatus.SENT

MOST_CONNECTIONS = 64
MOST_RECORDED = 256
"""Of how many connections how many cookies each are remembered as recorded."""

MOST_CARRIERS = 64
"""Connections that are remembered per cookie; with more of them, it is no evidence any more."""


def two_jars_message(*, on_other_connections: bool) -> str:
    """Return what to say about a client in which two jars are suspected, and what to do."""
    shown = ""
    if on_other_connections:
        shown = " Each time, the other cookies came on another connection."
    return (
        "This client seems to have two cookie jars that alternate (a private window or a second "
        f"profile?).{shown} Give each browser its own listener: start it from here, or connect the "
        "second one to another --listen port. If one has replaced the other, mark that: B on "
        "the screen, --new-session STEP for a file."
    )


class SavedSwaps(msgspec.Struct, frozen=True, gc=False):
    """What was seen in one client."""

    on_other_connections: bool = True
    turns: int = 0
    beyond_scripts: bool = False
    earlier: tuple[tuple[CookieKey, tuple[str, ...]], ...] = ()
    carriers: tuple[tuple[CookieKey, tuple[str | None, ...]], ...] = ()


class Swaps:
    """What was seen in one client.

    A turn is a cookie that has its old value again, or is there again, though no response set it
    so. A script can do that. It cannot change an HttpOnly cookie: if requests carried a new value
    that a response set, and one on another connection then carries the old value, a single turn is
    enough.
    """

    def __init__(self) -> None:
        self.on_other_connections = True
        """Whether each turn was seen on another connection than the jar's."""
        self.suspicious = False
        """Whether two jars are suspected."""
        self._turns = 0
        self._beyond_scripts = False
        self._earlier: dict[CookieKey, deque[str]] = {}
        self._carriers: dict[CookieKey, set[str | None]] = {}
        """Each HttpOnly cookie to which a response gave another value -> the connections whose
        requests carried that value."""
        self._recorded: dict[str | None, dict[int, Cookie | tuple[RequestCookie, ...]]] = {}
        """What ``carried`` has recorded of each connection: cookies by their identity, and all of a
        request together, since most requests carry the very same.

        Whatever a response stores is another object, so none of these can hold it."""

    def __getstate__(self) -> dict[str, Any]:
        # Another process gives its objects other identities.
        return {**vars(self), "_recorded": {}}

    def saved(self) -> SavedSwaps:
        """Return what was seen, for ``restore``."""
        return SavedSwaps(
            self.on_other_connections,
            self._turns,
            self._beyond_scripts,
            tuple([(key, tuple(values)) for key, values in self._earlier.items()]),
            tuple(
                [
                    (key, tuple(sorted(carriers, key=lambda name: name or "")))
                    for key, carriers in self._carriers.items()
                ]
            ),
        )

    def restore(self, saved: SavedSwaps) -> None:
        """Have seen what was saved, and nothing else."""
        self.on_other_connections = saved.on_other_connections
        self._turns, self._beyond_scripts = saved.turns, saved.beyond_scripts
        self._earlier = {
            key: deque(values, maxlen=REMEMBERED_VALUES) for key, values in saved.earlier
        }
        self._carriers = {key: set(carriers) for key, carriers in saved.carriers}
        self._recorded = {}
        self._suspect()

    def stored(self, key: CookieKey, cookie: Cookie, before: Cookie | None) -> None:
        """Record that a response stored a cookie, which has this key."""
        if before is not None and before.value == cookie.value:
            return
        if before is None and not self._earlier:
            return
        if before is not None:
            self._remember(before.value, key)
        if cookie.http_only and key in self._earlier:
            self._carriers[key] = set()
        else:
            self._carriers.pop(key, None)

    def given_up(self, cookie: Cookie) -> None:
        """Record that the jar gave up a cookie that requests lack."""
        self._carriers.pop(cookie.key, None)
        self._remember(cookie.value, cookie.key)

    def carried(self, cookies: tuple[RequestCookie, ...], connection: str | None) -> None:
        """Record what a request carried; most carry the same as an earlier one."""
        if not self._carriers:
            return
        recorded = self._recorded.get(connection)
        if recorded is not None and id(cookies) in recorded:
            return
        if recorded is None or len(recorded) >= MOST_RECORDED:
            if len(self._recorded) >= MOST_CONNECTIONS:
                self._recorded.clear()
            recorded = self._recorded[connection] = {}
        for carried in cookies:
            cookie = carried.cookie
            if id(cookie) in recorded or cookie is None or not cookie.http_only:
                continue
            if carried.status is not _SENT:
                continue
            recorded[id(cookie)] = cookie
            carriers = self._carriers.get(cookie.key)
            if carriers is not None:
                carriers.add(connection)
                if len(carriers) > MOST_CARRIERS:
                    del self._carriers[cookie.key]
        recorded[id(cookies)] = cookies

    def changed(self, cookie: Cookie, before: Cookie, connection: str | None, *, own: bool) -> bool:
        """Record that a request carried another value than the jar's.

        ``own`` is whether its connection has carried the jar's cookies. Returns whether the jar
        changed hands.
        """
        back = cookie.value in self._earlier.get(cookie.key, ())
        carriers = self._carriers.pop(before.key, set())
        beyond = back and bool(carriers) and (connection is None or connection not in carriers)
        if own and not beyond:
            return False
        if back:
            self.turn(connection)
        self._beyond_scripts |= beyond
        self._suspect()
        self._remember(before.value, cookie.key)
        return True

    def turn(self, connection: str | None) -> None:
        """Record a turn, for example a cookie that is there again."""
        self._turns += 1
        if connection is None:
            self.on_other_connections = False
        self._suspect()

    def _suspect(self) -> None:
        self.suspicious = self._beyond_scripts or self._turns >= SUSPICIOUS_TURNS

    def _remember(self, value: str, key: CookieKey) -> None:
        values = self._earlier.get(key)
        if values is None:
            values = self._earlier[key] = deque(maxlen=REMEMBERED_VALUES)
        values.append(value)
