"""The witness's record: what one response header says about the view that answered.

The proxy marks a request with ``MARK_HEADER``; the app answers with
``REPORT_HEADER``, whose value ``encode`` makes and ``decode`` reads. The texts in
a record are the app's own (what Python code saw), not wire bytes: a cookie value
``é`` is one character here and two in the Cookie header. DESIGN 7.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

import msgspec

from cookietrace.events import CookieRead, CookieWrite, Local, Server, ServerError

MARK_HEADER = "Cookietrace-Exchange"
"""On a request: ``<exchange id> <secret>``, see ``mark``."""

REPORT_HEADER = "Cookietrace-Witness"
"""On a response: the record, see ``encode``."""

REPORT_LIMIT = 32 * 1024
"""The most octets that the value of ``REPORT_HEADER`` may have."""

INFLATED_LIMIT = 1024 * 1024
"""The most octets of JSON that ``decode`` is willing to unpack."""

_VERSION = "1."
_ENTRIES_LIMIT = 10_000
_MARK = re.compile(r"([!-~]{1,200}) ([!-~]{1,512})")


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the witness saw during one request; the fields are those of ``events.Server``."""

    function: str | None = None
    """The view that answered; None where none ran (404, an early answer)."""
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


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Report)


def mark(exchange_id: str, secret: str) -> str:
    """Return the value of ``MARK_HEADER`` for one exchange."""
    return f"{exchange_id} {secret}"


def parse_mark(value: str) -> tuple[str, str] | None:
    """Return the exchange id and the secret of a mark, or None where it is none."""
    match = _MARK.fullmatch(value)
    return (match[1], match[2]) if match else None


def encode(report: Report) -> str:
    """Return the report as an ASCII header value of at most ``REPORT_LIMIT`` octets.

    A report that would be longer loses its locals, then its source, then all but
    the name of the view, and says so in ``dropped``. Never raises for any text.
    """
    without_locals = msgspec.structs.replace(report, locals=(), dropped=("locals",))
    without_source = msgspec.structs.replace(
        without_locals, source=None, dropped=("locals", "source")
    )
    for candidate in (report, without_locals, without_source):
        value = _pack(candidate)
        if value is not None:
            return value
    nothing = Report(
        function=report.function and report.function[:200],
        file=report.file and report.file[:200],
        first_line=report.first_line,
        streamed=report.streamed,
        dropped=("locals", "source", "all"),
    )
    return _pack(nothing) or ""


def decode(value: str, exchange_id: str, at: float) -> Server | None:
    """Return the event that a header value tells, or None where it is no record.

    Never raises: the value may come from any server. What it unpacks to is
    bounded by ``INFLATED_LIMIT`` whatever it claims to be. ``at`` is Unix time.
    """
    if len(value) > REPORT_LIMIT or not value.startswith(_VERSION):
        return None
    try:
        packed = base64.b64decode(value[len(_VERSION) :].encode("ascii"), b"-_", validate=True)
        inflater = zlib.decompressobj()
        text = inflater.decompress(packed, INFLATED_LIMIT)
        if not inflater.eof:
            return None
        report = _decoder.decode(text)
    except (ValueError, binascii.Error, zlib.error, msgspec.MsgspecError, RecursionError):
        return None
    if max(map(len, (report.lines, report.reads, report.writes, report.locals))) > _ENTRIES_LIMIT:
        return None
    return Server(exchange_id=exchange_id, at=at, **msgspec.structs.asdict(report))


def _pack(report: Report) -> str | None:
    """Return the header value, or None where it (or its JSON) is over its limit."""
    try:
        text = _encoder.encode(report)
    except UnicodeEncodeError:
        text = _encoder.encode(_without_surrogates(report))
    if len(text) > INFLATED_LIMIT:
        return None
    value = _VERSION + base64.urlsafe_b64encode(zlib.compress(text, 6)).decode("ascii")
    return value if len(value) <= REPORT_LIMIT else None


def _without_surrogates(report: Report) -> Report:
    """Return the report with every lone surrogate written as a visible escape."""
    plain = msgspec.to_builtins(report)
    return msgspec.convert(_escaped(plain), Report)


def _escaped(value: object) -> object:
    """Return plain data whose strings can all be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    return value
