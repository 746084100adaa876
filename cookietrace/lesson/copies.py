"""The texts of a step that are worth copying: cookies, headers, a command, what to fix."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.corrections import (
    FRAMEWORKS,
    Correction,
    code_of,
    corrections_at,
    is_probable,
)
from cookietrace.lesson.curl import body_left_out, curl_command
from cookietrace.lesson.detail import detail
from cookietrace.lesson.display_text import clip, pair, shown
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.markdown_table import header_lines, row_line
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.prose import named
from cookietrace.lesson.table import Table

_KEYS = "123456789"
"""The keys of what is chosen by its place; there are no more."""

_LABEL_CELLS = 16
"""The most cells of a cookie's name in the name of a text."""


_GUESS = (
    "The value looks like that of the framework's own session, so this is probably its setting."
)


class StepText(msgspec.Struct, frozen=True):
    """One text to copy; values are masked as in the table it comes from.

    It is display text, except for a command or code, where quoting keeps what is unsafe.
    """

    key: str
    """One letter to choose it by."""
    name: str
    text: str
    choices: tuple[StepText, ...] = ()
    """What there is to choose from, if that is more than one text; then ``text`` is a preview."""
    remark: str = ""
    """What to know about it once it is copied; display text."""


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
    yield _corrections(corrections_at(table, step, problem), mask)
    yield StepText("x", "Explanation", _explanation(problem))
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
    yield StepText("u", "URL", shown(Hiding(exchange, mask)(exchange.request.url)))
    yield _values(exchange, mask)
    command = curl_command(exchange, mask)
    without = ", without body" if body_left_out(exchange) else ""
    yield StepText("k", f"curl command{without}", command)
    markdown = (*header_lines(table.headings), row_line(row.cells))
    yield StepText("m", "Row as Markdown", "\n".join(markdown))
    yield StepText("d", "Details", "\n".join(_detail_lines(table, step, exchange, problem)))


def _values(exchange: Exchange, mask: Mask) -> StepText:
    """Return the values of the cookies that were sent and set."""
    pairs = list(exchange.request.pairs)
    if exchange.response is not None:
        pairs += [(result.name, result.value) for result in exchange.response.set_cookies]
    found = [(name, value) for name, value in dict.fromkeys(pairs) if value]
    values = [
        StepText(key, _label(name), shown(mask(value)))
        for key, (name, value) in zip(_KEYS, found, strict=False)
    ]
    return _one_of("v", "Value of {}", "Value of a cookie", values)


def _corrections(corrections: tuple[Correction, ...], mask: Mask) -> StepText:
    """Return the corrected Set-Cookie lines, and for each the code that sends it."""
    found = [
        StepText(
            key,
            _label(correction.line.name),
            correction.line.text(mask),
            _ways(correction, mask),
        )
        for key, correction in zip(_KEYS, corrections, strict=False)
    ]
    return _one_of("f", "Fix of {}", "Fix of a cookie", found)


def _ways(correction: Correction, mask: Mask) -> tuple[StepText, ...]:
    """Return a corrected line as a header, and as code of each framework that can write it."""
    line = correction.line
    ways = [StepText("h", "Set-Cookie", line.text(mask), remark=correction.needs)]
    for framework in FRAMEWORKS:
        code = code_of(framework, line, hide_value=mask is not unmasked)
        if code is not None:
            guess = _GUESS if is_probable(framework, line) else ""
            remark = " ".join(filter(None, (guess, correction.needs, framework.needs(line))))
            ways.append(StepText(framework.key, framework.name, code, remark=remark))
    return tuple(ways)


def _label(name: str) -> str:
    return clip(named(name), _LABEL_CELLS)


def _one_of(key: str, of: str, general: str, texts: list[StepText]) -> StepText:
    """Return a single text under a name with its own name in it, or all to choose from."""
    if len(texts) == 1:
        only = texts[0]
        return StepText(key, of.format(only.name), only.text, only.choices, only.remark)
    preview = ", ".join(text.name for text in texts)
    return StepText(key, general, preview, tuple(texts))


def _explanation(problem: Moment | None) -> str:
    """Return what happened, why, and the fix; empty if nothing went wrong."""
    if problem is None:
        return ""
    lines = [problem.question, problem.answer]
    return "\n".join([*lines, f"Fix: {problem.advice}"] if problem.advice else lines)


def _detail_lines(
    table: Table, step: int, exchange: Exchange, problem: Moment | None
) -> Iterator[str]:
    for section in detail(
        exchange, table.trace_row(step), table.mask, problem, word=table.trace.browser
    ):
        yield section.title
        for line in section.lines:
            yield "  " * (line.indent + 1) + line.text
