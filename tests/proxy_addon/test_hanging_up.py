"""A graceful end loses nothing: what a client has received in full is in the capture."""

from __future__ import annotations

import asyncio
import importlib
import signal
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from cookietrace.events import Body, Failure, Recorder, Request, Response
from tests.ports import FreePort
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.http2 import Http2
from tests.proxy_addon.nursery import ROOT, Nursery
from tests.proxy_addon.proxies import (
    PATIENCE,
    Proxy,
    events_of,
    of_kind,
    only,
    responses_to,
    wait_for,
)
from tests.proxy_addon.test_embedded import ADDON
from tests.proxy_addon.upstream import Visit, plain

MEANWHILE = """
import asyncio, os, signal
from proxy_addon.hooks.recorder import FlowRecorder

class Meanwhile:
    name = "meanwhile"
    stopped = False

    async def response(self, flow):
        "The end comes now; this response continues once the recorder has stopped, if it does."
        if flow.request.path == "/ends":
            os.kill(os.getpid(), signal.SIGTERM)
            turns = 300
            while turns and not Meanwhile.stopped:
                await asyncio.sleep(0)
                turns -= 1
        elif flow.request.path == "/stuck":
            await asyncio.Event().wait()

stop = FlowRecorder.stop

def stop_and_say_so(self, *arguments, **named):
    stop(self, *arguments, **named)
    Meanwhile.stopped = True

FlowRecorder.stop = stop_and_say_so
"""
"""An addon that sees each response before the recorder does."""

IN_OUR_PROXY = (
    MEANWHILE
    + """
from proxy_addon.process import main as process
build_master = process.build_master

def with_meanwhile(*arguments, **named):
    master = build_master(*arguments, **named)
    master.addons.chain.insert(0, Meanwhile())
    return master

process.build_master = with_meanwhile
"""
)

COOKIE = b"Set-Cookie: a=1"


def by_http1(proxy: Proxy) -> None:
    """Receive the whole response by HTTP/1.1."""
    with Wire(proxy.addresses[0]) as wire:
        wire.get("http://shop.test/ends")
        head, body = wire.response()
        assert COOKIE in head
        assert body == b"x" * 2000
        assert wire.to_end() == b""


def by_http2(proxy: Proxy) -> None:
    """Receive the whole response by HTTP/2."""
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("shop.test", 443)
        wire.tls("shop.test", proxy.ca, ("h2",))
        client = Http2(wire)
        stream = client.ask("shop.test", b"/ends")
        assert dict(client.headers(stream))[b"set-cookie"] == b"a=1"
        assert client.body(stream) == b"x" * 2000


@pytest.mark.parametrize("receive", [by_http1, by_http2])
def test_a_response_that_comes_during_the_end_is_recorded_and_sent(
    start_proxy: StartProxy, start_upstream: StartUpstream, receive: Callable[[Proxy], None]
) -> None:
    """The recorder stops after the connections are closed, not before."""
    app = start_upstream({"/ends": plain(b"x" * 2000, COOKIE)})
    proxy = start_proxy("--demo-app", app.url, before=IN_OUR_PROXY)
    receive(proxy)
    assert proxy.process.wait(PATIENCE) == 0
    events = events_of(proxy.capture)
    assert ("Set-Cookie", "a=1") in {
        (name.title(), value) for name, value in only(events, Response).headers
    }
    assert only(events, Body).size == 2000
    assert not of_kind(events, Failure)
    assert isinstance(events[-1], Recorder)
    assert events[-1].state == "stopped"


def test_in_the_users_own_mitmproxy_too(
    nursery: Nursery,
    confdir: Path,
    capture: Path,
    tmp_path: Path,
    free_port: FreePort,
    start_upstream: StartUpstream,
) -> None:
    """When mitmdump ends, its connections are closed before the recorder stops."""
    app = start_upstream({"/ends": plain(b"x", COOKIE)})
    script = tmp_path / "meanwhile.py"
    script.write_text(f"{MEANWHILE}\naddons = [Meanwhile()]\n")
    address = f"127.0.0.1:{free_port()}"
    process = nursery.start_mitmdump(
        [
            *("-s", str(script), "-s", str(ADDON), "--mode", f"regular@{address}"),
            *("--set", f"confdir={confdir}", "--set", f"cookietrace_capture={capture}"),
        ]
    )
    with process.stderr as output:
        for line in output:
            if b"recording into" in line:
                break
        with Wire(address) as wire:
            wire.get(f"{app.url}/ends")
            assert COOKIE in wire.response()[0]
            assert wire.to_end() == b""
        assert process.wait(PATIENCE) == 0
    events = events_of(capture)
    assert only(events, Response).status_code == 200
    assert not of_kind(events, Failure)
    assert [event.state for event in of_kind(events, Recorder)] == ["started", "stopped"]


