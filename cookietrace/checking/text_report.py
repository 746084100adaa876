"""A report as plain text for people: what happened, at which step, why, and the fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from cookietrace.checking.report import CheckReport, Entry
from cookietrace.checking.reporter import Reporter
from cookietrace.lesson.display_text import plural, some
from cookietrace.lesson.moments.grades import Severity
from cookietrace.safe_text import safe

_WIDTH = 100
_INDENT = "  "


def as_text(report: CheckReport, fail_on: Severity = Severity.PROBLEM) -> str:
    """Return the report; every line of it is safe for a terminal."""
    return "".join(f"{safe(line)}\n" for line in _lines(report, fail_on))


def _lines(report: CheckReport, fail_on: Severity) -> Iterator[str]:
    if report.by:
        for group in report.groups:
            yield f"== {group.name}: {group.tally.text}"
            yield ""
            yield from _paragraphs(group.entries)
    else:
        yield from _paragraphs(report.entries)
    for entry in report.ignored:
        yield f"ignored  {entry.title}"
        for reason in entry.ignored:
            yield from _wrapped("Reason", reason)
        yield ""
    for ignore in report.unused:
        yield f"unused ignore  {ignore.describe()}"
        yield from _wrapped("Reason", ignore.reason)
        yield ""
    for remark in report.remarks:
        yield from textwrap.wrap(remark, _WIDTH)
    if report.requests or not report.remarks:  # otherwise a remark says that nothing was checked
        yield _summary(report, fail_on)


def _paragraphs(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        yield from entry_lines(entry)
        yield ""


def entry_lines(entry: Entry) -> Iterator[str]:
    """Yield one problem or warning, without an empty line after it."""
    yield f"{entry.severity.value}  {entry.title}"
    often = f" ({entry.count:,} times)" if entry.count > 1 else ""
    among = " of all captures together" if entry.recorders else ""
    request = f" (request: step {entry.step})" if entry.step != entry.row else ""
    yield f"{_INDENT}Step {entry.row}{among}: {entry.request}{request}{often}"
    if entry.recorders:
        many = len(entry.recorders)
        label = "Recorder" if many == 1 else f"{many:,} recorders"
        yield from textwrap.wrap(
            f"{label}: {some(entry.recorders)}",
            _WIDTH,
            initial_indent=_INDENT,
            subsequent_indent=2 * _INDENT,
        )
    yield from textwrap.wrap(
        entry.question, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
    )
    yield from _wrapped("Cause", entry.cause)
    if entry.fix:
        yield from _wrapped("Fix", entry.fix)
    place = entry.code_place
    if place is not None:
        line = "" if place.line is None else f":{place.line}"
        function = "" if place.function is None else f" ({place.function})"
        yield f"{_INDENT}Code:  {place.file}{line}{function}"


def _wrapped(label: str, text: str) -> Iterator[str]:
    """Yield a labelled paragraph; its lines hang under the first one."""
    start = f"{_INDENT}{label}: ".ljust(len(f"{_INDENT}Cause: "))
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
    ) or [start.rstrip()]


def _summary(report: CheckReport, fail_on: Severity) -> str:
    counts = report.tally.text or "No problems"
    ignored = f" · {len(report.ignored):,} ignored" if report.ignored else ""
    passes = "" if report.failing(fail_on) or not report.entries else f" · none is a {fail_on}"
    return f"{counts}{passes}{ignored} in {report.source} ({plural(report.requests, 'request')})"


REPORTER = Reporter(name="text", title="Plain text", write=as_text)
