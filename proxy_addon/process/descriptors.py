"""The proxy's file descriptors: as many as allowed, and one line if they run out."""

from __future__ import annotations

import asyncio
import errno
import resource
import time
from typing import Protocol

from mitmproxy.proxy.server_hooks import ServerConnectionHookData

ENOUGH = 65_536
"""More are not asked for: no browser needs them."""

QUIET_SECONDS = 10.0
"""How long there must have been enough of them until that is said."""

_SHORT = {errno.EMFILE, errno.ENFILE}
_REFUSED = tuple(f"[Errno {number}]" for number in sorted(_SHORT))
"""How asyncio's message begins if there is none for a connection to a server."""

_CLOSED = "Invalid file descriptor: -1"


class Reporter(Protocol):
    """Passes on that something is wrong while recording works, and that it is over."""

    def warning(self, message: str) -> None:
        """Something is wrong from now on."""

    def warning_over(self, message: str) -> None:
        """It is over."""


def raise_limit() -> None:
    """Allow this process as many descriptors as it may have; each connection takes two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return  # the system allows fewer than it says: those that there are must do


class Descriptors:
    """Says once that there are no descriptors left, and once that there are some again.

    asyncio tries each second again to accept what waits, and logs each time.
    """

    name = "cookietrace_descriptors"

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._last_short: float | None = None
        """When they were short the last time, unless that is over."""

    def explain(self, error: BaseException) -> bool:
        """Report an error that says that descriptors are short; return whether it comes of that."""
        if not isinstance(error, OSError) or error.errno not in _SHORT:
            # asyncio has tried again at a listener that is closed by now.
            return self._last_short is not None and str(error) == _CLOSED
        self._short(of_machine=error.errno == errno.ENFILE)
        return True

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Report that there was none for a connection to a server."""
        if data.server.error and data.server.error.startswith(_REFUSED):
            self._short(of_machine=data.server.error.startswith(f"[Errno {errno.ENFILE}]"))

    def _short(self, *, of_machine: bool) -> None:
        """Report that descriptors are short, once until that is over."""
        first = self._last_short is None
        self._last_short = time.monotonic()
        if not first:
            return
        self._reporter.warning(_message(of_machine=of_machine))
        try:
            asyncio.get_running_loop().call_later(QUIET_SECONDS, self._look)
        except RuntimeError:
            return  # the proxy is about to end

    def _look(self) -> None:
        """Report that it is over, or look again later."""
        if self._last_short is None:
            return
        left = self._last_short + QUIET_SECONDS - time.monotonic()
        if left > 0:
            asyncio.get_running_loop().call_later(left, self._look)
            return
        self._last_short = None
        self._reporter.warning_over(
            "the proxy has file descriptors again: connections are accepted"
        )


def _message(*, of_machine: bool) -> str:
    """Return one line: the limit, and what to do."""
    if of_machine:
        return (
            "this machine is out of file descriptors: connections wait or fail; close programs "
            "that use many, or raise the system's limit"
        )
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        f"out of file descriptors (the limit, ulimit -n, is {limit}): connections wait or fail; "
        "close pages, or raise the limit and start cookietrace again"
    )
