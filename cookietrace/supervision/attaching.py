"""Listens to a browser that the user has started, beside the proxy that records it.

Started as ``python -m cookietrace.supervision.attaching``. It ends when its lifeline does, and
leaves the browser as it is: nothing in it is changed, and a page that waits for us continues once
we are gone. On its report pipe it reports ``attached``: with the browser's name as the label, and
as the message why it is not heard just now; None if it is. What it says itself is in
``docs/LISTENING.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from cookietrace.addresses import Address, parse_address
from cookietrace.errors import CookietraceError, LaunchError
from cookietrace.events import NOT_RECORDED, Browser, Event, Request
from cookietrace.listening.clocks import BrowserClock
from cookietrace.listening.devtools_log import SAID_BY, DevToolsReader
from cookietrace.listening.matching import MOST_RECORDED, WAY_NOT_KNOWN
from cookietrace.listening.passing import Passing
from cookietrace.listening.said import Hop
from cookietrace.protocol import Report, encode_line
from cookietrace.scope import Scope
from cookietrace.stores import START
from cookietrace.supervision.devtools_address import ATTACH_FLAG, Endpoint, find_devtools
from cookietrace.supervision.devtools_socket import DevToolsSocket
from cookietrace.supervision.devtools_targets import Command, Target, Targets
from cookietrace.supervision.telling import Teller, TellingThread

END_PATIENCE: Final = 3.0
"""Seconds in which what a browser said at the end is sent."""

AGAIN_SECONDS: Final = 1.0
"""How often a browser that went away is looked for."""

MOST_WAITING: Final = 10_000
"""How many statements may wait while the proxy takes none; of more, nothing is said."""

_LOOK_SECONDS: Final = 0.05
"""The shortest time between two looks into the capture: what a page asks for is read together."""

_IDLE_SECONDS: Final = 0.25

_SOONER: Final = 1.0
"""How many seconds before we attached a request may have been made that the browser speaks of."""

ENABLED: Final = (
    # Bodies are neither kept for us nor sent to us: they would take memory and time in the user's
    # browser. What is uploaded is sent if it is at most a byte long: 0 would mean of any length.
    Command(
        "Network.enable",
        {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0, "maxPostDataSize": 1},
    ),
)
"""What is sent to each page, frame and worker. It changes nothing there."""


def main(arguments: list[str] | None = None) -> int:
    """Listen until the lifeline ends; return 2 if there is no browser at the start."""
    parser = argparse.ArgumentParser(prog="python -m cookietrace.supervision.attaching")
    parser.add_argument("--address", required=True)
    parser.add_argument("--capture", type=Path, required=True)
    parser.add_argument("--proxy", required=True, help="where the browser should be sent")
    parser.add_argument("--listen", action="append", default=[], help="where it may be seen")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--ignore", action="append", default=[])
    parser.add_argument("--own", action="append", default=[])
    parser.add_argument("--lifeline-fd", type=int, required=True)
    parser.add_argument("--reports-fd", type=int, required=True)
    parser.add_argument("--commands-fd", type=int, required=True)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    attached = Attached(given)
    try:
        attached.start()
    except CookietraceError as error:
        attached.report("stopped", str(error))
        return 2
    attached.follow()
    return 0


class Attached:
    """Follows one browser, also when it goes away and comes back, until the lifeline ends."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._address: Address = parse_address(given.address, ATTACH_FLAG)
        self._scope = Scope(given.only, given.ignore, given.own)
        self._ending = threading.Event()
        self._matching = _Matching(given, self._tell)
        self._browser: _Browser | None = None
        self._name = ""
        self._process: str | None = None
        """What tells the browser from one that is started later, also with the same profile."""
        self._gone_at = 0.0
        self._trouble: str | None = None

    def start(self) -> None:
        """Attach to the browser. Raises ``LaunchError``."""
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()
        self._attach(find_devtools(self._address))
        self._matching.start()

    def follow(self) -> None:
        """Read what the browser says until we are to end; look for it again if it goes away."""
        while not self._ending.is_set():
            try:
                self._read()
            except LaunchError:
                self._gone_at = time.time()
                self._leave()
                self._tell(
                    f"the {self._name} is gone, or has closed its DevTools: "
                    "recording continues, and it is listened to again once it is back"
                )
                self._find_again()
        self._leave()
        self._matching.finish()

    def report(self, kind: str, message: str | None, label: str | None = None) -> None:
        """Write one line to the report pipe; the reader may be gone."""
        with contextlib.suppress(OSError):
            os.write(
                self._given.reports_fd,
                encode_line(Report(type=kind, message=message, label=label)),
            )

    def _attach(self, endpoint: Endpoint) -> None:
        """Attach to a browser. Raises ``LaunchError``."""
        try:
            self._browser = _Browser(endpoint)
        except LaunchError as error:
            raise LaunchError(
                f"{ATTACH_FLAG} {self._address}: {error}: if another program is the one that "
                "listens there, give the port of Chrome's --remote-debugging-port"
            ) from error.__cause__
        is_another = self._process not in (None, endpoint.path)
        self._process = endpoint.path
        self._name = f"{endpoint.name} at {self._address}"
        self._matching.attached(
            Passing(self._name, self._given.proxy, self._scope.records_url),
            self._gone_at if is_another else None,
        )
        self._trouble = None
        self.report("attached", None, self._name)

    def _read(self) -> None:
        """Read until the end. Raises ``LaunchError`` once the browser is gone."""
        assert self._browser is not None
        silent = time.monotonic()
        while not self._ending.is_set():
            if self._matching.failed is not None:
                self._browser.close()  # what nobody reads must not hold its pages
                self._tell(f"what the {self._name} says is not recorded: {self._matching.failed}")
                self._ending.wait()
                return
            heard = self._browser.read(_IDLE_SECONDS)
            now = time.monotonic()
            silent = now if heard else silent
            for hop in self._browser.said(now - silent):
                self._matching.said(hop)

    def _leave(self) -> None:
        """Let go of the browser, which is gone, or stays as it is."""
        if self._browser is not None:
            self._browser.close()
            for hop in self._browser.end():
                self._matching.said(hop)
            self._browser = None

    def _find_again(self) -> None:
        """Attach again once the browser is back."""
        while not self._ending.wait(AGAIN_SECONDS):
            try:
                self._attach(find_devtools(self._address))
            except LaunchError as error:
                if not isinstance(error.__cause__, OSError):
                    self._tell(str(error))
                continue
            return

    def _tell(self, line: str | None) -> None:
        if line != self._trouble:
            self._trouble = line
            self.report("attached", line, self._name)

    def _watch(self) -> None:
        """Wait for the end of the lifeline; then be gone soon, whatever the browser does."""
        while os.read(self._given.lifeline_fd, 1024):
            pass
        self._ending.set()
        time.sleep(3 * END_PATIENCE)
        os._exit(1)


