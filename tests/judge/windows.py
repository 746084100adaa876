"""The browser's windows, one jar each: drives a page and notes what Chromium reports of cookies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from tests.judge.devtools import PATIENCE, Chromium, DevToolsError, Json
from tests.judge.server import SERIAL

_PAGES = ("page", "iframe", "tab")


class Blocked(msgspec.Struct, frozen=True):
    """One Set-Cookie line, or one cookie of a request, that Chromium reports as blocked."""

    line: str
    """The line; for a withheld cookie its name, domain and path, joined by NUL."""
    reasons: tuple[str, ...]


class Noted(msgspec.Struct):
    """What Chromium reported about one exchange."""

    blocked: tuple[Blocked, ...] | None = None
    """Set-Cookie lines; None if it reported nothing about the response."""
    withheld: tuple[Blocked, ...] | None = None


class Window:
    """One private browser context behind its own listener, with one page to drive."""

    def __init__(self, windows: Windows, context: str) -> None:
        self.context = context
        self.notes: dict[int, Noted] = {}
        """By the serial number of the response."""
        self.trouble: list[str] = []
        self._windows = windows
        self._chromium = windows.chromium
        self._changed = windows.changed
        self._loads: dict[str, int] = {}
        self._open: dict[str, str] = {}
        self._unreported: Counter[str] = Counter()
        """By request: responses whose cookies Chromium has not reported yet."""
        self._withheld: dict[str, list[tuple[Blocked, ...]]] = {}
        self._serials: dict[str, list[int]] = {}
        self.session = ""

    def open(self) -> None:
        """Open the page."""
        target = self._chromium.call(
            "Target.createTarget", url="about:blank", browserContextId=self.context
        )["targetId"]
        self._until(lambda: target in self._windows.sessions, "the page is attached")
        self.session, ready = self._windows.sessions[target]
        for reply in ready:
            reply.result(PATIENCE)

    # --- driving

    def go(self, url: str) -> None:
        """Navigate as from the address bar, and wait until the page has loaded."""

        def start() -> None:
            reply = self._chromium.call("Page.navigate", self.session, url=url)
            if reply.get("errorText"):
                raise DevToolsError(f"{url}: {reply['errorText']}")

        self._loading(start)

    def leave(self, script: str) -> None:
        """Run a script that navigates, and wait until the new page has loaded."""
        self._loading(lambda: self._evaluate(script, wait=False))

    def reload(self) -> None:
        """Reload the page."""
        self._loading(lambda: self._chromium.call("Page.reload", self.session))

    def back(self) -> None:
        """Go back in the page's history."""

        def start() -> None:
            history = self._chromium.call("Page.getNavigationHistory", self.session)
            entry = history["entries"][history["currentIndex"] - 1]["id"]
            self._chromium.call("Page.navigateToHistoryEntry", self.session, entryId=entry)

        self._loading(start)

    def act(self, script: str) -> None:
        """Run a script in the page, and wait for its promise."""
        self._evaluate(script, wait=True)

    def settle(self) -> None:
        """Wait until no request is in progress and Chromium has reported the cookies of each."""
        self._until(
            lambda: not self._open and all(left <= 0 for left in self._unreported.values()),
            "all requests have their response",
        )

    def cookies(self) -> list[Json]:
        """Return Chromium's jar."""
        reply = self._chromium.call("Storage.getCookies", browserContextId=self.context)
        return list(reply["cookies"])

    def clear(self) -> None:
        """Clear the jar."""
        self._chromium.call("Storage.clearCookies", browserContextId=self.context)

    def close(self) -> None:
        """Close the context with all its pages."""
        self._chromium.call("Target.disposeBrowserContext", browserContextId=self.context)

    def _evaluate(self, script: str, *, wait: bool) -> None:
        reply = self._chromium.call(
            "Runtime.evaluate",
            self.session,
            expression=script,
            awaitPromise=wait,
            userGesture=True,
            returnByValue=wait,
        )
        if "exceptionDetails" in reply:
            raise DevToolsError(f"{script}: {reply['exceptionDetails']}")

    def _loading(self, start: Callable[[], object]) -> None:
        """Start a navigation, and wait for its load event."""
        before = self._loads.get(self.session, 0)
        start()
        self._until(lambda: self._loads.get(self.session, 0) > before, "the page has loaded")

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise TimeoutError(f"timed out until {what}; open: {sorted(self._open.values())}")

    # --- listening (in the reader's thread, with ``changed`` held)

    def take(self, session: str, method: str, event: Json) -> None:
        """Note one event."""
        match method:
            case "Page.loadEventFired":
                self._loads[session] = self._loads.get(session, 0) + 1
            case "Page.frameNavigated" if event.get("type") == "BackForwardCacheRestore":
                # Restored from the back/forward cache: no request, no load event.
                self._loads[session] = self._loads.get(session, 0) + 1
            case "Network.requestWillBeSent":
                url = event["request"]["url"]
                if url.startswith("http") and not url.endswith("/favicon.ico"):
                    self._open[event["requestId"]] = url
                if event.get("redirectHasExtraInfo"):
                    self._unreported[event["requestId"]] += 1
            case "Network.responseReceived" if event.get("hasExtraInfo"):
                self._unreported[event["requestId"]] += 1
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._open.pop(event["requestId"], None)
            case "Network.requestWillBeSentExtraInfo":
                report = tuple(_withheld(one) for one in event["associatedCookies"])
                self._withheld.setdefault(event["requestId"], []).append(
                    tuple(one for one in report if one.reasons)
                )
                self._match(event["requestId"])
            case "Network.responseReceivedExtraInfo":
                self._unreported[event["requestId"]] -= 1
                self._served(event)

    def loaded(self, url: str) -> None:
        """Note a new worker, frame or page: its own session reports the end of its load."""
        self._open = {number: address for number, address in self._open.items() if address != url}

    def _served(self, event: Json) -> None:
        """Note the outcome of a response's cookies under its serial number."""
        headers = {name.lower(): value for name, value in event["headers"].items()}
        serial = int(headers.get(SERIAL, "0"))
        note = self.notes.setdefault(serial, Noted())
        note.blocked = tuple(
            Blocked(one["cookieLine"], tuple(one["blockedReasons"]))
            for one in event["blockedCookies"]
        )
        self._serials.setdefault(event["requestId"], []).append(serial)
        self._match(event["requestId"])

    def _match(self, request_id: str) -> None:
        """Match the n-th request with the n-th response of a redirect chain."""
        requests, serials = self._withheld.get(request_id, []), self._serials.get(request_id, [])
        for withheld, serial in zip(requests, serials, strict=False):
            self.notes[serial].withheld = withheld


