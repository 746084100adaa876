"""What the servers for browsers have in common: a socket, an address with a token, a process."""

from __future__ import annotations

import queue
import threading
from abc import ABC, abstractmethod
from typing import Self

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.supervision.child import Child
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.proxy import RunningProxy
from cookietrace.supervision.web_listening import WebAddress, listening_socket, require_extra


class WebServer(ABC):
    """A server in a process of its own, on a socket that is opened here."""

    def __init__(self, where: WebAddress, flag: str) -> None:
        """Listen, so that the port is ours; connections wait. Raises ``LaunchError``.

        ``flag`` is the option with which the user asked for it.
        """
        require_extra(flag)
        self._where = where
        self._socket = listening_socket(where.listen)
        host, port = self._socket.getsockname()[:2]
        asked = where.listen.host if where.listen is not None else host
        self._listening = Address(asked, port)
        self._lifeline = Lifeline()
        self._child: Child | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """Every ``host:port`` of the server: what a browser sends there must not be recorded."""
        return self._where.own(self._listening)

    @property
    def child(self) -> Child:
        """The process, once it is loaded."""
        assert self._child is not None
        return self._child

    def _address(self, token: str) -> str:
        """Return the address to open in a browser. It ends in the token."""
        return f"{self._where.url(self._listening)}#token={token}"

    @abstractmethod
    def load(self, proxy: RunningProxy | None = None) -> None:
        """Start the process, which serves nothing yet. Raises ``LaunchError``.

        ``proxy`` is the one whose recording it will show.
        """

    def __enter__(self) -> Self:
        """Return itself. The block may be entered again within itself."""
        return self

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """End the process. Safe to call twice."""

    @abstractmethod
    def ended(self) -> LaunchError:
        """Return why the process ended, as an error for the user."""

    def first_ended(self, *others: Child) -> LaunchError:
        """Wait until this process or another one has ended, and return why it did."""
        child = first_to_end(self.child, *others)
        if child is self.child:
            return self.ended()
        reason = child.last_error() or child.process.returncode
        return LaunchError(f"the {child.name} ended: {reason}")


def first_to_end(*children: Child) -> Child:
    """Wait until one of these processes has ended, and return it."""
    ended: queue.SimpleQueue[Child] = queue.SimpleQueue()

    def wait(child: Child) -> None:
        child.process.wait()
        ended.put(child)

    for child in children:
        threading.Thread(target=wait, args=(child,), name="end", daemon=True).start()
    return ended.get()
