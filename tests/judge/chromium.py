"""Chromium as a judge: one jar per window; drives a page and notes what is reported of cookies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from cookietrace.listening.said import Said
from tests.judge.browser import PATIENCE, Blocked, BrowserError, JarCookie, Json, Noted
from tests.judge.devtools import DevTools
from tests.judge.server import SERIAL

_PAGES = ("page", "iframe", "tab")


class ChromiumWindow:
    """One private browser context behind its own listener, with one page to drive."""

    def __init__(self, browser: Chromium, context: str) -> None:
        self.context = context
        self.notes: dict[int, Noted] = {}
        """By the serial number of the response."""
        self.trouble: list[str] = []
        self._browser = browser
        self._devtools = browser.devtools
        self._changed = browser.changed
        self._loads: dict[str, int] = {}
        self._open: dict[str, str] = {}
        self._unreported: Counter[str] = Counter()
        """By request: responses whose cookies Chromium has not reported yet."""
        self._withheld: dict[str, list[tuple[Blocked, ...]]] = {}
        self._serials: dict[str, list[int]] = {}
        self.session = ""

    def open(self, *, seen: bool) -> None:
        """Open the page."""
        target = self._devtools.call(
            "Target.createTarget",
            url="about:blank",
            browserContextId=self.context,
            # Painting takes half of the time of a navigation, and makes no difference to cookies.
            windowState="normal" if seen else "minimized",
        )["targetId"]
        self.attach(target)

    def attach(self, target: str) -> None:
        """Drive a page, once all of its events are subscribed to."""
        self._until(lambda: target in self._browser.sessions, "the page is attached")
        self.session, ready = self._browser.sessions[target]
        for reply in ready:
            reply.result(PATIENCE)

    # --- driving

    def go(self, url: str) -> None:
        """Navigate as from the address bar, and wait until the page has loaded."""

        def start() -> None:
            reply = self._devtools.call("Page.navigate", self.session, url=url)
            if reply.get("errorText"):
                raise BrowserError(f"{url}: {reply['errorText']}")

        self._loading(start)

    def leave(self, script: str) -> None:
        """Run a script that navigates, and wait until the new page has loaded."""
        self._loading(lambda: self._evaluate(script, wait=False))

    def reload(self) -> None:
        """Reload the page."""
        self._loading(lambda: self._devtools.call("Page.reload", self.session))

    def back(self) -> None:
        """Go back in the page's history."""

        def start() -> None:
            history = self._devtools.call("Page.getNavigationHistory", self.session)
            entry = history["entries"][history["currentIndex"] - 1]["id"]
            self._devtools.call("Page.navigateToHistoryEntry", self.session, entryId=entry)

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

    def cookies(self) -> list[JarCookie]:
        """Return Chromium's jar."""
        reply = self._devtools.call("Storage.getCookies", browserContextId=self.context)
        return [_cookie(one) for one in reply["cookies"]]

    def clear(self) -> None:
        """Clear the jar."""
        self._devtools.call("Storage.clearCookies", browserContextId=self.context)

    def close(self) -> None:
        """Close the context with all its pages."""
        self._devtools.call("Target.disposeBrowserContext", browserContextId=self.context)

    def _evaluate(self, script: str, *, wait: bool) -> None:
        reply = self._devtools.call(
            "Runtime.evaluate",
            self.session,
            expression=script,
            awaitPromise=wait,
            userGesture=True,
            returnByValue=wait,
        )
        if "exceptionDetails" in reply:
            raise BrowserError(f"{script}: {reply['exceptionDetails']}")

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


def _cookie(one: Json) -> JarCookie:
    key = one.get("partitionKey")
    partition = None
    if key is not None:
        own = key["topLevelSite"].endswith(".".join(one["domain"].split(".")[-2:]))
        partition = key["topLevelSite"] + (
            " (embedded)" if own and key.get("hasCrossSiteAncestor") else ""
        )
    return JarCookie(
        name=one["name"],
        value=one["value"],
        domain=one["domain"],
        path=one["path"],
        secure=one["secure"],
        http_only=one["httpOnly"],
        same_site=one.get("sameSite", "default").lower(),
        expires=None if one["session"] else one["expires"],
        partition=partition,
    )


