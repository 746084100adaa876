"""Opens browsers behind listeners of their own, and closes them when the screen is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.supervision.browsers import (
    Browser,
    Launched,
    find_browser,
    kinds,
    launch,
    require_display,
)
from tui.feed.reports import Commands
from tui.messages import BrowserFailed, BrowserOpened
from tui.state.recording import Recording

ANSWER_SECONDS = 15.0
"""How long the proxy may take to open a listener."""


class Launcher:
    """One listener, one fresh profile, one jar for each browser it opens."""

    def __init__(self, commands: Commands | None, post: Callable[[Message], object]) -> None:
        self._commands = commands
        self._post = post
        self._asked: dict[str, Browser] = {}
        self._launched: list[Launched] = []
        self._labels: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def found(self, recording: Recording) -> tuple[tuple[str, str], ...]:
        """Return ``(kind, path)`` of each browser on this machine that can be opened.

        Raises ``LaunchError`` that says why none can, and what to do with a browser elsewhere.
        """
        if self._commands is None:
            raise LaunchError(
                "no proxy belongs to this screen, so no browser can be opened behind it: "
                "start with cookietrace watch"
            )
        try:
            require_display()
        except LaunchError as error:
            raise LaunchError(
                f"no display was found to open a browser on: {_elsewhere(recording)}"
            ) from error
        found: list[tuple[str, str]] = []
        for kind in kinds():
            try:
                found.append((kind, find_browser(kind).path))
            except LaunchError:
                continue
        if not found:
            raise LaunchError(
                f"no browser was found ({', '.join(kinds())}): install one, "
                f"or {_elsewhere(recording)}"
            )
        return tuple(found)

    def ask(self, kind: str) -> str:
        """Ask the proxy for a listener for a browser of that kind; return its label.

        Raises ``LaunchError``.
        """
        if self._commands is None:
            raise LaunchError("no proxy belongs to this screen")
        browser = find_browser(kind)
        number = 1
        label = kind
        while label in self._labels:
            number += 1
            label = f"{kind} {number}"
        self._labels.add(label)
        self._asked[label] = browser
        self._commands.listen("regular@127.0.0.1:0", label)
        return label

    def waiting(self, label: str) -> bool:
        """Say whether the proxy has not answered yet."""
        return label in self._asked

    def forget(self, label: str) -> None:
        """Wait no longer for an answer."""
        self._asked.pop(label, None)

    def reported(self, recording: Recording) -> None:
        """Open every browser whose listener is there now."""
        for listener in recording.listeners:
            browser = self._asked.pop(listener.label or "", None)
            if browser is not None:
                reverse = recording.reverse()
                url = reverse.target if reverse is not None else None
                threading.Thread(
                    target=self._open,
                    args=(browser, listener.address, recording.ca, url),
                    name="launch",
                    daemon=True,
                ).start()

    def close(self) -> None:
        """Close every browser that was opened; their profiles are gone when it returns."""
        with self._lock:
            self._closed = True
            launched, self._launched = self._launched, []
        for browser in launched:
            browser.close()

    def _open(self, browser: Browser, proxy: str, ca: str | None, url: str | None) -> None:
        try:
            launched = launch(
                browser, proxy=proxy, ca=Path(ca) if ca is not None else None, url=url
            )
        except CookietraceError as error:
            self._post(BrowserFailed(str(error)))
            return
        with self._lock:
            if not self._closed:
                self._launched.append(launched)
                self._post(BrowserOpened(browser.kind, proxy))
                return
        launched.close()


def _elsewhere(recording: Recording) -> str:
    """Return what to do with a browser that is opened by hand."""
    proxy, reverse = recording.proxy_address(), recording.reverse()
    if proxy is not None:
        return f"point a browser of your own at the proxy {proxy}"
    if reverse is not None:
        return f"open http://{reverse.page_address}/ in a browser of your own"
    return "point a browser of your own at the proxy"
