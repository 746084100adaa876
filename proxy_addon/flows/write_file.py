"""Writes exchanges as mitmproxy flows, in the order of their requests."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from mitmproxy import connection, flow, http
from mitmproxy.io import FlowWriter
from mitmproxy.net import encoding

from cookietrace.events import (
    Body,
    Browser,
    Capture,
    Client,
    Edited,
    Event,
    Failure,
    Headers,
    Jar,
    Request,
    Response,
    Server,
    Session,
    Verdicts,
)
from proxy_addon.flows.bodies import charset_of
from proxy_addon.flows.convert import first_header
from proxy_addon.flows.extras import KEY, BodyFacts, Extras, encode_extras

_RE_ENCODED = frozenset({"gzip", "deflate", "br", "zstd"})


class _Parts:
    """The events of one exchange."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response: Response | None = None
        self.bodies: dict[str, Body] = {}
        self.server: Server | None = None
        self.edited: tuple[Edited, ...] = ()
        self.failure: Failure | None = None
        self.verdicts: Verdicts | None = None
        self.browser: Browser | None = None

    def add(self, event: Response | Body | Server | Edited | Failure | Verdicts | Browser) -> None:
        """Add an event of this exchange."""
        match event:
            case Response():
                self.response = event
            case Body():
                self.bodies[event.of] = event
            case Server():
                self.server = event
            case Edited():
                self.edited += (event,)
            case Failure():
                self.failure = event
            case Verdicts():
                self.verdicts = event
            case Browser():
                self.browser = event


def write_flows(events: Iterable[Event]) -> Iterator[bytes]:
    """Yield the bytes of a flow file with one flow per request.

    Headers, times and ids are kept. A body that was recorded in part is written in
    part; one that was not recorded is missing. What mitmproxy has no field for goes
    into each flow's metadata.
    """
    exchanges: dict[str, _Parts] = {}
    clients: dict[str, Client] = {}
    sessions: dict[str, Session] = {}
    jars: dict[str, Jar] = {}
    capture: Capture | None = None
    for event in events:
        match event:
            case Capture():
                capture = event
            case Client():
                clients[event.client_id] = event
            case Session():
                sessions[event.client_id] = event
            case Jar():
                jars.setdefault(event.client_id, event)
            case Request():
                exchanges[event.exchange_id] = _Parts(event)
            case Response() | Body() | Server() | Edited() | Failure() | Verdicts() | Browser():
                parts = exchanges.get(event.exchange_id or "")
                if parts is not None:
                    parts.add(event)
            case _:
                pass
    for parts in exchanges.values():
        client = clients.get(parts.request.client_id)
        session = sessions.get(parts.request.client_id)
        jar = jars.pop(parts.request.client_id, None)
        buffer = io.BytesIO()
        FlowWriter(buffer).add(_flow(parts, client, session, jar, capture))  # type: ignore[no-untyped-call]
        yield buffer.getvalue()
        capture = None


def _flow(
    parts: _Parts,
    client: Client | None,
    session: Session | None,
    jar: Jar | None,
    capture: Capture | None,
) -> http.HTTPFlow:
    """Return one exchange as a flow."""
    request = parts.request
    made = http.HTTPFlow(_client_side(request, client), _server_side(request))
    made.id = request.exchange_id
    made.timestamp_created = request.at
    made.request = _request(request, parts.bodies.get("request"))
    if parts.response is not None:
        made.response = _response(parts.response, parts.bodies.get("response"))
    if parts.failure is not None:
        made.error = flow.Error(parts.failure.message, parts.failure.at)
    extras = Extras(
        capture=capture,
        client=client,
        session=session,
        jar=jar,
        connection=request.connection,
        url=request.url,
        upstream=request.upstream,
        request_body=_facts(parts.bodies.get("request")),
        response_body=_facts(parts.bodies.get("response")),
        server=parts.server,
        edited=parts.edited,
        failure=parts.failure,
        verdicts=parts.verdicts,
        browser=parts.browser,
    )
    made.metadata = {KEY: encode_extras(extras)}
    return made


def _client_side(request: Request, client: Client | None) -> connection.Client:
    """Return the connection between the browser and the proxy."""
    listen, peer = (client.listen, client.peer) if client is not None else ("", "")
    host, _, port = listen.rpartition(":")
    return connection.Client(
        id=request.connection or request.client_id,
        peername=(peer, 0),
        sockname=(host.strip("[]"), int(port) if port.isdecimal() else 0),
        timestamp_start=request.at,
        tls=request.url.startswith("https:"),
        state=connection.ConnectionState.CLOSED,
    )


def _server_side(request: Request) -> connection.Server:
    """Return the connection between the proxy and the server."""
    address = _address(request.upstream) if request.upstream is not None else None
    return connection.Server(
        id=f"{request.exchange_id}-server",
        address=address,
        tls=(request.upstream or "").startswith("https:"),
    )


def _address(url: str) -> tuple[str, int]:
    """Return the host and port of a URL; an invalid host is kept as it is."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0].partition("?")[0]
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = authority, None
    return host, port or (443 if scheme == "https" else 80)


def _request(request: Request, body: Body | None) -> http.Request:
    """Return the request, to the host that the browser requested."""
    scheme, _, rest = request.url.partition("://")
    authority, slash, path = rest.partition("/")
    host, port = _address(request.url)
    modern = not request.http_version.startswith("HTTP/1")
    headers = _http_headers(request.headers)
    return http.Request(
        host=host,
        port=port,
        method=_wire(request.method),
        scheme=_wire(scheme),
        authority=_wire(authority) if modern else b"",
        path=_wire(slash + path) or b"*",
        http_version=_wire(request.http_version),
        headers=headers,
        content=_content(body, headers) if body is not None else b"",
        trailers=None,
        timestamp_start=request.at,
        timestamp_end=request.at,
    )


def _response(response: Response, body: Body | None) -> http.Response:
    """Return the response; without a recorded body its content is missing."""
    headers = _http_headers(response.headers)
    return http.Response(
        http_version=_wire(response.http_version),
        status_code=response.status_code,
        reason=_wire(response.reason),
        headers=headers,
        content=_content(body, headers) if body is not None else None,
        trailers=None,
        timestamp_start=response.at,
        timestamp_end=response.at,
    )


def _wire(text: str) -> bytes:
    """Return a wire string's bytes; as UTF-8 if a foreign file holds characters beyond latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def _http_headers(headers: Headers) -> http.Headers:
    """Return the headers as the bytes they were."""
    return http.Headers([(_wire(name), _wire(value)) for name, value in headers])


def _content(body: Body, headers: http.Headers) -> bytes:
    """Return the body's bytes, encoded as the headers say."""
    if body.content is None:
        try:
            data = base64.b64decode(body.base64 or "")
        except ValueError:  # from a foreign file
            data = b""
    else:
        try:
            data = body.content.encode(charset_of(body.content_type) or "utf-8")
        except UnicodeError:
            data = body.content.encode()
    coding = (first_header(headers, b"content-encoding") or "").strip().lower()
    if data and coding in _RE_ENCODED:
        return encoding.encode(data, coding)
    return data


def _facts(body: Body | None) -> BodyFacts | None:
    """Return what the bytes alone do not show."""
    return BodyFacts(body.size, body.truncated) if body is not None else None
