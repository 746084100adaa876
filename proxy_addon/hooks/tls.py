"""How the proxy speaks TLS: with the browser, as the server would; with a local app, unverified."""

from __future__ import annotations

from mitmproxy import tls
from OpenSSL import SSL

from cookietrace.addresses import is_this_machine
from proxy_addon.hooks.routes import is_demo_host


class BrowserTls:
    """Connects to the server before completing TLS with the browser, to copy ALPN and names.

    ``connection_strategy=lazy``, which lets an unreachable server become a row of
    the table, would otherwise skip that. Must be the last addon, to override it.
    """

    name = "cookietrace_browser_tls"

    def __init__(self, *, demo: bool = False) -> None:
        self._demo = demo

    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Connect to the server first, except for the demo's hosts."""
        address = data.context.server.address
        host = data.client_hello.sni or (address[0] if address else None)
        data.establish_server_tls_first = data.context.server.tls and not (
            self._demo and is_demo_host(host)
        )


class LoopbackTls:
    """Accepts any certificate from an app on this machine, since no one can be in between.

    Apps in development mostly have self-signed ones. Must come after mitmproxy's
    own TLS set-up.
    """

    name = "cookietrace_loopback_tls"

    def tls_start_server(self, data: tls.TlsData) -> None:
        """Skip verification if the connection ends on this machine."""
        peer = data.context.server.peername
        if data.ssl_conn is not None and peer is not None and is_this_machine(peer[0]):
            data.ssl_conn.set_verify(SSL.VERIFY_NONE)
