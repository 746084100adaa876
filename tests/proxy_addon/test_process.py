"""The proxy as a process: how it starts, what it refuses, and how it stops."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from cookietrace.events import Failure, Recorder, Request
from cookietrace.protocol import UPSTREAM_VARIABLE
from cookietrace.stores import open_store
from tests.ports import FreePort
from tests.proxy_addon.browser import Wire, address_of
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import Proxy, events_of, of_kind, only, wait_for
from tests.proxy_addon.upstream import plain


def refused(proxy: Proxy) -> str:
    """Return the one line with which a proxy refuses to start."""
    report = proxy.report("stopped")
    assert proxy.process.wait(120) == 2
    errors = proxy.errors()
    assert errors == f"cookietrace: {report['message']}\n"
    assert errors.count("\n") == 1
    return errors


@pytest.mark.parametrize(
    ("mode", "flag"), [("regular", "--listen"), ("reverse:http://localhost:1", "--reverse-listen")]
)
def test_a_port_in_use_is_named_with_its_flag(
    start_proxy: StartProxy, mode: str, flag: str
) -> None:
    """One line, status 2, and no capture is left behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        proxy = start_proxy("--mode", f"{mode}@127.0.0.1:{port}", wait=False)
        line = refused(proxy)
    assert str(port) in line
    assert flag in line
    assert not proxy.capture.exists()


TAKES_PORTS = """
import socket
from proxy_addon.process import main
taken = []
def take(confdir, real=main.require_ca):
    taken.extend(socket.create_server(("127.0.0.1", port)) for port in {ports})
    real(confdir)
main.require_ca = take
"""
"""Takes ports after they were found to be free, and before anything listens there."""

REVERSE = "reverse:http://localhost:1"


@pytest.mark.parametrize(("mode", "flag"), [("regular", "--listen"), (REVERSE, "--reverse-listen")])
def test_a_port_that_another_process_takes_in_the_meantime(
    start_proxy: StartProxy, free_port: FreePort, mode: str, flag: str
) -> None:
    """The line is the same as for one that was in use before, and no capture is left behind."""
    port = free_port()
    before = TAKES_PORTS.format(ports=[port])
    proxy = start_proxy("--mode", f"{mode}@127.0.0.1:{port}", wait=False, before=before)
    line = refused(proxy)
    assert f"port {port} on 127.0.0.1 is already in use" in line
    assert flag in line
    assert not proxy.capture.exists()


@pytest.mark.parametrize("early", [True, False])
def test_listeners_that_may_move_get_the_next_ports(
    start_proxy: StartProxy, free_port: FreePort, early: bool
) -> None:
    """Whoever was quicker, and whenever: they stay in order, and none gets another's port."""
    first, second = sorted((free_port(), free_port()))
    modes = [f"regular@127.0.0.1:{first}", f"{REVERSE}@127.0.0.1:{second}"]
    arguments = [f"--{flag}={mode}" for mode in modes for flag in ("mode", "movable")]
    with ExitStack() as held:
        if early:
            for port in (first, second):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
        before = "" if early else TAKES_PORTS.format(ports=[first, second])
        proxy = start_proxy("--mode", modes[0], *arguments[1:], before=before)
    kinds = [listener["mode"] for listener in proxy.listening["listeners"]]
    assert kinds == ["regular", "reverse"]
    ports = [address_of(address)[1] for address in proxy.addresses]
    assert first < ports[0] != second < ports[1] != ports[0]
    for address in proxy.addresses:
        Wire(address).__exit__()
    assert proxy.stop() == 0
    assert proxy.errors() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mode", "nonsense@127.0.0.1:0"), "nonsense"),
        (("--mode", "regular@192.0.2.1:0"), "192.0.2.1"),
    ],
)
def test_an_impossible_start_is_one_error_line(
    start_proxy: StartProxy, arguments: tuple[str, ...], words: str
) -> None:
    """Nothing that a user can write causes a traceback."""
    assert words in refused(start_proxy(*arguments, wait=False))


def test_a_file_that_is_no_capture_is_left_alone(start_proxy: StartProxy, capture: Path) -> None:
    """Nothing is recorded over another file."""
    capture.write_text("my diary\n")
    assert str(capture) in refused(start_proxy(wait=False))
    assert capture.read_text() == "my diary\n"


def test_two_proxies_cannot_share_a_capture(start_proxy: StartProxy) -> None:
    """The second one says so, and the first one continues."""
    first = start_proxy()
    assert "another cookietrace" in refused(start_proxy(wait=False))
    assert first.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, None])
def test_it_stops_cleanly_while_browsers_are_connected(
    start_proxy: StartProxy, start_upstream: StartUpstream, number: signal.Signals | None
) -> None:
    """A signal or the end of the lifeline: status 0, ``stopped`` last, one plain file."""
    app = start_upstream({"/slow": lambda visit: waiting.append(app.released.wait(120))})
    waiting: list[bool] = []
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire, Wire(proxy.addresses[0]):
        wire.get(f"{app.url}/slow")
        wait_for(proxy.capture, lambda event: isinstance(event, Request))
        if number is not None:
            proxy.process.send_signal(number)
        assert (proxy.process.wait(120) if number is not None else proxy.stop()) == 0
    assert proxy.errors() == ""
    unanswered, last = events_of(proxy.capture)[-2:]
    assert isinstance(last, Recorder)
    assert last.state == "stopped"
    assert isinstance(unanswered, Failure)
    assert (unanswered.kind, unanswered.message) == ("aborted", "the proxy was stopped")
    assert [path.name for path in proxy.capture.parent.glob("*.cookietrace*")] == [
        proxy.capture.name
    ]


