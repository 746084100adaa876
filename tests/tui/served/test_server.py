"""The server of browser tabs: what it serves to whom, and the end of each tab's process."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType
from aiohttp.test_utils import TestServer

from tests.processes import running_with, wait_until
from tests.tui import captures
from tui.served.files import WEBGL, pages
from tui.served.rules import PROTOCOL
from tui.served.server import HEARTBEAT, MOST_TABS, Options, Terminals, listen
from tui.served.tab import CloseCode

TOKEN = "the-right-token"
OFFERED = f"{PROTOCOL}, token.{TOKEN}"
SIZE = "width=100&height=30"


class Served:
    """A server of the seed trace, and a client."""

    def __init__(self, server: TestServer, client: aiohttp.ClientSession, tabs: Terminals) -> None:
        self.server = server
        self.client = client
        self.terminals = tabs

    @property
    def host(self) -> str:
        """What the page's own address has as its host."""
        return f"127.0.0.1:{self.server.port}"

    def connect(
        self,
        origin: str | None = None,
        protocols: str = OFFERED,
        query: str = SIZE,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Any:
        """Open a WebSocket as the page does, or otherwise."""
        return self.client.ws_connect(
            f"http://{self.host}/terminal?{query}",
            headers={"Origin": origin or f"http://{self.host}", **(headers or {})},
            protocols=protocols.split(", "),
            **more,
            max_msg_size=0,
        )


@asynccontextmanager
async def serving(
    capture: Path, most: int = MOST_TABS, heartbeat: float = HEARTBEAT
) -> AsyncIterator[Served]:
    """Serve a capture on a free port."""
    options = Options(token=TOKEN, arguments=(str(capture), "--in-tab"), host="127.0.0.1")
    terminals = Terminals(options, most=most, heartbeat=heartbeat)
    server = TestServer(terminals.application(), host="127.0.0.1")
    async with server, aiohttp.ClientSession() as client:
        yield Served(server, client, terminals)


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seed trace; every process that shows it has this test's folder in its environment."""
    monkeypatch.setenv("COOKIETRACE_TEST_FOLDER", str(tmp_path))
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    return path


async def read_until(socket: aiohttp.ClientWebSocketResponse, wanted: str) -> str:
    """Read what the screen draws until it has a text; return all of it."""
    seen = b""
    while wanted.encode() not in seen:
        message = await socket.receive(120)
        assert message.type is WSMsgType.BINARY, (message, socket.close_code, seen[-500:])
        seen += message.data
    return seen.decode()


async def closing(socket: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
    """Read to the end of a WebSocket; return its code and reason."""
    while True:
        message = await socket.receive(120)
        if message.type is WSMsgType.CLOSE:
            return message.data, message.extra or ""
        assert message.type is WSMsgType.BINARY, message


async def no_process_left(folder: Path) -> None:
    """Wait until no process shows a capture of this test's folder."""
    await asyncio.to_thread(
        wait_until, lambda: running_with(str(folder)) == [], "every screen ended"
    )


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        *(pytest.param("GET", path, {}, 200, id=path) for path in pages()),
        pytest.param("GET", "/", {"Host": "localhost:{port}"}, 200, id="localhost"),
        pytest.param("GET", "/", {"Host": "shop.example:{port}"}, 403, id="rebinding"),
        pytest.param("GET", "/", {"Host": "localhost.shop.example:{port}"}, 403, id="subdomain"),
        pytest.param("GET", "/", {"Host": "127.0.0.1:1"}, 200, id="a forwarded port"),
        pytest.param("GET", "/", {"Host": ""}, 403, id="no host"),
        pytest.param("GET", "/textual.js", {"Host": "shop.example"}, 403, id="file rebinding"),
        pytest.param("GET", "/static", {}, 404, id="no folder"),
        pytest.param("GET", "/static/", {}, 404, id="no listing"),
        pytest.param("GET", "/static/js/textual.js", {}, 404, id="no other name"),
        pytest.param("GET", "/..%2f..%2fetc/passwd", {}, 404, id="no way out"),
        pytest.param("GET", "/download/key", {}, 404, id="no download"),
        pytest.param("GET", "/ws", {}, 404, id="no other socket"),
        pytest.param("POST", "/", {}, 405, id="read-only"),
        pytest.param("GET", "/terminal", {}, 403, id="no page's socket"),
    ],
)
async def test_what_is_served(
    tmp_path: Path, method: str, path: str, headers: Mapping[str, str], status: int
) -> None:
    """Only the page's files, under the server's own names; each response keeps a browser strict.

    None sets a cookie: it would go to every port of this machine.
    """
    async with serving(tmp_path / "none") as it:
        given = {name: value.format(port=it.server.port) for name, value in headers.items()}
        async with it.client.request(method, f"http://{it.host}{path}", headers=given) as response:
            body = await response.read()
            assert response.status == status, body
            assert TOKEN.encode() not in body
            held = response.headers
    assert "Set-Cookie" not in held
    assert held["X-Content-Type-Options"] == "nosniff"
    assert held["Cache-Control"] == "no-store"
    assert held["Server"] == "cookietrace"
    policy = dict(each.split(" ", 1) for each in held["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["font-src"] == "'self'"
    assert policy["sandbox"] == "allow-scripts allow-same-origin"


def test_the_page_is_all_its_own() -> None:
    """The page, its script and its styles name no other host, and the page has no inline code."""
    for path in ("/", "/terminal.js", "/terminal.css"):
        assert re.findall(r"//[\w.]", pages()[path].content.decode()) == []
    page = pages()["/"].content.decode()
    assert re.findall(r"<script[^>]*>[^<]*", page) == ['<script src="terminal.js" defer>']
    assert re.findall(r"<style| style=| on\w+=|javascript:", page) == []


def test_nothing_needs_webgl() -> None:
    """The script of textual-serve draws on a plain canvas, which every browser has."""
    script = files("textual_serve") / "static" / "js" / "textual.js"
    assert script.read_bytes().count(WEBGL) == 1
    assert b"this.webglAddon" not in pages()["/textual.js"].content


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        pytest.param({"origin": "http://shop.example"}, 403, id="another site"),
        pytest.param({"origin": "null"}, 403, id="no site"),
        pytest.param({"origin": "http://localhost:1"}, 403, id="an app on this machine"),
        pytest.param({"origin": "https://{host}"}, 403, id="another scheme"),
        pytest.param({"headers": {"Host": "shop.example"}}, 403, id="rebinding"),
        pytest.param({"protocols": "chat"}, 403, id="another protocol"),
        pytest.param({"protocols": PROTOCOL}, CloseCode.NO_TOKEN, id="no token"),
        pytest.param(
            {"protocols": f"{PROTOCOL}, token.wrong"}, CloseCode.NO_TOKEN, id="wrong token"
        ),
        pytest.param(
            {"protocols": f"{PROTOCOL}, token.x, token.{TOKEN}"}, CloseCode.NO_TOKEN, id="a guess"
        ),
        pytest.param({"query": "width=80"}, CloseCode.BAD_MESSAGE, id="no height"),
        pytest.param({"query": "width=0&height=0"}, CloseCode.BAD_MESSAGE, id="no cells"),
        pytest.param(
            {"query": "width=80&height=99999"}, CloseCode.BAD_MESSAGE, id="too many cells"
        ),
        pytest.param({"query": "width=-1&height=٣"}, CloseCode.BAD_MESSAGE, id="no number"),
    ],
)
async def test_who_gets_no_terminal(
    tmp_path: Path, changes: Mapping[str, Any], refused: int
) -> None:
    """Only the server's own page with the token starts a process; the page learns what is wrong."""
    async with serving(tmp_path / "none") as it:
        given = dict(changes)
        if "origin" in given:
            given["origin"] = given["origin"].format(host=it.host)
        if refused == 403:
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await it.connect(**given)
            assert error.value.status == 403
        else:
            async with it.connect(**given) as socket:
                assert socket.protocol == PROTOCOL
                assert (await closing(socket))[0] == refused
        assert it.terminals.tabs == frozenset()


