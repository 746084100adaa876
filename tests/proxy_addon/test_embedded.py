"""The recorder inside one's own mitmdump: ``-s "$(cookietrace addon)"``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import proxy_addon
from cookietrace.events import Body, Client, Failure, Recorder, Request, Response
from tests.ports import FreePort
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartUpstream
from tests.proxy_addon.nursery import ROOT
from tests.proxy_addon.proxies import SECRET, answers_to, events_of, of_kind, only, wait_for
from tests.proxy_addon.upstream import Upstream, Visit, plain

ADDON = Path(proxy_addon.__file__).with_name("addon.py")
MITMDUMP = "from mitmproxy.tools.main import mitmdump; mitmdump()"


def command(confdir: Path, *arguments: str) -> list[str]:
    """Return how to start mitmdump with our addon."""
    return [
        *(sys.executable, "-P", "-c", MITMDUMP, "-s", str(ADDON)),
        *("--set", f"confdir={confdir}", "--set", "flow_detail=0", *arguments),
    ]


@contextmanager
def mitmdump(
    confdir: Path, capture: Path, port: int, *arguments: str, mode: str = "regular"
) -> Iterator[str]:
    """Run somebody's own mitmdump with our addon; yield the address of its listener."""
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        command(
            confdir,
            *("--mode", f"{mode}@{address}", "--set", f"cookietrace_capture={capture}"),
            *arguments,
        ),
        cwd=confdir,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "recording into" in line:
                break
        else:
            raise AssertionError("it never recorded")
        yield address
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_records_and_is_gone_on_with(
    confdir: Path, free_port: FreePort, capture: Path, start_upstream: StartUpstream
) -> None:
    """The same events as our own proxy makes; the next run appends, and knows the client."""
    app = start_upstream({"/": plain(b"x", b"Set-Cookie: a=1", b"Content-Type: text/plain")})
    port = free_port()
    for _ in range(2):
        with (
            mitmdump(confdir, capture, free_port(), "--listen-port", str(port)) as address,
            Wire(address) as wire,
        ):
            wire.get(f"{app.url}/")
            wire.exactly(1)
            events = events_of(capture)
            assert answers_to(events, "/")
            wire.response()
    events = events_of(capture)
    assert [r.state for r in of_kind(events, Recorder)] == ["started", "stopped"] * 2
    assert {len(r.listeners) for r in of_kind(events, Recorder)} == {1}
    assert [body.content for body in of_kind(events, Body)] == ["x", "x"]
    assert len(of_kind(events, Client)) == 2  # two listeners: the port is another each time
    assert len(app.visits[0].fields("Cookietrace-Exchange")) == 1


def test_its_mark_stays_between_it_and_the_app(
    confdir: Path, free_port: FreePort, capture: Path, tmp_path: Path, start_upstream: StartUpstream
) -> None:
    """It is not in what mitmproxy saves, and off again where an addon sends the request away."""
    app = start_upstream({"/": plain(b"x"), "/away": plain(b"x")})
    saved = tmp_path / "saved"
    away = "|~u /away|//127.0.0.1:|//0.0.0.0:"
    with (
        mitmdump(confdir, capture, free_port(), "-w", str(saved), "--map-remote", away) as address,
        Wire(address) as wire,
    ):
        for path in ("/", "/away", "/"):
            wire.get(f"{app.url}{path}")
            wire.response()
    marks = [len(visit.fields("Cookietrace-Exchange")) for visit in app.visits]
    assert marks == [1, 0, 1]
    assert saved.read_bytes().count(b"/away") > 0
    assert b"Cookietrace-Exchange" not in saved.read_bytes()
    assert SECRET.encode() not in saved.read_bytes()


