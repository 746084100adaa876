"""The server of the screen in browser tabs: it and its screens end with whoever started them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision import web_listening
from cookietrace.supervision.web_listening import TERMINAL_FLAG, WebAddress, require_extra
from cookietrace.supervision.web_terminal import WebTerminal
from tests.processes import running_with, wait_until
from tests.tui import captures


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seed trace; every process of this test has its folder in its environment."""
    monkeypatch.setenv("COOKIETRACE_TEST_FOLDER", str(tmp_path))
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    return path


@pytest.fixture
def terminal(capture: Path) -> Iterator[WebTerminal]:
    """A server of the capture, in a process of its own."""
    with WebTerminal(WebAddress()) as made:
        made.load()
        made.serve(capture)
        yield made


async def drawn_then(terminal: WebTerminal, end: int) -> int | None:
    """Open a tab, wait until it is drawn, and send the server a signal; return the close code."""
    page, _, token = terminal.address.partition("#token=")
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(
            f"{page}terminal?width=80&height=24",
            protocols=("cookietrace.terminal", f"token.{token}"),
            headers={"Origin": page.removesuffix("/")},
            max_msg_size=0,
        ) as socket,
    ):
        seen = b""
        while b"Alice" not in seen:
            seen += await socket.receive_bytes(timeout=120)
        os.kill(terminal.child.process.pid, end)
        async for _ in socket:
            pass
        return socket.close_code


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param(signal.SIGTERM, 1001, id="asked to"),
        pytest.param(signal.SIGKILL, 1006, id="killed"),
    ],
)
def test_every_screen_ends_with_the_server(
    capture: Path, terminal: WebTerminal, end: int, code: int
) -> None:
    """However the server ends, no screen is left; if it can, it tells the page."""
    assert asyncio.run(drawn_then(terminal, end)) == code
    wait_until(lambda: running_with(str(capture.parent)) == [], "all of it ended")


def test_the_server_ends_with_its_parent(capture: Path, terminal: WebTerminal) -> None:
    """The end of the lifeline ends it, as a SIGKILL of the command would; no argument is secret."""
    token = terminal.address.partition("#token=")[2]
    pid = terminal.child.process.pid
    line = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    assert token.encode() not in line
    assert str(capture).encode() not in line
    terminal._lifeline.cut()
    wait_until(lambda: running_with(str(capture.parent)) == [], "all of it ended")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line names the packages to install."""
    require_extra(TERMINAL_FLAG)
    monkeypatch.setitem(web_listening._NEEDED, TERMINAL_FLAG, ("no_such_package_here",))
    with pytest.raises(LaunchError) as error:
        WebTerminal(WebAddress())
    assert str(error.value) == "--web-terminal needs more packages: pip install 'cookietrace[web]'"