async def test_a_tab(capture: Path) -> None:
    """The screen is drawn, follows keys and sizes, and writes no file; it ends with its page."""
    before = sorted(path.name for path in capture.parent.iterdir())
    async with serving(capture) as it:
        async with it.connect() as socket:
            drawn = await read_until(socket, "Hello Alice")
            assert "Export" not in drawn
            assert "Browser" not in drawn
            (tab,) = it.terminals.tabs
            assert tab.pid in running_with(str(capture.parent))
            assert str(capture) not in Path(f"/proc/{tab.pid}/cmdline").read_text()
            await socket.send_json(["focus"])
            await socket.send_json(["ping", "1"])
            await socket.send_json(["stdin", "e"])
            await read_until(socket, "writes no files")
            await socket.send_json(["resize", {"width": 60, "height": 16}])
            await socket.send_json(["stdin", "9"])
            await read_until(socket, "Cookie jar")
        await no_process_left(capture.parent)
    assert sorted(path.name for path in capture.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("sent", "code", "reason"),
    [
        pytest.param(["stdin", "q"], CloseCode.ENDED, "", id="quit"),
        pytest.param(["resize", {"width": "a"}], CloseCode.BAD_MESSAGE, "never sends", id="size"),
        pytest.param(
            ["resize", {"width": True, "height": 1}], CloseCode.BAD_MESSAGE, "never", id="bool"
        ),
        pytest.param(["deliver", "key"], CloseCode.BAD_MESSAGE, "never sends", id="unknown"),
        pytest.param(b"stdin", CloseCode.BAD_MESSAGE, "never sends", id="bytes"),
        pytest.param("[", CloseCode.BAD_MESSAGE, "never sends", id="no JSON"),
    ],
)
async def test_how_a_tab_ends(capture: Path, sent: object, code: int, reason: str) -> None:
    """The page learns why its tab ended, and the process is gone by then or a moment later."""
    async with serving(capture) as it, it.connect() as socket:
        if code == CloseCode.ENDED:
            await read_until(socket, "Hello Alice")
        if isinstance(sent, bytes):
            await socket.send_bytes(sent)
        else:
            await socket.send_str(sent if isinstance(sent, str) else json.dumps(sent))
        ended = await closing(socket)
        assert ended[0] == code
        assert reason in ended[1]
        await no_process_left(capture.parent)


