"""The web server: the page, its files, and one WebSocket per tab."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from aiohttp import web

from cookietrace.web.guard import Names
from tui.served.files import Page, pages
from tui.served.rules import (
    PROTOCOL,
    is_own_name,
    is_own_origin,
    is_token,
    offered_token,
    page_headers,
)
from tui.served.tab import (
    MOST_BYTES,
    QUIT_PATIENCE,
    BadMessageError,
    CloseCode,
    End,
    Size,
    Tab,
    line_for_closing,
    size_of,
)

MOST_TABS: Final = 8
"""How many tabs can be open at the same time."""

HEARTBEAT: Final = 30.0
"""Seconds between two pings; a tab that does not respond within half of that is gone."""

MOST_CONNECTIONS: Final = 256
"""How many connections there may be, with a terminal or without: a browser has six to one host."""

HEAD_SECONDS: Final = 10.0
"""How long a connection may take to send its first request, or send none after another."""

PAGE_SECONDS: Final = 120.0
"""How long a connection without a terminal lasts: one that takes no response keeps no place."""

_CLOSE_SECONDS: Final = 2.0
"""How long to wait for the other end of a WebSocket that the server closes."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the server is started with."""

    token: str
    arguments: tuple[str, ...]
    """The arguments of the screen in each tab."""
    host: str
    """What it listens on."""
    names: tuple[str, ...] = ()
    """The names of the certificate."""


class Terminals:
    """The tabs that are open, and the rules for one more."""

    def __init__(
        self, options: Options, *, most: int = MOST_TABS, heartbeat: float = HEARTBEAT
    ) -> None:
        self._most = most
        self._heartbeat = heartbeat
        self._token = options.token
        self._arguments: Sequence[str] = options.arguments
        self._names = Names(options.host, options.names)
        self._tabs: set[Tab] = set()
        self._pages: set[web.WebSocketResponse] = set()
        self._connections: set[asyncio.BaseProtocol] = set()
        self._ended = asyncio.Event()

    @property
    def tabs(self) -> frozenset[Tab]:
        """The tabs whose process runs."""
        return frozenset(self._tabs)

    def is_terminal(self, connection: asyncio.BaseProtocol) -> bool:
        """Return whether a connection is a page's WebSocket, whose end its heartbeat notices."""
        return connection in self._connections

    def runner(self) -> web.AppRunner:
        """Return what runs the application; ``listen`` connects it to a socket."""
        return web.AppRunner(
            self.application(),
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            keepalive_timeout=HEAD_SECONDS,
        )

    def application(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[self._check_host])
        for path, page in pages().items():
            app.router.add_get(path, _page_handler(page))
        app.router.add_get("/terminal", self._terminal)
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._close_all)
        return app

    @web.middleware
    async def _check_host(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if not is_own_name(request, self._names):
            raise web.HTTPForbidden(text="This server does not have that name.\n")
        return await handler(request)

    async def _terminal(self, request: web.Request) -> web.WebSocketResponse:
        """Run a screen for a page of ours that has the token."""
        if not is_own_origin(request.headers.get("Origin"), request.scheme, request.host):
            raise web.HTTPForbidden(text="Only this server's own page can open a terminal.\n")
        token = offered_token(request.headers.get("Sec-WebSocket-Protocol", ""))
        if token is None:
            raise web.HTTPForbidden(text="This is not the page of a terminal.\n")
        page = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=self._heartbeat,
            max_msg_size=MOST_BYTES,
            compress=False,
            timeout=_CLOSE_SECONDS,
        )
        await page.prepare(request)
        self._pages.add(page)
        self._connections.add(request.protocol)
        try:
            end = await self._run(request, page) if is_token(token, self._token) else NO_TOKEN
            await page.close(code=end.code, message=line_for_closing(end.reason).encode())
        finally:
            self._pages.discard(page)
            self._connections.discard(request.protocol)
        return page

    async def _run(self, request: web.Request, page: web.WebSocketResponse) -> End:
        try:
            size = _first_size(request)
        except BadMessageError:
            return End(CloseCode.BAD_MESSAGE, "the size of the terminal is not possible")
        if not await self._has_room():
            tabs = "1 tab is" if self._most == 1 else f"{self._most} tabs are"
            return End(CloseCode.TOO_MANY, f"{tabs} open already")
        tab = Tab(self._arguments, page)
        self._tabs.add(tab)
        try:
            return await tab.serve(size)
        finally:
            self._tabs.discard(tab)
            self._ended.set()

    async def _has_room(self) -> bool:
        """Return whether one more tab may open; first wait for the end of those that close.

        A page that is loaded again closes its tab a moment before it opens one.
        """
        while len(self._tabs) >= self._most and any(tab.ending for tab in self._tabs):
            self._ended.clear()
            await self._ended.wait()
        return len(self._tabs) < self._most

    async def _close_all(self, app: web.Application) -> None:
        """Say to every page that this is the end."""
        del app
        closing = (
            page.close(code=CloseCode.GOING_AWAY, message=b"cookietrace has ended")
            for page in tuple(self._pages)
        )
        await asyncio.gather(*closing, return_exceptions=True)


NO_TOKEN: Final = End(CloseCode.NO_TOKEN, "the token in the address is wrong")

SHUTDOWN_SECONDS: Final = 2 * QUIT_PATIENCE
"""How long the tabs have to end when the server does."""


async def listen(
    terminals: Terminals,
    runner: web.AppRunner,
    listening: socket.socket,
    tls: ssl.SSLContext | None = None,
    most: int = MOST_CONNECTIONS,
) -> asyncio.Server:
    """Serve on a socket that listens; connections beyond the bound are cut off.

    So are those that are no terminal after one to two times ``PAGE_SECONDS``: the other end may
    take nothing.
    """
    server, loop = runner.server, asyncio.get_running_loop()
    assert server is not None

    def protocol() -> asyncio.BaseProtocol:
        return server() if len(server.connections) < most else _CutOff()

    def look(before: frozenset[web.RequestHandler]) -> None:
        for connection in before.intersection(server.connections):
            if connection.transport is not None and not terminals.is_terminal(connection):
                connection.transport.abort()
        if made.is_serving():
            loop.call_later(PAGE_SECONDS, look, frozenset(server.connections))

    made = await loop.create_server(protocol, sock=listening, ssl=tls)
    look(frozenset())
    return made


class _CutOff(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """End it at once."""
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def _first_size(request: web.Request) -> Size:
    """Return the size in the WebSocket's address. Raises ``BadMessageError``."""
    given = [request.query.get(name, "") for name in ("width", "height")]
    if not all(text.isascii() and text.isdigit() and len(text) < 6 for text in given):
        raise BadMessageError
    return size_of(*map(int, given))


def _page_handler(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    charset = "utf-8" if page.content_type.startswith("text/") else None

    async def handler(request: web.Request) -> web.Response:
        del request
        return web.Response(body=page.content, content_type=page.content_type, charset=charset)

    return handler


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(page_headers(request))
