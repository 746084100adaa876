"""One entry of a HAR, read tolerantly: what programs write differs, and most of it is not needed.

An entry needs a request with a URL, and a start time. Every other field is optional here,
and ignored if its type is wrong.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec

from cookietrace.events import Browser, Headers
from cookietrace.formats.har.surrogates import without_lone_surrogates

_LONGEST = 10**10
"""The longest duration that is believed, in milliseconds: some 115 days."""

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
"""Before this, a date is a placeholder: no program recorded HTTP then."""

_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_MILLISECONDS = 10**11
"""From this on, a number is a time in milliseconds, otherwise in seconds."""

_NOT_FETCHED = ("Memory Cache", "Disk Cache", "Service Worker", "Inspector Override")
"""What Safari writes as ``_fetchType`` of a response that did not come from the network."""

_LARGEST_STATUS = 999
_PHASES = ("blocked", "dns", "connect", "send", "wait", "receive")
_LONGEST_PLACEHOLDER = 40
_COOKIES = ("cookie", "set-cookie")
_PLACEHOLDER = re.compile(
    r"\W*(?:(?:set-)?cookies?\W+)?"
    r"(?:redacted|removed|saniti[sz]ed|masked|hidden|filtered|stripped|omitted|\*+|x{3,})\W*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*-?\d{1,20}(?:\.\d{1,20})?\s*")


class Content(msgspec.Struct, frozen=True):
    """A body that was kept."""

    text: str
    mime_type: str | None
    size: int | None
    """In bytes; None if unknown."""
    is_base64: bool


class EntryResponse(msgspec.Struct, frozen=True):
    """The response of an entry."""

    status: int
    reason: str
    http_version: str
    headers: Headers
    content: Content | None


class ByHand(msgspec.Struct, frozen=True):
    """What the user had changed of one cookie, as an ``edited`` event has it."""

    at: float
    of: Literal["request", "response"]
    name: str
    before: str
    after: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """What an entry says about the traffic; its lists of cookies are not read."""

    at: float | None
    """When it began, in Unix time; None if the program did not know and wrote a placeholder."""
    duration: float
    """In seconds; 0 if unknown."""
    method: str
    url: str
    http_version: str
    headers: Headers
    posted: Content | None
    response: EntryResponse | None
    failure: str | None
    """Why there was no response, if the entry says so."""
    on_the_wire: bool
    """False if a cache or a service worker responded, or if it only opened a tunnel."""
    placeholders: int
    """How many of its cookie headers were replaced as a whole; they are left out."""
    lists_cookies: bool
    """Whether it names cookies in its lists."""
    connection: str | None
    """The standard field of that name."""
    browser_connection: str | None
    """Chromium's own number of the connection."""
    edited: tuple[ByHand, ...]
    """What the user had changed of it on the wire, in our own files."""
    browser: Browser | None
    """What the browser said about it, in our own files; of no exchange and client yet."""
    session: str | None
    """Which fresh browser made the request, in our own files; None for the first of its
    User-Agent."""


def decoded(raw: bytes | memoryview, *, lenient: bool) -> Any:
    """Return the value that JSON stands for, with U+FFFD instead of unpaired surrogates.

    Raises ``UnicodeDecodeError`` if it is not UTF-8, unless ``lenient``, and ``ValueError``, which
    says what it is, if it is not to be read otherwise.
    """
    try:
        try:
            return msgspec.json.decode(raw)
        except msgspec.ValidationError:
            raise ValueError("a number in it is out of range") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = bytes(raw).decode(errors="replace" if lenient else "strict")
            return msgspec.json.decode(without_lone_surrogates(text.encode()))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def entry_of(raw: Any) -> Entry:
    """Return an entry of decoded JSON. Raises ``ValueError``, which says what it lacks."""
    if not isinstance(raw, dict):
        raise ValueError("it is not an object")
    request = raw.get("request")
    if not isinstance(request, dict):
        raise ValueError("it has no request")
    url = request.get("url")
    if not isinstance(url, str):
        raise ValueError("its request has no URL")
    response = _object(raw.get("response"))
    method = wire(_text(request.get("method")) or "GET")
    headers, hidden = _without_placeholders(_headers(request.get("headers")))
    received, more = _without_placeholders(_headers(response.get("headers")))
    return Entry(
        at=_started(raw.get("startedDateTime")),
        duration=_duration(raw),
        method=method,
        url=wire(url),
        http_version=wire(_text(request.get("httpVersion")) or ""),
        headers=headers,
        posted=_content(request.get("postData"), "_encoding"),
        response=_response(response, received),
        failure=_text(response.get("_error")) or _text(response.get("_failureText")),
        on_the_wire=not (
            _is_set(raw.get("_fromCache"))
            or raw.get("_fetchType") in _NOT_FETCHED
            or response.get("_fetchedViaServiceWorker") is True
            or method == "CONNECT"
        ),
        placeholders=hidden + more,
        lists_cookies=any(
            isinstance(part.get("cookies"), list) and part["cookies"] != []
            for part in (request, response)
        ),
        connection=_text(raw.get("connection")),
        browser_connection=_text(raw.get("_connectionId")),
        edited=_edited(raw.get("_edited")),
        browser=_browser(raw.get("_browser")),
        session=_text(raw.get("_session")),
    )


