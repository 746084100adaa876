"""The upstream proxy: its URL, and the login it may need."""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit

from mitmproxy import http
from mitmproxy.proxy.mode_specs import UpstreamMode

from cookietrace.errors import LaunchError

_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_upstream(text: str) -> tuple[str, str | None]:
    """Return the proxy's URL without its login, and the login as ``user:password``.

    Raises ``LaunchError`` if the text is not the URL of a proxy.
    """
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        host, port = url.hostname, url.port
    except ValueError:
        host, port = None, None
    if not host or url.scheme not in _DEFAULT_PORTS:
        raise LaunchError(
            "--upstream: write the proxy as http://HOST:PORT, as in http://proxy.corp:3128"
        )
    if ":" in host:
        host = f"[{host}]"
    login = None
    if url.username is not None:
        login = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return f"{url.scheme}://{host}:{port or _DEFAULT_PORTS[url.scheme]}", login


class UpstreamLogin:
    """Sends the login to the upstream proxy, and nowhere else."""

    name = "cookietrace_upstream_login"

    def __init__(self, login: str) -> None:
        self._value = "Basic " + base64.b64encode(login.encode()).decode("ascii")

    def http_connect_upstream(self, flow: http.HTTPFlow) -> None:
        """Send it when opening a tunnel."""
        flow.request.headers["Proxy-Authorization"] = self._value

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Send it with a plain-http request, which goes to the proxy as it is."""
        if (
            isinstance(flow.client_conn.proxy_mode, UpstreamMode)
            and flow.request.data.scheme == b"http"
        ):
            flow.request.headers["Proxy-Authorization"] = self._value
