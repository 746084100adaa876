"""``explain --browser all``: every verdict in all browsers, where they differ."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cookietrace.fold.exchange import Exchange
from cookietrace.json_text import json_bytes
from cookietrace.lesson.compared import (
    Everywhere,
    VerdictsEverywhere,
    everywhere_entry,
    everywhere_lines,
)
from cookietrace.lesson.compared.everywhere import summary
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.prose import page
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import WIDTH
from cookietrace.redact.outgoing import Outgoing


def everywhere_text(table: Table, outgoing: Outgoing, *, all_verdicts: bool) -> Iterator[str]:
    """Yield a report: how many verdicts differ, then each, by exchange."""
    found = list(_found(table, all_verdicts=all_verdicts))
    differing = [sum(each.differs for each in verdicts) for _, verdicts in found]
    exchanges = sum(count > 0 for count in differing)
    yield summary(sum(differing), exchanges, _count(table))
    for exchange, verdicts in found:
        yield ""
        heading = f"Step {_label(table, exchange)}: {shown(exchange.request.method)}"
        yield from _wrapped(outgoing.text(f"{heading} {page(exchange)}"))
        for each in verdicts:
            for line in everywhere_lines(each):
                yield from _wrapped(outgoing.text(line, [each.name]))


def everywhere_json(table: Table, outgoing: Outgoing, *, all_verdicts: bool) -> Iterator[bytes]:
    """Yield a line of JSON for each exchange with such verdicts."""
    for exchange, verdicts in _found(table, all_verdicts=all_verdicts):
        entry = {
            "number": exchange.number,
            "step": exchange.row.step,
            "exchange_id": exchange.exchange_id,
            "method": exchange.request.method,
            "url": exchange.request.url,
            "verdicts": [everywhere_entry(each) for each in verdicts],
        }
        yield json_bytes(_texts(entry, outgoing.text)) + b"\n"


def _found(table: Table, *, all_verdicts: bool) -> Iterator[tuple[Exchange, list[Everywhere]]]:
    """Yield the exchanges in focus that have such verdicts."""
    asked = VerdictsEverywhere()
    for exchange in _exchanges(table):
        verdicts = asked.of(exchange, all_verdicts=all_verdicts)
        if verdicts:
            yield exchange, verdicts


def _exchanges(table: Table) -> Iterable[Exchange]:
    focus: Focus = table.focus
    return (each for each in table.trace.exchanges if focus.place(each) is not None)


def _count(table: Table) -> int:
    return sum(1 for _ in _exchanges(table))


def _label(table: Table, exchange: Exchange) -> str:
    steps = table.steps_of(exchange.exchange_id)
    return table.label(steps[0]) if steps else "?"


def _wrapped(text: str) -> list[str]:
    lead = text[: len(text) - len(text.lstrip())] + "  "
    return textwrap.wrap(text, WIDTH, subsequent_indent=lead, break_on_hyphens=False)


def _texts(value: Any, text: Callable[[str], str]) -> Any:
    """Return plain JSON types with every text made fit to leave the machine."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {key: _texts(each, text) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(each, text) for each in value]
    return value
