"""What a client was predicted to refuse, to know it again where it comes back all the same."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import StoreResult
from cookietrace.cookies.match import domain_match
from cookietrace.fold.exchange import CookieStatus, RequestCookie
from cookietrace.fold.reconcile import Comparison


class Refusals:
    """The latest refusal of each pair of a name and a value."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], tuple[str, str]] = {}
        """Name and value -> the host that set it, and the exchange."""

    def take(self, result: StoreResult, host: str, exchange_id: str) -> None:
        """Take note of a Set-Cookie that was rejected."""
        self._latest[result.name, result.value] = host, exchange_id

    def found(self, compared: Comparison, host: str) -> Comparison:
        """Return a comparison that says which of its unexplained cookies had been refused.

        Only a pair that a host set which is the request's own, above it or below it:
        another one's cookie of that name and value is another cookie.
        """
        if not self._latest:
            return compared
        cookies = tuple([self._known(told, host) for told in compared.cookies])
        return msgspec.structs.replace(compared, cookies=cookies)

    def _known(self, told: RequestCookie, host: str) -> RequestCookie:
        if told.status is not CookieStatus.UNEXPLAINED or told.replaces is not None:
            return told
        setter, exchange_id = self._latest.get((told.name, told.value), ("", None))
        if exchange_id is None or not (domain_match(host, setter) or domain_match(setter, host)):
            return told
        return msgspec.structs.replace(told, refused_in=exchange_id)
