"""What there is to say of one cookie of a jar, of a jar that is empty, and of the refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.detail import Line, Section
from cookietrace.lesson.display_text import how_often, plural
from cookietrace.lesson.jar.board import JarBoard, JarView
from cookietrace.lesson.jar.life import LIFE_SIGNS
from cookietrace.lesson.row_marks import Mark

TOLD: Final = 5
"""How many refusals are told below a cookie's life."""

NONE_REFUSED: Final = Section("Nothing was refused until this step", ())
"""What there is to say where no Set-Cookie was refused."""


def life_section(board: JarBoard, view: JarView, position: int, cookie: Cookie) -> Section:
    """Return a cookie of a jar, held or lost, and its life up to event ``position``."""
    row = board.row(cookie, view.now)
    lines = _life(board, view.client_id, cookie.key, position)
    title = f"The life of {row.name} on {row.domain}{row.path}"
    return Section(title, (Line(f"{row.name}={row.value}"), *lines))


def empty_section(board: JarBoard, view: JarView, position: int, *, how: str = "") -> Section:
    """Return what there is to say of a jar without cookies as of event ``position``.

    ``how`` is how to see another client's jar, told where that holds some and
    this one has not even refused any.
    """
    lines = [Line("The jar is empty here: nothing was stored.")]
    if not view.refused_count and board.held_by_another(view.client_id, position):
        lines.append(Line(f"{_with('Another client holds cookies', how)}."))
    return Section("No cookies", tuple(lines))


def refusals_section(board: JarBoard, view: JarView, *, how: str = "") -> Section:
    """Return the latest refusals of a jar, ``TOLD`` of them; ``how`` is how to see the others."""
    lines = [line for row in view.refused[:TOLD] for line in _refusal(board, row)]
    if view.refused_count > TOLD:
        lines.append(Line(_with(f"and {view.refused_count - TOLD:,} before", how)))
    return Section(f"Refused until this step ({view.refused_count:,})", tuple(lines))


def refusal_section(board: JarBoard, row: Row) -> Section:
    """Return one refusal: what was to be set, why it was not, what to do."""
    _, where = board.refused_at(row)
    return Section(f"Refused at {where}", tuple(_refusal(board, row)))


def _with(text: str, how: str) -> str:
    return f"{text}: {how}" if how else text


def _life(board: JarBoard, client_id: str, key: CookieKey, position: int) -> Iterator[Line]:
    life = board.life_board.life(client_id, key, position)
    yield Line(f"{how_often('sent', life.sent)}, {how_often('withheld', life.withheld)}")
    if life.before:
        yield Line(f"{plural(life.before, 'thing')} happened before these")
    for event in life.events:
        sign, mark = LIFE_SIGNS[event.kind]
        yield Line(event.text, mark, sign=sign)
        if event.more:
            yield Line(event.more, indent=1)


def _refusal(board: JarBoard, row: Row) -> Iterator[Line]:
    told = board.refusal(row)
    _, where = board.refused_at(row)
    yield Line(f"{told.name}={told.value} from {told.host} · {where}", Mark.REFUSED)
    section = f"  [{told.section}]" if told.section else ""
    yield Line(f"{told.sentence}{section}", indent=1)
    if told.fix:
        yield Line(f"→ {told.fix}", indent=1)
