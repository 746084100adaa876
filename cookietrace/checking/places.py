"""Where in the app's code to look for a problem, as far as the server witness knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cookietrace.checking.report import CodePlace
from cookietrace.cookies.verdicts import TABLE
from cookietrace.events import CookieRead, CookieWrite, Server
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.table import Table
from cookietrace.safe_text import display, safe

_LOST = frozenset(
    code.value
    for code, reason in TABLE.items()
    if {"withheld", "missing"}.intersection(reason.where)
)
"""The codes of a cookie that a request lacks: what to change is where it was set."""


def code_place(table: Table, moment: Moment) -> CodePlace | None:
    """Return the line to look at first: that which set, deleted or read one of the cookies.

    For a cookie that a request lacks, that is the line of an earlier response; otherwise the
    request's own view comes first. Without such a line it is the view; None if no view is known.
    """
    names = {display(name) for name in moment.grade.cookies}
    own = table.trace.exchange(moment.exchange_id).server
    others = [server for server in _reports(table, moment) if server is not own]
    owns = [own] if own is not None and own.file is not None else []
    wrote, read = [_written(others, names)], [_written(owns, names), _read(owns, names)]
    found = (*wrote, *read) if moment.grade.code in _LOST else (*read, *wrote)
    views = (_place(server, None) for server in (*owns, *others))
    return next((place for place in found if place is not None), None) or next(views, None)


def _reports(table: Table, moment: Moment) -> Iterator[Server]:
    """Yield what the witness saw in a moment's steps, as far as it knows the file."""
    exchanges = dict.fromkeys(table.exchange(step).exchange_id for step in moment.steps)
    for exchange_id in exchanges:
        server = table.trace.exchange(exchange_id).server
        if server is not None and server.file is not None:
            yield server


def _written(reports: Sequence[Server], names: set[str]) -> CodePlace | None:
    return next(
        (place for server in reports for place in _lines(server, server.writes, names)), None
    )


def _read(reports: Sequence[Server], names: set[str]) -> CodePlace | None:
    return next(
        (place for server in reports for place in _lines(server, server.reads, names)), None
    )


def _lines(
    server: Server, touched: Sequence[CookieRead] | Sequence[CookieWrite], names: set[str]
) -> Iterator[CodePlace]:
    """Yield the places at which a view touches a cookie of these names, those with a line first."""
    lines = [each.line for each in touched if each.name in names]
    for line in sorted(lines, key=lambda line: line is None):
        yield _place(server, line)


def _place(server: Server, line: int | None) -> CodePlace:
    return CodePlace(
        file=safe(server.file or ""),
        line=line if line is not None else server.first_line,
        function=None if server.function is None else safe(server.function),
    )
