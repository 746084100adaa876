"""What the page gets as JSON: display text of the lesson room, as plain structs."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase

import msgspec

from cookietrace import __version__
from cookietrace.fold.exchange import RowKind
from cookietrace.formats.page.verdicts import Problem, problem_of, row_verdict
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.flow import STAGES
from cookietrace.lesson.live.recording import State
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.sections import Section
from cookietrace.web.live import Live, pause

Json = dict[str, object]
"""A JSON object, of what msgspec can encode."""

MOST_ROWS = 500
"""The most rows of one response."""

MOST_PROBLEMS = 200
"""The most problems that are listed; the rows of all of them say what is wrong there."""

_ROWS_AT_ONCE = 25
"""How many rows or problems are made before others have their turn."""

HIDDEN = (
    "Values are hidden: every cookie value is a token, equal ones alike. Bodies, the app's source "
    "and variables, and the values in addresses and headers are left out, since a later cookie "
    "could show that one of them was a secret."
)


def story(live: Live, *, presents: bool) -> Json:
    """Return what the page needs to begin with; ``presents`` says who asks."""
    return {
        "id": live.changes.id,
        "version": __version__,
        "title": live.title,
        "modes": [
            {"slug": mode.slug, "key": mode.key, "name": mode.name, "title": mode.title}
            for mode in MODES
        ],
        "stages": [{"title": title, "side": side} for title, side in STAGES.values()],
        "headings": live.table.headings,
        "legend": [{"mark": mark.value, "sign": sign} for mark, sign in SIGNS.items()],
        "steps": len(live.table),
        "last_number": live.table.numbers[1],
        "problems": {"tally": live.tally.text, "rows": live.problem_steps},
        "redacted": live.redacted,
        "hidden": HIDDEN if live.sealed else "",
        "focus": focus(live),
        "live": live.recording.open,
        "presents": presents,
        **topic(live, "state"),
        **topic(live, "progress"),
        **topic(live, "presenter"),
        "notices": notices(live),
    }


def topic(live: Live, name: str) -> Json:
    """Return the present state of one topic of the stream."""
    if name == "problems":
        return {"tally": live.tally.text, "rows": live.problem_steps}
    if name == "progress":
        made = live.progress
        return {
            "progress": None
            if made is None
            else {"done": made.done, "total": made.total, "percent": made.percent}
        }
    if name == "presenter":
        return {"presenter": live.presenter}
    if name == "state":
        return {"state": state(live)}
    return {
        "title": live.title,
        "headings": live.table.headings,
        "focus": focus(live),
        "notices": notices(live),
    }


def focus(live: Live) -> str:
    """Return the focus in words; empty if everything is shown."""
    described = live.table.focus.describe()
    return "" if described == "everything" else shown(described)


def state(live: Live) -> Json:
    """Return whether something is being recorded, and what is wrong with it."""
    recording = live.recording
    return {
        "name": recording.name,
        "text": "capture deleted" if live.deleted else recording.state.value,
        "live": recording.open and not live.deleted,
        "deleted": live.deleted,
        "gap": recording.gap if recording.state is State.GAP else None,
        "trouble": recording.trouble,
        "warning": recording.warning,
    }


def notices(live: Live) -> list[Json]:
    """Return the notices: those that hold, then those that are over, both newest first."""
    return [
        {"kind": notice.kind.value, "text": notice.line, "over": notice.over}
        for notice in live.notices.all()
    ]


async def rows(live: Live, first: int, last: int) -> Json:
    """Return the rows of some steps, as far as there are any.

    The id is that from before the first of them was made.
    """
    told, last = live.changes.id, min(last, len(live.table), first + MOST_ROWS - 1)
    made = []
    for step in range(first, last + 1):
        made.append(row(live, step))
        if len(made) % _ROWS_AT_ONCE == 0:
            await pause()
    return {
        "id": told,
        "from": first,
        "to": max(last, first - 1),
        "steps": len(live.table),
        "rows": made,
    }


def named_step(live: Live, label: str) -> Json:
    """Return the step with a label, or the one whose number is nearest to that of the label.

    ``label`` is a number, perhaps with lower-case letters after it. Without steps, it is step 0.
    """
    table = live.table
    number = label.rstrip(ascii_lowercase)
    step = nearest = table.nearest(int(number))
    while 0 < step < len(table) and table.label(step) != label:
        step = step + 1 if table.label(step + 1).startswith(number) else 0
    found = step if step and table.label(step) == label else nearest
    return place(live, found) if found else {"step": 0, "label": ""}


def row(live: Live, step: int) -> Json:
    """Return one row of the execution table, with its marks and its verdict."""
    table, wrong = live.table, live.problems_at(step)
    shown = table.row(step)
    worst = problem_of(table, wrong[0]) if wrong else None
    marks = shown.marks if worst is None else shown.marks | {worst.mark}
    in_doubt = Mark.UNCONFIRMED in marks or Mark.REFUTED in marks
    return {
        "step": step,
        "label": shown.label,
        "number": shown.number,
        "kind": shown.kind.value,
        "exchange": shown.exchange_id,
        "cells": shown.cells,
        "signs": signs(marks),
        "unsure": in_doubt and shown.kind in (RowKind.STORES, RowKind.REFUSED),
        "problem": None if worst is None else problem_text(worst),
        "verdict": sections(row_verdict(table, shown, wrong)),
    }


def signs(marks: Iterable[Mark]) -> list[Json]:
    """Return marks with their signs, in the order of the legend."""
    held = set(marks)
    return [{"mark": mark.value, "sign": sign} for mark, sign in SIGNS.items() if mark in held]


def problem_text(found: Problem) -> Json:
    """Return one problem or warning."""
    return {
        "step": found.step,
        "mark": found.mark.value,
        "sign": found.sign,
        "text": found.text,
        "host": found.host,
        "section": None if found.section is None else section(found.section),
    }


async def problems(live: Live) -> Json:
    """Return the worst problems and warnings, the worst first, and how many there are in all."""
    about: Json = {"id": live.changes.id, "tally": live.tally.text, "count": len(live.found)}
    listed = []
    for moment in live.found[:MOST_PROBLEMS]:
        listed.append(_listed(live, moment))
        if len(listed) % _ROWS_AT_ONCE == 0:
            await pause()
    return {**about, "listed": listed}


def _listed(live: Live, moment: Moment) -> Json:
    return {
        **problem_text(problem_of(live.table, moment)),
        "label": live.table.label(moment.row),
        "severity": moment.severity.value,
        "steps": [place(live, step) for step in moment.steps],
    }


def place(live: Live, step: int) -> Json:
    """Return a step with what texts call it."""
    return {"step": step, "label": live.table.label(step)}


def sections(found: Iterable[Section]) -> list[Json]:
    """Return sections of a detail."""
    return [section(one) for one in found]


def section(found: Section) -> Json:
    """Return a heading with its lines; each line has the sign that stands before it."""
    return {
        "title": found.title,
        "weight": found.weight.value,
        "mark": found.mark,
        "sign": SIGNS[found.mark] if found.mark is not None else "",
        "lines": [
            {
                "text": line.text,
                "mark": line.mark,
                "sign": line.sign or (SIGNS[line.mark] if line.mark is not None else ""),
                "indent": line.indent,
            }
            for line in found.lines
        ],
    }


def encoded(value: object) -> bytes:
    """Return JSON in one line."""
    return msgspec.json.encode(value)
