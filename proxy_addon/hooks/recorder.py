"""The recorder: mitmproxy's hooks, each of which converts and appends, and nothing else."""

from __future__ import annotations

import functools
import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from mitmproxy import ctx, http, tls
from mitmproxy.connection import Client as ClientConnection
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from cookietrace.events import Event, Recorder, Request
from proxy_addon.flows import convert, failures
from proxy_addon.flows.bodies import DEFAULT_LIMIT, Preview, body_of, is_event_stream
from proxy_addon.flows.fields import Fields
from proxy_addon.hooks import marks, streams
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.journal import Journal
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.live import Live
from proxy_addon.hooks.scope import Scope

_IDS_AT_ONCE = 64

_Hook = TypeVar("_Hook", bound=Callable[..., None])


def _never_raises(hook: _Hook) -> _Hook:
    """Turn an error of our own into recording trouble: mitmproxy would swallow it unseen.

    The four hooks of every exchange do the same themselves: one call less, four times.
    """

    @functools.wraps(hook)
    def guarded(self: FlowRecorder, about: Any) -> None:
        try:
            hook(self, about)
        except Exception as error:  # noqa: BLE001 (traffic must flow on)
            self.journal.fail(error)

    return guarded  # type: ignore[return-value]


class FlowRecorder:
    """Appends an event for everything that a flow shows, before the browser can see it.

    ``body_limit`` is how many octets of a body are kept each way, None for no
    bodies at all. ``embedded`` is True inside somebody else's mitmproxy, whose other
    addons may want whole bodies: there, only server-sent events are made to flow.
    """

    name = "cookietrace"

    def __init__(
        self,
        journal: Journal,
        clients: Clients,
        listeners: Listeners,
        *,
        secret: str,
        scope: Scope | None = None,
        body_limit: int | None = DEFAULT_LIMIT,
        embedded: bool = False,
    ) -> None:
        self.journal = journal
        self._clients = clients
        self._listeners = listeners
        self._secret = secret
        self._scope = scope or Scope()
        self._body_limit = body_limit
        self._embedded = embedded
        self._exchange_ids = _exchange_ids()
        self._live: dict[str, Live] = {}
        """What is under way, by the flow's id; a flow ends with a response or an error."""
        self._agents: dict[str, str | None] = {}
        """Connection -> the User-Agent of its CONNECT, for failures that come before a request."""
        self._last_clients: dict[str, tuple[str | None, str]] = {}
        """Connection -> the User-Agent that came last, and its client: most often the next one."""
        self._unreached: dict[str, str] = {}
        """Connection -> why its last connection to a server could not be made."""
        journal.on_lost = self._forget

    # --- the recorder itself

    def started(self) -> None:
        """Append that recording has begun, and at which listeners."""
        self.journal.append(
            Recorder(at=time.time(), state="started", listeners=self._listeners.all())
        )

    def stop(self, message: str | None = None) -> None:
        """Append what is still in hand and that recording has ended; close the capture.

        An exchange that nobody has answered yet will not be: that is a failure.
        """
        now = time.time()
        last: list[Event] = []
        for live in list(self._live.values()):
            last += self._bodies(live, now, whole=False)
            if not live.answered:
                last.append(
                    failures.of_stop(
                        exchange_id=live.exchange_id,
                        client_id=live.client_id,
                        at=now,
                        host=convert.host_of(live.url),
                    )
                )
        self._live.clear()
        last.append(
            Recorder(at=now, state="stopped", listeners=self._listeners.all(), message=message)
        )
        self.journal.close(*last)

    # --- one exchange

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Append the client, where it is new, and the request as it came."""
        try:
            now = time.time()
            request = flow.request
            fields = Fields(request.data.headers.fields)
            host_kept = not self._embedded or bool(ctx.options.keep_host_header)
            url = convert.asked_url(flow, host_kept, fields)
            flow.metadata.pop(marks.EXCHANGE_ID, None)  # a replayed flow still has its first one
            if not (self._scope.everything or self._is_recorded(flow, url)):
                return
            user_agent = fields.first.get("user-agent")
            introduction: tuple[Event, ...] = ()
            client = self._last_clients.get(flow.client_conn.id)
            if client is not None and client[0] == user_agent:
                client_id = client[1]
            else:
                client_id, introduction = self._client(flow.client_conn, user_agent, now)
                if not (introduction or flow.is_replay):  # a replay's connection never ends
                    self._last_clients[flow.client_conn.id] = user_agent, client_id
            exchange_id = next(self._exchange_ids)
            event = convert.request_event(flow, fields.pairs, exchange_id, client_id, now, url)
            if fields.has_ours:
                marks.strip_request(request)
            if fields.hold(self._secret):
                event = marks.without_secret(event, self._secret)
            live: Live | None = None
            if introduction:
                taken = self.journal.append(*introduction, event)  # before anything that names it
                if taken:
                    self._clients.recorded(introduction)
            else:
                taken = self.journal.append_soon(event)
            if taken:
                flow.metadata[marks.EXCHANGE_ID] = exchange_id
                live = Live(exchange_id, client_id, url, refused=flow.error is not None)
                self._live[flow.id] = live
            if not (self._embedded or request.stream) and streams.streams_request(request, fields):
                request.stream = True
            if request.stream and live is not None:
                live.of_request = self._tap(request, fields)
        except Exception as error:  # noqa: BLE001 (traffic must flow on)
            self.journal.fail(error)

    def request(self, flow: http.HTTPFlow) -> None:
        """Append the request's body, if it has one."""
        try:
            live = self._live.get(flow.id)
            if live is None:
                return
            live.asked = True
            preview, live.of_request = live.of_request, None
            content, limit = flow.request.data.content, self._body_limit
            body: Event | None = None
            if preview is not None:
                if not preview.empty:
                    body = preview.event(live.exchange_id, time.time(), "request")
            elif content and limit is not None:
                fields = Fields(flow.request.data.headers.fields)
                body = body_of(content, fields, limit, live.exchange_id, time.time(), "request")
            if body is not None:
                self.journal.append_soon(body)
            if live.answered and live.of_response is None:
                self._over(flow)
        except Exception as error:  # noqa: BLE001 (traffic must flow on)
            self.journal.fail(error)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Append a response that leaves now; decide whether it does."""
        try:
            live = self._live.get(flow.id)
            response = flow.response
            assert response is not None
            now = time.time()
            exchange_id = flow.metadata.get(marks.EXCHANGE_ID)
            fields = Fields(response.data.headers.fields)
            report = None
            # The mark has done its work. In a mitmproxy of our own nobody looks at the request
            # any more; elsewhere it may be saved or replayed.
            if exchange_id is not None and (fields.has_ours or self._embedded):
                report = marks.take_report(flow, exchange_id, now, fields)
                if response.data.headers.fields is not fields.raw:
                    fields = Fields(response.data.headers.fields)
            if not self._embedded:
                if not response.stream and streams.streams_response(flow, fields):
                    response.stream = True
            elif is_event_stream(fields.first.get("content-type")):
                response.stream = response.stream or True
            if live is None:
                return
            live.server = report
            live.fields = fields
            if not (response.stream or (self._embedded and _may_become_stream(flow, fields))):
                return
            self._answer(live, response, fields, now)
            if response.stream:
                live.of_response = self._tap(response, fields)
        except Exception as error:  # noqa: BLE001 (traffic must flow on)
            self.journal.fail(error)

    def response(self, flow: http.HTTPFlow) -> None:
        """Append a response that was held until now; or the body of one that was not."""
        try:
            live = self._live.get(flow.id)
            response = flow.response
            if live is None or response is None:
                return
            now = time.time()
            fields = live.fields
            if fields is None or response.data.headers.fields is not fields.raw:  # changed since
                fields = Fields(response.data.headers.fields)
            body: tuple[Event, ...] = ()
            content, limit = response.data.content, self._body_limit
            if limit is not None and response.data.status_code != 101:
                if live.of_response is not None:
                    body = (live.of_response.event(live.exchange_id, now, "response"),)
                else:
                    body = (body_of(content, fields, limit, live.exchange_id, now, "response"),)
            live.of_response = None
            if live.answered:
                self.journal.append(*body)
            else:
                self._answer(live, response, fields, now, *body)
            if live.asked:
                self._over(flow)
        except Exception as error:  # noqa: BLE001 (traffic must flow on)
            self.journal.fail(error)

    @_never_raises
    def error(self, flow: http.HTTPFlow) -> None:
        """Append that the exchange came to nothing, after what had come of its bodies."""
        if marks.EXCHANGE_ID in flow.metadata:
            marks.unmark(flow.request)
        live = self._live.get(flow.id)
        if live is None or flow.error is None:
            return
        now = time.time()
        self.journal.append(
            *self._bodies(live, now, whole=False),
            failures.of_flow(
                flow,
                exchange_id=live.exchange_id,
                client_id=live.client_id,
                at=now,
                host=convert.host_of(live.url),
                unreached=self._unreached.get(flow.client_conn.id),
                refused=live.refused,
            ),
        )
        self._over(flow)

    def _answer(
        self, live: Live, response: http.Response, fields: Fields, now: float, *after: Event
    ) -> None:
        """Append a response, with the server's view of it in the same transaction."""
        live.answered = True
        event = convert.response_event(response, fields.pairs, live.exchange_id, now)
        if live.server is None:
            self.journal.append(event, *after)
        else:
            self.journal.append(live.server, event, *after)

    def _tap(self, message: http.Request | http.Response, fields: Fields) -> Preview | None:
        """Keep the start of a body that is passed on as it comes; None where none is kept."""
        if self._body_limit is None:
            return None
        first = fields.first
        preview = Preview(
            first.get("content-type"), first.get("content-encoding"), self._body_limit
        )
        message.stream = streams.Tap(preview, message.stream)
        return preview

    def _bodies(self, live: Live, now: float, *, whole: bool) -> list[Event]:
        """Return what has come of the bodies that are still under way."""
        bodies: list[Event] = []
        if live.of_request is not None and not live.of_request.empty:
            bodies.append(live.of_request.event(live.exchange_id, now, "request", whole=whole))
        if live.of_response is not None:
            bodies.append(live.of_response.event(live.exchange_id, now, "response", whole=whole))
        return bodies

    def _over(self, flow: http.HTTPFlow) -> None:
        """Forget an exchange that is complete."""
        self._live.pop(flow.id, None)

    def _forget(self, lost: Sequence[Event]) -> None:
        """Append no more of the exchanges whose request is not in the capture after all."""
        exchanges = {event.exchange_id for event in lost if isinstance(event, Request)}
        for flow_id, live in list(self._live.items()):
            if live.exchange_id in exchanges:
                del self._live[flow_id]

    def _is_recorded(self, flow: http.HTTPFlow, url: str) -> bool:
        """Tell whether the user wants this host recorded; a reverse listener's app always is."""
        if flow.client_conn.proxy_mode.type_name == "reverse":
            return True
        return self._scope.records(convert.host_of(url), flow.request.data.port)

    def _client(
        self, connection: ClientConnection, user_agent: str | None, now: float
    ) -> tuple[str, tuple[Event, ...]]:
        """Return the id of the client behind a connection, and its event if it is new."""
        listen, label = self._listeners.of(connection)
        return self._clients.find(listen, connection.peername[0], user_agent, label, now)

    # --- connections that came to nothing before there was a request

    @_never_raises
    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Remember which browser asks for a tunnel."""
        self._agents[flow.client_conn.id] = convert.first_field(
            flow.request.data.headers, b"user-agent"
        )

    @_never_raises
    def http_connect_error(self, flow: http.HTTPFlow) -> None:
        """Append that a tunnel could not be made."""
        self._failed_connection(
            flow.client_conn,
            flow.request.host,
            flow.request.port,
            "connect",
            self._unreached.get(flow.client_conn.id) or "the tunnel was refused",
        )

    @_never_raises
    def tls_failed_client(self, data: tls.TlsData) -> None:
        """Append that a client would not speak TLS with us: most often it does not trust the CA."""
        client = data.context.client
        address = data.context.server.address
        host = data.conn.sni or (address[0] if address else None)
        message = data.conn.error or "the handshake failed"
        self._failed_connection(client, host, address[1] if address else 443, "tls-client", message)

    def _failed_connection(
        self,
        client: ClientConnection,
        host: str | None,
        port: int,
        kind: failures.Kind,
        message: str,
    ) -> None:
        """Append a failure that belongs to no exchange."""
        if not self._scope.records(host, port):
            return
        now = time.time()
        client_id, introduction = self._client(client, self._agents.get(client.id), now)
        failure = failures.of_connection(client_id, now, host, port, kind, message)
        if self.journal.append(*introduction, failure):
            self._clients.recorded(introduction)

    @_never_raises
    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Remember why a server could not be reached, for the exchanges that wanted it."""
        self._unreached[data.client.id] = data.server.error or ""

    @_never_raises
    def tls_failed_server(self, data: tls.TlsData) -> None:
        """Remember why TLS with a server could not be established."""
        self._unreached[data.context.client.id] = data.conn.error or ""

    @_never_raises
    def client_disconnected(self, client: ClientConnection) -> None:
        """Forget the connection."""
        self._agents.pop(client.id, None)
        self._last_clients.pop(client.id, None)
        self._unreached.pop(client.id, None)


def _exchange_ids() -> Iterator[str]:
    """Yield the ids of one recorder's exchanges: a capture may be recorded into again."""
    run = secrets.token_hex(6)
    for start in itertools.count(1, _IDS_AT_ONCE):  # one at a time costs ten times as much
        yield from [f"{run}{number:08x}" for number in range(start, start + _IDS_AT_ONCE)]


def _may_become_stream(flow: http.HTTPFlow, fields: Fields) -> bool:
    """Tell whether somebody else's mitmproxy may pass this response on before its end."""
    return bool(ctx.options.stream_large_bodies) and streams.length_is_unknown(flow, fields)
