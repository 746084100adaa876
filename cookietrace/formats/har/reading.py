"""Reads any program's HAR as the events that a recorder would have made from the traffic."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cookietrace.errors import FormatError
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    Event,
    Failure,
    Jar,
    Recorder,
    Request,
    Response,
    Session,
    decode,
)
from cookietrace.formats.format import Lost
from cookietrace.formats.har.entries import Content, Entry, entry_of
from cookietrace.formats.packing import opened
from cookietrace.lesson.stripped_cookies import NO_COOKIES
from cookietrace.safe_text import safe

BODY_LIMIT = 64 * 1024
"""The most characters of a body to keep, as in a recorder by default."""

NO_REQUESTS = (
    "This HAR has no requests that were on the wire. What a browser's cache or a service worker "
    "gave, and what is not http, is left out."
)

ONLY_LISTED = "Cookies that it only lists are not shown: the lists do not say what was sent or set."

REPLACED = (
    "replaced by a placeholder in this HAR, so a cookie that seems not to be sent may have been. "
    "Export it again with sensitive data."
)

UNDATED = "no start time: the place in the story is a guess, from the order of the file."

TOKENS = (
    "Cookie values in this HAR are tokens, so a verdict that depends on a value's size or prefix "
    "may be wrong. A redacted JSON Lines file keeps the original verdicts."
)

LIMIT = 512 * 1024 * 1024
"""The most bytes of a file: it is read as a whole."""

_PIECE = 1024 * 1024

_LOG = re.compile(rb'"log"\s*:\s*\{\s*"(?:version|creator|browser|pages|entries)"\s*:')
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

_Exchange = tuple[float, Entry]
"""An entry and when it began, in Unix time."""


def is_har(start: bytes) -> bool:
    """Return whether a file begins like a HAR."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return re.match(rb'\{\s*"log"\s*:', text) is not None or (
        text.startswith(b"{") and _LOG.search(text) is not None
    )


