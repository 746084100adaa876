"""The witness for Starlette and FastAPI: ``witness(app)``.

It is on while ``app.debug`` is true, or if the environment variable
``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import Route

from cookietrace.witness.notes import Station
from cookietrace.witness.recording_dict import RecordingDict
from cookietrace.witness.sight import (
    Hooks,
    Sight,
    current_sight,
    nested_codes,
    streams_without_length,
    watched,
)
from cookietrace.witness.threads import trace_anyio
from cookietrace.witness.view_source import code_of
from cookietrace.witness.view_trace import Landmark
from cookietrace.witness.witnessed_asgi import WitnessedAsgi


def witness(app: Any, *, secret: str | None = None, ports: Iterable[int] = ()) -> Any:
    """Add a report of what the app did to each response to a marked request; return the app.

    ``app`` is a ``Starlette`` or a ``FastAPI``; routes and middleware may come before or
    after. A second call changes nothing. ``secret`` and ``ports`` are those of the witness
    for Flask. Raises ``ValueError`` if ``ports`` are none.
    """
    hooks = Hooks(sight=StarletteSight, debug=lambda: bool(app.debug), prepare=_install)

    def around(stack: Any) -> WitnessedAsgi:
        return WitnessedAsgi(stack, hooks, secret, ports)

    around(app)  # says now what is wrong with ``ports``
    if isinstance(app, Starlette) and "_cookietrace" not in vars(app):
        original = app.build_middleware_stack
        app.build_middleware_stack = lambda: around(original())  # type: ignore[method-assign]
        if app.middleware_stack is not None:
            app.middleware_stack = around(app.middleware_stack)
        vars(app)["_cookietrace"] = True
    return app


class StarletteSight(Sight):
    """What is seen of one marked request to a Starlette or FastAPI app."""

    sees_reads = True
    framework = "starlette"
    modules = ("starlette", "fastapi")

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the app's code."""
        found: dict[int, Station] = {id(code_of(BaseHTTPMiddleware.__call__)): "middleware"}
        solve = getattr(sys.modules.get("fastapi.dependencies.utils"), "solve_dependencies", None)
        if solve is not None:
            found[id(code_of(solve))] = "dependency"
        return found

    def actors(self) -> dict[int, str]:
        """Return the functions of the framework that use cookies themselves."""
        sessions = sys.modules.get("starlette.middleware.sessions")
        if sessions is None:
            return {}
        codes = nested_codes(sessions.SessionMiddleware.__call__)
        return {id(code): "session" for code in codes}

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return what to do when each of these functions is called."""
        return (
            (Response.set_cookie, self._at_set_cookie),
            (MutableHeaders.append, self._at_header),
            (MutableHeaders.__setitem__, self._at_header),
            (MutableHeaders.setdefault, self._at_header),
        )

    def streamed(self, headers: Mapping[str, str], status: int) -> bool:
        """Return whether the body is made in pieces."""
        return streams_without_length(headers, status, self.method)

    def is_error(self, error: Exception) -> bool:
        """Return whether an exception is one: some redirect in that way."""
        return not isinstance(error, HTTPException) or error.status_code >= 400

    def lines_of(self, value: object) -> Iterable[str]:
        """Return the Set-Cookie lines in what a view returned."""
        if not isinstance(value, Response):
            return ()
        pairs = value.raw_headers
        return [line.decode("latin-1") for name, line in pairs if name.lower() == b"set-cookie"]

    def routed(self, endpoint: Any) -> None:
        """Remember the view that a route is about to call."""
        if inspect.isclass(endpoint):
            method = "get" if self.method == "HEAD" and not hasattr(endpoint, "head") else ""
            endpoint = getattr(endpoint, method or self.method.lower(), None)
        self.choose(endpoint)

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: the same function does both."""
        given = frame.f_locals
        age = given["max_age"]
        value = None if age is not None and age <= 0 else str(given["value"])
        self.notes.wrote(str(given["key"]), value, frame, id(given["self"].raw_headers))

    def _at_header(self, frame: FrameType) -> None:
        """A header is being added, perhaps a Set-Cookie."""
        given = frame.f_locals
        if str(given["key"]).lower() == "set-cookie":
            self.notes.wrote_line(str(given["value"]), frame, id(given["self"].raw))


def _install() -> None:
    """Make Starlette say which view it calls and note what is read, if it does not yet."""
    # FastAPI, if the app is one, has a route of its own.
    for route in (Route, getattr(sys.modules.get("fastapi.routing"), "APIRoute", None)):
        own = vars(route).get("handle") if route is not None else None
        if own is not None and not hasattr(own, "_cookietrace"):
            setattr(route, "handle", _saying_view(own))  # noqa: B010  (of either class)
    if hasattr(BaseHTTPMiddleware.__call__, "_cookietrace"):
        return
    trace_anyio()
    BaseHTTPMiddleware.__call__ = _traced(BaseHTTPMiddleware.__call__)  # type: ignore[method-assign]
    HTTPConnection.cookies = _noting(HTTPConnection.cookies)  # type: ignore[method-assign]


def _saying_view(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``handle`` of routes that tells the current sight of its view."""

    @functools.wraps(original)
    async def handle(self: Any, *given: Any) -> None:
        sight = current_sight.get()
        if isinstance(sight, StarletteSight):
            sight.noticing(sight.routed, getattr(self, "endpoint", None))
        await watched(original(self, *given))

    handle._cookietrace = True  # type: ignore[attr-defined]
    return handle


def _traced(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the ``__call__`` of a middleware, which is traced in whatever task it runs."""

    @functools.wraps(original)
    async def call(self: Any, *given: Any) -> None:
        await watched(original(self, *given))

    call._cookietrace = True  # type: ignore[attr-defined]
    return call


def _noting(original: Any) -> Any:
    """Return the property ``cookies`` of requests, which notes what the app asks for."""

    def cookies(self: Any) -> Any:
        plain = original.fget(self)
        sight = current_sight.get()
        if isinstance(sight, StarletteSight) and type(plain) is dict:
            self._cookies = plain = RecordingDict.of(plain, sight.notes)
        return plain

    return property(cookies, doc=original.__doc__)
