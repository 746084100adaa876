"""Watches what the scripts of pages write into cookies, in a Chromium that we opened.

A small script (``watch_scripts.js``) is put before the scripts of every page and frame, and reports
through a binding of DevTools. It changes the page: a page can notice. Workers are left alone.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Final

from cookietrace.errors import LaunchError
from cookietrace.listening.script_reports import Write, read_report
from cookietrace.supervision.devtools_pipe import DevToolsPipe
from cookietrace.supervision.devtools_targets import (
    LEFT_OUT,
    Command,
    Parameters,
    Target,
    Targets,
)
from cookietrace.supervision.net_log_following import Reported

SCRIPT: Final = "cookietrace-watches-scripts.js"
"""What stack traces call our script."""

_WITHOUT_COOKIES: Final = frozenset(
    {"auction_worklet", "service_worker", "shared_storage_worklet", "shared_worker", "worker"}
)
"""Types of targets that have no documents. A service worker that writes is told by the log only."""

_WAIT: Final = 60.0
"""Seconds of one look; the pipe's end is noticed at once."""

END_PATIENCE: Final = 0.4
"""Seconds in which what scripts reported at the browser's end is read."""

MOST_WAITING: Final = 10_000
"""How many reports may wait; of more, none has a line. Nobody takes them if the log is not read."""


def commands(binding: str) -> tuple[Command, ...]:
    """Return what puts our script into a page or frame, now and wherever it goes.

    Without ``Runtime.enable`` the binding is lost when a page gets another process.
    """
    text = files(__package__).joinpath("watch_scripts.js").read_text(encoding="utf-8")
    source = text.replace("@BINDING@", binding).replace("@NAME@", SCRIPT)
    return (
        Command("Runtime.enable"),
        Command("Runtime.addBinding", {"name": binding}),
        Command("Page.enable"),
        Command(
            "Page.addScriptToEvaluateOnNewDocument", {"source": source, "runImmediately": True}
        ),
    )


class ScriptWatcher:
    """Watches one browser on a thread of its own until the browser ends."""

    def __init__(self, *, url: str | None, failed: Callable[[str], None]) -> None:
        """``url`` is opened in the first page, once that is watched.

        ``failed`` is called, on the thread, with why scripts are not watched any more.
        """
        self.reported: Reported = Reported()
        self._pipe = DevToolsPipe()
        self._url = url
        self._failed = failed
        self._binding = f"cookietrace_{os.urandom(8).hex()}"
        self._commands = commands(self._binding)
        self._targets = Targets(
            self._pipe,
            enabled=self._enabled,
            event=self._event,
            left_out=LEFT_OUT | _WITHOUT_COOKIES,
        )
        self._thread = threading.Thread(target=self._run, name="scripts", daemon=True)

    @property
    def browser_fds(self) -> list[int]:
        """The browser's ends of the DevTools pipe; whoever starts the browser closes them."""
        return [self._pipe.browser_in, self._pipe.browser_out]

    def start(self) -> None:
        """Start to watch; call this once the browser has started."""
        self._thread.start()

    def finish(self) -> None:
        """Stop; call this once the browser has ended: closing the pipe would end it."""
        if self._thread.ident is not None:
            self._thread.join(END_PATIENCE)
        if not self._thread.is_alive():  # or it would read from what is closed
            self._pipe.close()

    def _run(self) -> None:
        try:
            self._targets.attach()
            while True:
                self._targets.read(_WAIT)
        except LaunchError:
            return  # the browser has ended
        except Exception as error:
            self._failed(f"internal error ({type(error).__name__}): please report it")
            self._drain()
            raise

    def _drain(self) -> None:
        """Read on, so that the browser never waits for us."""
        try:
            while True:
                self._pipe.receive(_WAIT)
        except LaunchError:
            return

    def _enabled(self, target: Target) -> Iterator[Command]:
        if target.type in ("page", "iframe"):
            yield from self._commands

    def _event(self, target: Target | None, method: str, parameters: Parameters) -> None:
        if method == "Target.attachedToTarget":
            if self._url is not None and target is not None and target.type == "page":
                url, self._url = self._url, None
                self._open(url, target)
        elif method == "Runtime.bindingCalled" and parameters.get("name") == self._binding:
            write = _read(parameters.get("payload"))
            if write is not None and self.reported.qsize() < MOST_WAITING:
                self.reported.put((time.monotonic(), write))

    def _open(self, url: str, page: Target) -> None:
        """Open a URL once the page has carried out everything before.

        The URL may get another process, which takes over only what the first one has confirmed.
        """
        navigate = Command("Page.navigate", {"url": url})
        self._targets.send(
            Command("Runtime.enable"), page, lambda _: self._targets.send(navigate, page)
        )


def _read(payload: object) -> Write | None:
    return read_report(payload) if isinstance(payload, str) else None
