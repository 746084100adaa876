"""The demo's made-up hosts: requests for them go to the demo app, without any DNS."""

from __future__ import annotations

from urllib.parse import urlsplit

from mitmproxy import http

from proxy_addon.flows.convert import ASKED_URL, asked_url, host_of

DEMO_HOSTS = frozenset({"shop.test", "www.shop.test", "api.shop.test", "ads.test"})


class Routes:
    """Sends the demo's hosts, http and https alike, to one app; the Host field stays.

    It stands before the recorder, and leaves it the URL that was asked for. It
    needs ``connection_strategy=lazy``: nothing could be connected to before the
    request is there.
    """

    name = "cookietrace_routes"

    def __init__(self, app_url: str) -> None:
        url = urlsplit(app_url)
        self._scheme = url.scheme.encode()
        self._host = url.hostname or "127.0.0.1"
        self._port = url.port or (443 if url.scheme == "https" else 80)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Send the request to the app where its host is one of ours."""
        url = asked_url(flow)
        if not is_demo_host(host_of(url)):
            return
        flow.metadata[ASKED_URL] = url
        # The attributes, not the properties: those would rewrite the Host field.
        data = flow.request.data
        data.scheme, data.host, data.port = self._scheme, self._host, self._port


def is_demo_host(host: str | None) -> bool:
    """Tell whether a host is one of the demo's."""
    return host is not None and host.lower().rstrip(".") in DEMO_HOSTS
