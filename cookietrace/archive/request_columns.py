"""What is asked of every request of a trace at once, as columns of numbers."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from cookietrace.cookies import Target


class RequestColumns:
    """The position, the client and the origin of each request: 16 bytes per exchange.

    One thread may add requests while others read.
    """

    def __init__(self) -> None:
        self._positions = array("Q")
        self._clients = array("I")
        self._origins = array("I")
        self._targets: list[Target] = []
        self._known: dict[str, int] = {}

    def add(self, position: int, client: int, target: Target) -> None:
        """Add the next request, by the client with this ordinal."""
        origin = self._known.get(target.origin)
        if origin is None:
            origin = self._known[target.origin] = len(self._targets)
            self._targets.append(target)
        self._positions.append(position)
        self._clients.append(client)
        self._origins.append(origin)

    def until(self, position: int) -> int:
        """Return how many requests had been made by a position in the capture."""
        return bisect_right(self._positions, position)

    def position(self, number: int) -> int:
        """Return the position of an exchange's request."""
        return self._positions[number - 1]

    def client(self, number: int) -> int:
        """Return the ordinal of an exchange's client."""
        return self._clients[number - 1]

    def origin(self, number: int) -> int:
        """Return a number for the origin of an exchange's request: equal for equal origins."""
        return self._origins[number - 1]

    def target(self, origin: int) -> Target:
        """Return the target of the first request to an origin; its path means nothing."""
        return self._targets[origin]
