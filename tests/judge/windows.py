"""The browser's windows, a jar each: drives a page, and notes what Chromium says of cookies."""

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
    """One Set-Cookie line, or one cookie of a request, that Chromium says it blocked."""

    line: str
    """The line; of a withheld cookie its name, domain and path, joined by NUL."""
    reasons: tuple[str, ...]


class Noted(msgspec.Struct):
    """What Chromium said about one exchange."""

    blocked: tuple[Blocked, ...] | None = None
    """Set-Cookie lines; None where it said nothing about the response."""
    withheld: tuple[Blocked, ...] | None = None


class Window:
    """One private browser context behind a listener of its own, with one page to drive."""

    def __init__(self, windows: Windows, context: str) -> None:
        self.context = context
        self.notes: dict[int, Noted] = {}
        """By the serial number of the answer."""
        self.trouble: list[str] = []
        self._windows = windows
        self._chromium = windows.chromium
        self._changed = windows.changed
        self._loads: dict[str, int] = {}
        self._open: dict[str, str] = {}
        self._untold: Counter[str] = Counter()
        """By request: answers of whose cookies Chromium has yet to tell."""
        self._withheld: dict[str, list[tuple[Blocked, ...]]] = {}
        self._answers: dict[str, list[int]] = {}
        self.session = ""

    def open(self) -> None:
        """Open the page."""
        target = self._chromium.call(
            "Target.createTarget", url="about:blank", browserContextId=self.context
        )["targetId"]
        self._until(lambda: target in self._windows.sessions, "the page is attached")
        self.session, ready = self._windows.sessions[target]
        for answer in ready:
            answer.result(PATIENCE)

    # --- driving

    def go(self, url: str) -> None:
        """Navigate as from the address bar, and wait until the page has loaded."""

        def start() -> None:
            answer = self._chromium.call("Page.navigate", self.session, url=url)
            if answer.get("errorText"):
                raise DevToolsError(f"{url}: {answer['errorText']}")

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
        """Wait until no request is under way, and all is told of the cookies of each."""
        self._until(
            lambda: not self._open and all(left <= 0 for left in self._untold.values()),
            "all requests are answered",
        )

    def cookies(self) -> list[Json]:
        """Return the jar, as Chromium has it."""
        answer = self._chromium.call("Storage.getCookies", browserContextId=self.context)
        return list(answer["cookies"])

    def clear(self) -> None:
        """Clear the jar."""
        self._chromium.call("Storage.clearCookies", browserContextId=self.context)

    def close(self) -> None:
        """Close the context with all its pages."""
        self._chromium.call("Target.disposeBrowserContext", browserContextId=self.context)

    def _evaluate(self, script: str, *, wait: bool) -> None:
        answer = self._chromium.call(
            "Runtime.evaluate",
            self.session,
            expression=script,
            awaitPromise=wait,
            userGesture=True,
            returnByValue=wait,
        )
        if "exceptionDetails" in answer:
            raise DevToolsError(f"{script}: {answer['exceptionDetails']}")

    def _loading(self, start: Callable[[], object]) -> None:
        """Start a navigation, and wait for one more load than there was."""
        before = self._loads.get(self.session, 0)
        start()
        self._until(lambda: self._loads.get(self.session, 0) > before, "the page has loaded")

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise TimeoutError(f"{what}: never; open: {sorted(self._open.values())}")

    # --- listening (in the reader's thread, with ``changed`` held)

    def take(self, session: str, method: str, event: Json) -> None:
        """Note one event."""
        match method:
            case "Page.loadEventFired":
                self._loads[session] = self._loads.get(session, 0) + 1
            case "Page.frameNavigated" if event.get("type") == "BackForwardCacheRestore":
                # Such a page comes back as it was: nothing is asked for, and nothing loads.
                self._loads[session] = self._loads.get(session, 0) + 1
            case "Network.requestWillBeSent":
                url = event["request"]["url"]
                if url.startswith("http") and not url.endswith("/favicon.ico"):
                    self._open[event["requestId"]] = url
                if event.get("redirectHasExtraInfo"):
                    self._untold[event["requestId"]] += 1
            case "Network.responseReceived" if event.get("hasExtraInfo"):
                self._untold[event["requestId"]] += 1
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._open.pop(event["requestId"], None)
            case "Network.requestWillBeSentExtraInfo":
                told = tuple(_withheld(one) for one in event["associatedCookies"])
                self._withheld.setdefault(event["requestId"], []).append(
                    tuple(one for one in told if one.reasons)
                )
                self._match(event["requestId"])
            case "Network.responseReceivedExtraInfo":
                self._untold[event["requestId"]] -= 1
                self._answered(event)

    def loaded(self, url: str) -> None:
        """Note that a worker, frame or page is there: its session tells of the end of its load."""
        self._open = {number: address for number, address in self._open.items() if address != url}

    def _answered(self, event: Json) -> None:
        """Note what became of a response's cookies, under the response's serial number."""
        headers = {name.lower(): value for name, value in event["headers"].items()}
        serial = int(headers.get(SERIAL, "0"))
        note = self.notes.setdefault(serial, Noted())
        note.blocked = tuple(
            Blocked(one["cookieLine"], tuple(one["blockedReasons"]))
            for one in event["blockedCookies"]
        )
        self._answers.setdefault(event["requestId"], []).append(serial)
        self._match(event["requestId"])

    def _match(self, request_id: str) -> None:
        """Bring together the n-th request and the n-th answer of a chain of redirects."""
        asked, answers = self._withheld.get(request_id, []), self._answers.get(request_id, [])
        for withheld, serial in zip(asked, answers, strict=False):
            self.notes[serial].withheld = withheld


def _withheld(one: Json) -> Blocked:
    cookie = one["cookie"]
    return Blocked(
        "\0".join((cookie["name"], cookie["domain"], cookie["path"])),
        tuple(one["blockedReasons"]),
    )


class Windows:
    """All windows of one browser, and the events on their way to them."""

    def __init__(self, proxy: str, ca: Path) -> None:
        self.changed = threading.Condition()
        self.sessions: dict[str, tuple[str, list[Future[Json]]]] = {}
        """Target -> the session in which it is driven, and what must be answered before."""
        self._by_context: dict[str, Window] = {}
        self._by_session: dict[str, Window] = {}
        self.chromium = Chromium(proxy, ca, self._take)

    def start(self) -> None:
        """Begin to follow every page that opens."""
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
        """Have new targets wait until all of their events can be seen."""
        self.chromium.send(
            "Target.setAutoAttach",
            session,
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
        )

    def _take(self, message: Json) -> None:
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
