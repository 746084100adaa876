"""A flow's parts as events: raw bytes in, latin-1 strings out, nothing joined or decoded.

mitmproxy's own accessors fold repeated fields, decode punycode and drop IPv6
brackets; everything here reads the bytes as they came (DESIGN 3).
"""

from __future__ import annotations

from mitmproxy import http

from cookietrace.events import Headers, Request, Response
from proxy_addon.flows.fields import Fields

ASKED_URL = "cookietrace_asked_url"
"""The key in ``flow.metadata`` under which an addon that sends a request elsewhere
before the recorder sees it leaves the URL that the client asked for."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def plain_text(text: str) -> str:
    """Return text that mitmproxy made, with lone surrogates as visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def wire_headers(headers: http.Headers) -> Headers:
    """Return the fields in their order, duplicates and odd bytes kept."""
    return tuple(
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields]
    )


def first_field(headers: http.Headers, name: bytes) -> str | None:
    """Return the first field of that (lower-case) name, None where there is none."""
    for field, value in headers.fields:
        if len(field) == len(name) and field.lower() == name:
            return value.decode("latin-1")
    return None


def host_text(host: str) -> str:
    """Return a host as a URL writes it: IPv6 in brackets, punycode for the rest."""
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("utf-8", "surrogateescape").decode("latin-1")


def authority_text(scheme: str, host: str, port: int) -> str:
    """Return ``host[:port]`` as a URL of that scheme writes it."""
    text = host_text(host)
    return text if _DEFAULT_PORTS.get(scheme) == port else f"{text}:{port}"


def host_of(url: str) -> str | None:
    """Return the host of a URL that ``asked_url`` made, without port and brackets."""
    authority = url.partition("://")[2].partition("/")[0]
    if authority.startswith("["):
        return authority[1:].partition("]")[0] or None
    return authority.partition(":")[0] or None


def asked_url(flow: http.HTTPFlow, host_kept: bool = True, fields: Fields | None = None) -> str:
    """Return what the client asked for, in its own words.

    That is the scheme of the listener's side, the client's own Host field or
    ``:authority``, and the path's bytes. ``host_kept`` is False where a reverse
    listener has put the app's address into the Host field already: then the
    listener's own address is the best that is known. ``fields`` are the request's,
    where they have been read already.
    """
    known = flow.metadata.get(ASKED_URL)
    if isinstance(known, str):
        return known
    data = flow.request.data
    client = flow.client_conn
    reverse = client.proxy_mode.type_name == "reverse"
    scheme = ("https" if client.tls else "http") if reverse else data.scheme.decode("latin-1")
    authority: str | None = None
    if host_kept or not reverse:
        if not data.authority or data.http_version.startswith(b"HTTP/1"):
            if fields is None:
                authority = first_field(data.headers, b"host")
            else:
                authority = fields.first.get("host")
        authority = authority or data.authority.decode("latin-1")
    if not authority:
        host, port = client.sockname[:2] if reverse else (data.host, data.port)
        authority = authority_text(scheme, host, port)
    path = "" if data.path == b"*" else data.path.decode("latin-1")
    return f"{scheme}://{authority}{path}"


def upstream(request: http.Request) -> str | None:
    """Return ``scheme://host:port`` to which the request goes; None where that is unknown."""
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
    """Return the event for a request as it stands in the flow, its fields apart."""
    data = flow.request.data
    return Request(
        exchange_id=exchange_id,
        client_id=client_id,
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
    """Return the event for a response as it stands in the flow, its fields apart."""
    data = response.data
    return Response(
        exchange_id=exchange_id,
        at=at,
        status_code=data.status_code,
        reason=data.reason.decode("latin-1"),
        http_version=data.http_version.decode("latin-1"),
        headers=headers,
    )
