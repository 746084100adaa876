"""Recognises values that a response of this client has set before."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cookietrace.cookies.match import domain_match
from cookietrace.fold.exchange import CookieStatus, RequestCookie
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.reconcile import Comparison, Refusals


class SetBefore:
    """Every name and value that a response has set, with the latest exchange that did.

    It is read from the history of the jar when it is first needed, since most traffic never
    needs it.
    """

    def __init__(self, history: JarHistory, refusals: Refusals) -> None:
        self._history = history
        self._refusals = refusals
        self._read = 0
        self._latest: dict[tuple[str, str], tuple[str, str]] = {}
        """Name and value -> the cookie's domain, and the exchange."""

    @property
    def latest(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """Every name and value, with the domain of the cookie and the exchange that set it last."""
        self._catch_up()
        return self._latest

    def mark(self, compared: Comparison, host: str) -> Comparison:
        """Return the comparison with ``set_in`` set on unexplained cookies that were set before.

        The cookie that was set must cover the host, a parent or a subdomain of it. A value
        that was only refused counts as well.
        """
        if all(cookie.status is not CookieStatus.UNEXPLAINED for cookie in compared.cookies):
            return compared
        self._catch_up()
        cookies = tuple([self._marked(cookie, host) for cookie in compared.cookies])
        return msgspec.structs.replace(compared, cookies=cookies)

    def _catch_up(self) -> None:
        """Read the changes since the last call."""
        changes = self._history.changes
        for change in changes[self._read :]:
            if change.cause == "stored" and change.after is not None:
                key = change.key
                self._latest[key.name, change.after.value] = key.domain, change.exchange_id
        self._read = len(changes)

    def _marked(self, cookie: RequestCookie, host: str) -> RequestCookie:
        if cookie.status is not CookieStatus.UNEXPLAINED:
            return cookie
        set_in = self._refusals.find(cookie.name, cookie.value, host)
        found = self._latest.get((cookie.name, cookie.value))
        if found is not None:
            domain, exchange_id = found
            if domain_match(host, domain) or domain_match(domain, host):
                set_in = exchange_id
        return cookie if set_in is None else msgspec.structs.replace(cookie, set_in=set_in)
