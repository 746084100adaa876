"""The witness for Quart: ``witness(app)`` reports what the app did with its cookies.

It is on while ``app.debug`` is true, or if the environment variable
``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from quart import Quart, request

from cookietrace.witness.sight import (
    Hooks,
    current_sight,
    streams_without_length,
    watched,
    watching,
)
from cookietrace.witness.werkzeug_cookies import recording_request
from cookietrace.witness.werkzeug_sight import WerkzeugSight
from cookietrace.witness.witnessed_asgi import AsgiApp, WitnessedAsgi


def witness(app: Quart, *, secret: str | None = None, ports: Iterable[int] = ()) -> Quart:
    """Add a report of what the app did to each response to a marked request; return the app.

    Blueprints and views may come before or after; a second call changes nothing. ``secret``
    and ``ports`` are those of the witness for Flask. Raises ``ValueError`` if ``ports`` are
    none.
    """
    hooks = Hooks(
        sight=lambda method: QuartSight(method, app, request),
        debug=lambda: bool(app.debug),
        prepare=lambda: _install(app),
    )
    around = WitnessedAsgi(cast("AsgiApp", app.asgi_app), hooks, secret, ports)
    if not isinstance(app.asgi_app, WitnessedAsgi):
        app.asgi_app = around  # type: ignore[method-assign,assignment]
    return app


class QuartSight(WerkzeugSight):
    """What is seen of one marked request to a Quart app."""

    framework = "quart"

    def streamed(self, headers: Mapping[str, str], status: int) -> bool:
        """Return whether the body is made in pieces."""
        return streams_without_length(headers, status, self.method)


def _install(app: Quart) -> None:
    """Make the app use our request class, and trace what it runs in tasks and threads."""
    if getattr(app.request_class, "_cookietrace", False):
        return
    app.request_class = recording_request(app.request_class)
    handle, to_async = app.handle_request, app.sync_to_async

    async def handle_request(asked: Any) -> Any:
        return await watched(handle(asked))

    def sync_to_async(function: Callable[..., Any]) -> Callable[..., Any]:
        return to_async(function if current_sight.get() is None else watching(function))

    app.handle_request = handle_request  # type: ignore[method-assign,assignment]
    app.sync_to_async = sync_to_async  # type: ignore[method-assign,assignment]
