"""The tables of mode 9: the cookies with their lives, and the drawer of refused ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.jar.board import GoneCookie, JarBoard, JarView
from cookietrace.lesson.jar.life import LIFE_SIGNS, LifeKind, Scale
from cookietrace.lesson.row_marks import SIGNS, Mark
from tui.drawing.cells import Cells
from tui.drawing.columns import Column
from tui.drawing.tones import LEGEND, PLAIN, QUIET, drawn, tone
from tui.widgets.help_data import HelpData
from tui.widgets.virtual_table import VirtualTable

NOW: Final = "▏"
"""What a line through time ends with: the selected step."""

_AROUND: Final = 82
"""The cells that the other columns of the jar take at least."""
_SHORTEST: Final = 12
_LONGEST: Final = 60


def life_cells(width: int) -> int:
    """Return how many cells of a table's width a life is drawn with."""
    return max(_SHORTEST, min(_LONGEST, width - _AROUND))


def jar_columns(cells: int) -> tuple[Column, ...]:
    """Return the columns of the cookies, for lives of so many cells."""
    return (
        Column("Cookie", 8),
        Column("Value", 8, weight=0.8),
        Column("For", 10, weight=1.4),
        Column("Expires", 8, weight=1.4),
        Column("Flags · SameSite", 9, weight=1.6),
        Column("Life", cells + 1, weight=9),
    )


REFUSED_COLUMNS: Final = (
    Column("Where", 8),
    Column("Refused", 10, weight=0.7),
    Column("From", 8),
    Column("Why", 20, weight=2),
)


class JarTable(VirtualTable):
    """The cookies of one jar, then those that it has lost."""

    GUIDE = HelpData(
        title="Cookie jar",
        text=(
            "The cookies that the browser held after the selected step, as rebuilt from what went "
            "over the wire, then those that it has lost, the latest first. Each has its life as a "
            "line from the first step to the selected one; beside or below, the same in words. A "
            "domain with a dot in front is sent to its subdomains too; without it the cookie is "
            "host-only. The drawer holds every Set-Cookie that was refused, with the reason and "
            "what to do."
        ),
        signs=(
            *(entry for entry in LEGEND if entry[0] in "↑⊘●?!✗"),
            ("↻", QUIET, "set again, and nothing changed"),
            ("○", "changed", "deleted, expired or pushed out"),
            ("─", QUIET, "in the jar"),
            ("·", QUIET, "not in the jar"),
        ),
        keys=(
            ("↑ ↓ j k", "another cookie"),
            ("← →", "the jar one step earlier, one step later"),
            ("r", "open the drawer of refused Set-Cookies, or close it"),
            ("Enter", "give the life the whole screen; in the drawer, go to the step"),
            ("c", "another client's jar"),
            ("d", "hide the lower pane, or show it"),
        ),
    )


class RefusedTable(VirtualTable):
    """The drawer of refused Set-Cookies."""

    GUIDE = JarTable.GUIDE


class JarRows:
    """A ``RowSource`` over a ``JarView``: what is held, then what is gone."""

    def __init__(self) -> None:
        self._board: JarBoard | None = None
        self._view: JarView | None = None
        self._marks: Mapping[CookieKey, frozenset[Mark]] = {}
        self._scale: Scale | None = None

    def show(
        self,
        board: JarBoard | None,
        view: JarView | None,
        marks: Mapping[CookieKey, frozenset[Mark]],
        scale: Scale | None,
    ) -> None:
        """Take another jar."""
        self._board, self._view, self._marks, self._scale = board, view, marks, scale

    def __len__(self) -> int:
        """How many cookies there are, those that are gone included."""
        return len(self._view.cookies) + len(self._view.gone) if self._view is not None else 0

    def cookie(self, index: int) -> tuple[Cookie, GoneCookie | None]:
        """Return a cookie, and how it went if it has gone."""
        assert self._view is not None
        held = len(self._view.cookies)
        if index < held:
            return self._view.cookies[index], None
        lost = self._view.gone[index - held]
        return lost.cookie, lost

    def index_of(self, key: CookieKey | None) -> int:
        """Return where a cookie is; 0 where it is not."""
        return next((i for i in range(len(self)) if self.cookie(i)[0].key == key), 0)

    def cells(self, index: int) -> Cells:
        """Return one cookie."""
        assert self._board is not None
        assert self._view is not None
        cookie, lost = self.cookie(index)
        row = self._board.row(cookie, self._view.now)
        flags = [row.state, "Secure" if row.secure else "", "HttpOnly" if row.http_only else ""]
        flags += [row.same_site, f"within {row.partition}" if row.partition else ""]
        marks = self._marks.get(cookie.key, frozenset())
        if cookie.inferred:
            marks |= {Mark.UNEXPLAINED}
        if cookie.doubtful:
            marks |= {Mark.MISSING}
        signs, name, plain = drawn(marks), PLAIN, PLAIN
        if lost is not None:
            sign, mark = LIFE_SIGNS[LifeKind.GONE]
            signs, name, plain = ((sign, tone(mark)),), QUIET, QUIET
        elif Mark.CHANGED in marks:
            name = "changed"
        expires = row.expires if lost is None else f"{lost.how} · {lost.where}"
        life = self._life(cookie.key)
        return Cells(
            (
                row.name,
                row.value,
                f"{row.domain}{row.path}",
                expires,
                " · ".join(flag for flag in flags if flag),
                "".join(text for text, _ in life),
            ),
            (
                name,
                name,
                plain,
                plain if lost is not None or row.expires != "session" else QUIET,
                "odd" if row.state and lost is None else plain,
                QUIET,
            ),
            signs,
            life,
        )

    def _life(self, key: CookieKey) -> tuple[tuple[str, str], ...]:
        if self._board is None or self._view is None or self._scale is None:
            return ()
        line = self._board.life_board.line(self._view.client_id, key, self._scale)
        pieces = []
        for mark, run in groupby(map(LIFE_SIGNS.__getitem__, line), key=lambda sign: sign[1]):
            name = QUIET if mark is None else tone(mark)
            pieces.append(("".join(sign for sign, _ in run), name))
        return (*pieces, (NOW, PLAIN))


class RefusedRows:
    """A ``RowSource`` over refusals, the latest first."""

    def __init__(self) -> None:
        self._board: JarBoard | None = None
        self.rows: Sequence[Row] = ()

    def show(self, board: JarBoard | None, rows: Sequence[Row]) -> None:
        """Take other refusals."""
        self._board, self.rows = board, rows

    def __len__(self) -> int:
        """How many there are."""
        return len(self.rows)

    def cells(self, index: int) -> Cells:
        """Return one refusal."""
        assert self._board is not None
        row = self.rows[index]
        told = self._board.refusal(row)
        _, where = self._board.refused_at(row)
        return Cells(
            (where, f"{told.name}={told.value}", told.host, told.sentence),
            (QUIET, "refused", PLAIN, PLAIN),
            ((SIGNS[Mark.REFUSED], tone(Mark.REFUSED)),),
        )