class _Browser:
    """One browser, attached to: what it says, as statements."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Attach to all that it has open. Raises ``LaunchError``."""
        self._socket = DevToolsSocket(endpoint)
        self._reader = DevToolsReader()
        self._clock = BrowserClock()
        self._hops: list[Hop] = []
        self._targets = Targets(self._socket, enabled=lambda _: ENABLED, event=self._event)
        try:
            self._targets.attach()
        except LaunchError:
            self._socket.close()
            raise

    def read(self, timeout: float) -> bool:
        """Take one message; return whether there was one. Raises ``LaunchError``."""
        return self._targets.read(timeout)

    def said(self, silent: float) -> list[Hop]:
        """Return what was said since the last call, after so many seconds without a message."""
        if silent:
            self._hops += self._reader.waited(silent)
        hops, self._hops = self._hops, []
        return [self._clock.by_ours(hop) for hop in hops]

    def end(self) -> list[Hop]:
        """Return what is left once nothing more is read."""
        self._hops += self._reader.end()
        return self.said(0.0)

    def close(self) -> None:
        """Leave it as it is."""
        self._socket.close()

    def _event(self, target: Target | None, method: str, params: Mapping[str, Any]) -> None:
        session = "" if target is None else target.session_id
        self._clock.heard(params.get("wallTime"), time.time())
        self._hops += self._reader.feed(session, method, params)


class _Arrival(msgspec.Struct, frozen=True):
    """That a browser was attached to, before anything that it says."""

    passing: Passing
    gone_at: float | None
    """When the one before it was gone; None if there was none, or if it is the same one."""