def _withheld(one: Json) -> Blocked:
    cookie = one["cookie"]
    return Blocked(
        "\0".join((cookie["name"], cookie["domain"], cookie["path"])),
        tuple(one["blockedReasons"]),
    )


class Windows:
    """All windows of one browser, and the dispatch of events to them."""

    def __init__(self, proxy: str, ca: Path) -> None:
        self.changed = threading.Condition()
        self.sessions: dict[str, tuple[str, list[Future[Json]]]] = {}
        """Target -> the session that drives it, and the replies to wait for first."""
        self._by_context: dict[str, Window] = {}
        self._by_session: dict[str, Window] = {}
        self.chromium = Chromium(proxy, ca, self._handle)

    def start(self) -> None:
        """Start to attach to every page that opens."""
        self._follow(None)

    def open(self, proxy: str) -> Window:
        """Open a window with an empty jar behind the listener at ``proxy``."""
        context = self.chromium.call(
            "Target.createBrowserContext",
            proxyServer=f"http://{proxy}",
            proxyBypassList="<-loopback>",
        )["browserContextId"]
        window = self._by_context[context] = Window(self, context)
        window.open()
        return window

    def _follow(self, session: str | None) -> None:
        """Make new targets wait until all of their events are subscribed to."""
        self.chromium.send(
            "Target.setAutoAttach",
            session,
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
        )

    def _handle(self, message: Json) -> None:
        session, method = message.get("sessionId"), message["method"]
        with self.changed:
            if method == "Target.attachedToTarget":
                self._attached(message["params"])
            elif session is not None and session in self._by_session:
                self._by_session[session].take(session, method, message["params"])
            self.changed.notify_all()

    def _attached(self, event: dict[str, Any]) -> None:
        info, session = event["targetInfo"], event["sessionId"]
        window = self._by_context.get(info.get("browserContextId", ""))
        ready = []
        if window is not None:
            window.loaded(info["url"])
            self._by_session[session] = window
            if info["type"] in _PAGES:
                ready += [
                    self.chromium.send("Network.enable", session),
                    self.chromium.send("Page.enable", session),
                ]
                self._follow(session)
        ready.append(self.chromium.send("Runtime.runIfWaitingForDebugger", session))
        self.sessions[info["targetId"]] = (session, ready)