def test_a_listener_that_cannot_be_opened_is_refused_and_recording_continues(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A report names the port; recording is not affected."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        proxy.command(type="listen", mode=f"regular@127.0.0.1:{port}", label="firefox")
        report = proxy.report("refused")
    assert str(port) in report["message"]
    assert report["label"] == "firefox"
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        wire.response()
    assert proxy.stop() == 0
    assert only(events_of(proxy.capture), Request).url == f"{app.url}/"


def test_it_listens_on_loopback_alone_by_default(
    start_proxy: StartProxy, free_port: FreePort
) -> None:
    """A mode without a host is not open to the network."""
    port = free_port()
    proxy = start_proxy("--mode", f"regular@{port}")
    assert proxy.addresses == [f"127.0.0.1:{port}"]


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
def test_ipv6_listeners_are_written_with_brackets(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """In a form that can be pasted into a browser's settings."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", "regular@::1:0")
    [address] = proxy.addresses
    assert address.startswith("[::1]:")
    with Wire(address) as wire:
        wire.get(f"{app.url}/")
        wire.response()
    proxy.stop()
    assert only(events_of(proxy.capture), Request).url == f"{app.url}/"


def test_only_and_ignore_exclude_other_hosts(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Excluded hosts are neither marked, recorded nor intercepted, plain or tunnelled."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--only", "localhost", "--ignore", "private.localhost")
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"http://127.0.0.1:{app.port}/", b"Cookietrace-X: kept")
        wire.response()
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("127.0.0.1", app.port)
        wire.get("/", b"Host: 127.0.0.1")
        wire.response()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"http://localhost:{app.port}/")
        wire.response()
    proxy.stop()
    assert [r.url for r in of_kind(events_of(proxy.capture), Request)] == [
        f"http://localhost:{app.port}/"
    ]
    marks = [len(visit.headers("Cookietrace-Exchange")) for visit in app.visits]
    assert marks == [0, 0, 1]
    assert app.visits[0].headers("Cookietrace-X") == [b"kept"]


def test_only_does_not_hide_the_app_of_a_reverse_listener(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """An app that the user names is always recorded."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", f"reverse:{app.url}@127.0.0.1:0", "--only", "shop.test")
    with Wire(proxy.addresses[0]) as wire:
        wire.get("/", b"Host: localhost:8081")
        wire.response()
    proxy.stop()
    assert only(events_of(proxy.capture), Request).url == "http://localhost:8081/"


def test_an_upstream_proxy_gets_whole_urls_and_no_mark(
    start_proxy: StartProxy, start_upstream: StartUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upstream proxy gets absolute URLs and its login, but no mark."""
    behind = start_upstream({"http://localhost:3000/": plain(b"x")})
    monkeypatch.setenv(UPSTREAM_VARIABLE, f"http://me:pass@127.0.0.1:{behind.port}")
    proxy = start_proxy()
    assert proxy.listening["listeners"][0]["target"] == f"http://127.0.0.1:{behind.port}"
    with Wire(proxy.addresses[0]) as wire:
        wire.get("http://localhost:3000/")
        wire.response()
    proxy.stop()
    [visit] = behind.visits
    assert visit.headers("Proxy-Authorization") == [b"Basic bWU6cGFzcw=="]
    assert not visit.headers("Cookietrace-Exchange")
    request = only(events_of(proxy.capture), Request)
    assert (request.url, request.upstream) == ("http://localhost:3000/", "http://localhost:3000")


def test_the_demos_capture_holds_only_the_demo(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """It is marked as not sensitive, so other hosts are not recorded."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--demo-app", app.url)
    with Wire(proxy.addresses[0]) as wire:
        for url in (app.url, "http://www.shop.test", "http://other.test"):
            wire.get(f"{url}/")
            wire.response()
    proxy.stop()
    store = open_store(proxy.capture)
    assert not store.info.sensitive
    store.close()
    urls = [request.url for request in of_kind(events_of(proxy.capture), Request)]
    assert urls == [f"{app.url}/", "http://www.shop.test/"]


def test_a_missing_reader_affects_nothing(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A closed report pipe is not an error."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    proxy._reports.close()
    proxy.command(type="listen", mode="regular@127.0.0.1:0", label="late")
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        wire.response()
    assert proxy.stop() == 0


def test_only_the_owner_can_read_the_capture(start_proxy: StartProxy) -> None:
    """Mode 0600, whatever the umask."""
    old = os.umask(0)
    try:
        proxy = start_proxy()
    finally:
        os.umask(old)
    assert proxy.capture.stat().st_mode & 0o777 == 0o600
    assert address_of(proxy.addresses[0])[1] > 0
