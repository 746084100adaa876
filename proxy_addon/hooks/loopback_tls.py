"""TLS with an app on this machine, whose certificate is usually nobody's but its own."""

from __future__ import annotations

from mitmproxy import tls
from OpenSSL import SSL

from cookietrace.addresses import is_loopback


class LoopbackTls:
    """Takes any certificate from an app on this machine: nobody else can be in between.

    It stands after mitmproxy's own set-up of the connection.
    """

    name = "cookietrace_loopback_tls"

    def tls_start_server(self, data: tls.TlsData) -> None:
        """Do not verify where the connection ends on this machine."""
        peer = data.context.server.peername
        if data.ssl_conn is not None and peer is not None and is_loopback(peer[0]):
            data.ssl_conn.set_verify(SSL.VERIFY_NONE)
