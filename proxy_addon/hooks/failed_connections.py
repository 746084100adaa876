"""Connections that fail before there is a request: what is recorded of them, and remembered."""

from __future__ import annotations

import time
from typing import Protocol

from mitmproxy import http, tls
from mitmproxy.connection import Client as ClientConnection
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from cookietrace.events import Event
from cookietrace.scope import Scope
from proxy_addon.flows import convert, failures
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.guarded import never_raises
from proxy_addon.journal.journal import Journal
from proxy_addon.journal.secrecy import Secrecy


class FindClient(Protocol):
    """Finds the client behind a connection."""

    def __call__(
        self, connection: ClientConnection, user_agent: str | None, now: float
    ) -> tuple[str, tuple[Event, ...]]:
        """Return the client's id, and its event if it is new."""


class FailedConnections:
    """Appends a failure for each tunnel and TLS handshake of a client that fails.

    Of a connection to a server it remembers why it failed, for the exchange that needed it.
    """

    name = "cookietrace_failed_connections"

    def __init__(
        self,
        journal: Journal,
        clients: Clients,
        find_client: FindClient,
        *,
        secrecy: Secrecy,
        scope: Scope,
    ) -> None:
        self.journal = journal
        self._clients = clients
        self._find_client = find_client
        self._secrecy = secrecy
        self._scope = scope
        self._agents: dict[str, str | None] = {}
        """Connection -> the User-Agent of its CONNECT."""
        self._errors: dict[str, str] = {}
        """Connection -> why the last connection to a server failed."""
        self._stopping = False

    def stopping(self) -> None:
        """From now on connections fail because the proxy stops."""
        self._stopping = True

    def why(self, connection: ClientConnection) -> str | None:
        """Return why the last server that a client's connection needed could not be reached."""
        return self._errors.get(connection.id)

    def forget(self, connection: ClientConnection) -> None:
        """Forget a client's connection."""
        self._agents.pop(connection.id, None)
        self._errors.pop(connection.id, None)

    @never_raises
    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Remember which browser asks for a tunnel."""
        self._agents[flow.client_conn.id] = convert.first_header(
            flow.request.data.headers, b"user-agent"
        )

    @never_raises
    def http_connect_error(self, flow: http.HTTPFlow) -> None:
        """Append that a tunnel could not be opened."""
        message = self.why(flow.client_conn) or "the tunnel was refused"
        host, port = flow.request.host, flow.request.port
        self._failed(flow.client_conn, host, port, "connect", message)

    @never_raises
    def tls_failed_client(self, data: tls.TlsData) -> None:
        """Append that TLS with a client failed: most often it does not trust the CA."""
        client = data.context.client
        address = data.context.server.address
        host = data.conn.sni or (address[0] if address else None)
        message = data.conn.error or "the handshake failed"
        self._failed(client, host, address[1] if address else 443, "tls-client", message)

    @never_raises
    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Remember why a server could not be reached."""
        self._errors[data.client.id] = data.server.error or ""

    @never_raises
    def tls_failed_server(self, data: tls.TlsData) -> None:
        """Remember why TLS with a server could not be established."""
        self._errors[data.context.client.id] = data.conn.error or ""

    @never_raises
    def client_disconnected(self, client: ClientConnection) -> None:
        """Forget the connection."""
        self.forget(client)

    def _failed(
        self,
        client: ClientConnection,
        host: str | None,
        port: int,
        kind: failures.Kind,
        message: str,
    ) -> None:
        """Append a failure that belongs to no exchange, unless it is that the proxy stops."""
        if self._stopping or not self._scope.records(host, port):
            return
        now = time.time()
        client_id, new_client = self._find_client(client, self._agents.get(client.id), now)
        failure = failures.of_connection(client_id, now, host, port, kind, message)
        if self.journal.append(*new_client, self._secrecy.failure(failure)):
            self._clients.recorded(new_client)
