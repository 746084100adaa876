"""The exchanges of a HAR: gathered in the order of the file, told in the order of time."""

from __future__ import annotations

import base64
import binascii
import math
from array import array
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from typing import Literal

import msgspec

from cookietrace.events import (
    Body,
    Browser,
    Client,
    Edited,
    Event,
    Failure,
    Headers,
    Jar,
    Request,
    Response,
    Session,
)
from cookietrace.formats.har.entries import ByHand, Content, Entry, EntryResponse
from cookietrace.formats.kept_pieces import KeptPieces, by_time

BODY_LIMIT = 64 * 1024
"""The most characters of a body to keep, as in a recorder by default."""

_NETWORK = ("http://", "https://", "ws://", "wss://")
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


Jars = Mapping[tuple[str | None, str | None], Jar]
"""A client's User-Agent and session -> the jar with which it begins."""

NO_JARS: Jars = {}


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A body, as its event will have it."""

    content_type: str | None
    size: int
    content: str | None
    base64: str | None
    truncated: bool

    def event(self, exchange_id: str, at: float, of: Literal["request", "response"]) -> Body:
        return Body(
            exchange_id=exchange_id,
            at=at,
            of=of,
            content_type=self.content_type,
            size=self.size,
            content=self.content,
            base64=self.base64,
            truncated=self.truncated,
        )


class _Asked(msgspec.Struct, frozen=True, array_like=True):
    """The request of an exchange, and what tells its client."""

    method: str
    url: str
    http_version: str
    headers: Headers
    body: _Kept | None
    connection: str | None
    browser_connection: str | None
    session: str | None
    edited: tuple[ByHand, ...]
    browser: Browser | None


class _Came(msgspec.Struct, frozen=True, array_like=True):
    """The response of an exchange; its status is 0 if there was none."""

    status: int
    reason: str
    http_version: str
    headers: Headers
    body: _Kept | None
    failure: str | None


_encoder = msgspec.msgpack.Encoder()
_asked = msgspec.msgpack.Decoder(_Asked)
_came = msgspec.msgpack.Decoder(_Came)


class Exchanges:
    """The exchanges that were on the wire. Only their times are in memory."""

    def __init__(self) -> None:
        self._pieces = KeptPieces()
        """The request, then the response, of each."""
        self._times = array("d")
        """When each began, in Unix time; NaN before the first that says it."""
        self._durations = array("d")
        self._latest = math.nan
        self.hidden = 0
        """How many cookie headers were replaced by a placeholder."""
        self.undated = 0
        """How many have no start time. Such an entry began with the one before it in the file."""
        self.have_cookies = False
        """Whether any has a header with cookies."""
        self.list_cookies = False
        """Whether any names cookies in its lists."""

    def __len__(self) -> int:
        return len(self._times)

    def add(self, entry: Entry) -> None:
        """Add the next entry of the file, unless it was not on the wire."""
        if entry.at is not None:
            self._latest = entry.at
        if not (entry.on_the_wire and entry.url.lower().startswith(_NETWORK)):
            return
        self._times.append(self._latest)
        self._durations.append(entry.duration)
        self._pieces.add(_encoder.encode(_request_of(entry)))
        self._pieces.add(_encoder.encode(_response_of(entry.response, entry.failure)))
        self.undated += entry.at is None
        self.hidden += entry.placeholders
        self.have_cookies = self.have_cookies or _has_cookies(entry)
        self.list_cookies = self.list_cookies or entry.lists_cookies

    def close(self) -> None:
        """Remove what was kept; a second call does nothing."""
        self._pieces.close()

    def began(self) -> float:
        """Return when the first one began, in Unix time; 0 if there is none."""
        self._date()
        return min(self._times, default=0.0)

    def events(self, *, is_ours: bool, jars: Jars = NO_JARS) -> Iterator[Event]:
        """Yield clients, requests, responses and bodies, ordered by time.

        There is one client per User-Agent; in our own files, also per fresh browser. ``jars`` are
        those with which clients begin.
        """
        self._date()
        clients: dict[tuple[str | None, str | None], str] = {}
        latest: dict[str | None, str] = {}
        due: list[tuple[float, int, int, str]] = []
        """The responses still to come: when, their exchange's number and index, its client."""
        for number, index in enumerate(by_time(self._times), 1):
            at = self._times[index]
            while due and due[0][0] <= at:
                yield from self._response(*heappop(due))
            asked = _asked.decode(self._pieces.piece(2 * index))
            agent = next(
                (value for name, value in asked.headers if name.lower() == "user-agent"), None
            )
            key = agent, asked.session if is_ours else None
            client_id = clients.get(key)
            if client_id is None:
                client_id = clients[key] = f"har-client-{len(clients) + 1}"
                yield Client(client_id=client_id, at=at, listen="", peer="", user_agent=agent)
                if key[1] is not None and agent in latest:
                    yield Session(client_id=client_id, at=at, follows=latest[agent])
                latest[agent] = client_id
                if key in jars:
                    yield msgspec.structs.replace(jars[key], client_id=client_id, at=at, open=())
            yield from _request(asked, f"har-{number}", client_id, at, is_ours=is_ours)
            heappush(due, (at + self._durations[index], number, index, client_id))
        while due:
            yield from self._response(*heappop(due))

    def _response(self, at: float, number: int, index: int, client_id: str) -> Iterator[Event]:
        came = _came.decode(self._pieces.piece(2 * index + 1))
        exchange_id = f"har-{number}"
        if not came.status:
            yield Failure(
                exchange_id=exchange_id,
                client_id=client_id,
                at=at,
                kind="aborted",
                message=came.failure or "no response",
            )
            return
        yield Response(
            exchange_id=exchange_id,
            at=at,
            status_code=came.status,
            reason=came.reason,
            http_version=came.http_version,
            headers=came.headers,
        )
        if came.body is not None:
            yield came.body.event(exchange_id, at, "response")

    def _date(self) -> None:
        """Let those before the first start time begin with the first exchange that has one."""
        undated = next(
            (index for index, at in enumerate(self._times) if not math.isnan(at)), len(self._times)
        )
        first = self._times[undated] if undated < len(self._times) else 0.0
        for index in range(undated):
            self._times[index] = first


