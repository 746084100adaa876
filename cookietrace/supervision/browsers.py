"""Finds a browser, and opens it behind the proxy with a fresh profile.

The browser and its profile belong to a keeper process
(``cookietrace.supervision.browser_keeper``) with a lifeline: when the process that called
``launch`` closes the browser or is killed, the keeper ends the browser and removes the
profile.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.stores import START, open_sqlite
from cookietrace.supervision.child import Child
from cookietrace.supervision.devtools import DevTools
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.reports import Reports

Kind = Literal["chromium", "firefox"]

NAMES: Mapping[str, tuple[str, ...]] = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
        "brave-browser",
        "microsoft-edge-stable",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "firefox": (
        "firefox",
        "firefox-esr",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
    ),
}
"""The names of each browser's program, in the order they are tried."""

LISTENED_TO: Mapping[Kind, str] = {
    "chromium": "chromium is always listened to: no page can tell",
    "firefox": "firefox is listened to over a port: pages can tell (navigator.webdriver is true), "
    "its address bar is striped, and any program on this machine can reach that port",
}
"""What the user should know of a browser for which ``--listen-browser`` is given."""

WATCHED = (
    "a small script goes into every page of this chromium, to find out which script writes a "
    "cookie: pages can tell"
)
"""What the user should know about a browser whose scripts are to be watched."""

START_SECONDS = 60.0
"""How long a start may take on a slow, busy machine."""


class Browser(msgspec.Struct, frozen=True):
    """A browser that was found on this machine."""

    kind: Kind
    path: str


class Listening(msgspec.Struct, frozen=True):
    """Where to record what a browser says about itself."""

    capture: Path
    """The capture that is being recorded."""
    commands_fd: int
    """The pipe to the proxy that records it."""
    failed: Callable[[str], object]
    """Called, on a thread, with a line that says why the browser is not listened to."""
    by_port: bool = False
    """Whether a Firefox is listened to over a port on loopback, in place of its log: pages can
    tell."""


class Launched:
    """A running browser; it and its profile are gone when ``close`` returns."""

    def __init__(self, browser: Browser, child: Child, reports: Reports, profile: Path) -> None:
        self.browser = browser
        self.profile = profile
        """The temporary profile folder."""
        self._child = child
        self._reports = reports

    @property
    def keeper_pid(self) -> int:
        """The process that ends the browser when the lifeline is cut."""
        return self._child.process.pid

    def running(self) -> bool:
        """Return whether the browser is still open."""
        return self._child.process.poll() is None

    def close(self) -> None:
        """End the browser and remove its profile. Safe to call twice."""
        self._child.stop()

    def __enter__(self) -> Launched:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the browser."""
        self.close()


def kinds() -> tuple[str, ...]:
    """Return the kinds of browser that ``find_browser`` accepts."""
    return tuple(NAMES)


def find_browser(kind: str) -> Browser:
    """Return the first browser of that kind on this machine.

    Raises ``LaunchError`` with the names that were tried.
    """
    for name in NAMES[kind]:
        path = shutil.which(name)
        if path is not None:
            return Browser("firefox" if kind == "firefox" else "chromium", path)
    tried = ", ".join(NAMES[kind])
    raise LaunchError(
        f"no {kind} found (tried {tried}): install one, "
        "or use --browser none and point your own browser at the proxy"
    )


def listener_label(name: str, *, by_port: bool, watched: bool = False) -> str:
    """Return the name of a browser's listener: it says so if pages can tell what we do.

    ``name`` is its kind, and perhaps a number; ``watched`` says whether its scripts are.
    """
    if watched:
        return f"{name} (scripts watched)"
    return f"{name} (over a port)" if by_port and name.startswith("firefox") else name


def require_display(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``LaunchError`` if there is no display to open a window on."""
    if sys.platform.startswith("linux") and not (
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    ):
        raise LaunchError(
            "there is no display to open a browser on (DISPLAY and WAYLAND_DISPLAY are unset): "
            "add --headless, or use --browser none and point a browser on another machine at the "
            "proxy. For localhost it also needs a setting: see `cookietrace ca`"
        )


def _end(capture: Path) -> str:
    """Return the position of a capture's last event; that of its start if it cannot be read."""
    try:
        with open_sqlite(capture) as store:
            return store.end()
    except CookietraceError:
        return START


def launch(
    browser: Browser,
    *,
    proxy: str,
    ca: Path | None = None,
    url: str | None = None,
    headless: bool = False,
    devtools: DevTools | None = None,
    block_third_party_cookies: bool = False,
    listening: Listening | None = None,
    watch_scripts: bool = False,
) -> Launched:
    """Open the browser on ``url`` with a fresh profile behind the proxy at ``host:port``.

    ``ca`` is the proxy's CA certificate, which only that profile will trust. Loopback
    also goes through the proxy. ``devtools`` is the pipe that controls a Chromium. Without
    ``block_third_party_cookies`` the browser's own default applies to them. With ``listening``,
    what it says of its cookies is recorded; no page can tell, except with ``listening.by_port``
    for a Firefox. With ``watch_scripts`` as well, the scripts that write cookies are (Chromium); a
    page can tell that.

    Blocks until the browser has been started. Raises ``LaunchError``.
    """
    if not headless:
        require_display()
    # Before the browser starts: what it does comes later, and nothing else has to be read.
    after = None if listening is None else _end(listening.capture)
    reports = Reports(warned=None if listening is None else listening.failed)
    lifeline = Lifeline()
    arguments = ["--kind", browser.kind, "--path", browser.path, "--proxy", proxy]
    arguments += ["--lifeline-fd", str(lifeline.child_fd), "--reports-fd", str(reports.child_fd)]
    if ca is not None:
        arguments += ["--ca", str(ca)]
    if url is not None:
        arguments += ["--url", url]
    if headless:
        arguments += ["--headless"]
    if block_third_party_cookies:
        arguments += ["--block-third-party-cookies"]
    pass_fds = [reports.child_fd]
    if listening is not None:
        arguments += [f"--capture={listening.capture}", f"--after={after}"]
        arguments += ["--commands-fd", str(listening.commands_fd)]
        pass_fds.append(listening.commands_fd)
        if watch_scripts:
            arguments += ["--watch-scripts"]
        if listening.by_port:
            arguments.append("--by-port")
    if devtools is not None:
        arguments += ["--devtools-fds", str(devtools.browser_in), str(devtools.browser_out)]
        pass_fds += [devtools.browser_in, devtools.browser_out]
    try:
        with reports.starting():
            child = Child.start(
                "browser",
                "cookietrace.supervision.browser_keeper",
                arguments,
                lifeline,
                pass_fds=pass_fds,
            )
    finally:
        if devtools is not None:
            devtools.started()
    try:
        report = reports.wait_for("started", seconds=START_SECONDS)
    except BaseException:
        child.stop()
        raise
    if report is None or report.message is None:
        child.stop()
        reason = reports.last_message or child.last_error() or "it ended at once"
        raise LaunchError(f"cannot open {browser.path}: {reason}")
    return Launched(browser, child, reports, Path(report.message))
