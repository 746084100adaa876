"""Sends every host of every scenario to the one server, and passes on what was requested."""

from __future__ import annotations

from mitmproxy import http

from proxy_addon.flows.convert import REQUESTED_URL, requested_url
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.routes import Routes
from tests.judge.server import SCENARIO_HEADER, URL_HEADER


class JudgeRoutes(Routes):
    """Like the demo's routes, but for all hosts: nothing leaves this machine."""

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Send the request to the server; keep the Host field."""
        flow.metadata[REQUESTED_URL] = requested_url(flow)
        data = flow.request.data
        data.scheme, data.host, data.port = self._scheme, self._host, self._port


class Report:
    """Runs after the recorder: gives the server the listener's scenario and the URL."""

    name = "judge_report"

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Add two header fields that the recording does not contain."""
        label = self._listeners.of(flow.client_conn)[1] or ""
        flow.request.headers[SCENARIO_HEADER] = label.partition("#")[0]
        flow.request.headers[URL_HEADER] = str(flow.metadata[REQUESTED_URL])


class NoMirror:
    """Runs last: the server speaks plain http, so there is no TLS to negotiate with it."""

    name = "judge_no_mirror"

    def tls_clienthello(self, data: object) -> None:
        """Accept the browser's TLS without connecting to the server."""
        data.establish_server_tls_first = False  # type: ignore[attr-defined]
