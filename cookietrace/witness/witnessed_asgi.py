"""The witness around any ASGI app: it follows marked requests, and adds the report."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from typing import Any, cast

from cookietrace.witness.arrival import asgi_arrival
from cookietrace.witness.mark import MARK_HEADER
from cookietrace.witness.report import REPORT_HEADER, REPORT_PREFIX, encode
from cookietrace.witness.sight import Hooks, Sight, current_sight, watched
from cookietrace.witness.trust import Trust, Verdict, switched_on

AsgiScope = MutableMapping[str, Any]
AsgiReceive = Callable[[], Awaitable[Any]]
AsgiSend = Callable[[Any], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, AsgiReceive, AsgiSend], Awaitable[None]]

_MARK_BYTES = MARK_HEADER.lower().encode("ascii")
_REPORT_BYTES = REPORT_HEADER.lower().encode("ascii")


class WitnessedAsgi:
    """An ASGI app with the witness around it.

    ``secret`` and ``ports`` are those of ``witness``. Raises ``ValueError`` if ``ports`` are
    none. What is no HTTP request (lifespan, WebSocket) passes as it is.
    """

    def __init__(
        self, inner: AsgiApp, hooks: Hooks, secret: str | None, ports: Iterable[int]
    ) -> None:
        self._inner = inner
        self._hooks = hooks
        self._secret = secret
        self._trust = Trust(secret, ports)
        if switched_on(debug=hooks.debug(), secret=secret):
            self._trust.check_ports()

    async def __call__(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Respond to a request; watch it if it has the right mark."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        verdict = self._verdict(scope)
        if verdict is not Verdict.IGNORE:
            scope["headers"] = [pair for pair in scope["headers"] if not _is_mark(pair)]
        sight = self._sight(scope) if verdict is Verdict.FOLLOW else None
        if sight is not None:
            await self._watch(sight, scope, receive, send)
            return
        if verdict is Verdict.OTHER_VERSION:
            send = _adding(send, lambda *_seen: REPORT_PREFIX)
        if current_sight.get() is None:
            await self._inner(scope, receive, send)
            return
        # A request that the app makes to itself, inside one that was marked.
        token = current_sight.set(None)
        try:
            await self._inner(scope, receive, send)
        finally:
            current_sight.reset(token)

    def _verdict(self, scope: AsgiScope) -> Verdict:
        """Return what to do about the request's mark, if it has one and the witness is on."""
        with contextlib.suppress(Exception):  # the app must respond, whatever goes wrong here
            values = [value for name, value in scope["headers"] if name.lower() == _MARK_BYTES]
            if values and switched_on(debug=self._hooks.debug(), secret=self._secret):
                value = b",".join(values).decode("latin-1")
                return self._trust.judge(value, asgi_arrival(scope))
        return Verdict.IGNORE

    def _sight(self, scope: AsgiScope) -> Sight | None:
        """Return what will be seen of a request; None if the framework is one we do not know."""
        with contextlib.suppress(Exception):
            self._hooks.prepare()
            return self._hooks.sight(str(scope.get("method", "")).upper())
        return None

    async def _watch(
        self, sight: Sight, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend
    ) -> None:
        """Respond to a marked request, and add the report to the response."""

        def reported(status: int, headers: list[tuple[bytes, bytes]]) -> str:
            try:
                pairs = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers]
                return encode(sight.report(status, pairs))
            finally:
                sight.close()

        token = current_sight.set(sight)
        try:
            sight.noticing(sight.began, scope)
            app = self._inner(scope, receive, _adding(send, reported))
            await watched(cast("Coroutine[Any, Any, None]", app))
        finally:
            sight.close()
            current_sight.reset(token)


def _is_mark(pair: tuple[bytes, bytes]) -> bool:
    return pair[0].lower() == _MARK_BYTES


def _adding(send: AsgiSend, report: Callable[[int, list[tuple[bytes, bytes]]], str]) -> AsgiSend:
    """Return a ``send`` that adds a report to the first headers of a response."""
    done = False

    async def sending(message: Any) -> None:
        nonlocal done
        if message["type"] == "http.response.start" and not done:
            done = True
            headers = list(message.get("headers", ()))
            # The response goes out even if the report fails.
            with contextlib.suppress(Exception):
                headers.append((_REPORT_BYTES, report(message["status"], headers).encode("ascii")))
            message = {**message, "headers": headers}
        await send(message)

    return sending
