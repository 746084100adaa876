"""Controls one page of a Chromium over its DevTools pipe."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools_pipe import DevToolsPipe

RESPONSE_SECONDS = 60.0
"""How long one response or one page may take, including the first after a start."""


class DevTools(DevToolsPipe):
    """One browser, one page at a time. Its methods raise ``LaunchError``."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def open_page(self) -> str:
        """Open an empty page and return the session that controls it."""
        target = self.call("Target.createTarget", {"url": "about:blank"})
        attached = self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        session = str(attached["sessionId"])
        self.call("Page.enable", {}, session)
        self.call("Page.setLifecycleEventsEnabled", {"enabled": True}, session)
        return session

    def visit(self, url: str, session: str) -> None:
        """Go to a URL, and return once that page (not the one before it) has loaded.

        A URL that differs from the current page only in its fragment loads nothing.
        """
        self._events.clear()
        response = self.call("Page.navigate", {"url": url}, session)
        if response.get("errorText"):
            raise LaunchError(f"the browser could not open {url}: {response['errorText']}")
        loader = response.get("loaderId")  # none if only the fragment changed
        deadline = time.monotonic() + RESPONSE_SECONDS
        while loader and not any(_loaded(event, loader) for event in self._events):
            self._events.append(self._receive(deadline))

    def call(
        self, method: str, parameters: dict[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        """Send one command and return its result; events that arrive meanwhile are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self.send(msgspec.json.encode(message))
        deadline = time.monotonic() + RESPONSE_SECONDS
        while True:
            message = self._receive(deadline)
            if message.get("id") != self._number:
                self._events.append(message)
            elif "error" in message:
                raise LaunchError(f"the browser refused {method}: {message['error']['message']}")
            else:
                result: dict[str, Any] = message.get("result", {})
                return result

    def _receive(self, deadline: float) -> dict[str, Any]:
        """Return the next message."""
        data = self.receive(max(0.0, deadline - time.monotonic()))
        if data is None:
            raise LaunchError(f"the browser did not respond for {RESPONSE_SECONDS:.0f} s")
        message: dict[str, Any] = msgspec.json.decode(data)
        return message


def _loaded(event: dict[str, Any], loader: str) -> bool:
    """Return whether an event says that the page of that loader has loaded."""
    parameters = event.get("params", {})
    return (
        event.get("method") == "Page.lifecycleEvent"
        and parameters.get("name") == "load"
        and parameters.get("loaderId") == loader
    )