def test_it_leaves_streaming_to_its_host(
    confdir: Path, free_port: FreePort, capture: Path, start_upstream: StartUpstream
) -> None:
    """Events flow in any case; a chunked body flows where mitmproxy was told to stream it."""

    def chunked(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: s=1\r\n\r\n")
        visit.send(b"%x\r\n" % 5000 + b"c" * 5000 + b"\r\n")
        box[0].let_go.wait(120)
        visit.send(b"0\r\n\r\n")

    def events_without_end(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        box[0].let_go.wait(120)

    app = start_upstream({"/chunked": chunked, "/sse": events_without_end})
    box: list[Upstream] = [app]
    with mitmdump(
        confdir,
        capture,
        free_port(),
        "--set",
        "stream_large_bodies=1k",
        "--set",
        "cookietrace_bodies=false",
    ) as address:
        with Wire(address) as wire:
            wire.get(f"{app.url}/sse")
            wire.until(b"data: 1\n\n")
            assert answers_to(events_of(capture), "/sse")
        with Wire(address) as wire:
            wire.get(f"{app.url}/chunked")
            wire.exactly(1)
            assert answers_to(events_of(capture), "/chunked")
            app.let_go.set()
            wire.until(b"0\r\n\r\n")
    events = events_of(capture)
    assert len(of_kind(events, Response)) == 2
    assert not of_kind(events, Body)


@pytest.mark.parametrize("kept", [True, False])
def test_the_host_header_in_its_reverse_mode(
    confdir: Path, free_port: FreePort, capture: Path, start_upstream: StartUpstream, kept: bool
) -> None:
    """The browser's own where mitmproxy keeps it, else at least the listener's address."""
    app = start_upstream({"/": plain(b"x")})
    option = f"keep_host_header={str(kept).lower()}"
    with mitmdump(
        confdir, capture, free_port(), "--set", option, mode=f"reverse:{app.url}"
    ) as address:
        with Wire(address) as wire:
            wire.get("/", b"Host: app.local")
            wire.response()
        request = only(wait_for(capture, lambda event: isinstance(event, Response)), Request)
        assert request.url == ("http://app.local/" if kept else f"http://{address}/")


@pytest.mark.parametrize(
    ("blocked", "words"),
    [
        ("cookietrace", "cannot import cookietrace"),
        ("msgspec", "cannot import msgspec"),
        ("proxy_addon", "cannot import proxy_addon"),
    ],
)
def test_without_our_packages_one_line_says_so(
    confdir: Path, free_port: FreePort, blocked: str, words: str
) -> None:
    """As in mitmproxy's standalone binary: what to do, and no traceback."""
    code = f"import sys; sys.modules[{blocked!r}] = None; {MITMDUMP}"
    port = str(free_port())
    arguments = [code if part == MITMDUMP else part for part in command(confdir, "-p", port)]
    done = subprocess.run(
        arguments,
        cwd=confdir,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert words in done.stdout
    assert "start the mitmdump" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_a_capture_that_cannot_be_is_said(
    confdir: Path, free_port: FreePort, tmp_path: Path
) -> None:
    """One line in mitmproxy's log."""
    diary = tmp_path / "diary"
    diary.write_text("mine\n")
    port = str(free_port())
    done = subprocess.run(
        command(confdir, "-p", port, "--set", f"cookietrace_capture={diary}"),
        cwd=confdir,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "cookietrace: not recording:" in done.stdout
    assert str(diary) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert diary.read_text() == "mine\n"


def test_a_tunnel_that_cannot_be_made_is_a_failure(
    confdir: Path, free_port: FreePort, capture: Path
) -> None:
    """Where mitmproxy connects early, there is no request yet: the failure names the host."""
    closed = free_port()
    with mitmdump(confdir, capture, free_port()) as address, Wire(address) as wire:
        target = f"127.0.0.1:{closed}".encode()
        wire.send(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: T\r\n\r\n" % (target, target))
        assert wire.head().startswith(b"HTTP/1.1 502 ")
        events = wait_for(capture, lambda event: isinstance(event, Failure))
    failure = only(events, Failure)
    assert (failure.kind, failure.host, failure.exchange_id) == ("connect", "127.0.0.1", None)
    assert failure.client_id == only(events, Client).client_id
