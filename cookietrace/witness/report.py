"""The report: what the witness saw during one request, as the value of one response header.

The texts in a report are the app's own (what Python code saw), not bytes from the
wire: the cookie value ``é`` is one character here and two in the Cookie header.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, NamedTuple

from cookietrace.witness.mark import PROTOCOL

REPORT_HEADER = "Cookietrace-Witness"
"""On a response: the report, see ``encode``."""

REPORT_LIMIT = 32 * 1024
"""The maximum length of the value of ``REPORT_HEADER``, in bytes."""

INFLATED_LIMIT = 1024 * 1024
"""The maximum length of a report's JSON, in bytes."""

REPORT_PREFIX = f"{PROTOCOL}."
"""The version that every report starts with."""


class ReadEntry(NamedTuple):
    """The app asked for a request cookie; the fields are those of ``events.CookieRead``."""

    name: str
    value: str | None
    where: str
    line: int | None = None


class WriteEntry(NamedTuple):
    """The app set or deleted a response cookie; the fields are those of ``events.CookieWrite``."""

    name: str
    value: str | None
    where: str
    line: int | None = None


class LocalEntry(NamedTuple):
    """A value that a local variable took; the fields are those of ``events.Local``."""

    name: str
    value: str
    line: int
    text: str | None = None


class ErrorEntry(NamedTuple):
    """An exception that left the view; the fields are those of ``events.ServerError``."""

    kind: str
    message: str
    line: int | None = None


class Report(NamedTuple):
    """What the witness saw during one request; the fields are those of ``events.Server``."""

    function: str | None = None
    """The view that responded; None if no view ran (404, a ``before_request`` that responded)."""
    file: str | None = None
    first_line: int | None = None
    source: str | None = None
    lines: tuple[int, ...] = ()
    reads: tuple[ReadEntry, ...] = ()
    writes: tuple[WriteEntry, ...] = ()
    locals: tuple[LocalEntry, ...] = ()
    error: ErrorEntry | None = None
    streamed: bool = False
    dropped: tuple[str, ...] = ()
    framework: str | None = None


def encode(report: Report) -> str:
    """Return the report as an ASCII header value of at most ``REPORT_LIMIT`` bytes.

    A report that would be longer loses its locals, then its source, then everything
    but the name of the view, and lists what it lost in ``dropped``. Never raises,
    whatever the texts hold.
    """
    without_locals = report._replace(locals=(), dropped=("locals",))
    without_source = without_locals._replace(source=None, dropped=("locals", "source"))
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
        framework=report.framework,
    )
    return _pack(nothing) or ""


def _pack(report: Report) -> str | None:
    """Return the header value, or None if it or its JSON is over the limit."""
    plain = _plain(report)
    try:
        text = _json(plain)
    except UnicodeEncodeError:
        text = _json(_escaped(plain))
    if len(text) > INFLATED_LIMIT:
        return None
    value = REPORT_PREFIX + base64.urlsafe_b64encode(zlib.compress(text, 6)).decode("ascii")
    return value if len(value) <= REPORT_LIMIT else None


def _plain(report: Report) -> dict[str, Any]:
    """Return the report as plain data, each entry as an object with its fields' names."""
    plain = report._asdict()
    if report.framework is None:
        del plain["framework"]
    return {
        **plain,
        "reads": [entry._asdict() for entry in report.reads],
        "writes": [entry._asdict() for entry in report.writes],
        "locals": [entry._asdict() for entry in report.locals],
        "error": None if report.error is None else report.error._asdict(),
    }


def _json(plain: object) -> bytes:
    """Return plain data as compact JSON; raises ``UnicodeEncodeError`` for a lone surrogate."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _escaped(value: object) -> object:
    """Return plain data with every lone surrogate written as a visible escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_escaped(item) for item in value]
    return value
