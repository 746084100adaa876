"""The problems and warnings of a table in text and JSON, each with its step, cause and fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from cookietrace.lesson.display_text import capitalized, shown
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problem_groups import Problem, distinct
from cookietrace.lesson.problems import tally
from cookietrace.lesson.prose import page
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.step_verdict import SEVERITY_MARKS, headline
from cookietrace.lesson.table import Table
from cookietrace.lesson.unneeded_refusals import refusals_sentence

_NONE = "No problems, no warnings."

_INDENT = "  "


def none_text(table: Table) -> str:
    """Return that a table has no problems and warnings, and what was refused anyway."""
    return " ".join(filter(None, (_NONE, refusals_sentence(table, ()))))


def problem_line(table: Table, moment: Moment) -> str:
    """Return a problem or warning in one line: its sign, its step, and what happened."""
    return problem_line_at(table.label(moment.row), moment)


def problem_line_at(label: str, moment: Moment) -> str:
    """Return the same with a step's ``label`` of another table."""
    return f"{_sign(moment)} Step {label}: {headline(moment)}"


def summary_lines(table: Table, found: Sequence[Moment], width: int) -> Iterator[str]:
    """Yield how many problems and warnings there are, then what happened and the fix of each.

    What several recorders have is told once. The other refused lines come last.
    """
    problems = distinct(found)
    counted = tally(problem.moment for problem in problems).text
    yield from [counted] if counted else none_lines(table, width)
    for problem in problems:
        moment = problem.moment
        line = f"{problem_line(table, moment)}{whose(problem)}"
        yield from _wrapped(line, width, _INDENT, 2 * _INDENT)
        if moment.advice:
            fix = f"Fix: {moment.advice}"
            yield from _wrapped(fix, width, 2 * _INDENT, 2 * _INDENT + " " * len("Fix: "))
    if problems:
        yield from other_refusals_lines(table, found, width)


def other_refusals_lines(table: Table, found: Sequence[Moment], width: int) -> list[str]:
    """Return in lines what was refused besides the problems that were ``found``; empty if none."""
    return _wrapped(refusals_sentence(table, found), width, "", "")


def none_lines(table: Table, width: int) -> list[str]:
    """Return ``none_text`` in lines."""
    return _wrapped(none_text(table), width, "", "")


def whose(problem: Problem) -> str:
    """Return which recorders have a problem, to follow what it is; empty in a trace of one."""
    return f" ({problem.who})" if problem.recorders else ""


def problem_lines(table: Table, problem: Problem, width: int) -> Iterator[str]:
    """Yield a problem or warning in full: step, what happened, request, cause and fix."""
    moment = problem.moment
    yield from _wrapped(
        f"{_sign(moment)} {capitalized(moment.severity.value)} in step "
        f"{table.label(moment.row)}: {headline(moment)}",
        width, "", _INDENT,
    )  # fmt: skip
    often = f" ({problem.count:,} times)" if problem.count > 1 else ""
    at = f", step {table.label(moment.step)}" if moment.step != moment.row else ""
    parts = (
        ("Seen at", problem.who),
        ("Request", f"{request_text(table, moment)}{at}{often}"),
        ("Cause", moment.answer),
        ("Fix", moment.advice),
    )
    for label, text in parts:
        if text:
            start = f"{_INDENT}{label}: ".ljust(len(f"{_INDENT}Request: "))
            yield from _wrapped(text, width, start, " " * len(start))


def problem_entry(table: Table, problem: Problem) -> dict[str, Any]:
    """Return a problem or warning as JSON has it; ``row`` is the step whose row shows it."""
    moment = problem.moment
    return {
        "severity": moment.severity.value,
        "code": moment.grade.code,
        "rule": moment.rule,
        "host": shown(moment.host),
        "cookies": [shown(name) for name in moment.grade.cookies],
        "step": table.trace_row(moment.step).step,
        "row": table.trace_row(moment.row).step,
        "exchange_id": moment.exchange_id,
        "request": request_text(table, moment),
        "verdict": headline(moment),
        "question": moment.question,
        "cause": moment.answer,
        "fix": moment.advice,
        "count": problem.count,
        "recorders": [shown(name) for name in problem.recorders],
    }


def request_text(table: Table, moment: Moment) -> str:
    """Return method and address of its request, without the query: ``POST shop.test/cart``."""
    exchange = table.trace.exchange(moment.exchange_id)
    return f"{shown(exchange.request.method)} {page(exchange)}"


def _sign(moment: Moment) -> str:
    return SIGNS[SEVERITY_MARKS[moment.severity]]


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
