"""The witness for Flask: ``witness(app)`` reports what the app did with its cookies.

It is on in development only: while ``app.debug`` is true, or if the environment
variable ``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret. It then follows
requests that carry the proxy's mark and come from this machine. For all other
requests the app runs exactly as if the witness were not there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from flask import Flask, request

from cookietrace.witness.sight import Hooks, current_sight
from cookietrace.witness.werkzeug_cookies import recording_request
from cookietrace.witness.werkzeug_sight import WerkzeugSight
from cookietrace.witness.witnessed_wsgi import WitnessedWsgi

_AsyncToSync = Callable[[Callable[..., Coroutine[Any, Any, Any]]], Callable[..., Any]]


def witness(app: Flask, *, secret: str | None = None, ports: Iterable[int] = ()) -> Flask:
    """Add a report of what the app did to each response to a marked request; return the app.

    Call it after the app is created; a second call changes nothing. ``secret`` is for
    an app that can read neither the user's secret file nor ``COOKIETRACE_SECRET``;
    it also switches the witness on. ``ports`` are those of other servers on this machine
    that pass requests on to the app, such as a development server for the front end; those
    in ``COOKIETRACE_PORTS`` are added. Raises ``ValueError`` if ``ports`` are none.
    """
    hooks = Hooks(
        sight=lambda method: WerkzeugSight(method, app, request),
        debug=lambda: bool(app.debug),
        prepare=lambda: _install(app),
    )
    around = WitnessedWsgi(app.wsgi_app, hooks, secret, ports)
    if not isinstance(app.wsgi_app, WitnessedWsgi):
        app.wsgi_app = around  # type: ignore[method-assign,assignment]
    return app


def _install(app: Flask) -> None:
    """Make the app use our request class and ``async_to_sync``, if it does not yet."""
    if not getattr(app.request_class, "_cookietrace", False):
        app.request_class = recording_request(app.request_class)
    if not getattr(app.async_to_sync, "_cookietrace", False):
        app.async_to_sync = _following(app.async_to_sync)  # type: ignore[method-assign,assignment]


def _following(original: _AsyncToSync) -> _AsyncToSync:
    """Return an ``async_to_sync`` that also traces in the thread that it uses."""

    def async_to_sync(function: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        sight = current_sight.get()
        if sight is None:
            return original(function)

        @functools.wraps(function)
        async def followed(*args: Any, **kwargs: Any) -> Any:
            with sight.trace.installed():
                return await function(*args, **kwargs)

        return original(followed)

    async_to_sync._cookietrace = True  # type: ignore[attr-defined]
    return async_to_sync