class _Matching(TellingThread):
    """Finds the exchanges that are meant, on a thread of its own.

    A page that the browser opens waits until we have enabled what we listen to, so whoever reads
    the browser must never wait for the capture or the proxy.
    """

    def __init__(self, given: argparse.Namespace, tell: Callable[[str | None], None]) -> None:
        super().__init__(
            "matching",
            lambda ending: Teller(
                given.capture,
                after=START,
                listen=frozenset(given.listen),
                said_by=SAID_BY,
                commands_fd=given.commands_fd,
                ending=ending,
                since=time.time() - _SOONER,
                may_bypass=True,
            ),
        )
        self._tell = tell
        self._passing: Passing | None = None
        """Whether the traffic of the browser that speaks passes through our proxy."""
        self._next: _Arrival | None = None
        """The browser that speaks once all is taken that the one before it has said."""
        self._said_line: str | None = None
        self._urls: OrderedDict[str, str] = OrderedDict()
        """Of the latest exchanges."""
        self._queue: queue.SimpleQueue[Hop | _Arrival] = queue.SimpleQueue()
        self.failed: str | None = None
        """Why nothing is recorded any more."""

    def said(self, hop: Hop) -> None:
        """Take a statement; if too many wait, pass it over."""
        if self._queue.qsize() < MOST_WAITING:
            self._queue.put(hop)

    def attached(self, passing: Passing, gone_at: float | None) -> None:
        """Take that what is said from now on is a browser's whose requests ``passing`` counts.

        ``gone_at`` is when the one before it was gone; None if there was none, or it is the same.
        """
        self._queue.put(_Arrival(passing, gone_at))

    def _fail(self, why: str) -> None:
        self.failed = why

    def _follow(self, teller: Teller) -> None:
        while True:
            ending = self._ending.is_set()
            self._advance(teller, time.monotonic(), last=ending)
            if ending and self._next is None and self._queue.empty():
                return
            self._ending.wait(_LOOK_SECONDS)

    def _advance(self, teller: Teller, now: float, *, last: bool) -> None:
        """Take what was said, and tell what can be told; all of it if nothing more is recorded."""
        self._take(teller, now)
        if teller.waits:
            teller.catch_up(self._recorded)
            teller.send(now, last=last, wanted=self._is_wanted)
            self._say_whether_it_passes()

    def _take(self, teller: Teller, now: float) -> None:
        """Take what was said; wait a while for something, if nothing waits for us.

        What another browser says stays in the queue until all of the one before it is taken.
        """
        idle = not (teller.waits or self._next or self._ending.is_set())
        with contextlib.suppress(queue.Empty):
            while True:
                if self._next is None:
                    said = self._queue.get(idle, _IDLE_SECONDS)
                    idle = False
                    if isinstance(said, Hop):
                        teller.said(said, now)
                        continue
                    self._next = said
                if teller.waits:
                    return
                if self._next.gone_at is not None:
                    teller.restarted(self._next.gone_at)
                self._passing, self._next = self._next.passing, None
                self._said_line = None  # that it is attached to was said instead

    def _recorded(self, event: Event) -> None:
        if isinstance(event, Request):
            self._urls[event.exchange_id] = event.url
            if len(self._urls) > MOST_RECORDED:
                self._urls.popitem(last=False)

    def _is_wanted(self, event: Browser) -> bool:
        """Return whether a statement is recorded: not of a request that may have gone elsewhere."""
        if event.exchange_id is None and event.unmatched is None:
            return True  # it is about no request
        if event.unmatched == WAY_NOT_KNOWN:
            return False
        passed = event.unmatched != NOT_RECORDED
        if self._passing is not None:
            url = event.url or self._urls.get(event.exchange_id or "", "")
            (self._passing.passed if passed else self._passing.missed)(url)
        return passed

    def _say_whether_it_passes(self) -> None:
        if self._next is not None:
            return  # of a browser that is gone, there is nothing to be done
        line = None if self._passing is None else self._passing.line
        if line != self._said_line:
            self._said_line = line
            self._tell(line)


if __name__ == "__main__":
    sys.exit(main())
