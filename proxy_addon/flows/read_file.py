"""Reads a mitmproxy flow file as the events that the recorder would have recorded."""

from __future__ import annotations

import hashlib
import io
import os
from array import array
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import BinaryIO

import msgspec
from mitmproxy import exceptions, http
from mitmproxy.flow import Flow
from mitmproxy.io import FlowReader

from cookietrace.addresses import Address
from cookietrace.errors import FormatError, SchemaError
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    Event,
    Failure,
    Jar,
    Known,
    Session,
    decode,
    encode,
)
from cookietrace.formats.format import Lost
from cookietrace.formats.kept_pieces import KeptPieces, by_time
from cookietrace.safe_text import safe
from proxy_addon.flows import convert, failures, flow_version
from proxy_addon.flows.bodies import DEFAULT_LIMIT, body_of, is_event_stream
from proxy_addon.flows.extras import KEY, BodyFacts, Extras, decode_extras
from proxy_addon.flows.headers import ParsedHeaders

_decoder = msgspec.json.Decoder(list[Known])


def read_flows(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a flow file in the order in which it happened.

    A client is one listener, peer address and User-Agent; headers are read raw. A file
    that cookietrace wrote keeps its clients, ids, witness reports and failures. With
    ``lost``, flows before a damaged one are read, and ``lost`` is called with what is
    missing. Raises ``FormatError``, and ``SchemaError`` for a newer version's capture.
    """
    with closing(_History()) as history:
        digest = _read(path, history, lost)
        yield from history.events(safe(str(path)), digest)


def _read(path: Path, history: _History, lost: Lost | None) -> str:
    """Add every flow of a file; return what identifies them."""
    name = safe(str(path))
    digest = hashlib.sha256()
    with _Measured(io.FileIO(path)) as file:
        flows = _flows(file)
        for number in count(1):
            try:
                flow = next(flows, None)
                damaged = _added(history, digest, flow) if flow is not None else ()
            except FormatError as error:
                if lost is not None:
                    lost(f"{name}, flow {number}: {error}; it and all flows after it are lost")
                    break
                before = " (--lenient reads the flows before it)" if number > 1 else ""
                raise FormatError(f"{name}, flow {number}: {error}{before}") from error
            if flow is None:
                break
            if history.is_newer:
                continue  # refused as a whole at the end
            if damaged and lost is None:
                raise FormatError(
                    f"{name}, flow {number}: what cookietrace recorded with it "
                    f"({', '.join(damaged)}) cannot be read (--lenient leaves it out)"
                )
            if damaged and lost is not None:
                lost(
                    f"{name}, flow {number}: what cookietrace recorded with it "
                    f"({', '.join(damaged)}) is lost"
                )
    return digest.hexdigest()[:32]


class _Measured(io.BufferedReader):
    """A file of which no more is read than it holds, whatever size a flow says it has.

    Python makes room for what it is told to read before it reads.
    """

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most ``size`` bytes; all that are left if it is negative."""
        left = max(0, self._size - self.tell())
        return super().read(left if size is None or not 0 <= size <= left else size)


def _added(history: _History, digest: hashlib._Hash, flow: Flow) -> tuple[str, ...]:
    """Add a flow, if it is an exchange; return the names of its extras that cannot be read.

    Raises ``FormatError`` if its values have wrong types, which mitmproxy does not check.
    """
    try:
        digest.update(flow.id.encode("utf-8", "backslashreplace"))
        if isinstance(flow, http.HTTPFlow) and flow.request.data.method != b"CONNECT":
            return history.add(flow)
    except Exception as error:
        raise FormatError(f"not a flow ({type(error).__name__})") from error
    return ()


def _flows(file: BinaryIO) -> Iterator[Flow]:
    """Yield the flows; raises ``FormatError`` at the first that cannot be read."""
    flows = iter(FlowReader(file).stream())
    while True:
        start = file.tell()
        try:
            flow = next(flows, None)
        except Exception as error:
            # mitmproxy checks little of what it reads: damage causes many kinds of errors.
            raise FormatError(_complaint(error, flow_version.written_in(file, start))) from error
        if flow is None:
            return
        yield flow


def _complaint(error: Exception, written: flow_version.Version | None) -> str:
    """Return why a flow cannot be read, given the format that it was written in."""
    if written is not None and written != flow_version.CURRENT:
        return flow_version.complaint(written)
    if isinstance(error, exceptions.FlowReadException):
        return "the file was cut off or damaged here"
    return f"not a flow ({type(error).__name__})"


class _History:
    """All that was read, to be told by time; in memory are only the times."""

    def __init__(self) -> None:
        self._capture: Capture | None = None
        self._times = array("d")
        self._moments = KeptPieces()
        """What happened at each of the times: a list of events, as JSON."""
        self._clients: dict[str, Client] = {}
        self._ids: set[str] = set()

    def add(self, flow: http.HTTPFlow) -> tuple[str, ...]:
        """Add one flow's events. Returns the names of its extras that cannot be read.

        Raises any exception, and adds nothing, if the flow does not make valid events.
        """
        extras, damaged = decode_extras(flow.metadata)
        moments: list[tuple[float, list[Event]]] = []
        request_at = flow.request.timestamp_start or flow.timestamp_created
        exchange_id = self._unused(convert.plain_text(flow.id))
        client = self._client(flow, extras, request_at)
        opening: list[Event] = [
            client,
            *([extras.session] if extras.session is not None else ()),
            *_jar(extras, client),
            msgspec.structs.replace(
                convert.request_event(
                    flow,
                    convert.wire_headers(flow.request.data.headers),
                    exchange_id,
                    client.client_id,
                    request_at,
                    extras.url or convert.requested_url(flow),
                ),
                upstream=extras.upstream or _upstream(flow),
                connection=_connection(flow, extras),
            ),
        ]
        if extras.verdicts is not None:
            opening.append(msgspec.structs.replace(extras.verdicts, exchange_id=exchange_id))
        opening += [
            msgspec.structs.replace(each, exchange_id=exchange_id) for each in extras.edited
        ]
        opening += _body(flow.request, exchange_id, request_at, extras.request_body)
        moments.append((request_at, opening))
        if flow.response is not None:
            response_at = max(request_at, _response_at(flow.response, request_at))
            response: list[Event] = []
            if extras.server is not None:
                response.append(msgspec.structs.replace(extras.server, exchange_id=exchange_id))
            headers = convert.wire_headers(flow.response.data.headers)
            response.append(
                convert.response_event(flow.response, headers, exchange_id, response_at)
            )
            response += _body(flow.response, exchange_id, response_at, extras.response_body)
            moments.append((response_at, response))
        if extras.browser is not None:
            at = max(request_at, extras.browser.at)
            said = msgspec.structs.replace(
                extras.browser, exchange_id=exchange_id, client_id=client.client_id
            )
            moments.append((at, [said]))
        if flow.error is not None:
            failed_at = max(request_at, flow.error.timestamp)
            failure = _failure(flow, extras, exchange_id, client.client_id, failed_at)
            moments.append((failed_at, [failure]))
        lines = [(float(at), [encode(event) for event in events]) for at, events in moments]
        for _, encoded in lines:
            for line in encoded:
                decode(line)
        for at, encoded in lines:
            self._times.append(at)
            self._moments.add(b"[" + b",".join(encoded) + b"]")
        if extras.capture is not None and self._capture is None:
            self._capture = extras.capture
        return damaged

    @property
    def is_newer(self) -> bool:
        """Whether a newer version recorded the capture."""
        return self._capture is not None and self._capture.schema > SCHEMA

    def _unused(self, exchange_id: str) -> str:
        """Return an id that no other exchange has: a replayed flow has that of its original."""
        wanted = exchange_id
        for number in count(2):
            if exchange_id not in self._ids:
                break
            exchange_id = f"{wanted}-{number}"
        self._ids.add(exchange_id)
        return exchange_id

    def _client(self, flow: http.HTTPFlow, extras: Extras, at: float) -> Client:
        """Return the client of a flow, with an id."""
        if extras.client is not None:
            return self._clients.setdefault(extras.client.client_id, extras.client)
        side = flow.client_conn
        host, port = side.sockname[:2]
        listen = str(Address(host, port)) if host else ""
        peer = side.peername[0]
        agent = convert.first_header(flow.request.data.headers, b"user-agent")
        key = f"{listen}\n{peer}\n{agent}"
        number = len(self._clients) + 1
        made = Client(
            client_id=f"flow-client-{number}", at=at, listen=listen, peer=peer, user_agent=agent
        )
        return self._clients.setdefault(key, made)

    def close(self) -> None:
        """Remove what was kept."""
        self._moments.close()

    def events(self, name: str, digest: str) -> Iterator[Event]:
        """Yield all events in order, each client before its first request."""
        order = by_time(self._times)
        capture = self._capture or Capture(
            capture_id=digest,
            schema=SCHEMA,
            at=self._times[order[0]] if order else 0.0,
            producer="mitmproxy",
        )
        if capture.schema > SCHEMA:
            raise SchemaError(
                f"{name} was written by a newer cookietrace "
                f"(schema {capture.schema}, this one reads up to {SCHEMA}): upgrade cookietrace"
            )
        yield capture
        seen: set[tuple[type[Event], str]] = set()
        for number in order:
            at = self._times[number]
            for event in _decoder.decode(self._moments.piece(number)):
                if isinstance(event, Client | Session | Jar):
                    if (type(event), event.client_id) in seen:
                        continue
                    seen.add((type(event), event.client_id))
                    yield msgspec.structs.replace(event, at=min(event.at, at))
                else:
                    yield event


def _jar(extras: Extras, client: Client) -> tuple[Jar, ...]:
    """Return the jar with which a client begins, if what came before was left out."""
    if extras.jar is None:
        return ()
    return (msgspec.structs.replace(extras.jar, client_id=client.client_id),)


def _upstream(flow: http.HTTPFlow) -> str | None:
    """Return where the request was sent, None if it was not."""
    return convert.upstream(flow.request) if flow.server_conn.address else None


def _connection(flow: http.HTTPFlow, extras: Extras) -> str | None:
    """Return the client's connection: in a file that cookietrace wrote, what it recorded."""
    if KEY in flow.metadata:
        return extras.connection
    return None if flow.is_replay == "request" else convert.plain_text(flow.client_conn.id)


def _response_at(response: http.Response, request_at: float) -> float:
    """Return when the browser could see the response: at its end, unless it was streamed."""
    content_type = convert.first_header(response.data.headers, b"content-type")
    streamed = response.data.content is None or is_event_stream(content_type)
    first, last = response.timestamp_start, response.timestamp_end
    return (first if streamed else last) or first or request_at


def _body(
    message: http.Message, exchange_id: str, at: float, facts: BodyFacts | None
) -> list[Event]:
    """Return the body's event: none if nothing was kept, or a request has no body."""
    content = message.data.content
    is_request = isinstance(message, http.Request)
    if content is None or (is_request and not content):
        return []
    event: Body = body_of(
        content,
        ParsedHeaders(message.data.headers.fields),
        DEFAULT_LIMIT,
        exchange_id,
        at,
        "request" if is_request else "response",
    )
    if facts is not None:
        event = msgspec.structs.replace(
            event, size=facts.size, truncated=facts.truncated or event.truncated
        )
    return [event]


def _failure(
    flow: http.HTTPFlow, extras: Extras, exchange_id: str, client_id: str, at: float
) -> Failure:
    """Return why a flow failed."""
    if extras.failure is not None:
        return msgspec.structs.replace(extras.failure, exchange_id=exchange_id)
    assert flow.error is not None
    return Failure(
        exchange_id=exchange_id,
        client_id=client_id,
        at=at,
        host=convert.host_of(convert.requested_url(flow)),
        kind=failures.kind_of_stored(flow, flow.error.msg),
        message=failures.readable(flow.error.msg, *failures.target_server(flow)),
    )