ALLOWED, BLOCKED = 0, 1
"""``profile.cookie_controls_mode``: what happens to third-party cookies."""


class Chromium:
    """One Chromium: its windows, and the dispatch of events to them.

    Every window is a browser context of its own; a private one is a whole browser.
    """

    def __init__(self, proxy: str, ca: Path, third_party: int, *flags: str) -> None:
        self._ca = ca
        self._third_party = third_party
        self._incognito: list[_Incognito] = []
        self.changed = threading.Condition()
        self.sessions: dict[str, tuple[str, list[Future[Json]]]] = {}
        """Target -> the session that drives it, and the replies to wait for first."""
        self._by_context: dict[str, ChromiumWindow] = {}
        self._by_session: dict[str, ChromiumWindow] = {}
        self.devtools = DevTools(proxy, ca, self._handle, third_party, *flags)

    def __enter__(self) -> Self:
        """Start to attach to every page that opens."""
        self._follow(None)
        return self

    def __exit__(self, *_: object) -> None:
        """End the browser, and those for private windows."""
        for started in self._incognito:
            started.__exit__()
        self.devtools.close()

    @property
    def said(self) -> tuple[tuple[Said, ...], ...]:
        """What the log of each browser process says; they have ended."""
        return (self.devtools.said, *(said for one in self._incognito for said in one.said))

    @property
    def heard(self) -> tuple[tuple[Said, ...], ...]:
        """What the DevTools of each browser process say; they have ended."""
        return (self.devtools.heard, *(heard for one in self._incognito for heard in one.heard))

    def open(self, proxy: str, *, private: bool, seen: bool) -> ChromiumWindow:
        """Open a window with an empty jar behind the listener at ``proxy``."""
        if private:
            started = _Incognito(proxy, self._ca, self._third_party)
            self._incognito.append(started)
            return started.page()
        context = self.devtools.call(
            "Target.createBrowserContext",
            proxyServer=f"http://{proxy}",
            proxyBypassList="<-loopback>",
        )["browserContextId"]
        window = self._by_context[context] = ChromiumWindow(self, context)
        window.open(seen=seen)
        return window

    def _follow(self, session: str | None) -> None:
        """Make new targets wait until all of their events are subscribed to."""
        self.devtools.send(
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
                    self.devtools.send("Network.enable", session),
                    self.devtools.send("Page.enable", session),
                ]
                self._follow(session)
        ready.append(self.devtools.send("Runtime.runIfWaitingForDebugger", session))
        self.sessions[info["targetId"]] = (session, ready)


class _Incognito(Chromium):
    """A Chromium that starts with a private window, which is all that is used of it.

    It is off the record as a user's is: unlike other contexts, it blocks third-party cookies
    by itself.
    """

    def __init__(self, proxy: str, ca: Path, third_party: int) -> None:
        super().__init__(proxy, ca, third_party, "--incognito")

    def page(self) -> ChromiumWindow:
        """Return the window; closing it ends the browser."""
        targets = self.devtools.call("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        window = _IncognitoWindow(self, page["browserContextId"])
        self._by_context[window.context] = window
        self.__enter__()
        window.attach(page["targetId"])
        return window


class _IncognitoWindow(ChromiumWindow):
    """The private window of a browser that has no other."""

    def cookies(self) -> list[JarCookie]:
        """Return Chromium's jar: a private window's context cannot be named, but its page can."""
        reply = self._devtools.call("Network.getAllCookies", self.session)
        return [_cookie(one) for one in reply["cookies"]]

    def clear(self) -> None:
        """Clear the jar."""
        self._devtools.call("Network.clearBrowserCookies", self.session)

    def close(self) -> None:
        """End the browser."""
        self._browser.__exit__()
