"""The pane of the cookie jar: one cookie's life, an empty jar, and the refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.display_text import how_often, plural
from cookietrace.lesson.jar.board import JarBoard, JarView
from cookietrace.lesson.jar.life import LIFE_SIGNS
from cookietrace.lesson.prose import section_text
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sections import FIX, Line, Section

MOST_SHOWN: Final = 5
"""How many refusals are shown in full below a cookie's life."""

NONE_REFUSED: Final = Section("Nothing was refused up to this step", ())
"""Shown if no Set-Cookie was refused."""


def life_section(board: JarBoard, view: JarView, position: int, cookie: Cookie) -> Section:
    """Return a cookie that the jar holds or has lost, with its life up to event ``position``."""
    row = board.row(cookie, view.now)
    lines = _life(board, view.client_id, cookie.key, position, inferred=cookie.inferred)
    title = f"Life of {row.name} on {row.domain}{row.path}"
    return Section(title, (Line(f"{row.name}={row.value}"), *lines))


def empty_section(board: JarBoard, view: JarView, position: int, *, how: str = "") -> Section:
    """Return the section for a jar without cookies after ``position`` events.

    ``how`` says how to see another client's jar. It is shown if another jar holds
    cookies and this one has not refused any.
    """
    lines = [Line("The jar is empty at this step.")]
    if not view.refused_count and board.held_by_another(view.client_id, position):
        lines.append(Line(f"{_with('Another client has cookies', how)}."))
    return Section("No cookies", tuple(lines))


def refusals_section(board: JarBoard, view: JarView, *, how: str = "") -> Section:
    """Return the latest refusals of a jar; ``how`` says how to see the others."""
    lines = [line for row in view.refused[:MOST_SHOWN] for line in _refusal(board, row)]
    if view.refused_count > MOST_SHOWN:
        lines.append(Line(_with(f"and {view.refused_count - MOST_SHOWN:,} earlier", how)))
    return Section(f"Refused up to this step ({view.refused_count:,})", tuple(lines))


def refusal_section(board: JarBoard, row: Row) -> Section:
    """Return one refusal: the cookie, the reason, and what to do."""
    _, where = board.refused_at(row)
    return Section(f"Refused at {where}", tuple(_refusal(board, row)))


def _with(text: str, how: str) -> str:
    return f"{text}: {how}" if how else text


def _life(
    board: JarBoard, client_id: str, key: CookieKey, position: int, *, inferred: bool = False
) -> Iterator[Line]:
    life = board.life_board.life(client_id, key, position)
    withheld = how_often("withheld", life.withheld)
    if inferred and not life.withheld:  # nobody can tell whether the client had it all the time
        withheld = "never seen withheld"
    yield Line(f"{how_often('sent', life.sent)}, {withheld}")
    if life.before:
        yield Line(f"{plural(life.before, 'earlier event')} not shown")
    for event in life.events:
        sign, mark = LIFE_SIGNS[event.kind]
        yield Line(event.text, mark, sign=sign)
        if event.more:
            yield Line(event.more, indent=1)


def _refusal(board: JarBoard, row: Row) -> Iterator[Line]:
    refused = board.refusal(row)
    _, where = board.refused_at(row)
    yield Line(f"{refused.name}={refused.value} from {refused.host} · {where}", Mark.REFUSED)
    section = f" {section_text(refused.section)}" if refused.section else ""
    yield Line(f"{refused.sentence}{section}", indent=1)
    if refused.fix:
        yield Line(f"{FIX}{refused.fix}", indent=1)
