"""The texts of a step that are worth copying: cookies, headers, URL, details."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.detail import detail
from cookietrace.lesson.display_text import pair, shown
from cookietrace.lesson.mask import unmasked
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.table import Table


class StepText(msgspec.Struct, frozen=True):
    """One text to copy; display text, values masked as in the table it comes from."""

    key: str
    """One letter to choose it by."""
    name: str
    text: str


def step_texts(table: Table, step: int, problem: Moment | None = None) -> tuple[StepText, ...]:
    """Return what can be copied from a step of the table; empty texts are left out.

    ``problem`` is the worst one that the step's row shows, which the details begin with.
    """
    texts = _all_texts(table, step, table.exchange(step), problem)
    return tuple(each for each in texts if each.text)


def _all_texts(
    table: Table, step: int, exchange: Exchange, problem: Moment | None
) -> Iterator[StepText]:
    mask = table.mask
    row = table.row(step)
    yield StepText("r", "Row", "\t".join(row.cells))
    yield StepText("c", "Request cookies", row.request_cookies)
    header = "; ".join(
        f"{shown(cookie.name)}={shown(mask(cookie.value))}"
        if cookie.name
        else shown(mask(cookie.value))
        for cookie in exchange.request.cookies
    )
    yield StepText("h", "Cookie header", header)
    if exchange.response is not None:
        lines = (
            shown(result.raw) if mask is unmasked else pair(result.name, result.value, mask)
            for result in exchange.response.set_cookies
        )
        yield StepText("s", "Set-Cookie", "\n".join(lines))
    yield StepText("u", "URL", shown(exchange.request.url))
    yield StepText("d", "Details", "\n".join(_detail_lines(table, step, exchange, problem)))


def _detail_lines(
    table: Table, step: int, exchange: Exchange, problem: Moment | None
) -> Iterator[str]:
    for section in detail(exchange, table.trace_row(step), table.mask, problem):
        yield section.title
        for line in section.lines:
            yield "  " * (line.indent + 1) + line.text