async def test_a_capture_that_is_gone(tmp_path: Path, capture: Path) -> None:
    """A tab that is opened after the capture was deleted says so in one line."""
    capture.unlink()
    async with serving(capture) as it, it.connect() as socket:
        code, reason = await closing(socket)
    assert code == CloseCode.FAILED
    assert reason.startswith("there is no ")
    await no_process_left(tmp_path)


async def test_too_many_tabs(capture: Path) -> None:
    """One tab more than the bound is refused; once one has closed, the next one opens."""
    assert MOST_TABS == 8
    async with serving(capture, most=1) as it, AsyncExitStack() as stack:
        first = await stack.enter_async_context(it.connect())
        await read_until(first, "Hello Alice")
        async with it.connect() as second:
            assert await closing(second) == (CloseCode.TOO_MANY, "1 tab is open already")
        await first.close()
        third = await stack.enter_async_context(it.connect())
        await read_until(third, "Hello Alice")
        assert len(it.terminals.tabs) == 1
    await no_process_left(capture.parent)


async def test_a_connection_that_is_dead(capture: Path) -> None:
    """A page that no longer responds to pings is gone, and its screen ends; nobody has to close."""
    async with serving(capture, heartbeat=0.2) as it:
        tabs = it.terminals
        async with it.connect(autoping=False):
            await asyncio.to_thread(wait_until, lambda: len(tabs.tabs) == 1, "a screen started")
            await asyncio.to_thread(wait_until, lambda: len(tabs.tabs) == 0, "it ended")
            await no_process_left(capture.parent)


async def test_too_many_connections(tmp_path: Path) -> None:
    """Connections beyond the bound are cut off, whatever they want; there is room again later."""
    options = Options(token=TOKEN, arguments=(str(tmp_path / "none"),), host="127.0.0.1")
    terminals = Terminals(options)
    runner = terminals.runner()
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    where = listening.getsockname()
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{where[1]}\r\n\r\n".encode()

    async def begins() -> tuple[bytes, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*where)
        writer.write(request)
        try:
            return await asyncio.wait_for(reader.read(15), 120), writer
        except ConnectionError:
            return b"", writer

    try:
        async with await listen(terminals, runner, listening, most=2):
            found = [await begins() for _ in range(3)]
            assert [line for line, _ in found] == [b"HTTP/1.1 200 OK"] * 2 + [b""]
            for _, writer in found:
                writer.close()
            assert runner.server is not None
            server = runner.server
            await asyncio.to_thread(wait_until, lambda: not server.connections, "all are closed")
            line, writer = await begins()
            writer.close()
            assert line == b"HTTP/1.1 200 OK"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("bounds", "sent"),
    [
        pytest.param({"HEAD_SECONDS": 0.05}, b"", id="nothing"),
        pytest.param({"HEAD_SECONDS": 0.05}, b"GET / HTTP/1.1\r\nHost: ", id="half a head"),
        pytest.param({"PAGE_SECONDS": 0.5}, b"GET / HTTP/1.1\r\nHost: ", id="slowly"),
        pytest.param(
            {"PAGE_SECONDS": 0.5},
            b"GET /textual.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 60,
            id="takes nothing",
        ),
    ],
)
async def test_a_connection_that_goes_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounds: Mapping[str, float], sent: bytes
) -> None:
    """Whoever sends no request, or takes no response, loses the connection: its place is free."""
    for name, seconds in bounds.items():
        monkeypatch.setattr(f"tui.served.server.{name}", seconds)
    terminals = Terminals(Options(token=TOKEN, arguments=(str(tmp_path),), host="127.0.0.1"))
    runner = terminals.runner()
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    try:
        async with await listen(terminals, runner, listening, most=1):
            with socket.create_connection(listening.getsockname()) as silent:
                silent.sendall(sent)
                server = runner.server
                assert server is not None
                await asyncio.to_thread(wait_until, lambda: bool(server.connections), "it is there")
                await asyncio.to_thread(wait_until, lambda: not server.connections, "it is not")
    finally:
        await runner.cleanup()


async def test_a_terminal_lasts(capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's WebSocket is not cut off as one that takes no response is."""
    monkeypatch.setattr("tui.served.server.PAGE_SECONDS", 0.2)
    options = Options(token=TOKEN, arguments=(str(capture), "--in-tab"), host="127.0.0.1")
    terminals = Terminals(options)
    runner = terminals.runner()
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with await listen(terminals, runner, listening), aiohttp.ClientSession() as client:
            page = await client.ws_connect(
                f"http://{host}/terminal?width=80&height=24",
                protocols=(PROTOCOL, f"token.{TOKEN}"),
                origin=f"http://{host}",
            )
            with socket.create_connection(listening.getsockname()) as silent:
                await asyncio.to_thread(silent.recv, 1)  # so much time has passed
            await page.send_json(["stdin", "9"])
            await read_until(page, "Cookie jar")
            await page.close()
    finally:
        await runner.cleanup()