def read_har(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a HAR in the order in which it happened.

    There is one client per User-Agent (in our own files, also per fresh browser), and a response
    comes at its request's start plus the entry's time. Cookies are parsed from the headers; the
    cookie arrays are never trusted. Responses from the browser's cache or a service worker were
    not on the wire and are left out. The file may be packed by gzip or zip. With ``lost``, bad
    entries and the rest of a truncated file are skipped and reported. Raises ``FormatError``, which
    names the line or the entry.
    """
    name = safe(str(path))
    with opened(path, lost) as file:
        content = _content(file, name)
    entries, ours = _entries(content, name, lost)
    redacted = ours.get("redacted") is True
    exchanges, undated = _exchanges(entries, content, name, lost)
    began = exchanges[0][0] if exchanges else 0.0
    yield Capture(
        capture_id=_digest(content)[:32],
        schema=SCHEMA,
        at=began,
        producer="HAR",
        sensitive=not redacted and ours.get("sensitive") is not False,
    )
    hidden = sum(entry.placeholders for _, entry in exchanges)
    if hidden:
        many = "header was" if hidden == 1 else "headers were"
        message = f"{hidden} cookie {many} {REPLACED}"
        yield Recorder(at=began, state="gap", message=message)
    elif not exchanges:
        yield Recorder(at=began, state="gap", message=NO_REQUESTS)
    elif not any(_has_cookies(entry) for _, entry in exchanges):
        listed = any(entry.lists_cookies for _, entry in exchanges)
        message = f"{NO_COOKIES} {ONLY_LISTED}" if listed else NO_COOKIES
        yield Recorder(at=began, state="gap", message=message)
    if redacted:
        yield Recorder(at=began, state="gap", message=TOKENS)
    if undated:
        many = (
            "One entry of this HAR has" if undated == 1 else f"{undated} entries of this HAR have"
        )
        yield Recorder(at=began, state="gap", message=f"{many} {UNDATED}")
    yield from _in_order(exchanges, is_ours=bool(ours), jars=_jars(ours))


def _content(file: BinaryIO, name: str) -> bytes:
    """Return a file as a whole, read in pieces. Raises ``FormatError`` if it is too large."""
    pieces: list[bytes] = []
    room = LIMIT
    while piece := file.read(_PIECE):
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            raise FormatError(
                f"{name} is larger than {LIMIT // 1024**2} MiB: export fewer requests"
            )
    return b"".join(pieces)


def _digest(content: bytes) -> str:
    """Return the SHA-256 of the content, in hexadecimal."""
    digest = hashlib.sha256()
    for start in range(0, len(content), _PIECE):
        digest.update(content[start : start + _PIECE])
    return digest.hexdigest()


def _decoded_entry(raw: Any, *, lenient: bool) -> Any:
    """Return an entry; one that was decoded before is returned as it is.

    Raises ``UnicodeDecodeError`` if it is not UTF-8, unless ``lenient``, and ``ValueError`` if it
    is not to be read otherwise.
    """
    if not isinstance(raw, msgspec.Raw):
        return raw
    try:
        try:
            return msgspec.json.decode(raw)
        except msgspec.ValidationError:
            raise ValueError("a number in it is out of range") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = bytes(raw).decode(errors="replace" if lenient else "strict")
            return msgspec.json.decode(_LONE_SURROGATE.sub(_whole_character, text.encode()))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _exchanges(
    entries: list[Any], content: bytes, name: str, lost: Lost | None
) -> tuple[list[_Exchange], int]:
    """Return the entries that were on the wire, by time, and how many have no start time.

    Such an entry began with the one before it in the file.
    """
    bad: list[int] = []
    exchanges: list[_Exchange] = []
    leading: list[Entry] = []
    undated = 0
    latest: float | None = None
    for number, raw in enumerate(entries, 1):
        try:
            entry = entry_of(_decoded_entry(raw, lenient=lost is not None))
        except UnicodeDecodeError as error:
            where = f"{name}, line {_place(content, error)[0]}"
            raise FormatError(f"{where}: this is not UTF-8 (--lenient reads the file)") from error
        except ValueError as error:
            bad.append(number)
            if lost is None:
                raise FormatError(
                    f"{name}, entry {number}: {safe(str(error))} (--lenient skips such entries)"
                ) from error
            continue
        latest = entry.at if entry.at is not None else latest
        if not (entry.on_the_wire and entry.url.lower().startswith(_NETWORK)):
            continue
        undated += entry.at is None
        if latest is None:
            leading.append(entry)
        else:
            exchanges.append((latest, entry))
    if lost is not None and bad:
        many = "1 entry" if len(bad) == 1 else f"{len(bad)} entries"
        which = f"entry {bad[0]}" + (" first" if bad[1:] else "")
        lost(f"{name}: {many} could not be read ({which})")
    first = exchanges[0][0] if exchanges else 0.0
    exchanges = [(first, entry) for entry in leading] + exchanges
    exchanges.sort(key=lambda pair: pair[0])
    return exchanges, undated


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["lone"] else escape[0]


class _Log(msgspec.Struct, rename={"ours": "_cookietrace"}):
    """The object that a HAR holds; its entries are decoded one by one."""

    entries: list[msgspec.Raw]
    ours: Any = None


class _ClientJar(msgspec.Struct):
    """What our own field says of the jar with which a client begins."""

    jar: dict[str, Any]
    user_agent: str | None = None
    session: str | None = None


class _Har(msgspec.Struct):
    """A HAR."""

    log: _Log


_har_decoder = msgspec.json.Decoder(_Har)


def _entries(content: bytes, name: str, lost: Lost | None) -> tuple[list[Any], dict[str, Any]]:
    """Return the entries, most of them not decoded yet, and our own field about the capture."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        log = _log(content)
    except msgspec.ValidationError as error:
        raise FormatError(f"{name} is not a HAR: it has no log with entries") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        line, what = _place(content, error)
        where = f"{name}, line {line}: {what}"
        if lost is None:
            raise FormatError(f"{where} (--lenient reads the entries before it)") from error
        text = _LONE_SURROGATE.sub(_whole_character, content).decode(errors="replace")
        entries = list(_whole_entries(text))
        if not entries:
            raise FormatError(f"{where}; nothing in it can be read") from error
        many = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
        lost(f"{where}; {many} could be read")
        return entries, _capture_field(text)
    return list(log.entries), log.ours if isinstance(log.ours, dict) else {}


def _log(content: bytes) -> _Log:
    """Return the log of a HAR. Raises as msgspec does."""
    try:
        return _har_decoder.decode(content).log
    except msgspec.ValidationError:
        content.decode()  # what is not UTF-8 is said to be that
        raise
    except msgspec.DecodeError:
        whole = _LONE_SURROGATE.sub(_whole_character, content)
        if whole == content:
            raise
        return _har_decoder.decode(whole).log


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


def _has_cookies(entry: Entry) -> bool:
    headers = entry.headers + (entry.response.headers if entry.response is not None else ())
    return any(name.lower() in ("cookie", "set-cookie") for name, _ in headers)


def _connection(entry: Entry, *, is_ours: bool) -> str | None:
    """Return the client's connection: Chromium's own number of it, or what we wrote.

    The standard field ``connection`` counts in our own files alone: Chromium and Firefox write
    the server's port there, which is the same for all of a site's connections.
    """
    connection = entry.connection if is_ours else entry.browser_connection
    return connection if connection not in ("", "0") else None


def _jars(ours: dict[str, Any]) -> dict[tuple[str | None, str | None], Jar]:
    """Return the jars with which clients begin, as we wrote them, by User-Agent and session.

    One that cannot be read is left out, and with it its exchanges' certainty.
    """
    jars: dict[tuple[str | None, str | None], Jar] = {}
    written = ours.get("jars")
    for each in written if isinstance(written, list) else ():
        try:
            client = msgspec.convert(each, _ClientJar)
            jar = decode(msgspec.json.encode(client.jar))
        except (msgspec.ValidationError, FormatError):
            continue
        if isinstance(jar, Jar):
            jars.setdefault((client.user_agent, client.session), jar)
    return jars


def _in_order(
    exchanges: list[_Exchange],
    *,
    is_ours: bool,
    jars: dict[tuple[str | None, str | None], Jar],
) -> Iterator[Event]:
    """Yield clients, requests, responses and bodies, ordered by time."""
    clients: dict[tuple[str | None, str | None], str] = {}
    latest: dict[str | None, str] = {}
    timed: list[tuple[float, list[Event]]] = []
    for number, (at, entry) in enumerate(exchanges, 1):
        exchange_id = f"har-{number}"
        agent = next((value for name, value in entry.headers if name.lower() == "user-agent"), None)
        opening: list[Event] = []
        key = agent, entry.session if is_ours else None
        client_id = clients.get(key)
        if client_id is None:
            client_id = clients[key] = f"har-client-{len(clients) + 1}"
            opening.append(Client(client_id=client_id, at=at, listen="", peer="", user_agent=agent))
            if key[1] is not None and agent in latest:
                opening.append(Session(client_id=client_id, at=at, follows=latest[agent]))
            latest[agent] = client_id
            if key in jars:
                jar = msgspec.structs.replace(jars[key], client_id=client_id, at=at, open=())
                opening.append(jar)
        connection = _connection(entry, is_ours=is_ours)
        asked = _request_events(entry, exchange_id, client_id, connection, at)
        timed.append((at, opening + asked))
        ended = at + entry.duration
        timed.append((ended, _response_events(entry, exchange_id, client_id, ended)))
    timed.sort(key=lambda moment: moment[0])
    for _, events in timed:
        yield from events


def _request_events(
    entry: Entry, exchange_id: str, client_id: str, connection: str | None, at: float
) -> list[Event]:
    events: list[Event] = [
        Request(
            exchange_id=exchange_id,
            client_id=client_id,
            connection=connection,
            at=at,
            method=entry.method,
            url=entry.url,
            upstream=None,
            http_version=entry.http_version,
            headers=entry.headers,
        )
    ]
    if entry.posted is not None:
        events.append(_body(entry.posted, exchange_id, at, is_request=True))
    return events


def _response_events(entry: Entry, exchange_id: str, client_id: str, at: float) -> list[Event]:
    response = entry.response
    if response is None:
        return [
            Failure(
                exchange_id=exchange_id,
                client_id=client_id,
                at=at,
                kind="aborted",
                message=entry.failure or "no response",
            )
        ]
    events: list[Event] = [
        Response(
            exchange_id=exchange_id,
            at=at,
            status_code=response.status,
            reason=response.reason,
            http_version=response.http_version,
            headers=response.headers,
        )
    ]
    if response.content is not None:
        events.append(_body(response.content, exchange_id, at, is_request=False))
    return events


def _body(content: Content, exchange_id: str, at: float, *, is_request: bool) -> Body:
    """Return a body; one whose type is text is decoded."""
    text, content_bytes = content.text, None
    if content.is_base64:
        text, content_bytes = _decoded(text, content.mime_type or "")
    size = content.size
    whole = len(content_bytes if content_bytes is not None else text.encode("utf-8", "replace"))
    kept = (
        base64.b64encode(content_bytes[:BODY_LIMIT]).decode() if content_bytes is not None else None
    )
    return Body(
        exchange_id=exchange_id,
        at=at,
        of="request" if is_request else "response",
        content_type=content.mime_type or None,
        size=size if size is not None else whole,
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
