"""Routes the demo's made-up hosts to the demo app, without DNS."""

from __future__ import annotations

from urllib.parse import urlsplit

from mitmproxy import http

from cookietrace.scope import DEMO_HOSTS
from proxy_addon.flows.convert import REQUESTED_URL, host_of, requested_url


class Routes:
    """Sends the demo's hosts, http and https alike, to one app; keeps the Host header.

    Must come before the recorder, for which it stores the requested URL. Needs
    ``connection_strategy=lazy``: the hosts cannot be connected to before the request.
    """

    name = "cookietrace_routes"

    def __init__(self, app_url: str) -> None:
        url = urlsplit(app_url)
        self._scheme = url.scheme.encode()
        self._host = url.hostname or "127.0.0.1"
        self._port = url.port or (443 if url.scheme == "https" else 80)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Send the request to the app if its host is one of the demo's."""
        url = requested_url(flow)
        if not is_demo_host(host_of(url)):
            return
        flow.metadata[REQUESTED_URL] = url
        # Set the raw data: the properties of mitmproxy's request would rewrite the Host header.
        data = flow.request.data
        data.scheme, data.host, data.port = self._scheme, self._host, self._port


def is_demo_host(host: str | None) -> bool:
    """Return whether a host is one of the demo's."""
    return host is not None and host.lower().rstrip(".") in DEMO_HOSTS
