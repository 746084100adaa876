"""The recorder inside the user's own mitmdump: ``-s "$(cookietrace addon)"``."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import proxy_addon
from cookietrace.events import Body, Client, Failure, Recorder, Request, Response
from tests.ports import FreePort
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartUpstream
from tests.proxy_addon.nursery import ROOT, Nursery
from tests.proxy_addon.proxies import (
    PATIENCE,
    SECRET,
    events_of,
    of_kind,
    only,
    responses_to,
    wait_for,
)
from tests.proxy_addon.test_http1 import replaced
from tests.proxy_addon.upstream import Upstream, Visit, plain

ADDON = Path(proxy_addon.__file__).with_name("addon.py")


def options(confdir: Path, *arguments: str) -> list[str]:
    """Return the command line of a mitmdump with our addon."""
    return [
        *("-s", str(ADDON), "--set", f"confdir={confdir}", "--set", "flow_detail=0"),
        *arguments,
    ]


Run = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def mitmdump(nursery: Nursery, confdir: Path, capture: Path, free_port: FreePort) -> Run:
    """Run the user's own mitmdump with our addon; yields the address of its listener."""

    @contextmanager
    def run(*arguments: str, mode: str = "regular") -> Iterator[str]:
        address = f"127.0.0.1:{free_port()}"
        process = nursery.start_mitmdump(
            options(
                confdir,
                *("--mode", f"{mode}@{address}", "--set", f"cookietrace_capture={capture}"),
                *arguments,
            )
        )
        try:
            for line in process.stderr:
                if b"recording into" in line:
                    break
            else:
                raise AssertionError("it never recorded")
            yield address
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.wait()
            process.stderr.close()

    return run


def test_it_records_into_a_new_and_an_existing_capture(
    mitmdump: Run, capture: Path, start_upstream: StartUpstream
) -> None:
    """It records the same events as our own proxy; the next run appends to them."""
    app = start_upstream({"/": plain(b"x", b"Set-Cookie: a=1", b"Content-Type: text/plain")})
    for _ in range(2):
        with mitmdump() as address, Wire(address) as wire:
            wire.get(f"{app.url}/")
            wire.exactly(1)
            events = events_of(capture)
            assert responses_to(events, "/")
            wire.response()
    events = events_of(capture)
    assert [r.state for r in of_kind(events, Recorder)] == ["started", "stopped"] * 2
    assert {len(r.listeners) for r in of_kind(events, Recorder)} == {1}
    assert [body.content for body in of_kind(events, Body)] == ["x", "x"]
    assert len(of_kind(events, Client)) == 2  # two listeners: the port is another each time
    assert len(app.visits[0].headers("Cookietrace-Exchange")) == 1


