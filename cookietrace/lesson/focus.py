"""Which exchanges make rows: a host, a path, cookie names, a client, a recorder."""

from __future__ import annotations

import msgspec

from cookietrace.events import recorder_of
from cookietrace.fold.exchange import Exchange


class Focus(msgspec.Struct, frozen=True):
    """A choice of exchanges. A field that is None or empty does not restrict it."""

    host: str | None = None
    """A canonical host name, without port."""
    path: str | None = None
    """An exact path, or a prefix written ``/x/*``."""
    cookies: tuple[str, ...] = ()
    """Names, as on the wire."""
    client_id: str | None = None
    recorder: str | None = None
    """The name of a recorder, in a trace of several."""
    housekeeping: bool = False
    """True to show favicons and the browser's own traffic as well."""

    @property
    def cookie(self) -> str | None:
        """The one cookie in focus; None if there are none or several."""
        return self.cookies[0] if len(self.cookies) == 1 else None

    @property
    def pins_path(self) -> bool:
        """True if every row has the same path, so no row needs to name it."""
        return self.path is not None and not self.path.endswith("*")

    def describe(self) -> str:
        """Return the focus in a few words, e.g. ``path / · cookie user``."""
        parts = [
            f"{what} {value}"
            for what, value in (
                ("host", self.host),
                ("path", self.path),
                ("cookie" if len(self.cookies) == 1 else "cookies", ", ".join(self.cookies)),
                ("client", self.client_id),
                ("recorder", self.recorder),
            )
            if value
        ]
        if self.housekeeping:
            parts.append("with automatic requests")
        return " · ".join(parts) if parts else "everything"

    def covers(self, name: str) -> bool:
        """Return whether a cookie of this name is in focus."""
        return not self.cookies or name in self.cookies

    def place(self, exchange: Exchange) -> int | None:
        """Return the ordinal of the event that brought the exchange into focus.

        None if it is not in focus, or not yet. Once it is a number it never
        changes, so a row never moves.
        """
        part = exchange.request
        if part.housekeeping and not self.housekeeping:
            return None
        if self.client_id is not None and part.client_id != self.client_id:
            return None
        if self.recorder is not None and recorder_of(part.event) != self.recorder:
            return None
        if self.host is not None and part.target.host != self.host:
            return None
        if self.path is not None and not _path_matches(self.path, part.target.path):
            return None
        if not self.cookies or self._concerns_request(exchange):
            return part.position
        return self._response_place(exchange)

    def leaves_out(self, exchange: Exchange) -> bool:
        """Return whether an exchange is out of focus for good; housekeeping is never counted.

        While it waits for its response, a cookie there may still bring it into focus.
        """
        if exchange.request.housekeeping or self.place(exchange) is not None:
            return False
        finished = exchange.response is not None or exchange.failure is not None
        return finished or msgspec.structs.replace(self, cookies=()).place(exchange) is None

    def _concerns_request(self, exchange: Exchange) -> bool:
        """Return whether the request sends, withholds or lacks a cookie in focus."""
        part = exchange.request
        return (
            any(cookie.name in self.cookies for cookie in part.cookies)
            or any(held.cookie.name in self.cookies for held in part.withheld)
            or any(absent.cookie.name in self.cookies for absent in part.missing)
        )

    def _response_place(self, exchange: Exchange) -> int | None:
        """Return the response's position if a cookie in focus was set, read or written there."""
        response, server = exchange.response, exchange.server
        if response is None:
            return None
        if any(result.name in self.cookies for result in response.set_cookies):
            return response.position
        if server is not None:
            touched = {read.name for read in server.reads} | {write.name for write in server.writes}
            if not touched.isdisjoint(self.cookies):
                return response.position
        return None


def _path_matches(wanted: str, path: str) -> bool:
    if wanted.endswith("/*"):
        return path == wanted[:-2] or path.startswith(wanted[:-1])
    if wanted.endswith("*"):
        return path.startswith(wanted[:-1])
    return path == wanted
