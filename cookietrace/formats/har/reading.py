"""Reads any program's HAR as the events that a recorder would have made from the traffic."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from cookietrace.errors import FormatError
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    Event,
    Failure,
    Headers,
    Recorder,
    Request,
    Response,
)
from cookietrace.formats.format import Lost
from cookietrace.safe_text import safe

BODY_LIMIT = 64 * 1024
"""The most characters of a body to keep, as in a recorder by default."""

SANITISED = (
    "This HAR has no Cookie or Set-Cookie headers: it was exported without sensitive data, so "
    "there are no cookies to show. Export it again with sensitive data."
)

TOKENS = (
    "Cookie values in this HAR are tokens, so a verdict that depends on a value's size or prefix "
    "may be wrong. A redacted JSON Lines file keeps the original verdicts."
)

_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_OURS = re.compile(r'"_cookietrace"\s*:\s*')
_LONE_SURROGATE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""Any escape in a JSON string; ``lone`` is an unpaired surrogate, which browsers do write."""
_BETWEEN = re.compile(r"[\s,]*")
_NETWORK = ("http://", "https://", "ws://", "wss://")
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class _Header(msgspec.Struct):
    name: str
    value: str


class _PostData(msgspec.Struct, rename={"mime_type": "mimeType", "encoding": "_encoding"}):
    mime_type: str | None = None
    text: str | None = None
    encoding: str | None = None


class _Request(msgspec.Struct, rename={"http_version": "httpVersion", "post_data": "postData"}):
    method: str
    url: str
    http_version: str | None = None
    headers: list[_Header] = []
    post_data: _PostData | None = None


class _Content(msgspec.Struct, rename={"mime_type": "mimeType"}):
    size: float | None = None
    mime_type: str | None = None
    text: str | None = None
    encoding: str | None = None


class _Response(
    msgspec.Struct,
    rename={
        "http_version": "httpVersion",
        "status_text": "statusText",
        "error": "_error",
        "failure_text": "_failureText",
    },
):
    status: int | None = None
    status_text: str | None = None
    http_version: str | None = None
    headers: list[_Header] = []
    content: _Content | None = None
    error: str | None = None
    failure_text: str | None = None


class _Entry(
    msgspec.Struct,
    rename={
        "started": "startedDateTime",
        "cached": "_fromCache",
        "browser_connection": "_connectionId",
    },
):
    """The parts of an entry that say what was on the wire; its cookie arrays are not read."""

    started: str
    request: _Request
    response: _Response | None = None
    time: float | None = None
    cached: str | bool | None = None
    connection: Any = None
    browser_connection: Any = None


def is_har(start: bytes) -> bool:
    """Return whether a file begins like a HAR."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return re.match(rb'\{\s*"log"\s*:', text) is not None


def read_har(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a HAR in the order in which it happened.

    There is one client per User-Agent, and a response comes at its request's start plus the
    entry's time. Cookies are parsed from the headers; the cookie arrays are never trusted.
    Responses from the browser's cache were not on the wire and are left out. With ``lost``,
    bad entries and the rest of a truncated file are skipped and reported. Raises
    ``FormatError``, which names the line or the entry.
    """
    name = safe(str(path))
    content = _LONE_SURROGATE.sub(_whole_character, path.read_bytes())
    entries, ours = _entries(content, name, lost)
    redacted = ours.get("redacted") is True
    bad: list[int] = []
    exchanges: list[tuple[float, _Entry]] = []
    for number, raw in enumerate(entries, 1):
        try:
            entry = msgspec.convert(raw, _Entry, strict=False)
            if entry.request.url.lower().startswith(_NETWORK) and not entry.cached:
                exchanges.append((_started(entry), entry))
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            bad.append(number)
            if lost is None:
                reason = safe(str(error))
                raise FormatError(
                    f"{name}, entry {number}: {reason} (--lenient skips such entries)"
                ) from error
    if lost is not None and bad:
        many = "1 entry" if len(bad) == 1 else f"{len(bad)} entries"
        which = f"entry {bad[0]}" + (" first" if bad[1:] else "")
        lost(f"{name}: {many} could not be read ({which})")
    exchanges.sort(key=lambda pair: pair[0])
    began = exchanges[0][0] if exchanges else 0.0
    yield Capture(
        capture_id=hashlib.sha256(content).hexdigest()[:32],
        schema=SCHEMA,
        at=began,
        producer="HAR",
        sensitive=not redacted and ours.get("sensitive") is not False,
    )
    if exchanges and not any(map(_has_cookies, (entry for _, entry in exchanges))):
        yield Recorder(at=began, state="gap", message=SANITISED)
    if redacted:
        yield Recorder(at=began, state="gap", message=TOKENS)
    yield from _in_order(exchanges, is_ours=bool(ours))


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["lone"] else escape[0]


