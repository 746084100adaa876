"""One variable of the tracker in full: its value, and the changes that led to it."""

from __future__ import annotations

from collections.abc import Callable

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sections import Line, Section
from cookietrace.lesson.tracker.board import History


def value_sections(
    history: History, step: int, label: Callable[[int], str]
) -> tuple[Section, Section]:
    """Return a variable's value after a step (0: at the start), and the changes before it.

    ``label`` returns what texts call a step.
    """
    since = history.changes[0][0] if history.changes else 0
    by_this = since == step > 0
    if by_this:
        age = "changed by this step"
    else:
        age = f"unchanged since {f'step {label(since)}' if since else 'the start'}"
    when = f"after step {label(step)}" if step else "at the start"
    value = Line(history.value, Mark.CHANGED if by_this else None)
    lines = [Line(f"step {label(at)}: {text}") for at, text in history.changes]
    if history.count > len(lines):
        lines.append(Line(f"and {plural(history.count - len(lines), 'earlier change')}", indent=1))
    else:
        lines.append(Line(f"start: {history.start}"))
    return (
        Section(f"{history.name} {when}", (value, Line(age, indent=1))),
        Section(f"Changed {plural(history.count, 'time')} so far", tuple(lines)),
    )
