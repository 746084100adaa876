"""Flask apps in the place of the scenarios' server: they respond to what browsers really send."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.judge.scenario import Scenario
from tests.judge.server import SCENARIO_HEADER, SERIAL

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _Quiet(WSGIRequestHandler):
    """Writes no line per request."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Write nothing."""


class FlaskServer:
    """One app per scenario; the proxy tells of which a request is."""

    def __init__(self, apps: Mapping[str, Callable[[], Flask]]) -> None:
        """``apps`` makes the app of each scenario by its name."""
        self._make = apps
        self._apps: dict[str, Flask] = {}
        self._serials = itertools.count(1)
        self._server = make_server(
            "127.0.0.1", 0, self._respond, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.server_port)

    def add(self, key: str, scenario: Scenario) -> None:
        """Serve a scenario from now on, as played by one browser: ``BROWSER/NAME``."""
        app = self._make[scenario.name]()
        app.logger.disabled = True
        self._apps[key] = app

    def served(self, scenario: str, url: str) -> int:
        """Count nothing: no step of these scenarios waits for a response."""
        raise NotImplementedError

    def wait_served(self, scenario: str, url: str, times: int) -> None:
        """Wait for nothing."""
        raise NotImplementedError

    def _respond(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        key = environ.get(f"HTTP_{SCENARIO_HEADER.upper().replace('-', '_')}", "")
        app = self._apps.get(key)
        numbered = [(SERIAL, str(next(self._serials)))]
        if app is None:
            start("404 Not Found", [("Content-Length", "0"), *numbered])
            return [b""]

        def starting(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            return start(status, [*headers, *numbered], *rest)  # type: ignore[arg-type]

        return app(environ, starting)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Accept no more connections."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
