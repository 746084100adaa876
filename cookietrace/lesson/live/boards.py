"""The boards of one table, created when first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from cookietrace.fold.exchange import RowKind, TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.jar.board import JarBoard
from cookietrace.lesson.moments.board import MomentBoard
from cookietrace.lesson.problems import ProblemBoard
from cookietrace.lesson.quiz.board import QuizBoard
from cookietrace.lesson.snapshot import Snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import TrackerBoard

_EXCHANGE = RowKind.EXCHANGE
CATCH_UP = 64
"""How many steps a board reads at a time, so that no key press has to wait."""


class GrowingBoard(Protocol):
    """A board that reads a growing table in small portions."""

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Read what changed and at most ``limit`` new steps; return True if nothing is left.

        Only ``update.exchanges`` is used; everything else comes from the table.
        """
        ...


B = TypeVar("B", bound=GrowingBoard)


class LazyBoard(Generic[B]):
    """A board that is created on first use, and the changes that it has not read yet."""

    def __init__(self, make: Callable[[], B], known: B | None = None) -> None:
        """``known`` is a board that exists already, and so must miss no update."""
        self._make = make
        self._board = known
        self._position: int | None = None
        """The position of the latest update that the board has not read; None if there is none."""
        self._changed: dict[str, None] = {}

    def add_update(self, update: TraceUpdate) -> None:
        """Remember an update until the board is used. A board not created yet needs none."""
        if self._board is not None:
            self._position = update.position
            self._changed.update(dict.fromkeys(update.exchanges))

    def catch_up(self, limit: int | None = CATCH_UP) -> bool:
        """Read the waiting changes and at most ``limit`` new steps; True if nothing is left."""
        update = None
        if self._position is not None:
            update = TraceUpdate(self._position, exchanges=tuple(self._changed))
            self._position, self._changed = None, {}
        return self.board.update(update, limit)

    @property
    def board(self) -> B:
        """The board, as far as it has caught up."""
        if self._board is None:
            self._board = self._make()
        return self._board


class Boards:
    """The boards of one table. Another focus or mask makes another table and other boards."""

    def __init__(
        self,
        table: Table,
        histories: CookieHistories | None = None,
        problems: ProblemBoard | None = None,
    ) -> None:
        """``histories`` depends only on the trace, so the boards of another table can reuse it.

        ``problems`` are those of this table, if they are known already.
        """
        if problems is not None:
            histories = problems.histories
        if histories is None:  # most of what requests did is never asked for
            histories = CookieHistories(table.trace, sparing=True)
        self.histories = LazyBoard(lambda: histories)
        self.flow = FlowBoard(table)
        self.tracker = LazyBoard(lambda: TrackerBoard(table, jar=True))
        self.moments = LazyBoard(lambda: MomentBoard(table, histories))
        self.problems = LazyBoard(lambda: ProblemBoard(table, histories), problems)
        self.quiz = LazyBoard(lambda: QuizBoard(table, histories))
        self.snapshot = LazyBoard(lambda: Snapshot(table))
        self.jar = LazyBoard(lambda: JarBoard(table, histories))

    @property
    def reading(self) -> str:
        """How far the histories are that moments, quiz and jar need; empty once they are whole."""
        histories = self.histories.board
        if histories.recorded == histories.seen:
            return ""
        return f"read {histories.recorded:,} of {histories.seen:,} requests"

    def add_update(self, update: TraceUpdate) -> None:
        """Pass on an update that the table has already applied, before a board reads on.

        The histories are shared by several boards, so they correct what they know right away.
        """
        begun = {row.exchange_id for row in update.rows if row.kind is _EXCHANGE}
        earlier = [exchange_id for exchange_id in update.exchanges if exchange_id not in begun]
        update = TraceUpdate(update.position, exchanges=tuple(earlier))  # all others are unread
        self.histories.board.correct(update)
        for lazy in (self.tracker, self.moments, self.problems, self.quiz, self.snapshot, self.jar):
            lazy.add_update(update)
