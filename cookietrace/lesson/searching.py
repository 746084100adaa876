"""What a search for text finds in a step: its row, its reasons and fixes, headers, the status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.cookies import Finding, StoreResult
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.content import status_text
from cookietrace.lesson.detail import header_lines
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.prose import reason, remedy, withheld_reason
from cookietrace.lesson.standing import current_results, refuted_fix, refuted_why
from cookietrace.lesson.table import Table


def texts_of(table: Table, step: int) -> Iterator[str]:
    """Yield the texts in which a step is searched, the cheapest first; all of them display text.

    Headers, status and what was withheld belong to the row of the exchange; what a response set,
    to that row and to the rows of its own.
    """
    yield from table.texts(step)
    row, exchange = table.trace_row(step), table.exchange(step)
    if row.kind is RowKind.REFUTED:
        for result in row.results:
            yield refuted_why(result)
            yield refuted_fix(result)
    elif row.kind is not RowKind.EXCHANGE:
        yield from _results(current_results(row, exchange))
    else:
        yield from _exchange(exchange, table)


def _exchange(exchange: Exchange, table: Table) -> Iterator[str]:
    part, response = exchange.request, exchange.response
    yield shown(part.url)
    for held in part.withheld:
        for finding in held.reasons:
            yield withheld_reason(finding, exchange.browser)
            yield remedy(finding)
    for absent in part.missing:
        yield from _findings(absent.reasons)
    yield from (line.text for line in header_lines(part.headers, exchange, table.mask))
    if response is not None:
        yield status_text(response)
        yield from _results(response.set_cookies)
        yield from (line.text for line in header_lines(response.headers, exchange, table.mask))


def _results(results: Iterable[StoreResult]) -> Iterator[str]:
    for result in results:
        yield from _findings(result.reasons)
        yield from _findings(result.warnings)
        missed = missed_deletion(result)
        if missed is not None:
            yield missed.sentence
            yield missed.fix


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield reason(finding)
        yield remedy(finding)
