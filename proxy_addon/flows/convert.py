"""The parts of a flow as events: raw bytes in, latin-1 strings out, nothing joined or decoded.

mitmproxy's own accessors join repeated headers, decode punycode and drop IPv6
brackets; everything here reads the bytes as received.
"""

from __future__ import annotations

from mitmproxy import http

from cookietrace.events import Headers, Request, Response
from proxy_addon.flows.headers import ParsedHeaders

REQUESTED_URL = "cookietrace_requested_url"
"""The key in ``flow.metadata`` under which an addon that redirects a request before the
recorder sees it stores the URL that the client requested."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def plain_text(text: str) -> str:
    """Return mitmproxy's own text with lone surrogates as visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def wire_headers(headers: http.Headers) -> Headers:
    """Return the headers in order, with duplicates and odd bytes."""
    return tuple(
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields]
    )


def first_header(headers: http.Headers, name: bytes) -> str | None:
    """Return the first header of that (lower-case) name, None if there is none."""
    for each, value in headers.fields:
        if len(each) == len(name) and each.lower() == name:
            return value.decode("latin-1")
    return None


def host_text(host: str) -> str:
    """Return a host as written in a URL: IPv6 in brackets, other names in punycode."""
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("utf-8", "surrogateescape").decode("latin-1")


def authority_text(scheme: str, host: str, port: int) -> str:
    """Return ``host[:port]`` as written in a URL of that scheme."""
    text = host_text(host)
    return text if _DEFAULT_PORTS.get(scheme) == port else f"{text}:{port}"


def host_of(url: str) -> str | None:
    """Return the host of a URL that ``requested_url`` made, without port and brackets."""
    authority = url.partition("://")[2].partition("/")[0]
    if authority.startswith("["):
        return authority[1:].partition("]")[0] or None
    return authority.partition(":")[0] or None


def requested_url(
    flow: http.HTTPFlow, host_kept: bool = True, headers: ParsedHeaders | None = None
) -> str:
    """Return the URL that the client requested, exactly as it wrote it.

    That is the scheme on the listener's side, the client's own Host header or
    ``:authority``, and the path's bytes. ``host_kept`` is False if a reverse listener has
    already put the app's address into the Host header: then the listener's address is
    the best that is known. ``headers`` are the request's, if they have been parsed.
    """
    known = flow.metadata.get(REQUESTED_URL)
    if isinstance(known, str):
        return known
    data = flow.request.data
    client = flow.client_conn
    reverse = client.proxy_mode.type_name == "reverse"
    scheme = ("https" if client.tls else "http") if reverse else data.scheme.decode("latin-1")
    authority: str | None = None
    if host_kept or not reverse:
        if not data.authority or data.http_version.startswith(b"HTTP/1"):
            if headers is None:
                authority = first_header(data.headers, b"host")
            else:
                authority = headers.first.get("host")
        authority = authority or data.authority.decode("latin-1")
    if not authority:
        host, port = client.sockname[:2] if reverse else (data.host, data.port)
        authority = authority_text(scheme, host, port)
    path = "" if data.path == b"*" else data.path.decode("latin-1")
    return f"{scheme}://{authority}{path}"


def upstream(request: http.Request) -> str | None:
    """Return ``scheme://host:port`` of the server that the request goes to; None if unknown."""
    data = request.data
    if not data.host:
        return None
    host = data.host
    if ":" in host or not host.isascii():
        host = host_text(host)
    return f"{data.scheme.decode('latin-1')}://{host}:{data.port}"


def request_event(
    flow: http.HTTPFlow, headers: Headers, exchange_id: str, client_id: str, at: float, url: str
) -> Request:
    """Return the event for a flow's request, with these headers.

    A replayed request has no client connection: mitmproxy makes it, and gives it a copy of its
    original's.
    """
    data = flow.request.data
    return Request(
        exchange_id=exchange_id,
        client_id=client_id,
        connection=None if flow.is_replay == "request" else flow.client_conn.id,
        at=at,
        method=data.method.decode("latin-1"),
        url=url,
        upstream=upstream(flow.request),
        http_version=data.http_version.decode("latin-1"),
        headers=headers,
    )


def response_event(
    response: http.Response, headers: Headers, exchange_id: str, at: float
) -> Response:
    """Return the event for a response, with these headers."""
    data = response.data
    return Response(
        exchange_id=exchange_id,
        at=at,
        status_code=data.status_code,
        reason=data.reason.decode("latin-1"),
        http_version=data.http_version.decode("latin-1"),
        headers=headers,
    )
