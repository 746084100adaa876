"""The page's process: reads a capture, and serves it until its parent ends or asks it to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cookietrace.formats import open_capture
from cookietrace.lesson.new_sessions import first_requests
from cookietrace.protocol import Report, decode_report
from cookietrace.redact import needs_redaction, redaction_key
from cookietrace.redact.sealing import SealedStore, Sealer, Tokens
from cookietrace.stores import CaptureStore, events_of
from cookietrace.web.app import build_app
from cookietrace.web.live import Live
from cookietrace.web.options import PageOptions
from cookietrace.web.stream import STUCK, Streams

MOST_CONNECTIONS: Final = 256
"""How many connections there may be: a browser has six to one host, and each page a stream."""

_LARGEST_HEAD: Final = 16_384

HEAD_SECONDS: Final = 10.0
"""How long a request's head may take: a connection that sends nothing keeps no place."""

_END_SECONDS: Final = 1


def serve(
    options: PageOptions,
    listening: socket.socket,
    *,
    lifeline_fd: int | None = None,
    reports_fd: int | None = None,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Serve the page of a capture until a signal comes, or the lifeline ends.

    ``reports_fd`` brings the proxy's reports; ``ready`` is called once connections are accepted.
    Raises ``CookietraceError`` if the capture cannot be opened.
    """
    lost: list[str] = []
    store = open_capture(options.capture_path, lenient=options.lenient, lost=lost.append)
    try:
        begun: frozenset[str] = frozenset()
        if options.new_sessions:
            events = events_of(store)
            begun = first_requests(events, options.new_sessions, options.browser_profile)
        asyncio.run(
            _Page(store, options, tuple(lost), begun).run(listening, lifeline_fd, reports_fd, ready)
        )
    finally:
        store.close()


def live_of(
    store: CaptureStore,
    options: PageOptions,
    *,
    lost: tuple[str, ...] = (),
    begun: frozenset[str] = frozenset(),
) -> Live:
    """Return the story of a capture as the options want it: with its values, or without.

    The others are as ``Live`` has them.
    """
    info = store.info
    if not (options.redact and needs_redaction(info)):
        return Live(store, options, lost=lost, begun=begun)
    tokens = Tokens(redaction_key(info.capture_id), options.secret_names)
    sealed = SealedStore(store, Sealer(tokens))
    return Live(sealed, options, mask=tokens, sealed=True, lost=lost, begun=begun)


class _Page:
    """One run of the server."""

    def __init__(
        self,
        store: CaptureStore,
        options: PageOptions,
        lost: tuple[str, ...],
        begun: frozenset[str],
    ) -> None:
        self._store, self._options = store, options
        self._lost, self._begun = lost, begun

    async def run(
        self,
        listening: socket.socket,
        lifeline_fd: int | None,
        reports_fd: int | None,
        ready: Callable[[], object],
    ) -> None:
        options = self._options
        live = live_of(self._store, options, lost=self._lost, begun=self._begun)
        streams = Streams(live)
        loop = asyncio.get_running_loop()
        server = _Server(
            uvicorn.Config(
                build_app(live, streams),
                http=_Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,  # the address holds the token's page: nothing is logged
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=_END_SECONDS,
                h11_max_incomplete_event_size=_LARGEST_HEAD,
                ssl_certfile=options.certificate,
                ssl_keyfile=options.key,
            ),
            ready,
        )

        def end() -> None:
            server.should_exit = True
            streams.close()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end)
        if lifeline_fd is not None:
            _watch(lifeline_fd, lambda: loop.call_soon_threadsafe(end))
        if reports_fd is not None:
            _read_reports(
                reports_fd,
                lambda report: loop.call_soon_threadsafe(live.proxy_reported, report),
            )
        folding = asyncio.create_task(live.run(), name="live")
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="server")
        await asyncio.wait((folding, serving), return_when=asyncio.FIRST_COMPLETED)
        end()
        await serving
        folding.cancel()
        await asyncio.wait((folding,))
        if not folding.cancelled():
            folding.result()


class _Protocol(H11Protocol):
    """A connection that ends if no whole head of a request comes, or no response is taken."""

    _waiting: asyncio.TimerHandle | None = None
    _checking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect()
        self._check(before=0)

    def data_received(self, data: bytes) -> None:
        """Take what was sent; expect the rest if it is no whole head."""
        super().data_received(data)
        if self._waiting is None and self._is_idle:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        for timer in (self._waiting, self._checking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    @property
    def _is_idle(self) -> bool:
        """Whether no request is being served."""
        return getattr(self.cycle, "response_complete", True)  # None before the first request

    def _expect(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._look)

    def _look(self) -> None:
        self._waiting = None
        if self._is_idle and not self.transport.is_closing():
            self.transport.close()

    def _check(self, before: int) -> None:
        """Cut the connection if the other end has taken nothing of what waits since last time.

        Closing it would wait for the other end.
        """
        waiting = self.transport.get_write_buffer_size()
        if waiting and waiting == before:
            self.transport.abort()
        else:
            self._checking = self.loop.call_later(STUCK, self._check, waiting)


class _Server(uvicorn.Server):
    """A server whose signals are ours, and that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until ``should_exit``."""
        await self._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def _watch(descriptor: int, ended: Callable[[], object]) -> None:
    """Call a function at the end of a pipe, on a thread."""

    def read() -> None:
        with open(descriptor, "rb", buffering=0) as pipe:
            while pipe.read(1024):
                pass
        ended()

    threading.Thread(target=read, name="lifeline", daemon=True).start()


def _read_reports(descriptor: int, take: Callable[[Report | None], object]) -> None:
    """Call a function with each report of a pipe, and with None at its end; on a thread."""

    def read() -> None:
        with os.fdopen(descriptor, "rb") as pipe:
            for line in pipe:
                report = decode_report(line)
                if report is not None:
                    take(report)
        take(None)

    threading.Thread(target=read, name="reports", daemon=True).start()