def _request(
    asked: _Asked, exchange_id: str, client_id: str, at: float, *, is_ours: bool
) -> Iterator[Event]:
    yield Request(
        exchange_id=exchange_id,
        client_id=client_id,
        connection=_connection(asked, is_ours=is_ours),
        at=at,
        method=asked.method,
        url=asked.url,
        upstream=None,
        http_version=asked.http_version,
        headers=asked.headers,
    )
    for each in asked.edited if is_ours else ():
        yield Edited(
            exchange_id=exchange_id,
            at=each.at,
            of=each.of,
            name=each.name,
            before=each.before,
            after=each.after,
        )
    if asked.browser is not None and is_ours:
        yield msgspec.structs.replace(asked.browser, client_id=client_id, exchange_id=exchange_id)
    if asked.body is not None:
        yield asked.body.event(exchange_id, at, "request")


def _connection(asked: _Asked, *, is_ours: bool) -> str | None:
    """Return the client's connection: Chromium's own number of it, or what we wrote.

    The standard field ``connection`` counts in our own files alone: Chromium and Firefox write
    the server's port there, which is the same for all of a site's connections.
    """
    connection = asked.connection if is_ours else asked.browser_connection
    return connection if connection not in ("", "0") else None


def _has_cookies(entry: Entry) -> bool:
    headers = entry.headers + (entry.response.headers if entry.response is not None else ())
    return any(name.lower() in ("cookie", "set-cookie") for name, _ in headers)


def _request_of(entry: Entry) -> _Asked:
    return _Asked(
        method=entry.method,
        url=entry.url,
        http_version=entry.http_version,
        headers=entry.headers,
        body=None if entry.posted is None else _body(entry.posted),
        connection=entry.connection,
        browser_connection=entry.browser_connection,
        session=entry.session,
        edited=entry.edited,
        browser=entry.browser,
    )


def _response_of(response: EntryResponse | None, failure: str | None) -> _Came:
    if response is None:
        return _Came(0, "", "", (), None, failure)
    return _Came(
        status=response.status,
        reason=response.reason,
        http_version=response.http_version,
        headers=response.headers,
        body=None if response.content is None else _body(response.content),
        failure=None,
    )


def _body(content: Content) -> _Kept:
    """Return a body; one whose type is text is decoded."""
    text, content_bytes = content.text, None
    if content.is_base64:
        text, content_bytes = _decoded(text, content.mime_type or "")
    size = content.size
    whole = len(content_bytes if content_bytes is not None else text.encode("utf-8", "replace"))
    kept = (
        base64.b64encode(content_bytes[:BODY_LIMIT]).decode() if content_bytes is not None else None
    )
    return _Kept(
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
