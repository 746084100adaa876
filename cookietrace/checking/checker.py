"""Checks a capture: its problems and warnings, without those that the user ignores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cookietrace.checking.ignores import Ignore, ignoring
from cookietrace.checking.places import code_place
from cookietrace.checking.report import CheckReport, Entry, EntryGroup
from cookietrace.events import Event
from cookietrace.fold.exchange import NoteKind
from cookietrace.follow import folded
from cookietrace.lesson.display_text import plural, quoted_text, shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.problem_groups import By, Problem, distinct, grouped
from cookietrace.lesson.problem_texts import request_text
from cookietrace.lesson.problems import problems
from cookietrace.lesson.stripped_cookies import LEFT_OUT, NO_COOKIES, are_left_out, may_be_stripped
from cookietrace.lesson.table import Table
from cookietrace.lesson.unneeded_refusals import refusals_sentence
from cookietrace.redact.outgoing import Outgoing, outgoing_texts
from cookietrace.safe_text import safe
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.trace import Trace


def check(
    events: Iterable[Event],
    *,
    source: str,
    focus: Focus | None = None,
    browser: str = "auto",
    show_values: bool = False,
    names: Names = TABLE_ONLY,
    ignores: Sequence[Ignore] = (),
    by: By | None = None,
) -> CheckReport:
    """Return the problems and warnings of a capture.

    ``source`` is what the report calls it; ``browser`` as for ``Trace``. Values are replaced by
    tokens, unless ``show_values`` is true or the capture says that it holds no secrets; ``names``
    changes which names are those of secrets. ``by`` groups the entries once more. Reading the
    events may raise as ``read_capture`` does.
    """
    if isinstance(events, Iterator):
        events = list(events)
    texts = outgoing_texts(events, show_values=show_values, names=names)
    trace = folded(events, browser)
    table = Table(trace, focus, mask=texts.mask)
    entries: list[Entry] = []
    ignored: list[Entry] = []
    used: set[Ignore] = set()
    found = problems(table)
    for problem in distinct(found):
        matching = ignoring(problem.moment, ignores)
        used.update(matching)
        reasons = tuple(safe(ignore.reason) for ignore in matching)
        (ignored if matching else entries).append(_entry(table, problem, texts, reasons))
    groups: list[EntryGroup] = []
    if by is not None:
        kept = [moment for moment in found if not ignoring(moment, ignores)]
        for group in grouped(kept, by):
            own = tuple(_entry(table, problem, texts) for problem in group.problems)
            groups.append(EntryGroup(name=texts.text(group.title(by)), entries=own))
    requests = edited = 0
    for exchange in trace.exchanges:
        if table.focus.place(exchange) is not None:
            requests += 1
            edited += bool(exchange.edited)
    unchecked = tuple(_unchecked(trace, requests, source, focus))
    refusals = filter(None, [refusals_sentence(table, found)])
    return CheckReport(
        source=safe(source),
        requests=requests,
        entries=tuple(entries),
        ignored=tuple(ignored),
        unused=() if focus is not None else tuple(each for each in ignores if each not in used),
        unchecked=unchecked,
        remarks=(*unchecked, *_remarks(trace, requests, edited, texts), *refusals),
        by="" if by is None else by.value,
        groups=tuple(groups),
    )


def _entry(table: Table, problem: Problem, texts: Outgoing, ignored: tuple[str, ...] = ()) -> Entry:
    moment = problem.moment
    names = moment.grade.cookies
    return Entry(
        severity=moment.severity,
        code=moment.grade.code,
        rule=moment.rule,
        host=texts.text(shown(moment.host)),
        cookies=tuple(texts.name(name) for name in names),
        step=table.trace_row(moment.step).number,
        row=table.trace_row(moment.row).number,
        request=texts.text(request_text(table, moment)),
        question=texts.text(moment.question, names),
        cause=texts.text(moment.answer, names),
        fix=texts.text(moment.advice, names),
        count=problem.count,
        code_place=code_place(table, moment),
        ignored=ignored,
        recorders=tuple(texts.text(shown(name)) for name in problem.recorders),
    )


def _unchecked(trace: Trace, requests: int, source: str, focus: Focus | None) -> Iterator[str]:
    """Yield what was to be checked and is not in the capture, with the reason."""
    if not requests:
        why = f"there are no requests in {safe(source)}"
        if focus is not None and trace.exchanges:
            why = f"no request in {safe(source)} matches {safe(focus.describe())}"
        elif trace.exchanges:
            why = f"the browser made all requests in {safe(source)} by itself"
        yield f"Nothing was checked: {why}."
        return
    chosen = focus if focus is not None else Focus()
    placed = (exchange for exchange in trace.exchanges if chosen.place(exchange) is not None)
    if not any(exchange.response is not None for exchange in placed):
        of = plural(requests, "request")
        yield f"Nothing was checked: {of} in {safe(source)}, and no response: did the app run?"
        return
    if are_left_out(trace):
        yield f"Nothing was checked: {LEFT_OUT}"
        return
    if focus is None or len(focus.cookies) < 2:
        return
    for name in focus.cookies:
        alone = msgspec.structs.replace(focus, cookies=(name,))
        if not any(alone.place(exchange) is not None for exchange in trace.exchanges):
            yield (
                f"The cookie {quoted_text(name)} was not checked: no request in {safe(source)} "
                f"matches {safe(alone.describe())}."
            )


def _remarks(trace: Trace, requests: int, edited: int, texts: Outgoing) -> Iterator[str]:
    """Yield why a report may mean less than it seems to, clean or not."""
    if edited:
        yield (
            f"Cookies of {plural(edited, 'request')} were changed by hand on the wire (--edit): "
            "the app and the browser did not do all of this by themselves."
        )
    if may_be_stripped(trace) and not are_left_out(trace):
        yield NO_COOKIES
    for note in trace.notes:
        if requests and note.kind is NoteKind.NOT_RECORDED:
            yield texts.text(shown(note.message))
