"""What the lesson room keeps of the table in focus, made when a mode first asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.jar.board import JarBoard
from cookietrace.lesson.moments.board import MomentBoard
from cookietrace.lesson.quiz.board import QuizBoard
from cookietrace.lesson.snapshot import Snapshot
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import TrackerBoard

CATCH_UP = 400
"""How many steps a board takes in at once, so that a key is never kept waiting."""


class Growing(Protocol):
    """A board that follows a growing table bit by bit."""

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in what changed, at most ``limit`` new steps; True where none is left.

        Of the update it reads which exchanges have changed; all else it knows from the table.
        """
        ...


B = TypeVar("B", bound=Growing)


class Kept(Generic[B]):
    """A board, made at its first use, and what has changed since it was asked for."""

    def __init__(self, make: Callable[[], B]) -> None:
        self._make = make
        self._board: B | None = None
        self._position: int | None = None
        """That of the last update which the board has yet to hear of; None where it knows all."""
        self._changed: dict[str, None] = {}

    def tell(self, update: TraceUpdate) -> None:
        """Keep an update until the board is asked for; a board yet to be made needs none."""
        if self._board is not None:
            self._position = update.position
            self._changed.update(dict.fromkeys(update.exchanges))

    def catch_up(self, limit: int | None = CATCH_UP) -> bool:
        """Take in what waits and at most ``limit`` new steps; True where none is left."""
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
    """The boards of one table; another focus or mask makes another table, and other boards."""

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """``histories`` depends on the trace alone, so another table's boards can share it."""
        histories = histories if histories is not None else CookieHistories(table.trace)
        self.histories = Kept(lambda: histories)
        self.flow = FlowBoard(table)
        self.tracker = Kept(lambda: TrackerBoard(table, jar=True))
        self.moments = Kept(lambda: MomentBoard(table, histories))
        self.quiz = Kept(lambda: QuizBoard(table, histories))
        self.snapshot = Kept(lambda: Snapshot(table))
        self.jar = Kept(lambda: JarBoard(table, histories))

    def tell(self, update: TraceUpdate) -> None:
        """Let every board know what the table has taken in.

        The histories are shared, so that what they know already is put right at once.
        """
        self.histories.board.update(update, 0)
        for kept in (self.tracker, self.moments, self.quiz, self.snapshot, self.jar):
            kept.tell(update)
