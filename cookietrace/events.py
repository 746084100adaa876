"""The events of a capture: one frozen struct per type, and their JSON.

A capture is a sequence of these events and nothing else. Every string from the wire
(``url``, ``method``, ``reason``, header names and values) is its bytes decoded as
latin-1: lossless, safe in JSON, free of surrogates. Header lists keep their order and
duplicates. ``at`` is Unix time in seconds.

A reader skips event types that it does not know (they decode to ``Unknown`` and are
written back unchanged) and fields that it does not know. Fields with a default may be
missing from a file; this version always writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

import msgspec

from cookietrace.addresses import from_here
from cookietrace.errors import FormatError

SCHEMA = 4
"""The schema that this version writes, and the newest that it reads.

2 added ``session``. 3 added ``jar``. 4 added ``edited``.
"""

LONGEST = 64 * 1024 * 1024
"""The most bytes of one event's JSON. No recorder writes a tenth of it; more is not read."""

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A size, a status or a line. JSON can hold a number that is too large for any arithmetic."""

Headers = tuple[tuple[str, str], ...]
"""Ordered ``(name, value)`` pairs, latin-1, duplicates kept."""


class _Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """The base of all events: a frozen struct with a ``type`` field."""


class Capture(_Event, frozen=True, kw_only=True, gc=False, tag="capture"):
    """The first event of a capture: what it is, and who wrote it."""

    capture_id: str
    """Random, hexadecimal; identifies the capture and all copies of it."""
    schema: int
    at: float
    producer: str
    """Program and version, e.g. ``cookietrace 0.1.0``."""
    sensitive: bool = True
    """False only for the demo's own capture, whose values are not secret."""
    redacted: bool = False
    """True where cookie values were replaced by tokens on export."""


