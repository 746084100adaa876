"""The recorder: mitmproxy's hooks, which convert what a flow shows and append it to the capture."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator, Sequence

import msgspec
from mitmproxy import ctx, http
from mitmproxy.connection import Client as ClientConnection
from mitmproxy.connection import ConnectionState

from cookietrace.errors import LaunchError
from cookietrace.events import Body, Browser, Event, Failure, Recorder, Request, Server
from cookietrace.safe_text import safe
from cookietrace.scope import Scope
from proxy_addon.flows import convert, failures
from proxy_addon.flows.bodies import DEFAULT_LIMIT, Of, Preview, body_of, is_event_stream
from proxy_addon.flows.headers import ParsedHeaders
from proxy_addon.hooks import marks, streams
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.failed_connections import FailedConnections
from proxy_addon.hooks.guarded import never_raises
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.journal.journal import Journal
from proxy_addon.journal.secrecy import Secrecy

_IDS_AT_ONCE = 64
_MOST_ANSWERED = 100
"""How many requests may continue after their response until the first of them is given up."""

_NOTICES_LIMIT = 50


class _OpenExchange:
    """What is known about an exchange until it is complete."""

    __slots__ = (
        "client_id",
        "exchange_id",
        "invalid",
        "request_complete",
        "request_preview",
        "response_complete",
        "response_headers",
        "response_preview",
        "response_recorded",
        "server",
        "url",
    )

    def __init__(self, exchange_id: str, client_id: str, url: str, *, invalid: bool) -> None:
        self.exchange_id = exchange_id
        self.client_id = client_id
        self.url = url
        self.invalid = invalid
        """Whether mitmproxy itself rejected the request as invalid HTTP."""
        self.request_complete = False
        self.response_recorded = False
        self.response_complete = False
        """Whether all of the response has arrived."""
        self.server: Server | None = None
        """What the witness reported."""
        self.response_headers: ParsedHeaders | None = None
        """As they were when the response began to arrive."""
        self.request_preview: Preview | None = None
        self.response_preview: Preview | None = None


class FlowRecorder:
    """Appends an event for everything that a flow shows, before the browser can see it.

    ``body_limit`` is how many bytes of each body are kept, None to record no bodies.
    ``embedded`` is True inside the user's own mitmproxy, whose other addons may need
    whole bodies: there only server-sent events are streamed.

    The four hooks that every exchange runs catch errors themselves, to save a call each.
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
        self._secrecy = Secrecy(secret)
        self._scope = scope or Scope()
        self._body_limit = body_limit
        self._embedded = embedded
        self._exchange_ids = _exchange_ids()
        self._open: dict[str, _OpenExchange] = {}
        """Exchanges in progress, by the flow's id; a flow ends with a response or an error."""
        self._answered: dict[str, str] = {}
        """Flow -> connection, of exchanges whose request continues after the response. mitmproxy
        does not say how such a request ends if it does not end well."""
        self._last_clients: dict[str, tuple[str | None, str]] = {}
        """Connection -> the last User-Agent and its client, most often the next one too."""
        self._other_protocols: set[str] = set()
        """The apps of which a notice says that their witness speaks another version."""
        self._stopping = False
        """Whether the proxy, not its clients, closes connections."""
        self._failed_connections = FailedConnections(
            journal, clients, self._client, secrecy=self._secrecy, scope=self._scope
        )
        self.addons = [self._failed_connections]
        """mitmproxy also calls the hooks of these, after ours."""
        journal.on_lost = self._forget

    # --- start and stop

    def started(self) -> None:
        """Append that recording has started, and at which listeners."""
        self.journal.append(
            Recorder(at=time.time(), state="started", listeners=self._listeners.all())
        )

    def stopping(self) -> None:
        """From now on connections are closed because the proxy stops, not by their clients."""
        self._stopping = True
        self._failed_connections.stopping()

    def stop(self, *, why: str = failures.PROXY_STOPPED) -> None:
        """Append what is still open and that recording has stopped; close the capture.

        An exchange whose response is not complete is recorded as a failure, with ``why`` as its
        message. What clients receive after this is not recorded: close their connections first.
        """
        now = time.time()
        last: list[Event] = []
        for exchange in list(self._open.values()):
            last += self._partial_bodies(exchange, now)
            if not exchange.response_complete:
                last.append(_stopped(exchange, now, why))
        self._open.clear()
        last.append(Recorder(at=now, state="stopped", listeners=self._listeners.all()))
        self.journal.close(*last)

    # --- what the user asks for

    def fresh_browser(self, client_id: str) -> None:
        """Append that a fresh browser takes over from a client; exchanges in progress keep it.

        Raises ``LaunchError`` if that is not possible, or changes nothing.
        """
        events = self._clients.fresh(client_id, time.time())
        if not self.journal.append(*events):
            raise LaunchError("recording has stopped: try again once it works")
        self._clients.recorded(events)
        self._last_clients.clear()

    def browser_said(self, event: Browser) -> None:
        """Append what a browser says about itself, as far as it concerns recorded hosts."""
        try:
            if event.exchange_id is None and not self._scope.everything:
                url, changes = event.url, event.changes
                if url is not None and not self._scope.records_url(url):
                    return
                recorded = tuple([one for one in changes if self._scope.records_any(one.domain)])
                if changes and not recorded:
                    return
                event = msgspec.structs.replace(event, changes=recorded)
            event = msgspec.structs.replace(event, at=time.time())
            self.journal.append_soon(self._secrecy.browser(event))
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    def exchange_of(self, flow: http.HTTPFlow) -> str | None:
        """Return the id of a flow's exchange; None if it is not recorded."""
        exchange = self._open.get(flow.id)
        return None if exchange is None else exchange.exchange_id

    # --- one exchange

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Append the client, if it is new, and the request as received."""
        try:
            now = time.time()
            request = flow.request
            headers = ParsedHeaders(request.data.headers.fields)
            host_kept = not self._embedded or bool(ctx.options.keep_host_header)
            url = convert.requested_url(flow, host_kept, headers)
            flow.metadata.pop(marks.EXCHANGE_ID, None)  # a replayed flow still has its old one
            if not (self._scope.everything or self._is_recorded(flow, url)):
                return
            user_agent = headers.first.get("user-agent")
            new_client: tuple[Event, ...] = ()
            client = self._last_clients.get(flow.client_conn.id)
            if client is not None and client[0] == user_agent:
                client_id = client[1]
            else:
                client_id, new_client = self._client(flow.client_conn, user_agent, now)
                if not (new_client or flow.is_replay):  # a replay's connection never ends
                    self._last_clients[flow.client_conn.id] = user_agent, client_id
            exchange_id = next(self._exchange_ids)
            event = convert.request_event(flow, headers.pairs, exchange_id, client_id, now, url)
            if headers.has_own:
                marks.strip_request(request)
            event = self._secrecy.request(event, headers)
            exchange: _OpenExchange | None = None
            if new_client:
                recorded = self.journal.append(*new_client, event)  # the client comes first
                if recorded:
                    self._clients.recorded(new_client)
            else:
                recorded = self.journal.append_soon(event)
            if recorded:
                flow.metadata[marks.EXCHANGE_ID] = exchange_id
                exchange = _OpenExchange(
                    exchange_id, client_id, url, invalid=flow.error is not None
                )
                self._open[flow.id] = exchange
            if not (self._embedded or request.stream) and streams.streams_request(request, headers):
                request.stream = True
            if request.stream and exchange is not None:
                exchange.request_preview = self._tap(request, headers)
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    def request(self, flow: http.HTTPFlow) -> None:
        """Append the request's body, if it has one."""
        try:
            exchange = self._open.get(flow.id)
            if exchange is None:
                return
            exchange.request_complete = True
            preview, exchange.request_preview = exchange.request_preview, None
            content, limit = flow.request.data.content, self._body_limit
            body: Event | None = None
            if preview is not None:
                if not preview.empty:
                    body = self._read(preview, exchange.exchange_id, time.time(), "request")
            elif content and limit is not None:
                headers = ParsedHeaders(flow.request.data.headers.fields)
                body = self._secrecy.body(
                    body_of(content, headers, limit, exchange.exchange_id, time.time(), "request")
                )
            if body is not None:
                self.journal.append_soon(body)
            if exchange.response_recorded and exchange.response_preview is None:
                self._finish(flow)
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Decide whether the response is streamed; if so, append it now."""
        try:
            exchange = self._open.get(flow.id)
            response = flow.response
            assert response is not None
            now = time.time()
            exchange_id = flow.metadata.get(marks.EXCHANGE_ID)
            headers = ParsedHeaders(response.data.headers.fields)
            report = None
            # The mark has served its purpose. In our own mitmproxy nothing reads the request any
            # more; in the user's it may be saved or replayed.
            if exchange_id is not None and (headers.has_own or self._embedded):
                report = marks.take_report(flow, exchange_id, now, headers)
                if response.data.headers.fields is not headers.raw:
                    headers = ParsedHeaders(response.data.headers.fields)
            if not self._embedded:
                if not response.stream and streams.streams_response(flow, headers):
                    response.stream = True
            elif is_event_stream(headers.first.get("content-type")):
                response.stream = response.stream or True
            if exchange is None:
                return
            if isinstance(report, Server):
                exchange.server = self._secrecy.server(report)
            elif report is not None:
                self._other_protocol(flow, report.version, now)
            exchange.response_headers = headers
            if not (response.stream or (self._embedded and _may_become_stream(flow, headers))):
                return
            self._append_response(exchange, response, headers, now)
            if response.stream:
                exchange.response_preview = self._tap(response, headers)
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    def response(self, flow: http.HTTPFlow) -> None:
        """Append a buffered response with its body, or the body of a streamed response."""
        try:
            exchange = self._open.get(flow.id)
            response = flow.response
            if exchange is None or response is None:
                return
            now = time.time()
            headers = exchange.response_headers
            if headers is None or response.data.headers.fields is not headers.raw:  # changed since
                headers = ParsedHeaders(response.data.headers.fields)
            body: tuple[Event, ...] = ()
            content, limit = response.data.content, self._body_limit
            if limit is not None and response.data.status_code != 101:
                preview, exchange_id = exchange.response_preview, exchange.exchange_id
                if preview is not None:
                    body = (self._read(preview, exchange_id, now, "response"),)
                else:
                    whole = body_of(content, headers, limit, exchange_id, now, "response")
                    body = (self._secrecy.body(whole),)
            exchange.response_preview = None
            exchange.response_complete = True
            if exchange.response_recorded:
                self.journal.append(*body)
            else:
                self._append_response(exchange, response, headers, now, *body)
            if exchange.request_complete:
                self._finish(flow)
            else:
                self._answered[flow.id] = flow.client_conn.id
                if len(self._answered) > _MOST_ANSWERED:
                    self._give_up(next(iter(self._answered)))
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    @never_raises
    def error(self, flow: http.HTTPFlow) -> None:
        """Append the exchange's failure, after the parts of its bodies that arrived."""
        if marks.EXCHANGE_ID in flow.metadata:
            marks.unmark(flow.request)
        exchange = self._open.get(flow.id)
        if exchange is None or flow.error is None:
            return
        now = time.time()
        failure = failures.of_flow(
            flow,
            exchange_id=exchange.exchange_id,
            client_id=exchange.client_id,
            at=now,
            host=convert.host_of(exchange.url),
            connect_error=self._failed_connections.why(flow.client_conn),
            invalid=exchange.invalid,
        )
        if (
            self._stopping
            and flow.client_conn.state is not ConnectionState.OPEN
            and not exchange.invalid
        ):  # whatever mitmproxy says: a handshake with the app may have been cut off, too
            failure = _stopped(exchange, now, failures.PROXY_STOPPED)
        self.journal.append(*self._partial_bodies(exchange, now), self._secrecy.failure(failure))
        self._finish(flow)
        if flow.is_replay:  # its connection never ends
            self._failed_connections.forget(flow.client_conn)

    def _append_response(
        self,
        exchange: _OpenExchange,
        response: http.Response,
        headers: ParsedHeaders,
        now: float,
        *after: Event,
    ) -> None:
        """Append a response and the witness's report on it in one transaction."""
        exchange.response_recorded = True
        event = self._secrecy.response(
            convert.response_event(response, headers.pairs, exchange.exchange_id, now), headers
        )
        if exchange.server is None:
            self.journal.append(event, *after)
        else:
            self.journal.append(exchange.server, event, *after)

    def _other_protocol(self, flow: http.HTTPFlow, version: int, now: float) -> None:
        """Append a notice that the witness of this app speaks another version, once."""
        app = safe(convert.upstream(flow.request) or "this address")
        if len(self._other_protocols) < _NOTICES_LIMIT and app not in self._other_protocols:
            self._other_protocols.add(app)
            message = marks.other_protocol_text(app, version)
            self.journal.append_soon(Recorder(at=now, state="gap", message=message))

    def _tap(self, message: http.Request | http.Response, headers: ParsedHeaders) -> Preview | None:
        """Keep the start of a streamed body; return None if bodies are not recorded."""
        if self._body_limit is None:
            return None
        first = headers.first
        preview = Preview(
            first.get("content-type"), first.get("content-encoding"), self._body_limit
        )
        message.stream = streams.Tap(preview, message.stream)
        return preview

    def _partial_bodies(self, exchange: _OpenExchange, now: float) -> list[Event]:
        """Return the parts of unfinished bodies that have arrived."""
        bodies: list[Event] = []
        if exchange.request_preview is not None and not exchange.request_preview.empty:
            preview = exchange.request_preview
            bodies.append(self._read(preview, exchange.exchange_id, now, "request", whole=False))
        if exchange.response_preview is not None:
            preview = exchange.response_preview
            bodies.append(self._read(preview, exchange.exchange_id, now, "response", whole=False))
        return bodies

    def _read(
        self, preview: Preview, exchange_id: str, at: float, of: Of, *, whole: bool = True
    ) -> Body:
        """Return the event for a streamed body."""
        return self._secrecy.body(preview.event(exchange_id, at, of, whole=whole))

    def _finish(self, flow: http.HTTPFlow) -> None:
        """Forget an exchange that is complete."""
        self._open.pop(flow.id, None)
        if self._answered:
            self._answered.pop(flow.id, None)

    def _give_up(self, flow_id: str) -> None:
        """Forget an exchange whose request did not end, after the part of it that arrived."""
        del self._answered[flow_id]
        exchange = self._open.pop(flow_id, None)
        if exchange is not None:
            self.journal.append(*self._partial_bodies(exchange, time.time()))

    def _forget(self, lost: Sequence[Event]) -> None:
        """Stop recording exchanges whose request could not be committed after all."""
        exchanges = {event.exchange_id for event in lost if isinstance(event, Request)}
        for flow_id, exchange in list(self._open.items()):
            if exchange.exchange_id in exchanges:
                del self._open[flow_id]

    def _is_recorded(self, flow: http.HTTPFlow, url: str) -> bool:
        """Return whether this host is recorded; a reverse listener's app always is."""
        if flow.client_conn.proxy_mode.type_name == "reverse":
            return True
        return self._scope.records(convert.host_of(url), flow.request.data.port)

    def _client(
        self, connection: ClientConnection, user_agent: str | None, now: float
    ) -> tuple[str, tuple[Event, ...]]:
        """Return the id of the client behind a connection, and its event if it is new."""
        listen, label = self._listeners.of(connection)
        if user_agent is not None:
            user_agent = self._secrecy.text(user_agent)
        return self._clients.find(listen, connection.peername[0], user_agent, label, now)

    @never_raises
    def client_disconnected(self, client: ClientConnection) -> None:
        """Forget the connection."""
        for flow_id, connection_id in list(self._answered.items()):
            if connection_id == client.id:
                self._give_up(flow_id)
        self._last_clients.pop(client.id, None)


def _stopped(exchange: _OpenExchange, now: float, why: str) -> Failure:
    """Return the failure of an exchange that ends because proxy or recording stops."""
    return failures.of_stop(
        exchange_id=exchange.exchange_id,
        client_id=exchange.client_id,
        at=now,
        host=convert.host_of(exchange.url),
        why=why,
    )


def _exchange_ids() -> Iterator[str]:
    """Yield exchange ids, with a prefix that differs from any earlier session of the capture."""
    run = secrets.token_hex(6)
    for start in itertools.count(1, _IDS_AT_ONCE):  # one at a time costs ten times as much
        yield from [f"{run}{number:08x}" for number in range(start, start + _IDS_AT_ONCE)]


def _may_become_stream(flow: http.HTTPFlow, headers: ParsedHeaders) -> bool:
    """Return whether the user's own mitmproxy may stream this response."""
    return bool(ctx.options.stream_large_bodies) and streams.length_is_unknown(flow, headers)
