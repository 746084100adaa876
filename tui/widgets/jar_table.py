"""The two tables of mode 9: the cookies with their lives, and the refused cookies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Row
from cookietrace.lesson.jar.board import GoneCookie, JarBoard, JarView, state_marks
from cookietrace.lesson.jar.life import LIFE_SIGNS, LifeKind, Scale
from cookietrace.lesson.row_marks import SIGNS, Mark
from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import LEGEND, PLAIN, QUIET, drawn, tone
from tui.widgets.guide import Guide
from tui.widgets.virtual_table import VirtualTable

NOW: Final = "▏"
"""The end of a life line: the selected step."""

_OTHER_COLUMNS: Final = 82
"""The fewest cells of the jar's other columns."""
_SHORTEST: Final = 12
_LONGEST: Final = 60


def life_cells(width: int) -> int:
    """Return the width of a life line in a table of this width."""
    return max(_SHORTEST, min(_LONGEST, width - _OTHER_COLUMNS))


def jar_columns(cells: int) -> tuple[Column, ...]:
    """Return the columns of the jar, for life lines of ``cells`` cells."""
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
    """The cookies in one jar, then those that are gone."""

    GUIDE = Guide(
        title="Cookie jar",
        text=(
            "The cookies that the browser holds after the selected step, rebuilt from the traffic, "
            "then those that are gone, newest first. The line shows the life of a cookie from the "
            "first step to the selected one; the pane beside or below describes it in words. A "
            "cookie whose domain starts with a dot is also sent to subdomains; without the dot it "
            "is host-only. Press r for every Set-Cookie that was refused, with the reason and the "
            "fix."
        ),
        signs=(
            *(entry for entry in LEGEND if entry[0] in "↑⊘●◌?!✗"),
            ("↻", QUIET, "set again, unchanged"),
            ("○", "changed", "deleted, expired or evicted"),
            ("─", QUIET, "in the jar"),
            ("·", QUIET, "not in the jar"),
        ),
        keys=(
            ("↑ ↓ j k", "another cookie"),
            ("← →", "previous step, next step"),
            ("r", "show the refused cookies, or the jar again"),
            ("Enter", "show the life on the whole screen; refused: go to the step"),
            ("c", "show the next client's jar"),
            ("d", "hide or show the pane"),
            ("D", "show what is inside the session or token, or stop"),
        ),
    )


class RefusedTable(VirtualTable):
    """The refused cookies."""

    GUIDE = JarTable.GUIDE


class JarRows:
    """A ``RowSource`` over a ``JarView``: the cookies in the jar, then those that are gone."""

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
        """Show another jar."""
        self._board, self._view, self._marks, self._scale = board, view, marks, scale

    def __len__(self) -> int:
        """Return how many cookies there are, including those that are gone."""
        return len(self._view.cookies) + len(self._view.gone) if self._view is not None else 0

    def cookie(self, index: int) -> tuple[Cookie, GoneCookie | None]:
        """Return a cookie, and how it left the jar if it is gone."""
        assert self._view is not None
        held = len(self._view.cookies)
        if index < held:
            return self._view.cookies[index], None
        gone = self._view.gone[index - held]
        return gone.cookie, gone

    def index_of(self, key: CookieKey | None) -> int:
        """Return the index of a cookie; 0 if it is not there."""
        return next((i for i in range(len(self)) if self.cookie(i)[0].key == key), 0)

    def cells(self, index: int) -> Cells:
        """Return one cookie."""
        assert self._board is not None
        assert self._view is not None
        cookie, gone = self.cookie(index)
        row = self._board.row(cookie, self._view.now)
        flags = [row.state, "Secure" if row.secure else "", "HttpOnly" if row.http_only else ""]
        flags += [row.same_site, f"within {row.partition}" if row.partition else ""]
        marks = state_marks(cookie, self._marks.get(cookie.key, frozenset()))
        signs, name, plain = drawn(marks), PLAIN, PLAIN
        if gone is not None:
            sign, mark = LIFE_SIGNS[LifeKind.GONE]
            signs, name, plain = ((sign, tone(mark)),), QUIET, QUIET
        elif cookie.unconfirmed:
            name, plain = QUIET, QUIET
        elif Mark.CHANGED in marks:
            name = "changed"
        expires = row.expires if gone is None else f"{gone.how} · {gone.where}"
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
                plain if gone is not None or row.expires != "session" else QUIET,
                "odd" if row.state and gone is None else plain,
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
    """A ``RowSource`` over refusals, newest first."""

    def __init__(self) -> None:
        self._board: JarBoard | None = None
        self.rows: Sequence[Row] = ()

    def show(self, board: JarBoard | None, rows: Sequence[Row]) -> None:
        """Show other refusals."""
        self._board, self.rows = board, rows

    def __len__(self) -> int:
        """Return how many refusals there are."""
        return len(self.rows)

    def cells(self, index: int) -> Cells:
        """Return one refusal."""
        assert self._board is not None
        row = self.rows[index]
        refusal = self._board.refusal(row)
        _, where = self._board.refused_at(row)
        return Cells(
            (where, f"{refusal.name}={refusal.value}", refusal.host, refusal.sentence),
            (QUIET, "refused", PLAIN, PLAIN),
            ((SIGNS[Mark.REFUSED], tone(Mark.REFUSED)),),
        )
