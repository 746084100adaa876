"""TLS with the browser as the server would have it, although connections are made late."""

from __future__ import annotations

from mitmproxy import tls

from proxy_addon.hooks.routes import is_demo_host


class Mirror:
    """Asks the server first where a browser begins TLS, so that ALPN and certificate agree.

    With ``connection_strategy=lazy``, which lets an unreachable server become a
    row of the table, mitmproxy would not. This addon stands last, to overrule it.
    """

    name = "cookietrace_mirror"

    def __init__(self, *, demo: bool = False) -> None:
        self._demo = demo

    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Connect to the server before answering the browser, save for the demo's hosts."""
        address = data.context.server.address
        host = data.client_hello.sni or (address[0] if address else None)
        data.establish_server_tls_first = data.context.server.tls and not (
            self._demo and is_demo_host(host)
        )
