"""Opens browsers, each through a listener of its own, and closes them when the app exits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from textual.message import Message

from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.lesson.live.recording import Recording
from cookietrace.protocol import Report
from cookietrace.supervision.browsers import (
    Browser,
    Launched,
    Listening,
    find_browser,
    kinds,
    launch,
    listener_label,
    require_display,
)
from tui.feed.proxy_pipes import Commands
from tui.messages import BrowserFailed, BrowserOpened, ProxyReported

LISTENER_SECONDS = 15.0
"""How long the proxy may take to open a listener."""


class _Wanted(msgspec.Struct, frozen=True):
    """A browser that opens once its listener does."""

    browser: Browser
    by_port: bool
    """Whether it is listened to even if pages can tell."""
    watched: bool
    """Whether the scripts of its pages are watched."""


class Launcher:
    """Gives each browser its own listener and a fresh profile, so each has its own jar."""

    def __init__(
        self,
        commands: Commands | None,
        post: Callable[[Message], object],
        capture: Path | None = None,
    ) -> None:
        """``capture`` is the one that the proxy records."""
        self._capture = capture
        self._commands = commands
        self._post = post
        self._waiting: dict[str, _Wanted] = {}
        """By label."""
        self._launched: list[Launched] = []
        self._labels: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def found(self, recording: Recording) -> tuple[tuple[str, str], ...]:
        """Return ``(kind, path)`` of each browser on this machine that can be opened.

        Raises ``LaunchError`` if there is none. Its message says why, and how to use a browser
        that the user opens by hand.
        """
        if self._commands is None:
            raise LaunchError(
                "this screen has no proxy to open a browser through: start with cookietrace watch"
            )
        try:
            require_display()
        except LaunchError as error:
            raise LaunchError(
                f"no display found to open a browser on: {_by_hand(recording)}"
            ) from error
        found: list[tuple[str, str]] = []
        for kind in kinds():
            try:
                found.append((kind, find_browser(kind).path))
            except LaunchError:
                continue
        if not found:
            raise LaunchError(
                f"no browser found ({', '.join(kinds())}): install one, or {_by_hand(recording)}"
            )
        return tuple(found)

    @property
    def can_listen(self) -> bool:
        """Whether what a browser says about itself can be recorded."""
        return self._capture is not None and self._commands is not None

    def ask(self, kind: str, *, by_port: bool = False, watched: bool = False) -> str:
        """Ask the proxy for a listener for a browser of this kind; return the listener's label.

        ``by_port`` means to listen to a Firefox over a port, ``watched`` to watch the scripts of
        a Chromium's pages. Raises ``LaunchError``.
        """
        if self._commands is None:
            raise LaunchError("this screen has no proxy")
        browser = find_browser(kind)
        number = 1
        label = listener_label(kind, by_port=by_port, watched=watched)
        while label in self._labels:
            number += 1
            label = listener_label(f"{kind} {number}", by_port=by_port, watched=watched)
        self._labels.add(label)
        self._waiting[label] = _Wanted(browser, by_port=by_port, watched=watched)
        self._commands.listen("regular@127.0.0.1:0", label)
        return label

    def waiting(self, label: str) -> bool:
        """Return whether the proxy has not opened this listener yet."""
        return label in self._waiting

    def forget(self, label: str) -> None:
        """Stop waiting for this listener."""
        self._waiting.pop(label, None)

    def reported(self, recording: Recording) -> None:
        """Open every browser whose listener is open now."""
        for listener in recording.listeners:
            found = self._waiting.pop(listener.label or "", None)
            if found is not None:
                reverse = recording.reverse()
                url = reverse.target if reverse is not None else None
                threading.Thread(
                    target=self._open,
                    args=(found, listener.address, recording.ca, url),
                    name="launch",
                    daemon=True,
                ).start()

    def close(self) -> None:
        """Close every browser, and remove the profiles."""
        with self._lock:
            self._closed = True
            launched, self._launched = self._launched, []
        for browser in launched:
            browser.close()

    def _listening(self, by_port: bool) -> Listening | None:
        """Return where what the browser says about itself is recorded."""
        if self._capture is None or self._commands is None:
            return None
        return Listening(
            self._capture,
            self._commands.fd,
            lambda line: self._post(ProxyReported(Report(type="warning", message=line))),
            by_port=by_port,
        )

    def _open(self, wanted: _Wanted, proxy: str, ca: str | None, url: str | None) -> None:
        try:
            launched = launch(
                wanted.browser,
                proxy=proxy,
                ca=Path(ca) if ca is not None else None,
                url=url,
                listening=self._listening(wanted.by_port),
                watch_scripts=wanted.watched,
            )
        except CookietraceError as error:
            self._post(BrowserFailed(str(error)))
            return
        with self._lock:
            if not self._closed:
                self._launched.append(launched)
                self._post(BrowserOpened(wanted.browser.kind, proxy))
                return
        launched.close()


def _by_hand(recording: Recording) -> str:
    """Return how to use a browser that the user opens by hand.

    The app's own address comes first: it needs no setting, and browsers bypass a proxy for
    localhost.
    """
    proxy, reverse = recording.proxy_address(), recording.reverse()
    if reverse is not None:
        return f"open http://{reverse.page_address}/ in your own browser"
    if proxy is not None:
        return (
            f"set your own browser's proxy to {proxy} (browsers bypass it for localhost: "
            "`cookietrace ca` has the setting)"
        )
    return "set your own browser to use the proxy"
