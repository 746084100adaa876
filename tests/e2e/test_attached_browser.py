"""A real Chromium, started as a user would, that is attached to: one session of it.

Two recorders attach to it. Its traffic passes through the proxy of the first one only. Through that
of the second one, another client makes a request that equals one of the browser's.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.events import Browser as Said
from cookietrace.events import Client, Event, Request, Response
from cookietrace.formats import read_capture
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.listening.matching import Matcher
from cookietrace.listening.net_log import NetLogReader
from cookietrace.protocol import Report
from cookietrace.supervision.attached import AttachedBrowser, Heard, attach
from cookietrace.supervision.attaching import ENABLED
from cookietrace.supervision.browsers import Browser
from cookietrace.supervision.devtools_address import find_devtools
from cookietrace.supervision.devtools_socket import DevToolsSocket
from cookietrace.supervision.devtools_targets import Command, Target, Targets
from cookietrace.supervision.ports import reserve_port
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.supervision.recording import RecordingOptions, recording
from cookietrace.trace import Trace, fold
from tests.e2e.test_listening import Origin
from tests.processes import PATIENCE, wait_until

pytestmark = pytest.mark.browser

ONLY = ("localhost", "127.0.0.1")

UNSPOKEN = {"/socket", "/worker.js"}
"""What DevTools says nothing about: a WebSocket, and the service worker's own script."""


def _proxy(capture: Path, confdir: Path, stack: ExitStack) -> RunningProxy:
    """Start the proxy that the browser uses."""
    options = ProxyOptions(
        capture=capture, modes=["regular@127.0.0.1:0"], confdir=confdir, only=ONLY
    )
    proxy = RunningProxy.start(options)
    stack.callback(proxy.stop)
    proxy.wait_until_listening()
    return proxy


def _attach(
    address: Address, proxy: RunningProxy, capture: Path
) -> tuple[AttachedBrowser, list[Report]]:
    """Attach to the browser, beside that proxy."""
    reports: list[Report] = []
    listen = proxy.listeners[0].address
    heard = Heard(
        capture=capture,
        commands_fd=proxy.commands_fd,
        proxy=listen,
        listeners=[listen],
        only=ONLY,
    )
    return attach(address, heard, reports.append), reports


class Played(msgspec.Struct):
    """What happened in the session."""

    flags: Any
    trace: Trace
    said: list[Said]
    logged: list[Said]
    """What the browser's own log says about the same exchanges."""
    reports: list[Report]
    """What its listener has reported."""
    elsewhere: list[Event]
    """What the other recorder has recorded."""
    elsewhere_lines: list[str]
    """What that has said about the browser."""
    uploaded: Any
    """What DevTools says about a request with a body."""
    went_on: bool
    """Whether the browser ran once nobody listened to it any more."""


