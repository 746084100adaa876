"""The proxy as a process: how it starts, what it refuses, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from cookietrace.events import Failure, Recorder, Request
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mode", "nonsense@127.0.0.1:0"), "nonsense"),
        (("--upstream", "ftp://x"), "--upstream"),
        (("--mode", "regular@192.0.2.1:0"), "192.0.2.1"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    start_proxy: StartProxy, arguments: tuple[str, ...], words: str
) -> None:
    """No traceback for anything that a user can write."""
    assert words in refused(start_proxy(*arguments, wait=False))


def test_a_file_that_is_no_capture_is_left_alone(start_proxy: StartProxy, capture: Path) -> None:
    """Nothing is recorded over somebody's file."""
    capture.write_text("my diary\n")
    assert str(capture) in refused(start_proxy(wait=False))
    assert capture.read_text() == "my diary\n"


def test_two_proxies_cannot_share_a_capture(start_proxy: StartProxy) -> None:
    """The second one says so, and the first one goes on."""
    first = start_proxy()
    assert "another cookietrace" in refused(start_proxy(wait=False))
    assert first.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, None])
def test_it_ends_cleanly_while_browsers_are_connected(
    start_proxy: StartProxy, start_upstream: StartUpstream, number: signal.Signals | None
) -> None:
    """A signal or the end of the lifeline: status 0, ``stopped`` last, one plain file."""
    app = start_upstream({"/slow": lambda visit: waiting.append(app.let_go.wait(120))})
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


def test_a_listener_that_cannot_be_opened_is_refused_and_the_rest_goes_on(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A report names the port; recording is not disturbed."""
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
    """What a person can paste into a browser's settings."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", "regular@::1:0")
    [address] = proxy.addresses
    assert address.startswith("[::1]:")
    with Wire(address) as wire:
        wire.get(f"{app.url}/")
        wire.response()
    proxy.stop()
    assert only(events_of(proxy.capture), Request).url == f"{app.url}/"


def test_only_and_ignore_leave_other_hosts_alone(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Ignored hosts pass unmarked and unrecorded, plain and tunnelled; their TLS is not ours."""
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
    marks = [len(visit.fields("Cookietrace-Exchange")) for visit in app.visits]
    assert marks == [0, 0, 1]
    assert app.visits[0].fields("Cookietrace-X") == [b"kept"]


def test_only_does_not_hide_the_app_of_a_reverse_listener(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Whoever names an app wants to see it."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", f"reverse:{app.url}@127.0.0.1:0", "--only", "shop.test")
    with Wire(proxy.addresses[0]) as wire:
        wire.get("/", b"Host: localhost:8081")
        wire.response()
    proxy.stop()
    assert only(events_of(proxy.capture), Request).url == "http://localhost:8081/"


def test_an_upstream_proxy_gets_whole_urls_and_no_mark(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The proxy behind ours is asked as proxies are, with its login, and is not this machine."""
    behind = start_upstream({"http://localhost:3000/": plain(b"x")})
    proxy = start_proxy("--upstream", f"http://me:pass@127.0.0.1:{behind.port}")
    assert proxy.listening["listeners"][0]["target"] == f"http://127.0.0.1:{behind.port}"
    with Wire(proxy.addresses[0]) as wire:
        wire.get("http://localhost:3000/")
        wire.response()
    proxy.stop()
    [visit] = behind.visits
    assert visit.fields("Proxy-Authorization") == [b"Basic bWU6cGFzcw=="]
    assert not visit.fields("Cookietrace-Exchange")
    request = only(events_of(proxy.capture), Request)
    assert (request.url, request.upstream) == ("http://localhost:3000/", "http://localhost:3000")


def test_the_demos_capture_holds_the_demo_alone(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """It is not sensitive: so other hosts are not in it, whatever browser is pointed at it."""
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


def test_a_reader_that_is_gone_disturbs_nothing(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Reports are for whoever listens: a closed pipe is no trouble."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    proxy._reports.close()
    proxy.command(type="listen", mode="regular@127.0.0.1:0", label="late")
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        wire.response()
    assert proxy.stop() == 0


def test_the_capture_is_the_owners_alone(start_proxy: StartProxy) -> None:
    """Mode 0600, whatever the umask says."""
    old = os.umask(0)
    try:
        proxy = start_proxy()
    finally:
        os.umask(old)
    assert proxy.capture.stat().st_mode & 0o777 == 0o600
    assert address_of(proxy.addresses[0])[1] > 0
