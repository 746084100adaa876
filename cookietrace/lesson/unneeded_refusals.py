"""The Set-Cookie lines that were refused although no problem or warning tells of them.

Nothing shows that the app needed those cookies, so they are no problem. But they were refused, and
what says that there are no problems must not hide it.
"""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.lesson.display_text import plural, some
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.standing import is_open, is_wrong
from cookietrace.lesson.table import Table


def unneeded_refusals(table: Table, found: Iterable[Moment]) -> list[int]:
    """Return the steps of a table whose refused line none of the problems ``found`` is about.

    Lines of which it is not known whether they were refused do not count.
    """
    told = {(moment.host, name) for moment in found for name in moment.grade.cookies}
    steps: list[int] = []
    for step in table.refused_after(0):
        row = table.trace_row(step)
        host = table.exchange(step).request.target.host or ""
        steps += [
            step
            for result in row.results
            if (host, result.name) not in told
            and table.focus.covers(result.name)
            and not is_open(result)
            and not is_wrong(result)
        ]
    return steps


def refusals_sentence(table: Table, found: Iterable[Moment]) -> str:
    """Return how many lines that is, and in which steps; empty if there are none."""
    steps = unneeded_refusals(table, found)
    if not steps:
        return ""
    many = len(steps) > 1
    labels = list(dict.fromkeys(map(table.label, steps)))
    return (
        f"{plural(len(steps), 'Set-Cookie line')} {'were' if many else 'was'} refused; nothing "
        f"shows that the app needed the cookie{'s' if many else ''} "
        f"(step{'s' if len(labels) > 1 else ''} {some(labels)})."
    )