def _browser(raw: object) -> Browser | None:
    """Return what the browser said; None if it said nothing, or it is not what we write."""
    try:
        return msgspec.convert(raw, Browser | None)
    except msgspec.ValidationError:
        return None


def _edited(raw: object) -> tuple[ByHand, ...]:
    """Return what was changed by hand; nothing if it is not what we write."""
    try:
        return msgspec.convert(raw if raw is not None else (), tuple[ByHand, ...])
    except msgspec.ValidationError:
        return ()


def wire(text: str) -> str:
    """Return a wire string: the text if it is latin-1, otherwise its UTF-8 bytes as latin-1."""
    if text.isascii():
        return text
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text


def _response(response: dict[str, Any], headers: Headers) -> EntryResponse | None:
    """Return the response; None if there was none: programs then write the status 0 or -1."""
    status = response.get("status")
    if status is None:
        return None
    number = _number(status)
    if number is None or not number.is_integer() or number > _LARGEST_STATUS:
        raise ValueError("its response has no readable status")
    if number <= 0:
        return None
    return EntryResponse(
        status=int(number),
        reason=wire(_text(response.get("statusText")) or ""),
        http_version=wire(_text(response.get("httpVersion")) or ""),
        headers=headers,
        content=_content(response.get("content"), "encoding"),
    )


def _headers(raw: Any) -> Headers:
    """Return headers as on the wire: no HTTP/2 pseudo-headers, each Set-Cookie separate.

    They are a list of objects, or in some programs one object. A header without a name or a
    value is ignored.
    """
    if isinstance(raw, dict):
        named = list(raw.items())
    elif isinstance(raw, list):
        named = [(each.get("name"), each.get("value")) for each in raw if isinstance(each, dict)]
    else:
        named = []
    pairs: list[tuple[str, str]] = []
    for raw_name, raw_value in named:
        if not isinstance(raw_name, str) or raw_name.startswith(":"):
            continue
        name = wire(raw_name)
        if isinstance(raw_value, str) and len(name) != len("set-cookie"):  # almost all
            pairs.append((name, wire(raw_value)))
            continue
        for each in raw_value if isinstance(raw_value, list) else (raw_value,):
            text = _text(each)
            if text is None:
                continue
            value = wire(text)
            if name.lower() == "set-cookie":
                lines = [line.removesuffix("\r") for line in value.split("\n")]
                pairs += [(name, line) for line in lines if line or len(lines) == 1]
            else:
                pairs.append((name, value))
    return tuple(pairs)


def _without_placeholders(headers: Headers) -> tuple[Headers, int]:
    """Return headers without cookie headers whose whole value was replaced, and how many."""
    kept = tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _COOKIES
        or len(value) > _LONGEST_PLACEHOLDER
        or _PLACEHOLDER.fullmatch(value) is None
    )
    return kept, len(headers) - len(kept)


def _content(raw: Any, encoding: str) -> Content | None:
    """Return a body; None if it was not kept."""
    content = _object(raw)
    text = content.get("text")
    if not isinstance(text, str) or not text:
        return None
    mime_type = content.get("mimeType")
    size = _number(content.get("size"))
    return Content(
        text=text,
        mime_type=mime_type if isinstance(mime_type, str) else None,
        size=int(size) if size is not None and 0 < size < 2**53 else None,
        is_base64=content.get(encoding) == "base64",
    )


def _started(raw: Any) -> float | None:
    """Return a start time in Unix time; None if it is a placeholder. Raises ``ValueError``.

    Safari writes an empty text where it does not know, and .NET programs the year 1.
    """
    at = _number(raw)
    if at is None:
        if not isinstance(raw, str):
            raise ValueError("it has no start time")
        if not raw.strip():
            return None
        at = _moment(raw.strip())
    elif at >= _MILLISECONDS:
        at /= 1000
    if at > _LATEST:
        raise ValueError(f"its start time cannot be read: {raw}")
    return at if at >= _EARLIEST else None


def _moment(text: str) -> float:
    """Return a date in Unix time: as HAR has it, or as HTTP has it. UTC if it has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            raise ValueError(f"its start time cannot be read: {text[:40]}") from None
    try:
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    except OverflowError:
        raise ValueError(f"its start time cannot be read: {text[:40]}") from None


def _duration(entry: dict[str, Any]) -> float:
    """Return the entry's time in seconds; if it has none, the sum of its phases."""
    time = _number(entry.get("time"))
    if time is None:
        timings = _object(entry.get("timings"))
        phases = [_number(timings.get(phase)) for phase in _PHASES]
        time = math.fsum(phase for phase in phases if phase is not None and phase > 0)
    return time / 1000 if 0 < time < _LONGEST else 0.0


def _object(raw: Any) -> dict[str, Any]:
    """Return an object; an empty one instead of anything else."""
    return raw if isinstance(raw, dict) else {}


def _text(raw: Any) -> str | None:
    """Return a text; a number as it is written in JSON; None instead of anything else."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float):
        return msgspec.json.encode(raw).decode()
    return None


def _number(raw: Any) -> float | None:
    """Return a finite number, which may be written as a text; None instead of anything else."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        raw = float(raw)
    if not isinstance(raw, int | float):
        return None
    try:
        number = float(raw)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_set(raw: Any) -> bool:
    """Return whether a flag is set: browsers write true, or which cache it was."""
    return raw is True or (isinstance(raw, str) and raw not in ("", "false"))
