"""The cookies of a site's other hosts, which a request counts: listed where they are asked for.

A request to ``www.shop.test`` lists the cookies that it withholds of its own host and of
``shop.test``. Those of ``api.shop.test`` have nothing to do with it, and a site can have
hundreds: the fold counts them, and the jar at that event tells which they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from cookietrace.cookies import CookieJar, Withheld, default_public_suffixes
from cookietrace.fold.exchange import Exchange, JarChange, RequestPart
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.jar_simulation import jar_after
from cookietrace.trace import Trace


class SiblingCookies:
    """Lists what requests of one trace only count.

    Asking for one exchange after another, in their order, takes time in proportion to what
    changed in between and to the cookies of the site; asking for an earlier one builds the jar of
    that event.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._jars: dict[str, _JarInTime] = {}

    def __getstate__(self) -> dict[str, Any]:
        # the jars can be made again, and have caches that cannot be pickled
        return {**vars(self), "_jars": {}}

    def of(self, exchange: Exchange) -> tuple[Withheld, ...]:
        """Return the cookies that a request counts as withheld elsewhere, oldest first.

        Each has every rule that withholds it; the first is always ``other-host``.
        """
        part = exchange.request
        if not part.withheld_elsewhere:
            return ()
        jar = self._jars.get(part.client_id)
        if jar is None:
            jar = self._jars[part.client_id] = _JarInTime(self._trace, part.client_id)
        return jar.at(part.position).elsewhere(part.target, part.context, part.at)


def siblings_of(trace: Trace, exchange: Exchange) -> tuple[Withheld, ...]:
    """Return the cookies that one request counts as withheld elsewhere, oldest first."""
    return SiblingCookies(trace).of(exchange)


def elsewhere_text(part: RequestPart) -> str:
    """Return what a request counts as withheld elsewhere; empty if that is nothing.

    For example ``195 cookies of other hosts of shop.test``; display text, for the middle of a
    sentence.
    """
    count, host = part.withheld_elsewhere, part.target.host or ""
    if not count:
        return ""
    site = shown(default_public_suffixes().registrable_domain(host) or host)
    if count == 1:
        return f"one cookie of another host of {site}"
    return f"{count:,} cookies of other hosts of {site}"


class _JarInTime:
    """A client's jar, which is moved from one event to another."""

    def __init__(self, trace: Trace, client_id: str) -> None:
        self._trace = trace
        self._client_id = client_id
        self._jar: CookieJar | None = None
        self._next = 0
        """The index of the first change that the jar does not have."""

    def at(self, position: int) -> CookieJar:
        """Return the jar after ``position`` events; it is good until the next call."""
        changes = self._trace.jar_changes(self._client_id)
        end = bisect_right(changes, position, key=_changed_at)
        jar = self._jar
        if jar is None or not self._next <= end <= self._next + len(jar) + 512:
            jar = self._jar = jar_after(self._trace, self._client_id, position)
        else:
            _apply(changes[self._next : end], jar)
        self._next = end
        return jar


def _apply(changes: Iterable[JarChange], jar: CookieJar) -> None:
    for change in changes:
        if change.after is None:
            jar.remove(change.key)
        else:
            jar.put(change.after)


def _changed_at(change: JarChange) -> int:
    return change.position
