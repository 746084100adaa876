"""A Chromium process and its DevTools pipe: commands from any thread, events to one handler."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from cookietrace.listening.devtools_log import DevToolsReader
from cookietrace.listening.net_log import NetLogReader
from cookietrace.listening.said import Hop, Said
from cookietrace.supervision.browser_profile import Launch, prepare_chromium
from cookietrace.supervision.browsers import find_browser
from tests.judge.browser import PATIENCE, BrowserError, Json

_NET_LOG = "net-log.json"
_BROWSER_IN, _BROWSER_OUT = 3, 4
_FEW_PROCESSES = ("--disable-site-isolation-trials", "--renderer-process-limit=2")
"""A process per site and window takes time, and makes no difference to cookies."""
_UNUSED = (
    # Pages of the browser itself, which every window would load for its address bar.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
)
"""Features of the browser's own windows that take most of the time to open one.

They have nothing to do with what a window's pages request, or with cookies.
"""
_BACKGROUND_TIMERS = "--disable-background-timer-throttling"
"""Timers of minimized windows run as in others: at once, not once per second."""
_SHORT_DELAY = "--short-reporting-delay"
"""Reports are delivered at once, not after a minute."""


class DevTools:
    """A browser with a fresh profile; both are gone after ``close``."""

    def __init__(
        self,
        proxy: str,
        ca: Path,
        handler: Callable[[Json], None],
        third_party: int,
        *flags: str,
    ) -> None:
        self._handler = handler
        self._profile = Path(tempfile.mkdtemp(prefix="cookietrace-judge-"))
        launch = Launch(
            path=find_browser("chromium").path,
            profile=self._profile,
            proxy=proxy,
            ca=ca,
            url=None,
            headless=True,
            devtools=True,
            log=self._profile / _NET_LOG,
        )
        command = [_without_unused(argument) for argument in prepare_chromium(launch)]
        command[1:1] = (_SHORT_DELAY, _BACKGROUND_TIMERS, *_FEW_PROCESSES, *flags)
        self._set_third_party(third_party)
        browser_in, self._write_fd = os.pipe()
        self._read_fd, browser_out = os.pipe()
        self._pid = _spawn(command, browser_in, browser_out)
        self._lock = threading.Lock()
        self._closed = False
        self.said: tuple[Said, ...] = ()
        """What the browser's own log says, once it is closed."""
        self._events = DevToolsReader()
        self._hops: list[Hop] = []
        self.heard: tuple[Hop, ...] = ()
        """What its DevTools say, once it is closed."""
        self._number = 0
        self._waiting: dict[int, Future[Json]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _set_third_party(self, mode: int) -> None:
        """Say whether third-party cookies are blocked."""
        preferences = self._profile / "Default" / "Preferences"
        content = json.loads(preferences.read_text("utf-8"))
        content["profile"]["cookie_controls_mode"] = mode
        preferences.write_text(json.dumps(content), "utf-8")

    def send(self, method: str, session: str | None = None, /, **parameters: Any) -> Future[Json]:
        """Send a command; return a future of its result, or of a ``BrowserError``."""
        reply: Future[Json] = Future()
        with self._lock:
            self._number += 1
            message: Json = {"id": self._number, "method": method, "params": parameters}
            if session is not None:
                message["sessionId"] = session
            self._waiting[self._number] = reply
            data = msgspec.json.encode(message) + b"\0"
            while data:
                data = data[os.write(self._write_fd, data) :]
        return reply

    def call(self, method: str, session: str | None = None, /, **parameters: Any) -> Json:
        """Send a command and return its result; raises ``BrowserError``, ``TimeoutError``."""
        return self.send(method, session, **parameters).result(PATIENCE)

    def _read(self) -> None:
        """Handle messages until the browser ends."""
        pending = b""
        while data := os.read(self._read_fd, 1 << 20):
            *lines, pending = (pending + data).split(b"\0")
            for line in lines:
                self._handle(msgspec.json.decode(line))
        for reply in list(self._waiting.values()):
            reply.set_exception(BrowserError("the browser has ended"))

    def _handle(self, message: Json) -> None:
        number = message.get("id")
        if number is None:
            session, method = message.get("sessionId", ""), message["method"]
            self._hops += self._events.feed(session, method, message["params"])
            self._handler(message)
            return
        reply = self._waiting.pop(number)
        if "error" in message:
            reply.set_exception(BrowserError(message["error"]["message"]))
        else:
            reply.set_result(message.get("result", {}))

    def close(self) -> None:
        """End the browser and all its processes, and remove the profile. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(BrowserError, OSError, TimeoutError):
            self.call("Browser.close")
        ended = _has_ended(self._pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        if not ended:
            os.waitpid(self._pid, 0)
        self._reader.join(PATIENCE)
        self.heard = (*self._hops, *self._events.end())
        os.close(self._write_fd)
        os.close(self._read_fd)
        with contextlib.suppress(FileNotFoundError):
            self.said = _said(self._profile / _NET_LOG)
        shutil.rmtree(self._profile, ignore_errors=True)


def _has_ended(pid: int) -> bool:
    """Wait until a browser has ended and its log is complete; return whether it did in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.02)
    return False


def _said(log: Path) -> tuple[Said, ...]:
    """Return what a net log says."""
    reader = NetLogReader()
    found: list[Said] = []
    with log.open("rb") as stream:
        while data := stream.read(1 << 20):
            found += reader.feed(data)
    return (*found, *reader.end())


def _without_unused(argument: str) -> str:
    """Return an argument; the one that disables features disables the unused ones too.

    Of several such arguments, Chromium obeys the last one only.
    """
    disables = argument.startswith("--disable-features=")
    return ",".join((argument, *_UNUSED)) if disables else argument


def _spawn(command: list[str], browser_in: int, browser_out: int) -> int:
    """Start the browser in its own process group, with its pipe ends at 3 and 4."""
    actions: list[Any] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    moved = []
    for fd, wanted in ((browser_in, _BROWSER_IN), (browser_out, _BROWSER_OUT)):
        moved.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))  # out of the way of 3 and 4
        os.close(fd)
        actions.append((os.POSIX_SPAWN_DUP2, moved[-1], wanted))
    try:
        return os.posix_spawn(command[0], command, os.environ, file_actions=actions, setpgroup=0)
    finally:
        for fd in moved:
            os.close(fd)
