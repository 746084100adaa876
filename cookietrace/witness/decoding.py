"""The proxy's side of the report: from a header value to an event."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

import msgspec

from cookietrace.events import CookieRead, CookieWrite, Local, Server, ServerError
from cookietrace.witness.mark import PROTOCOL
from cookietrace.witness.report import INFLATED_LIMIT, REPORT_LIMIT, REPORT_PREFIX

_ENTRIES_LIMIT = 10_000
_LONGEST_FRAMEWORK = 20
_VERSION = re.compile(r"([1-9][0-9]{0,3})\.")


class _Received(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The JSON of a report; the fields are those of ``report.Report``."""

    function: str | None = None
    file: str | None = None
    first_line: int | None = None
    source: str | None = None
    lines: tuple[int, ...] = ()
    reads: tuple[CookieRead, ...] = ()
    writes: tuple[CookieWrite, ...] = ()
    locals: tuple[Local, ...] = ()
    error: ServerError | None = None
    streamed: bool = False
    dropped: tuple[str, ...] = ()
    framework: str | msgspec.UnsetType = msgspec.UNSET


_decoder = msgspec.json.Decoder(_Received)


def decode(value: str, exchange_id: str, at: float) -> Server | None:
    """Return the event that a header value reports, or None if it is not a report.

    Never raises: the value may come from any server. However much it claims to
    unpack to, ``INFLATED_LIMIT`` is the maximum. ``at`` is Unix time in seconds.
    """
    if len(value) > REPORT_LIMIT or not value.startswith(REPORT_PREFIX):
        return None
    try:
        packed = base64.b64decode(value[len(REPORT_PREFIX) :].encode("ascii"), b"-_", validate=True)
        inflater = zlib.decompressobj()
        text = inflater.decompress(packed, INFLATED_LIMIT)
        if not inflater.eof:
            return None
        received = _decoder.decode(text)
    except (ValueError, binascii.Error, zlib.error, msgspec.MsgspecError, RecursionError):
        return None
    entries = (received.lines, received.reads, received.writes, received.locals)
    if max(map(len, entries)) > _ENTRIES_LIMIT:
        return None
    if received.framework is not msgspec.UNSET and len(received.framework) > _LONGEST_FRAMEWORK:
        received = msgspec.structs.replace(received, framework=msgspec.UNSET)
    return Server(exchange_id=exchange_id, at=at, **msgspec.structs.asdict(received))


def other_version(value: str) -> int | None:
    """Return the version of a report, None if it is our own or the value is no report."""
    match = _VERSION.match(value)
    version = int(match[1]) if match else PROTOCOL
    return None if version == PROTOCOL else version
