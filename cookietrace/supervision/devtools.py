"""Drives a Chromium over its DevTools pipe: JSON messages, each ended by a NUL."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Any

import msgspec

from cookietrace.errors import LaunchError

ANSWER_SECONDS = 60.0
"""How long one answer or one page may take: the first one of a browser that starts, too."""


class DevTools:
    """One browser, one page at a time. Its methods raise ``LaunchError``."""

    def __init__(self) -> None:
        self.browser_in, self._write_fd = os.pipe()
        self._read_fd, self.browser_out = os.pipe()
        self._pending = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def started(self) -> None:
        """Close the browser's ends here; call it once the browser has been started."""
        os.close(self.browser_in)
        os.close(self.browser_out)

    def close(self) -> None:
        """Close our ends, which ends the browser."""
        for fd in (self._write_fd, self._read_fd):
            with contextlib.suppress(OSError):
                os.close(fd)

    def open_page(self) -> str:
        """Open an empty page and return the session in which it is driven."""
        target = self.call("Target.createTarget", {"url": "about:blank"})
        attached = self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        session = str(attached["sessionId"])
        self.call("Page.enable", {}, session)
        self.call("Page.setLifecycleEventsEnabled", {"enabled": True}, session)
        return session

    def visit(self, url: str, session: str) -> None:
        """Go to a URL, and return once that very page has loaded, not the one before it.

        A URL that leads to another place in the page that is there loads nothing.
        """
        self._events.clear()
        answer = self.call("Page.navigate", {"url": url}, session)
        if answer.get("errorText"):
            raise LaunchError(f"the browser could not open {url}: {answer['errorText']}")
        loader = answer.get("loaderId")  # none within the page that is there
        deadline = time.monotonic() + ANSWER_SECONDS
        while loader and not any(_loaded(event, loader) for event in self._events):
            self._events.append(self._receive(deadline))

    def call(
        self, method: str, parameters: dict[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        """Send one command and return its result; events that come meanwhile are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        try:
            os.write(self._write_fd, msgspec.json.encode(message) + b"\0")
        except OSError as error:
            raise LaunchError(f"the browser has ended: {error.strerror}") from error
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = self._receive(deadline)
            if answer.get("id") != self._number:
                self._events.append(answer)
            elif "error" in answer:
                raise LaunchError(f"the browser refused {method}: {answer['error']['message']}")
            else:
                result: dict[str, Any] = answer.get("result", {})
                return result

    def _receive(self, deadline: float) -> dict[str, Any]:
        """Return the next message."""
        while b"\0" not in self._pending:
            ready, _, _ = select.select(
                [self._read_fd], [], [], max(0.0, deadline - time.monotonic())
            )
            if not ready:
                raise LaunchError(f"the browser did not answer for {ANSWER_SECONDS:.0f} s")
            octets = os.read(self._read_fd, 65536)
            if not octets:
                raise LaunchError("the browser has ended")
            self._pending += octets
        line, _, self._pending = self._pending.partition(b"\0")
        message: dict[str, Any] = msgspec.json.decode(line)
        return message


def _loaded(event: dict[str, Any], loader: str) -> bool:
    """Return whether an event says that all of the page of that loader is there."""
    told = event.get("params", {})
    return (
        event.get("method") == "Page.lifecycleEvent"
        and told.get("name") == "load"
        and told.get("loaderId") == loader
    )