@pytest.mark.parametrize("step", ["open_or_create", "build_master"])
def test_a_signal_during_the_start_leaves_a_finished_capture(
    start_proxy: StartProxy, step: str
) -> None:
    """It waits until the proxy can stop cleanly: status 0, and one plain file."""
    proxy = start_proxy(
        before=f"""
import os, signal
from proxy_addon.process import main as process
take_step = process.{step}

def and_be_ended(*arguments, **named):
    result = take_step(*arguments, **named)
    os.kill(os.getpid(), signal.SIGTERM)
    return result

process.{step} = and_be_ended
""",
        wait=False,
    )
    assert proxy.process.wait(PATIENCE) == 0
    assert proxy.report("stopped").get("message") is None
    states = [event.state for event in of_kind(events_of(proxy.capture), Recorder)]
    if step == "build_master":  # whether its listeners open before it sees the signal is open
        assert states in (["stopped"], ["started", "stopped"])
    else:
        assert states == []
    assert [path.name for path in proxy.capture.parent.glob("*.cookietrace*")] == [
        proxy.capture.name
    ]


def test_a_connection_that_cannot_be_closed_is_cut_off(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A hook that never returns delays the end only for a moment; its client gets nothing."""
    app = start_upstream({"/stuck": plain(b"x", COOKIE)})
    proxy = start_proxy(before=IN_OUR_PROXY)
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/stuck")
        wait_for(proxy.capture, lambda event: isinstance(event, Request))
        assert proxy.stop() == 0
        assert wire.to_end() == b""
    failure, last = events_of(proxy.capture)[-2:]
    assert isinstance(failure, Failure)
    assert failure.message == "the proxy was stopped"
    assert isinstance(last, Recorder)
    assert last.state == "stopped"


def test_what_is_open_at_the_end_is_said_to_be_cut_off(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A stream keeps its response and what came of its body; an upgraded connection is complete."""

    def never_ends(head: bytes) -> Callable[[Visit], None]:
        def answer(visit: Visit) -> None:
            visit.send(head)
            app.released.wait(PATIENCE)

        return answer

    app = start_upstream(
        {
            "/sse": never_ends(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                b"Set-Cookie: a=1\r\n\r\ndata: 1\n\n"
            ),
            "/socket": never_ends(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                b"Set-Cookie: w=1\r\n\r\n"
            ),
        }
    )
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as stream, Wire(proxy.addresses[0]) as upgraded:
        stream.get(f"{app.url}/sse")
        stream.until(b"data: 1\n\n")
        upgraded.get(
            f"{app.url}/socket",
            *(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        assert b"w=1" in upgraded.head()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            proxy.process.send_signal(number)
        assert proxy.process.wait(PATIENCE) == 0
    events = events_of(proxy.capture)
    for path in ("/sse", "/socket"):
        assert len(responses_to(events, path)) == 1
    [sse] = responses_to(events, "/sse")
    failure, body = only(events, Failure), only(events, Body)
    assert failure.exchange_id == body.exchange_id == sse.exchange_id
    assert (failure.kind, failure.message) == ("aborted", "the proxy was stopped")
    assert (body.content, body.truncated) == ("data: 1\n\n", True)
    assert proxy.errors() == ""


def test_a_handshake_that_the_end_cuts_off_is_no_failure(start_proxy: StartProxy) -> None:
    """A browser whose TLS handshake the proxy did not finish has not refused the CA."""
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("shop.test", 443)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        half = context.wrap_bio(incoming, outgoing, server_hostname="shop.test")
        with pytest.raises(ssl.SSLWantReadError):
            half.do_handshake()
        wire.send(outgoing.read())
        wire.exactly(1)
        assert proxy.stop() == 0
    assert not of_kind(events_of(proxy.capture), Failure)


def test_a_handshake_with_the_app_that_the_end_cuts_off(start_proxy: StartProxy) -> None:
    """The proxy was stopped: that is why there is no response, not the app."""
    with socket.create_server(("127.0.0.1", 0)) as app:
        port = app.getsockname()[1]
        proxy = start_proxy("--mode", f"reverse:https://127.0.0.1:{port}@127.0.0.1:0")
        with Wire(proxy.addresses[0]) as wire:
            wire.get("/", b"Host: app.local")
            connection, _ = app.accept()
            with connection:
                assert connection.recv(1)
                assert proxy.stop() == 0
            assert wire.to_end() == b""
    failure = only(events_of(proxy.capture), Failure)
    assert (failure.kind, failure.message) == ("aborted", "the proxy was stopped")


def test_a_name_that_is_being_looked_up_does_not_delay_the_end(
    tmp_path: Path, confdir: Path, capture: Path, free_port: FreePort
) -> None:
    """The process ends although the thread that looks up the name of a host does not."""
    address = f"127.0.0.1:{free_port()}"
    asked = tmp_path / "asked"
    code = f"""
import pathlib, runpy, socket, sys, threading
look_up = socket.getaddrinfo
def never(host, *arguments, **named):
    if host != "hang.test":
        return look_up(host, *arguments, **named)
    pathlib.Path({str(asked)!r}).touch()
    threading.Event().wait()
socket.getaddrinfo = never
sys.argv = ["proxy", "--capture", {str(capture)!r}, "--confdir", {str(confdir)!r}]
sys.argv += ["--mode", "regular@{address}", "--reports-fd", "1"]
runpy.run_module("proxy_addon", run_name="__main__")
"""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, stdout=subprocess.PIPE
    )
    with process:
        try:
            assert process.stdout is not None
            assert b"listening" in process.stdout.readline()
            with Wire(address) as wire:
                wire.get("http://hang.test/")
                wait_for(capture, lambda event: isinstance(event, Request))
                process.send_signal(signal.SIGTERM)
                assert wire.to_end() == b""
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    assert asked.exists()
    assert only(events_of(capture), Failure).message == "the proxy was stopped"


def test_a_script_that_is_removed_stops_recording_alone(capture: Path) -> None:
    """What is in progress then continues: the capture does not say that the proxy was stopped."""

    async def remove_meanwhile() -> None:
        with taddons.context(proxyserver.Proxyserver()) as running:
            addon = embedded.EmbeddedRecorder()
            running.master.addons.add(addon)
            running.configure(addon, cookietrace_capture=str(capture))
            addon.running()
            addon.addons[0].requestheaders(tflow.tflow())
            running.master.addons.remove(addon)

    with warnings.catch_warnings():
        # mitmproxy's own addons use old names of the packages that they are installed with.
        warnings.simplefilter("ignore", DeprecationWarning)
        taddons = importlib.import_module("mitmproxy.test.taddons")
        proxyserver = importlib.import_module("mitmproxy.addons.proxyserver")
        tflow = importlib.import_module("mitmproxy.test.tflow")
        embedded = importlib.import_module("proxy_addon.embedded")
    asyncio.run(remove_meanwhile())
    assert only(events_of(capture), Failure).message == "recording was stopped"


async def test_everything_that_records_ends_from_the_outside_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proxy, the judge's and the benchmark's end alike: clients, mitmproxy, the capture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        ending = importlib.import_module("proxy_addon.process.ending")
        proxyserver = importlib.import_module("mitmproxy.addons.proxyserver")
    order: list[str] = []
    done = asyncio.get_running_loop().create_future()

    async def hang_up(_: object) -> None:
        order.append("clients")

    def shutdown() -> None:
        order.append("mitmproxy")
        done.set_result(None)

    monkeypatch.setattr(ending, "hang_up", hang_up)
    addons = SimpleNamespace(get=lambda _: proxyserver.Proxyserver())
    recorder = SimpleNamespace(
        stopping=lambda: order.append("stopping"), stop=lambda: order.append("capture")
    )
    await ending.end(SimpleNamespace(addons=addons, shutdown=shutdown), recorder, done)
    assert order == ["stopping", "clients", "mitmproxy", "capture"]
    for module in ("proxy_addon.process.main", "tests.judge.proxy_process"):
        assert importlib.import_module(module).end is ending.end