def test_responses_that_mitmproxy_would_lose(
    mitmdump: Run, capture: Path, start_upstream: StartUpstream
) -> None:
    """The final response arrives after an informational one, and a chunked one with trailers."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: 1\r\n\r\n"
    app = start_upstream({"/": hints + plain(b"x"), "/chunks": hints + chunks})
    with mitmdump() as address, Wire(address) as wire:
        wire.get(f"{app.url}/")
        assert wire.response()[1] == b"x"
        wire.get(f"{app.url}/chunks")
        assert wire.until(b"0\r\n\r\n").endswith(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")
    recorded = events_of(capture)
    assert [event.status_code for event in of_kind(recorded, Response)] == [200, 200]
    assert [body.content for body in of_kind(recorded, Body)] == ["x", "x"]


def test_a_removed_script_leaves_mitmproxy_as_it_was(capture: Path) -> None:
    """Nothing of it is replaced any more, and none of our addons is left."""

    async def load_and_remove() -> None:
        with taddons.context() as running:
            addon = embedded.EmbeddedRecorder()
            running.master.addons.add(addon)
            running.configure(addon, cookietrace_capture=str(capture))
            assert replaced() == before
            addon.running()
            assert replaced()[0] is not before[0]
            assert replaced()[1] is not before[1]
            running.master.addons.remove(addon)
            names = set(running.master.addons.lookup)
            assert not {name for name in names if name.startswith("cookietrace")}

    with warnings.catch_warnings():
        # mitmproxy's own addons use old names of the packages that they are installed with.
        warnings.simplefilter("ignore", DeprecationWarning)
        taddons = importlib.import_module("mitmproxy.test.taddons")
        embedded = importlib.import_module("proxy_addon.embedded")
    before = replaced()
    asyncio.run(load_and_remove())
    assert replaced() == before
    states = [event.state for event in of_kind(events_of(capture), Recorder)]
    assert states == ["started", "stopped"]


def test_only_the_app_sees_the_mark(
    mitmdump: Run, tmp_path: Path, start_upstream: StartUpstream
) -> None:
    """It is not in flows that mitmproxy saves, and removed from redirected requests."""
    app = start_upstream({"/": plain(b"x"), "/away": plain(b"x")})
    saved = tmp_path / "saved"
    away = "|~u /away|//127.0.0.1:|//0.0.0.0:"
    with (
        mitmdump("-w", str(saved), "--map-remote", away) as address,
        Wire(address) as wire,
    ):
        for path in ("/", "/away", "/"):
            wire.get(f"{app.url}{path}")
            wire.response()
    marks = [len(visit.headers("Cookietrace-Exchange")) for visit in app.visits]
    assert marks == [1, 0, 1]
    assert saved.read_bytes().count(b"/away") > 0
    assert b"Cookietrace-Exchange" not in saved.read_bytes()
    assert SECRET.encode() not in saved.read_bytes()


def test_it_leaves_streaming_to_mitmproxy(
    mitmdump: Run, capture: Path, start_upstream: StartUpstream
) -> None:
    """It streams server-sent events; other bodies are streamed only by mitmproxy's options."""

    def chunked(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: s=1\r\n\r\n")
        visit.send(b"%x\r\n" % 5000 + b"c" * 5000 + b"\r\n")
        box[0].released.wait(120)
        visit.send(b"0\r\n\r\n")

    def events_without_end(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        box[0].released.wait(120)

    app = start_upstream({"/chunked": chunked, "/sse": events_without_end})
    box: list[Upstream] = [app]
    with mitmdump(
        *("--set", "stream_large_bodies=1k", "--set", "cookietrace_bodies=false")
    ) as address:
        with Wire(address) as wire:
            wire.get(f"{app.url}/sse")
            wire.until(b"data: 1\n\n")
            assert responses_to(events_of(capture), "/sse")
        with Wire(address) as wire:
            wire.get(f"{app.url}/chunked")
            wire.exactly(1)
            assert responses_to(events_of(capture), "/chunked")
            app.released.set()
            wire.until(b"0\r\n\r\n")
    events = events_of(capture)
    assert len(of_kind(events, Response)) == 2
    assert not of_kind(events, Body)


@pytest.mark.parametrize("kept", [True, False])
def test_the_host_in_reverse_mode(
    mitmdump: Run, capture: Path, start_upstream: StartUpstream, kept: bool
) -> None:
    """The browser's own Host if mitmproxy keeps it, otherwise the listener's address."""
    app = start_upstream({"/": plain(b"x")})
    option = f"keep_host_header={str(kept).lower()}"
    with mitmdump("--set", option, mode=f"reverse:{app.url}") as address:
        with Wire(address) as wire:
            wire.get("/", b"Host: app.local")
            wire.response()
        request = only(wait_for(capture, lambda event: isinstance(event, Response)), Request)
        assert request.url == ("http://app.local/" if kept else f"http://{address}/")


@pytest.mark.parametrize(
    ("blocked", "words"),
    [
        ("msgspec", "cannot import msgspec"),
        ("proxy_addon", "cannot import proxy_addon"),
    ],
)
def test_without_our_packages_one_line_says_so(
    confdir: Path, free_port: FreePort, blocked: str, words: str
) -> None:
    """As in mitmproxy's standalone binary: one line with the fix, and no traceback."""
    code = (
        f"import sys; sys.modules[{blocked!r}] = None; "
        "from mitmproxy.tools.main import mitmdump; mitmdump()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *options(confdir, "-p", str(free_port()))],
        cwd=confdir,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert words in done.stdout
    assert "start the mitmdump" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1


def test_an_unusable_capture_is_one_line_in_the_log(
    nursery: Nursery, confdir: Path, free_port: FreePort, tmp_path: Path
) -> None:
    """The line names the file, which is left alone."""
    diary = tmp_path / "diary"
    diary.write_text("mine\n")
    port = str(free_port())
    process = nursery.start_mitmdump(
        options(confdir, "-p", port, "--set", f"cookietrace_capture={diary}")
    )
    with process.stderr:
        output = process.stderr.read().decode()
    process.wait(PATIENCE)
    assert "cookietrace: not recording:" in output
    assert str(diary) in output
    assert "Traceback" not in output
    assert diary.read_text() == "mine\n"


def test_a_tunnel_that_cannot_be_opened_is_a_failure(
    mitmdump: Run, free_port: FreePort, capture: Path
) -> None:
    """If mitmproxy connects early, there is no request yet: the failure names the host."""
    closed = free_port()
    with mitmdump() as address, Wire(address) as wire:
        target = f"127.0.0.1:{closed}".encode()
        wire.send(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: T\r\n\r\n" % (target, target))
        assert wire.head().startswith(b"HTTP/1.1 502 ")
        events = wait_for(capture, lambda event: isinstance(event, Failure))
    failure = only(events, Failure)
    assert (failure.kind, failure.host, failure.exchange_id) == ("connect", "127.0.0.1", None)
    assert failure.client_id == only(events, Client).client_id


def test_the_log_says_what_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    """At the end, as an error: mitmproxy's own exit status says nothing about us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        embedded = importlib.import_module("proxy_addon.embedded")
    embedded._MitmproxyLog().incomplete(3, "3 exchanges were not recorded")
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.message.endswith("the capture is not complete: 3 exchanges were not recorded")