def _entries(content: bytes, name: str, lost: Lost | None) -> tuple[list[Any], dict[str, Any]]:
    """Return the raw entries, and our own field about the capture if we wrote the file."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        log = msgspec.json.decode(content)["log"]
        entries = log["entries"]
        if not isinstance(entries, list):
            raise TypeError
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        line, what = _place(content, error)
        where = f"{name}, line {line}: {what}"
        if lost is None:
            raise FormatError(f"{where} (--lenient reads the entries before it)") from error
        text = content.decode(errors="replace")
        entries = list(_whole_entries(text))
        if not entries:
            raise FormatError(f"{where}; nothing in it can be read") from error
        many = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        lost(f"{where}; {many} could be read")
        return entries, _capture_field(text)
    except (TypeError, KeyError) as error:
        raise FormatError(f"{name} is not a HAR: it has no log with entries") from error
    ours = log.get("_cookietrace")
    return entries, ours if isinstance(ours, dict) else {}


def _capture_field(text: str) -> dict[str, Any]:
    """Return our own field about the capture in a truncated HAR; empty if there is none."""
    entries = _ENTRIES.search(text)
    ours = _OURS.search(text, 0, entries.start() if entries else 0)
    if ours is None:
        return {}
    try:
        field = json.JSONDecoder().raw_decode(text, ours.end())[0]
    except (json.JSONDecodeError, RecursionError):
        return {}
    return field if isinstance(field, dict) else {}


def _whole_entries(text: str) -> Iterator[Any]:
    """Yield the complete entries of a truncated HAR."""
    found = _ENTRIES.search(text)
    decoder = json.JSONDecoder()
    at = found.end() if found else len(text)
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        try:
            entry, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            return
        yield entry


def _place(content: bytes, error: Exception) -> tuple[int, str]:
    """Return the line at which a file stops being valid JSON, and what is wrong there."""
    if isinstance(error, RecursionError):
        return 1, "the JSON is nested too deeply"
    try:
        content.decode()
    except UnicodeDecodeError as invalid:
        return content.count(b"\n", 0, invalid.start) + 1, "this is not UTF-8"
    position = re.search(r"\(byte (\d+)\)", str(error))
    if position is None:
        return content.rstrip().count(b"\n") + 1, "the file was cut off here"
    return content.count(b"\n", 0, int(position[1])) + 1, "this is not JSON"


def _started(entry: _Entry) -> float:
    """Return when an entry began, in Unix time. Raises ``ValueError``."""
    at = datetime.fromisoformat(entry.started)
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def _has_cookies(entry: _Entry) -> bool:
    set_headers = entry.response.headers if entry.response is not None else []
    headers = (*entry.request.headers, *set_headers)
    return any(header.name.lower() in ("cookie", "set-cookie") for header in headers)


def _connection(entry: _Entry, *, is_ours: bool) -> str | None:
    """Return the client's connection: Chromium's own number of it, or what we wrote.

    The standard field ``connection`` counts in our own files alone: Chromium and Firefox write
    the server's port there, which is the same for all of a site's connections.
    """
    connection = entry.connection if is_ours else entry.browser_connection
    if isinstance(connection, str) and connection not in ("", "0"):
        return connection
    return None


def _in_order(exchanges: list[tuple[float, _Entry]], *, is_ours: bool) -> Iterator[Event]:
    """Yield clients, requests, responses and bodies, ordered by time."""
    clients: dict[str | None, str] = {}
    timed: list[tuple[float, list[Event]]] = []
    for number, (at, entry) in enumerate(exchanges, 1):
        exchange_id = f"har-{number}"
        headers = _headers(entry.request.headers)
        agent = next((value for name, value in headers if name.lower() == "user-agent"), None)
        opening: list[Event] = []
        if agent not in clients:
            clients[agent] = f"har-client-{len(clients) + 1}"
            opening.append(
                Client(client_id=clients[agent], at=at, listen="", peer="", user_agent=agent)
            )
        timed.append(
            (
                at,
                [
                    *opening,
                    *_request_events(
                        entry,
                        exchange_id,
                        clients[agent],
                        _connection(entry, is_ours=is_ours),
                        at,
                        headers,
                    ),
                ],
            )
        )
        ended = at + max(0.0, entry.time or 0.0) / 1000
        timed.append((ended, _response_events(entry, exchange_id, clients[agent], ended)))
    timed.sort(key=lambda moment: moment[0])
    for _, events in timed:
        yield from events


def _request_events(
    entry: _Entry,
    exchange_id: str,
    client_id: str,
    connection: str | None,
    at: float,
    headers: Headers,
) -> list[Event]:
    request = entry.request
    events: list[Event] = [
        Request(
            exchange_id=exchange_id,
            client_id=client_id,
            connection=connection,
            at=at,
            method=_wire(request.method),
            url=_wire(request.url),
            upstream=None,
            http_version=_wire(request.http_version or ""),
            headers=headers,
        )
    ]
    posted = request.post_data
    if posted is not None and posted.text:
        content = _Content(None, posted.mime_type, posted.text, posted.encoding)
        events.append(_body(content, exchange_id, at, is_request=True))
    return events


def _response_events(entry: _Entry, exchange_id: str, client_id: str, at: float) -> list[Event]:
    response = entry.response or _Response()
    if response.status is None or response.status <= 0:
        reason = response.error or response.failure_text or "no response"
        return [
            Failure(
                exchange_id=exchange_id, client_id=client_id, at=at, kind="aborted", message=reason
            )
        ]
    events: list[Event] = [
        Response(
            exchange_id=exchange_id,
            at=at,
            status_code=response.status,
            reason=_wire(response.status_text or ""),
            http_version=_wire(response.http_version or ""),
            headers=_headers(response.headers),
        )
    ]
    if response.content is not None and response.content.text:
        events.append(_body(response.content, exchange_id, at, is_request=False))
    return events


def _headers(headers: list[_Header]) -> Headers:
    """Return headers as on the wire: no HTTP/2 pseudo-headers, each Set-Cookie separate."""
    pairs = []
    for header in headers:
        name, value = _wire(header.name), _wire(header.value)
        if name.lower() == "set-cookie":
            lines = [line.removesuffix("\r") for line in value.split("\n")]
            pairs += [(name, line) for line in lines if line or len(lines) == 1]
        elif not name.startswith(":"):
            pairs.append((name, value))
    return tuple(pairs)


def _wire(text: str) -> str:
    """Return a wire string: the text if it is latin-1, otherwise its UTF-8 bytes as latin-1."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text