def _start(chromium: Browser, port: int, proxy: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start the browser as the documentation tells a user."""
    command = [
        chromium.path,
        f"--user-data-dir={folder / 'profile'}",
        f"--remote-debugging-port={port}",
        f"--proxy-server=http://{proxy}",
        "--proxy-bypass-list=<-loopback>",
        "--no-first-run",
        "--headless",
        "--disable-gpu",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        f"--log-net-log={folder / 'log'}",
        "--net-log-capture-mode=IncludeSensitive",
        "about:blank",
    ]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill(browser: subprocess.Popen[bytes]) -> None:
    """End the browser with all its processes, whatever state it is in."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(browser.pid, signal.SIGKILL)
    browser.wait(PATIENCE)


def _listens(address: Address) -> bool:
    try:
        find_devtools(address)
    except LaunchError:
        return False
    return True


def _navigate(address: Address, url: str) -> None:
    """Open a URL in the browser's first page."""
    pages: list[Target] = []

    def event(target: Target | None, method: str, _: object) -> None:
        if target is not None and target.type == "page" and method == "Target.attachedToTarget":
            pages.append(target)

    socket = DevToolsSocket(find_devtools(address))
    targets = Targets(socket, enabled=lambda _: (), event=event)
    targets.attach()
    while not pages:
        targets.read(0.1)
    done: list[object] = []
    targets.send(Command("Page.navigate", {"url": url}), pages[0], done.append)
    while not done:
        targets.read(0.1)
    socket.close()


def _upload(address: Address) -> Any:
    """Send a body from the browser's first page, and return what DevTools tells us of it."""
    pages: list[Target] = []
    requests: list[Any] = []

    def event(target: Target | None, method: str, params: Mapping[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            requests.append(params["request"])
        elif target is not None and target.type == "page" and method.endswith("attachedToTarget"):
            pages.append(target)

    socket = DevToolsSocket(find_devtools(address))
    targets = Targets(socket, enabled=lambda _: ENABLED, event=event)
    targets.attach()
    while not pages:
        targets.read(0.1)
    sending = "fetch('http://localhost:1/', {method: 'POST', body: 'a secret'}).catch(() => 0)"
    targets.send(Command("Runtime.evaluate", {"expression": sending}), pages[0])
    while not requests:
        targets.read(0.1)
    socket.close()
    return requests[0]


def _open(address: Address, url: str) -> None:
    """Open a URL in a new tab."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE)
    connection.request("PUT", f"/json/new?{url}")
    connection.getresponse().read()
    connection.close()


def _request_as(browser: Address, proxy: Address, url: str) -> None:
    """Make a browser's first request of a page in its place, and through a proxy."""
    with urllib.request.urlopen(f"http://{browser}/json/version", timeout=PATIENCE) as version:
        agent = msgspec.json.decode(version.read())["User-Agent"]
    connection = http.client.HTTPConnection(proxy.host, proxy.port, timeout=PATIENCE)
    connection.request("GET", url, headers={"User-Agent": agent})
    connection.getresponse().read()
    connection.close()


def _silent(trace: Trace) -> set[str]:
    """Return the paths of which nothing is said, up to the end of the page."""
    exchanges = list(trace.exchanges)
    paths = [urlsplit(one.request.url).path for one in exchanges]
    if "/end" not in paths:
        return {"/end"}
    del exchanges[paths.index("/end") + 1 :]
    return {urlsplit(one.request.url).path for one in exchanges if one.browser is None}


def _logged(log: Path, events: list[Event], listen: str) -> list[Said]:
    """Return what the browser's own log says about the exchanges."""
    reader = NetLogReader()
    matcher = Matcher(listen, "chromium-net-log")
    for event in events:
        matcher.recorded(event)
    for said in [*reader.feed(log.read_bytes()), *reader.end()]:
        matcher.said(said, 0.0)
    return [event for event in matcher.take(0.0, last=True) if event.exchange_id is not None]


@pytest.fixture(scope="module")
def played(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, confdir: Path
) -> Iterator[Played]:
    """The page of a listened-to browser, in one that is attached to."""
    folder = tmp_path_factory.mktemp("attached")
    capture, elsewhere = folder / "ours.cookietrace", folder / "other.cookietrace"
    said: list[str] = []
    with ExitStack() as stack:
        origin = stack.enter_context(Origin())
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(origin.shutdown)
        proxy = _proxy(capture, confdir, stack)
        listen = proxy.listeners[0].address
        address = Address("127.0.0.1", reserve_port())
        browser = _start(chromium, address.port, listen, folder)
        stack.callback(_kill, browser)
        wait_until(lambda: _listens(address), "the browser listens")
        attached, reports = _attach(address, proxy, capture)
        stack.callback(attached.close)
        options = RecordingOptions(
            listen="127.0.0.1:0", capture=elsewhere, confdir=confdir, only=ONLY, attach=address
        )
        url = f"http://localhost:{origin.server_address[1]}/"
        with recording(options, said.append, echo=True) as other:
            _request_as(address, other.listen, url)
            _navigate(address, url)
            assert origin.ended.wait(PATIENCE), "the page was left before its end"
            wait_until(
                lambda: _silent(fold(read_capture(capture))) <= UNSPOKEN, "all requests are told"
            )
            wait_until(lambda: "start it with" in said[-1], "it is said that nothing passes")

            os.kill(attached.pid, signal.SIGSTOP)  # a new page waits for it now
            opening = threading.Thread(target=_open, args=(address, f"{url}after"))
            opening.start()
            os.kill(attached.pid, signal.SIGKILL)
            opening.join()
            wait_until(lambda: "/after" in _paths(origin), "the page continues")
            wait_until(lambda: len(reports) > 1, "it is said that nobody listens any more")

            browser.terminate()  # it ends its own processes, and completes its log
            browser.wait(PATIENCE)
            wait_until(lambda: "is gone" in said[-1], "it is said that the browser is gone")
            again = _start(chromium, address.port, listen, folder / "again")
            stack.callback(_kill, again)
            wait_until(lambda: "listening to" in said[-1], "it is listened to again")
        uploaded = _upload(address)
        events = list(read_capture(capture))
        yield Played(
            flags=origin.flags,
            trace=fold(events),
            said=[event for event in events if isinstance(event, Said)],
            logged=_logged(folder / "log", events, listen),
            reports=reports,
            elsewhere=list(read_capture(elsewhere)),
            elsewhere_lines=[line for line in said if str(address) in line],
            uploaded=uploaded,
            went_on=_listens(address) and again.poll() is None,
        )


def _paths(origin: Origin) -> list[str]:
    return [path for _, path, _ in origin.seen]


def test_what_it_says_is_recorded(played: Played) -> None:
    """Of every exchange about which DevTools says anything, and no certain verdict is disputed."""
    assert _silent(played.trace) <= UNSPOKEN
    assert {event.said_by for event in played.said} == {"chromium-devtools"}
    assert [event.url for event in played.said if event.unmatched is not None] == []
    found = [each for one in played.trace.exchanges for each in statements(one)]
    assert [each for each in found if each.word is Word.DISPUTED and not each.guess] == []
    assert sum(each.word is Word.CONFIRMED for each in found) > 20
    heard, killed = [report.message for report in played.reports]
    assert heard is None
    assert "has ended: recording continues" in str(killed)


def test_it_says_what_its_own_log_says(played: Played) -> None:
    """Every verdict that DevTools state is that of the net log, of the same exchange."""
    logged = {event.exchange_id: event for event in played.logged}
    compared = 0
    for event in played.said:
        theirs = logged[event.exchange_id]
        cookies = {(one.name, one.domain, one.path): one.taken for one in theirs.cookies or ()}
        for one in event.cookies or ():
            compared += 1
            assert cookies[one.name, one.domain, one.path] is one.taken, event
        lines = {one.line: one.taken for one in theirs.set_cookies or ()}
        for one in event.set_cookies or ():
            # Of a deletion that finds nothing, the log says nothing.
            compared += one.line in lines
            assert lines.get(one.line, one.taken) is one.taken, event
    assert compared > 20


def test_the_page_cannot_tell(played: Played) -> None:
    """With a port of the user's choice, ``navigator.webdriver`` is false."""
    assert isinstance(played.flags, list)
    assert played.flags[0] is False


def test_traffic_that_passes_elsewhere(played: Played) -> None:
    """It is said once, and nothing of it is recorded, nor is it confirmed of another client's."""
    [line] = [each for each in played.elsewhere_lines if "start it with" in each]
    assert "through this proxy: start it with --proxy-server=http://127.0.0.1:" in line
    kinds = (Client, Request, Response, Said)
    recorded = [type(event) for event in played.elsewhere if isinstance(event, kinds)]
    assert recorded == [Client, Request, Response]
    [theirs] = [event for event in played.elsewhere if isinstance(event, Request)]
    [its_own] = [one for one in played.trace.exchanges if one.request.url == theirs.url]
    assert its_own.browser is not None
    agents = [dict(one.headers)["User-Agent"] for one in (theirs, its_own.request)]
    assert agents[0] == agents[1], "the requests are not equal"


def test_the_browser_goes_on(played: Played) -> None:
    """Neither a listener that is killed nor one that ends holds its pages, or ends it."""
    assert played.went_on


def test_a_browser_that_goes_away(played: Played) -> None:
    """That is said, and it is listened to again once it is back."""
    first, _, gone, back = played.elsewhere_lines
    assert first == back
    assert first.startswith("listening to the Chrome ")
    assert "is gone" in gone
    assert "recording continues" in gone


def test_uploads_are_not_sent_to_us(played: Played) -> None:
    """Of a request with a body, the browser says that it has one; the body stays where it is."""
    assert (played.uploaded["method"], played.uploaded["hasPostData"]) == ("POST", True)
    assert "a secret" not in str(played.uploaded)
    assert not {"postData", "postDataEntries"} & set(played.uploaded)
