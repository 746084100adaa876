"""Where in the app's code to look for a problem, as far as the server witness knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cookietrace.checking.report import CodePlace
from cookietrace.events import CookieRead, CookieWrite, Server
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.table import Table
from cookietrace.safe_text import display, safe


def code_place(table: Table, moment: Moment) -> CodePlace | None:
    """Return the line that set one of a moment's cookies, or the view that missed it.

    None if no view of the moment's steps is known.
    """
    names = {display(name) for name in moment.grade.cookies}
    reports = list(_reports(table, moment))
    for server in reports:
        written = _touching(server.writes, names)
        if written is not None:
            return _place(server, written.line)
    own = table.trace.exchange(moment.exchange_id).server
    if own is not None and own.file is not None:
        read = _touching(own.reads, names)
        return _place(own, read.line if read is not None else None)
    return _place(reports[0], None) if reports else None


def _reports(table: Table, moment: Moment) -> Iterator[Server]:
    """Yield what the witness saw in a moment's steps, as far as it knows the file."""
    exchanges = dict.fromkeys(table.exchange(step).exchange_id for step in moment.steps)
    for exchange_id in exchanges:
        server = table.trace.exchange(exchange_id).server
        if server is not None and server.file is not None:
            yield server


def _touching(
    touched: Sequence[CookieRead] | Sequence[CookieWrite], names: set[str]
) -> CookieRead | CookieWrite | None:
    """Return the first that concerns one of the cookies, one with a line if there is one."""
    found = [each for each in touched if each.name in names]
    return next((each for each in found if each.line is not None), found[0] if found else None)


def _place(server: Server, line: int | None) -> CodePlace:
    return CodePlace(
        file=safe(server.file or ""),
        line=line if line is not None else server.first_line,
        function=None if server.function is None else safe(server.function),
    )