class Listener(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An address at which the proxy accepts connections."""

    mode: str
    """``regular``, ``reverse`` or another mitmproxy mode, without address."""
    address: str
    """``host:port`` that a client connects to."""
    target: str | None = None
    """Where a reverse listener forwards to; None for the others."""
    label: str | None = None
    """The name of the launched browser that uses this listener, if any."""

    @property
    def page_address(self) -> str:
        """``host:port`` of a reverse listener for use in a browser.

        If the app's host is ``localhost``, so is this one: for cookies that is another
        host than ``127.0.0.1``. A listener on every address is reached at 127.0.0.1 or ::1.
        """
        address = from_here(self.address)
        host, _, port = address.rpartition(":")
        name = (self.target or "").partition("://")[2].partition("/")[0].partition(":")[0]
        if host in ("127.0.0.1", "[::1]") and name == "localhost":
            return f"localhost:{port}"
        return address


class Recorder(_Event, frozen=True, kw_only=True, gc=False, tag="recorder"):
    """The recorder started, stopped, or lost events for a while."""

    at: float
    state: Literal["started", "stopped", "gap"]
    listeners: tuple[Listener, ...] = ()
    message: str | None = None
    recorder: str | msgspec.UnsetType = msgspec.UNSET
    """As in ``Client``."""


class Client(_Event, frozen=True, kw_only=True, gc=False, tag="client"):
    """One listener + peer address + User-Agent: one browser, one jar."""

    client_id: str
    at: float
    listen: str
    """The listener's ``host:port``."""
    peer: str
    """The client's address without its port."""
    user_agent: str | None = None
    label: str | None = None
    recorder: str | msgspec.UnsetType = msgspec.UNSET
    """The name of its recorder, in events of several recorders; not written otherwise."""


class Session(_Event, frozen=True, kw_only=True, gc=False, tag="session"):
    """The user says that a fresh browser, with an empty jar, takes over from a client.

    Private windows and Playwright contexts share listener, address and User-Agent; nothing on the
    wire tells them apart. From here on, requests with those of ``follows`` belong to ``client_id``,
    a client with a ``client`` event of its own just before. Requests made before keep their client,
    and so do the responses to them that are still to come.
    """

    client_id: str
    """The fresh browser."""
    at: float
    follows: str
    """The client from which it takes over."""


class JarCookie(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One cookie of a jar, with everything that the cookie engine knows about it."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: Literal["strict", "lax", "none", "default"]
    expires_at: float | None
    created_at: float
    last_access_at: float
    sequence: Number
    set_at: float
    partition_key: str | None
    kept_apart: bool
    priority: Literal["low", "medium", "high"]
    inferred: bool
    doubtful: bool
    unconfirmed: bool


class Removed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is no longer in a capture: everything from its start until a cut."""

    exchanges: Number
    """How many exchanges were removed, of all clients and by all cuts so far."""
    until: float
    """The time of the last of their requests."""
    why: Literal["limited", "compacted", "left out"]
    """``limited`` while recording, ``compacted`` later, ``left out`` of a copy."""
    most_bytes: Number | None = None
    """The largest size that the user allows the capture, if that is why."""
    most_seconds: float | None = None
    """The greatest age that the user allows exchanges, if that is why."""


class OpenExchange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An exchange that had no response yet at a cut: its ``request`` follows, out of its place."""

    exchange_id: str
    step: Number
    """The number of its row, as that of all rows of a trace."""
    aside: Number = 0
    """As in a row: not 0 for a browser's own housekeeping."""


class Jar(_Event, frozen=True, kw_only=True, gc=False, tag="jar"):
    """The whole jar of one client at this place, whatever came before.

    What came before is not in the capture, or not all of it. Later verdicts are as if it was.
    """

    client_id: str
    at: float
    """The highest ``at`` of what came before."""
    cookies: tuple[JarCookie, ...] = ()
    """In the order in which the jar holds them."""
    removed: Removed | None = None
    """The same in the events of all clients. None if nothing is missing."""
    step: Number = 0
    """The number of the last row before; the next one has the number after it."""
    aside: Number = 0
    open: tuple[OpenExchange, ...] = ()
    """This client's exchanges that had no response yet."""
    memory: msgspec.Raw = msgspec.Raw(b"null")
    """What else later verdicts depend on, as JSON that is not checked yet; null if that is not
    known: ``cookietrace.fold.carrying`` defines it."""


class Request(_Event, frozen=True, kw_only=True, gc=False, tag="request"):
    """A client's request as it reached the proxy, before any rewriting."""

    exchange_id: str
    client_id: str
    connection: str | None = None
    """The client's connection, an opaque id: the same for all requests of one TCP or TLS
    connection, and for no others in the capture. None if it is not known. A connection of another
    proxy may carry the requests of several browsers."""
    at: float
    method: str
    url: str
    """What the client requested: the listener's scheme, the client's own Host."""
    upstream: str | None = None
    """``scheme://host:port`` that the proxy sent it to; None if it was not sent."""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()
    recorder: str | msgspec.UnsetType = msgspec.UNSET
    """As in ``Client``."""


class Response(_Event, frozen=True, kw_only=True, gc=False, tag="response"):
    """The response to a request, recorded before the client can see it."""

    exchange_id: str
    at: float
    status_code: Number
    reason: str = ""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()


class Body(_Event, frozen=True, kw_only=True, gc=False, tag="body"):
    """The (start of the) decoded body of a request or a response."""

    exchange_id: str
    at: float
    of: Literal["request", "response"]
    content_type: str | None = None
    size: Number
    """Size of the whole body in bytes, after content decoding."""
    content: str | None = None
    """The text, if the body is text."""
    base64: str | None = None
    """The bytes, if the body is not text."""
    truncated: bool = False


class CookieRead(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The app read a request cookie."""

    name: str
    value: str | None
    """None if the request did not have the cookie."""
    where: str
    """``view``, ``before_request``, ``after_request``, ``middleware``, ``dependency`` (what a
    view asks for in its parameters), ``session`` or ``other``."""
    line: Number | None = None
    """The line in the view's file, if the view itself read it."""


class CookieWrite(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The app set or deleted a response cookie."""

    name: str
    value: str | None
    """None if the app deleted the cookie."""
    where: str
    line: Number | None = None


class Local(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value that a local variable of the view had."""

    name: str
    value: str
    """A bounded ``repr``."""
    line: Number
    """The line after which the variable first had this value."""
    text: str | None = None
    """The value itself if it is a str (bounded), for comparison with cookies."""


class ServerError(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An exception that left the view."""

    kind: str
    message: str
    line: Number | None = None


class Server(_Event, frozen=True, kw_only=True, gc=False, tag="server"):
    """What the server witness saw while the app handled a request."""

    exchange_id: str
    at: float
    function: str | None = None
    file: str | None = None
    first_line: Number | None = None
    source: str | None = None
    """The view's source; its first line is number ``first_line``."""
    lines: tuple[Number, ...] = ()
    """The lines that ran, in the order they ran (bounded)."""
    reads: tuple[CookieRead, ...] = ()
    writes: tuple[CookieWrite, ...] = ()
    locals: tuple[Local, ...] = ()
    error: ServerError | None = None
    streamed: bool = False
    dropped: tuple[str, ...] = ()
    """What was left out to keep within the size limit (``locals``, ``source``, ``all``), and
    ``reads`` if the witness cannot see what the app reads."""
    framework: str | msgspec.UnsetType = msgspec.UNSET
    """What the app is made with, such as ``flask``; unset if the witness does not know it."""

    @property
    def knows_reads(self) -> bool:
        """Whether ``reads`` are all that the app asked for; otherwise that is unknown."""
        return not {"all", "reads"}.intersection(self.dropped)


class Edited(_Event, frozen=True, kw_only=True, gc=False, tag="edited"):
    """The user had one cookie changed or left out on the wire, by hand (``--edit``).

    The response is recorded as the browser got it, with the change; the request as the browser sent
    it, without the change that the app got.
    """

    exchange_id: str
    at: float
    of: Literal["request", "response"]
    name: str
    """The cookie's."""
    before: str
    """The Set-Cookie line, or the ``name=value`` of the Cookie header, as it came."""
    after: str | None = None
    """What was passed on in its place; None if it was left out."""


class Failure(_Event, frozen=True, kw_only=True, gc=False, tag="failure"):
    """An exchange that failed, or a connection that failed before any exchange."""

    exchange_id: str | None = None
    client_id: str | None = None
    at: float
    host: str | None = None
    kind: Literal["tls-client", "connect", "upstream", "aborted"]
    message: str


class Verdicts(_Event, frozen=True, kw_only=True, gc=False, tag="verdicts", omit_defaults=True):
    """The verdicts on one exchange, in a capture whose values are tokens.

    Sizes and prefixes of tokens are not those of the values, so tokens cannot be
    folded; a redacted file carries the verdicts on the true values. It follows the
    exchange's ``request`` and comes before its ``response``.
    """

    exchange_id: str
    at: float
    content: msgspec.Raw
    """A ``cookietrace.fold.verdict_record.VerdictRecord`` as JSON, not checked yet."""
    revised: bool = False
    """Whether it takes the place of an earlier record of the exchange. Only what is published
    while it is recorded has such records: of a file, the first ones are the last."""


NOT_RECORDED = "no such request was recorded"
"""Why what a browser says is about no exchange, if the request itself is missing."""


class BrowserCookie(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a browser itself said about one cookie of a request, or of one Set-Cookie line.

    Of a request, it is about the cookies that could have been sent.
    """

    name: str | None = None
    """None if the browser did not name it: of a line that it could not read, Chromium does not."""
    domain: str | None = None
    path: str | None = None
    taken: bool
    """Whether the cookie was sent; of a line, whether the browser did what it asks for."""
    reasons: tuple[str, ...] = ()
    """Why not, in the browser's own words, such as ``EXCLUDE_SAMESITE_LAX``."""
    warnings: tuple[str, ...] = ()
    """What else it remarked, in its own words."""
    partition_key: str | None = None
    """As the browser writes it; None if the cookie is not partitioned, or nothing was said."""
    line: Number | None = None
    """Which Set-Cookie line of the response it is about, from 0; None if that is not certain, and
    for cookies of a request."""


class BrowserChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a browser said about one change of its cookie store that no response made."""

    kind: Literal["added", "deleted"]
    name: str
    value: str
    domain: str
    path: str
    secure: bool | None = None
    http_only: bool | None = None
    same_site: str | None = None
    """In the browser's own words."""
    cause: str | None = None
    """Of a deletion, why, in the browser's own words, such as ``expired_overwrite``."""
    script: bool = False
    """Whether a script wrote it, as far as the browser tells: no response did."""
    source: str | None = None
    """The URL of that script, if it is known."""
    line: Number | None = None
    """The line in it."""


class Browser(_Event, frozen=True, kw_only=True, gc=False, tag="browser"):
    """What the browser itself said about one exchange, or of its cookie store.

    A second witness: no verdict depends on it, so it does not raise the schema.
    """

    at: float
    """When the recorder heard of it."""
    said_at: float
    """When it happened, by the browser's clock."""
    said_by: str
    """Who said it: ``chromium-net-log``, or another name of that kind."""
    client_id: str | None = None
    """The client that the browser is; None if it has made no request that was recorded."""
    exchange_id: str | None = None
    """The exchange that it is about. None if it is about none, or if it is not certain which."""
    unmatched: str | None = None
    """Why it is about no recorded exchange, in one line, if it should have been; such as
    ``NOT_RECORDED``."""
    method: str | None = None
    """What was requested; only if it is about no recorded exchange."""
    url: str | None = None
    initiator: str | None = None
    """The origin that asked for the request; None if the browser says none."""
    site_for_cookies: str | None = None
    """The site that cookies are compared with; None if the browser says that there is none."""
    credentials: bool | None = None
    """Whether the request may carry cookies at all, and its response set some; None if it said
    nothing about that."""
    cookies: tuple[BrowserCookie, ...] | None = None
    """The cookies of the request, sent and withheld; None if it said nothing about them."""
    set_cookies: tuple[BrowserCookie, ...] | None = None
    """The lines of the response; None if it said nothing about them."""
    changes: tuple[BrowserChange, ...] = ()
    tried: tuple[BrowserChange, ...] = ()
    """What scripts wrote that the browser did not store, without values: each has ``kind`` added,
    in ``domain`` the page's host, and in ``cause`` why it was refused, if the browser says so."""
    restarted: bool = False
    """Whether another browser was found later in the place of this one, which was found to be gone
    at ``said_at``: most likely the same one, started again. What it still holds is not known."""


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """An event of a type this version does not know, kept as its JSON text."""

    raw: str


Known = (
    Capture
    | Recorder
    | Client
    | Session
    | Jar
    | Request
    | Response
    | Body
    | Server
    | Edited
    | Failure
    | Verdicts
    | Browser
)
Event = Known | Unknown


def recorder_of(event: Client | Recorder | Request) -> str | None:
    """Return the name of an event's recorder; None if the capture is that of one recorder."""
    return None if event.recorder is msgspec.UNSET else event.recorder


KNOWN_TYPES: frozenset[str] = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Known))

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Known] = msgspec.json.Decoder(Known)


_LONGEST_ERROR = 200


class _TypeOnly(msgspec.Struct):
    """Just the type of an event."""

    type: str


_type_decoder = msgspec.json.Decoder(_TypeOnly)


def encode(event: Event) -> bytes:
    """Return the event as one line of JSON, without the line feed."""
    if isinstance(event, Unknown):
        return event.raw.encode()
    return _encoder.encode(event)


def decode(line: bytes | str) -> Event:
    """Return the event in a line of JSON.

    Raises ``FormatError`` if the line is not JSON, not an object with a ``type``, or lacks a
    field that its type requires.
    """
    try:
        return _decode(line)
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8 text: {error}") from error
    except RecursionError as error:
        raise FormatError("not an event: nested too deeply") from error


def decode_all(lines: Sequence[bytes | str]) -> tuple[Event, ...]:
    """Return the events of lines, as ``decode`` does."""
    try:
        return tuple(map(_decoder.decode, lines))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return tuple([decode(line) for line in lines])  # one is unknown, or not an event


class _SchemaOnly(msgspec.Struct, tag_field="type", tag="capture"):
    """Just the schema of a ``capture`` event."""

    schema: int


_schema_decoder = msgspec.json.Decoder(_SchemaOnly)


def schema_of(line: bytes) -> int:
    """Return the schema of a line with a ``capture`` event of any schema, otherwise 0."""
    try:
        return _schema_decoder.decode(line).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def _decode(line: bytes | str) -> Event:
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        if isinstance(line, bytes):
            line.decode()  # newer versions of msgspec report invalid UTF-8 as a DecodeError
        try:
            kind = _type_decoder.decode(line).type
        except msgspec.DecodeError:
            raise FormatError(f"not an event: {_brief(error)}") from error
        if kind in KNOWN_TYPES:
            raise FormatError(f"not a valid {kind} event: {_brief(error)}") from error
        return Unknown(raw=line if isinstance(line, str) else line.decode())


def _brief(error: Exception) -> str:
    """Return the text of an error, which may quote a value of any length, cut to one line."""
    text = str(error)
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"
