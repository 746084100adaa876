"""File descriptors: as many as allowed, and one line if they run out. What is logged is bounded."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource

import pytest
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import tflow

from proxy_addon.process import descriptors
from proxy_addon.process.descriptors import Descriptors
from proxy_addon.process.logs import OneLine
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.upstream import plain

LIMIT = 64
FEW = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({LIMIT}, {LIMIT}))"
LOW = f"""
import resource
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, ({LIMIT}, hard))
"""


class Warnings:
    """Remembers what is reported."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.over = asyncio.Event()

    def warning(self, message: str) -> None:
        """Remember it."""
        self.lines.append(message)

    def warning_over(self, message: str) -> None:
        """Remember it."""
        self.lines.append(message)
        self.over.set()


def test_one_line_names_the_limit(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """A hundred connections with descriptors for fewer; when they are closed, it works again."""
    app = start_upstream({"/": plain(b"ok")})
    proxy = start_proxy(before=FEW)
    wires = [Wire(proxy.addresses[0]) for _ in range(100)]
    message = proxy.report("warning")["message"]
    assert f"(the limit, ulimit -n, is {LIMIT})" in message
    assert "raise the limit" in message
    for wire in wires:
        wire.close()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        assert wire.response()[1] == b"ok"
    assert proxy.stop() == 0
    assert proxy.errors().splitlines() == [f"cookietrace: {message}"]


def test_the_limit_is_raised(start_proxy: StartProxy) -> None:
    """The proxy takes as many as the system allows, at most what a browser can need."""
    proxy = start_proxy(before=LOW)
    soft, hard = resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE)
    assert soft == min(hard, descriptors.ENOUGH)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_said_once_and_again_after_it_was_over(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients and servers without a descriptor are one trouble, until none is short any more."""
    monkeypatch.setattr(descriptors, "QUIET_SECONDS", 0.0)

    async def play() -> list[str]:
        warnings = Warnings()
        short = Descriptors(warnings)
        for _ in range(2):
            warnings.over.clear()
            error = OSError(number, "Too many open files")
            assert short.explain(error)
            flow = tflow.tflow()
            flow.server_conn.error = str(error)
            short.server_connect_error(ServerConnectionHookData(flow.server_conn, flow.client_conn))
            assert short.explain(error)
            await warnings.over.wait()
        return warnings.lines

    lines = asyncio.run(play())
    assert len(lines) == 4
    assert lines[:2] == lines[2:]
    assert ("this machine" in lines[0]) == (number == errno.ENFILE)


def test_other_errors_are_left_to_the_log() -> None:
    """Only what comes of too few descriptors is explained by them."""
    short = Descriptors(Warnings())
    assert not short.explain(OSError(errno.ECONNREFUSED, "refused"))
    assert not short.explain(ValueError("x"))


def record(message: str, *, error: Exception | None = None, line: int = 1) -> logging.LogRecord:
    """Return a record as mitmproxy makes it."""
    exc_info = (type(error), error, None) if error is not None else None
    return logging.LogRecord("mitmproxy.x", logging.WARNING, "x.py", line, message, (), exc_info)


def test_the_log_is_bounded_and_holds_nothing_from_the_wire(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A kind of line is written the 1st, 10th, 100th ... time, and kinds are limited."""
    handler = OneLine()
    for number in range(1000):
        handler.emit(record(f"Server TLS handshake failed. s3cr3t-{number}"))
        handler.emit(record(f"Something about s3cr3t-{number}", line=7))
        handler.emit(record("Unhandled error in task.", error=ValueError(f"s3cr3t-{number}")))
    for number in range(1000):
        handler.emit(record(f"s3cr3t-{number}", line=1000 + number))
    written = capsys.readouterr().err
    assert "s3cr3t" not in written
    lines = written.splitlines()
    assert len(lines) == 3 * 4 + 47
    assert lines[:3] == [
        "cookietrace: proxy: Server TLS handshake failed",
        "cookietrace: proxy: a warning from mitmproxy.x, line 7",
        "cookietrace: proxy: internal error in mitmproxy.x (ValueError)",
    ]
    assert "cookietrace: proxy: Server TLS handshake failed (1,000 times so far)" in lines