def _body(content: _Content, exchange_id: str, at: float, *, is_request: bool) -> Body:
    """Return a body; one whose type is text is decoded."""
    text, content_bytes = content.text or "", None
    if content.encoding == "base64":
        text, content_bytes = _decoded(text, content.mime_type or "")
    size = content.size if content.size is not None and content.size > 0 else None
    whole = len(content_bytes if content_bytes is not None else text.encode("utf-8", "replace"))
    kept = (
        base64.b64encode(content_bytes[:BODY_LIMIT]).decode() if content_bytes is not None else None
    )
    return Body(
        exchange_id=exchange_id,
        at=at,
        of="request" if is_request else "response",
        content_type=content.mime_type or None,
        size=int(size) if size is not None else whole,
        content=text[:BODY_LIMIT] if content_bytes is None else None,
        base64=kept,
        truncated=(
            len(content_bytes if content_bytes is not None else text) > BODY_LIMIT
            or (size is not None and whole < size)
        ),
    )


def _decoded(encoded: str, mime_type: str) -> tuple[str, bytes | None]:
    """Return the text of a Base64 body if its type is text, otherwise its bytes."""
    try:
        content_bytes = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return encoded, None
    if mime_type.lower().startswith(_TEXT_TYPES):
        try:
            return content_bytes.decode(), None
        except UnicodeDecodeError:
            pass
    return "", content_bytes
