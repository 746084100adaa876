"""Writes exchanges as HAR 1.2 entries, each with its verdicts in ``_cookietrace``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from cookietrace import __version__
from cookietrace.cookies import SameSite, StoreResult
from cookietrace.events import Body, Headers, Jar, encode
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.headers import header
from cookietrace.formats.format import Export
from cookietrace.json_text import json_bytes
from cookietrace.lesson.explain import Explainer
from cookietrace.trace import Trace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SAME_SITE = {SameSite.STRICT: "Strict", SameSite.LAX: "Lax", SameSite.NONE: "None"}
_UNKNOWN_SIZE = -1
_NO_TYPE = "x-unknown"

_Json = dict[str, Any]


def write_har(export: Export) -> Iterator[bytes]:
    """Yield one HAR log, its entries in the order in which the requests began.

    Wire strings keep their latin-1 form, one character per byte. An exchange without a
    response has the status 0, as browsers write it.
    """
    trace = export.trace
    explainer = Explainer(trace)
    head = json_bytes(_head(trace, _jars(export))).removesuffix(b"}")
    yield b'{"log":' + head + b',"entries":['
    separator = b"\n"
    for exchange in sorted(trace.exchanges, key=lambda exchange: exchange.request.at):
        if export.focus is None or export.focus.place(exchange) is not None:
            yield separator + json_bytes(_entry(trace, explainer, exchange))
            separator = b",\n"
    yield b"\n]}}\n"


def _jars(export: Export) -> list[_Json]:
    """Return the jars with which clients begin, if what came before was left out."""
    first: dict[str, Jar] = {}
    for event in export.events:
        if isinstance(event, Jar):
            first.setdefault(event.client_id, event)
    agents: dict[str, str | None] = {}
    for exchange in export.trace.exchanges if first else ():
        part = exchange.request
        agents.setdefault(part.client_id, header(part.headers, "user-agent"))
    jars = []
    for client_id, jar in first.items():
        if client_id not in agents:
            continue
        written = {"user_agent": agents[client_id], "jar": msgspec.Raw(encode(jar))}
        if export.trace.client(client_id).follows is not None:
            written["session"] = client_id
        jars.append(written)
    return jars


def _head(trace: Trace, jars: list[_Json]) -> _Json:
    """Return the fields of the log before its entries."""
    head: _Json = {
        "version": "1.2",
        "creator": {"name": "cookietrace", "version": __version__},
    }
    if trace.capture is not None:
        capture = trace.capture
        head["_cookietrace"] = {
            "capture_id": capture.capture_id,
            "producer": capture.producer,
            "sensitive": capture.sensitive,
            "redacted": capture.redacted,
        }
        if jars:
            head["_cookietrace"]["jars"] = jars
        if capture.redacted:
            head["comment"] = "Cookie values are tokens; equal values have equal tokens."
    return head


def _entry(trace: Trace, explainer: Explainer, exchange: Exchange) -> _Json:
    request, response = exchange.request, exchange.response
    ended = response.at if response is not None else None
    if ended is None and exchange.failure is not None:
        ended = exchange.failure.at
    duration = round(max(0.0, (ended - request.at) * 1000), 3) if ended is not None else 0.0
    entry = {
        "startedDateTime": moment(request.at),
        "time": duration,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": duration, "receive": 0},
        "_cookietrace": explainer.explained(exchange),
    }
    if request.event.connection is not None:
        entry["connection"] = request.event.connection
    if exchange.edited:
        entry["_edited"] = [
            {
                "at": each.at,
                "of": each.of,
                "name": each.name,
                "before": each.before,
                "after": each.after,
            }
            for each in exchange.edited
        ]
    if exchange.browser is not None:
        said = msgspec.structs.replace(exchange.browser, client_id=None, exchange_id=None)
        entry["_browser"] = msgspec.Raw(encode(said))
    if trace.client(request.client_id).follows is not None:
        entry["_session"] = request.client_id  # otherwise, a client is a User-Agent
    return entry


def moment(at: float) -> str:
    """Return a Unix time as ISO 8601 in UTC, to the microsecond; the epoch if it is no date."""
    try:
        return (_EPOCH + timedelta(seconds=at)).isoformat(timespec="microseconds")
    except (OverflowError, ValueError):
        return _EPOCH.isoformat(timespec="microseconds")


def _request(exchange: Exchange) -> _Json:
    part, body = exchange.request, exchange.request_body
    query = part.url.partition("#")[0].partition("?")[2]
    written: _Json = {
        "method": part.method,
        "url": part.url,
        "httpVersion": part.http_version,
        "cookies": [
            {"name": cookie.name, "value": cookie.value, "path": cookie.path}
            for cookie in part.cookies
        ],
        "headers": _headers(part.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN_SIZE,
        "bodySize": body.size if body is not None else _UNKNOWN_SIZE,
    }
    if body is not None and body.size:
        written["postData"] = {
            "mimeType": body.content_type or "",
            "params": [],
            "text": body.content if body.content is not None else body.base64 or "",
        }
        if body.content is None:
            written["postData"]["_encoding"] = "base64"
    return written


def _response(exchange: Exchange) -> _Json:
    response, body = exchange.response, exchange.response_body
    if response is None:
        written = _response_fields(0, "", "", [], (), {"size": 0, "mimeType": _NO_TYPE})
        if exchange.failure is not None:
            written["_error"] = exchange.failure.message
        return written
    written = _response_fields(
        response.status_code,
        response.reason,
        response.http_version,
        [_set_cookie(result, response.at) for result in response.set_cookies],
        response.headers,
        _content(body, _first(response.headers, "content-type")),
    )
    written["redirectURL"] = _first(response.headers, "location") or ""
    if body is not None:
        written["bodySize"] = body.size
    return written


def _response_fields(
    status: int, text: str, version: str, cookies: list[_Json], headers: Headers, content: _Json
) -> _Json:
    return {
        "status": status,
        "statusText": text,
        "httpVersion": version,
        "cookies": cookies,
        "headers": _headers(headers),
        "content": content,
        "redirectURL": "",
        "headersSize": _UNKNOWN_SIZE,
        "bodySize": _UNKNOWN_SIZE,
    }


def _content(body: Body | None, content_type: str | None) -> _Json:
    content: _Json = {
        "size": body.size if body is not None else 0,
        "mimeType": (body.content_type if body is not None else None) or content_type or _NO_TYPE,
    }
    if body is None:
        return content
    if body.content is not None:
        content["text"] = body.content
    elif body.base64 is not None:
        content["text"] = body.base64
        content["encoding"] = "base64"
    if body.truncated:
        content["comment"] = "Only the beginning of the body was recorded."
    return content


def _set_cookie(result: StoreResult, at: float) -> _Json:
    """Return a Set-Cookie with the attributes of its line, and when the cookie expires."""
    parsed, cookie = result.parsed, result.cookie
    written: _Json = {
        "name": parsed.name,
        "value": parsed.value,
        "httpOnly": parsed.http_only,
        "secure": parsed.secure,
    }
    if parsed.path is not None:
        written["path"] = parsed.path
    if parsed.domain is not None:
        written["domain"] = parsed.domain
    expires = parsed.expires if parsed.max_age is None else at + parsed.max_age
    if cookie is not None and cookie.expires_at is not None and parsed.name == cookie.name:
        expires = cookie.expires_at
    if expires is not None:
        written["expires"] = moment(expires)
    if parsed.same_site in _SAME_SITE:
        written["sameSite"] = _SAME_SITE[parsed.same_site]
    return written


def _headers(headers: Headers) -> list[_Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _first(headers: Headers, wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)
