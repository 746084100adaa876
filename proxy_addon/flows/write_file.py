"""Exchanges as mitmproxy flows, one after the other, in the order of their requests."""

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
    Capture,
    Client,
    Event,
    Failure,
    Headers,
    Request,
    Response,
    Server,
    Verdicts,
)
from proxy_addon.flows.bodies import charset_of
from proxy_addon.flows.convert import first_field
from proxy_addon.flows.extras import KEY, BodyFacts, Extras, encode_extras

_RE_ENCODED = frozenset({"gzip", "deflate", "br", "zstd"})


class _Parts:
    """The events of one exchange."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response: Response | None = None
        self.bodies: dict[str, Body] = {}
        self.server: Server | None = None
        self.failure: Failure | None = None
        self.verdicts: Verdicts | None = None

    def take_in(self, event: Response | Body | Server | Failure | Verdicts) -> None:
        """Add one more event."""
        match event:
            case Response():
                self.response = event
            case Body():
                self.bodies[event.of] = event
            case Server():
                self.server = event
            case Failure():
                self.failure = event
            case Verdicts():
                self.verdicts = event


def write_flows(events: Iterable[Event]) -> Iterator[bytes]:
    """Yield the octets of a flow file with one flow for each request.

    Headers, times and ids are kept; a body that was recorded in part is in the
    file in part, one that was not recorded is missing there too. What mitmproxy
    has no place for goes into each flow's metadata.
    """
    exchanges: dict[str, _Parts] = {}
    clients: dict[str, Client] = {}
    capture: Capture | None = None
    for event in events:
        match event:
            case Capture():
                capture = event
            case Client():
                clients[event.client_id] = event
            case Request():
                exchanges[event.exchange_id] = _Parts(event)
            case Response() | Body() | Server() | Failure() | Verdicts():
                parts = exchanges.get(event.exchange_id or "")
                if parts is not None:
                    parts.take_in(event)
            case _:
                pass
    for parts in exchanges.values():
        client = clients.get(parts.request.client_id)
        buffer = io.BytesIO()
        FlowWriter(buffer).add(_flow(parts, client, capture))  # type: ignore[no-untyped-call]
        yield buffer.getvalue()
        capture = None


def _flow(parts: _Parts, client: Client | None, capture: Capture | None) -> http.HTTPFlow:
    """Return one exchange as a flow."""
    asked = parts.request
    made = http.HTTPFlow(_client_side(asked, client), _server_side(asked))
    made.id = asked.exchange_id
    made.timestamp_created = asked.at
    made.request = _request(asked, parts.bodies.get("request"))
    if parts.response is not None:
        made.response = _response(parts.response, parts.bodies.get("response"))
    if parts.failure is not None:
        made.error = flow.Error(parts.failure.message, parts.failure.at)
    extras = Extras(
        capture=capture,
        client=client,
        url=asked.url,
        upstream=asked.upstream,
        request_body=_facts(parts.bodies.get("request")),
        response_body=_facts(parts.bodies.get("response")),
        server=parts.server,
        failure=parts.failure,
        verdicts=parts.verdicts,
    )
    made.metadata = {KEY: encode_extras(extras)}
    return made


def _client_side(asked: Request, client: Client | None) -> connection.Client:
    """Return the connection between the browser and us."""
    listen, peer = (client.listen, client.peer) if client is not None else ("", "")
    host, _, port = listen.rpartition(":")
    return connection.Client(
        id=asked.client_id,
        peername=(peer, 0),
        sockname=(host.strip("[]"), int(port) if port.isdecimal() else 0),
        timestamp_start=asked.at,
        tls=asked.url.startswith("https:"),
        state=connection.ConnectionState.CLOSED,
    )


def _server_side(asked: Request) -> connection.Server:
    """Return the connection between us and the server."""
    address = _address(asked.upstream) if asked.upstream is not None else None
    return connection.Server(
        id=f"{asked.exchange_id}-server",
        address=address,
        tls=(asked.upstream or "").startswith("https:"),
    )


def _address(url: str) -> tuple[str, int]:
    """Return host and port of a URL; a host that is none stays what it is."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0].partition("?")[0]
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = authority, None
    return host, port or (443 if scheme == "https" else 80)


def _request(asked: Request, body: Body | None) -> http.Request:
    """Return the request, going where the browser wanted it to go."""
    scheme, _, rest = asked.url.partition("://")
    authority, slash, path = rest.partition("/")
    host, port = _address(asked.url)
    modern = not asked.http_version.startswith("HTTP/1")
    headers = _fields(asked.headers)
    return http.Request(
        host=host,
        port=port,
        method=_wire(asked.method),
        scheme=_wire(scheme),
        authority=_wire(authority) if modern else b"",
        path=_wire(slash + path) or b"*",
        http_version=_wire(asked.http_version),
        headers=headers,
        content=_content(body, headers) if body is not None else b"",
        trailers=None,
        timestamp_start=asked.at,
        timestamp_end=asked.at,
    )


def _response(answer: Response, body: Body | None) -> http.Response:
    """Return the response; without a recorded body its content is missing."""
    headers = _fields(answer.headers)
    return http.Response(
        http_version=_wire(answer.http_version),
        status_code=answer.status_code,
        reason=_wire(answer.reason),
        headers=headers,
        content=_content(body, headers) if body is not None else None,
        trailers=None,
        timestamp_start=answer.at,
        timestamp_end=answer.at,
    )


def _wire(text: str) -> bytes:
    """Return a wire string's octets; UTF-8 where a foreign file holds text instead of octets."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def _fields(headers: Headers) -> http.Headers:
    """Return the fields as the octets they were."""
    return http.Headers([(_wire(name), _wire(value)) for name, value in headers])


def _content(body: Body, headers: http.Headers) -> bytes:
    """Return the body's octets, encoded as the headers say that they are."""
    if body.content is None:
        try:
            octets = base64.b64decode(body.base64 or "")
        except ValueError:  # a foreign file's
            octets = b""
    else:
        try:
            octets = body.content.encode(charset_of(body.content_type) or "utf-8")
        except UnicodeError:
            octets = body.content.encode()
    coding = (first_field(headers, b"content-encoding") or "").strip().lower()
    if octets and coding in _RE_ENCODED:
        return encoding.encode(octets, coding)
    return octets


def _facts(body: Body | None) -> BodyFacts | None:
    """Return what the octets alone do not tell."""
    return BodyFacts(body.size, body.truncated) if body is not None else None
