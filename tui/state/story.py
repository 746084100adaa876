"""What all screens show: the trace, its table in the current focus, and the selected step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cookietrace.fold.exchange import Exchange, NoteKind, Row, TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.live.boards import Boards
from cookietrace.lesson.live.progress import Progress
from cookietrace.lesson.live.recording import Recording
from cookietrace.lesson.mask import Mask, Masked, unmasked
from cookietrace.lesson.moments import Moment, Severity
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problems import ProblemBoard, Tally, tally
from cookietrace.lesson.table import Table, TableUpdate
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.trace import Trace
from tui.advice import DOCTOR, Advice
from tui.state.finder import Finder
from tui.state.playing import Playing
from tui.state.quiz_round import Score
from tui.state.selection import Selection

_AT_ONCE: Final = 500
"""How many exchanges a new focus looks at before anything else is done."""


class Change(msgspec.Struct, frozen=True):
    """What one update changed on the screens."""

    position: int
    """How many events had been applied with it."""
    table: TableUpdate
    moved: bool
    """True if another step is selected now."""


def merge_changes(changes: Sequence[Change]) -> Change:
    """Return one change equal to several changes in order."""
    added = [change.table.first_added for change in changes if change.table.first_added is not None]
    return Change(
        changes[-1].position,
        TableUpdate(
            min(added, default=None),
            frozenset(step for change in changes for step in change.table.changed),
        ),
        any(change.moved for change in changes),
    )


class Story:
    """The shared state. Only the app changes it, and only on the app's own thread."""

    def __init__(
        self,
        trace: Trace,
        focus: Focus,
        recording: Recording,
        lost: Iterable[str] = (),
        names: Names = TABLE_ONLY,
        problems: ProblemBoard | None = None,
    ) -> None:
        """Show a trace, with what it holds already; ``names`` changes which names are of secrets.

        In a narrow focus, ``place_more`` places the rest of the rows. ``problems`` are those of
        the trace in its default focus, if they are known already.
        """
        self.trace = trace
        self.focus = focus
        self.recording = recording
        self.masked = False
        self._masked = Masked(names)
        self.selection = Selection()
        self.playing = Playing()
        self.score = Score()
        self.loading: Progress | None = None
        """How far the capture is read that there was at first; None once all of it is."""
        self.predicting = False
        self.hinting = False
        """True while the hint line is shown."""
        self.opens_browsers = True
        """Whether there is a key that opens a browser."""
        self.advice: tuple[Advice, ...] = ()
        """Why nothing is recorded, once nothing has been for a while."""
        self.doctor = DOCTOR
        """The command that says more about that."""
        self._found: tuple[Moment, ...] = ()
        self._found_at: dict[int, Moment] = {}
        self.new_problem: Moment | None = None
        """A problem that came up while the user watched, until it is selected."""
        self.asked_for_problems = False
        """True once the user has looked for a problem and found none."""
        self.finder = Finder(self.problem_at)
        if problems is not None and focus == problems.table.focus:
            self.table = problems.table
            self.boards = Boards(self.table, problems=problems)
        else:
            self.table = Table(trace, focus, gradually=True)
            self.boards = Boards(self.table)
        self._lost = tuple(lost)
        self.notices = NoticeBoard(trace, self._lost)
        self._kept: tuple[Table, Boards] | None = None
        """The table of the default focus, and its boards, once there was another focus."""
        self._chosen: Row | None = None
        """The row that was selected in the last table."""
        self._selected = self.selection
        """What was selected because of it."""
        self._moved = False
        """Whether the user has selected another step since."""
        self.begun: frozenset[str] = frozenset()
        """The exchanges with which fresh browsers begin in this view only."""
        self.place_more(_AT_ONCE)
        self.notices.update()
        self._show_recorder()

    @property
    def mask(self) -> Mask:
        """The function from a cookie value to what is shown for it."""
        return self._masked if self.masked else unmasked

    @property
    def count(self) -> int:
        """How many steps there are in the focus."""
        return len(self.table)

    @property
    def step(self) -> int:
        """The selected step; 0 while there is none."""
        return min(self.selection.step, self.count)

    @property
    def where(self) -> str:
        """The selected step and the last one, as texts call them; empty without a step.

        For example ``step 3 of 12``.
        """
        if not self.step:
            return ""
        return f"step {self.table.label(self.step)} of {self.table.numbers[1]}"

    @property
    def last_visible_step(self) -> int:
        """The last step that may be shown; while predicting, the selected one."""
        return self.step if self.predicting else self.count

    @property
    def exchange(self) -> Exchange | None:
        """The exchange of the selected step."""
        return self.table.exchange(self.step) if self.step else None

    @property
    def position(self) -> int:
        """The position of the selected step in the capture."""
        return self.table.position(self.step) if self.step else self.trace.position

    def set_problems(self, found: tuple[Moment, ...]) -> None:
        """Show these problems and warnings, the worst first."""
        self._found = found
        self._found_at = {moment.row: moment for moment in reversed(found)}

    def problems(self) -> tuple[Moment, ...]:
        """Return the problems and warnings found so far, the worst first.

        While predicting, only those of steps that may be shown.
        """
        if not self.predicting:
            return self._found
        return tuple(moment for moment in self._found if moment.row <= self.last_visible_step)

    def problem_at(self, step: int) -> Moment | None:
        """Return the worst problem or warning of a step's row, as far as it may be shown."""
        return self._found_at.get(step) if step <= self.last_visible_step else None

    @property
    def tally(self) -> Tally:
        """How many problems and warnings there are; what several recorders have counts once."""
        found = self.problems()
        if any(moment.recorder is not None for moment in found):
            return tally(problem.moment for problem in distinct(found))
        return tally(found)

    @property
    def worst(self) -> Severity:
        """The severity of the worst of them; a note if there are none."""
        return next((moment.severity for moment in self.problems()), Severity.NOTE)

    @property
    def client_id(self) -> str | None:
        """The client whose jar is shown: the one asked for, or the selected step's client."""
        if self.selection.client_id is not None:
            return self.selection.client_id
        if self.exchange is not None:
            return self.exchange.request.client_id
        return self.trace.clients[0].client_id if self.trace.clients else None

    def apply(self, update: TraceUpdate) -> Change:
        """Apply what the follower folded. While predicting, new steps stay hidden."""
        seen = self.count
        change = self.table.update(update)
        self.boards.add_update(update)
        if self._kept is not None and self._kept[0] is not self.table:
            self._kept[0].update(update)
            self._kept[1].add_update(update)
        self.notices.update()
        if update.recorder:
            self._show_recorder()
        before = self.selection.step
        if self.predicting and self.count > seen:
            self.selection = self.selection.paused(seen)
        self.selection = self.selection.grown(self.count)
        return Change(update.position, change, self.selection.step != before)

    def _show_recorder(self) -> None:
        """Show what the capture itself says about its recording."""
        gaps = [note.message for note in self.trace.notes if note.kind is NoteKind.GAP]
        self.recording = self.recording.with_recorder(
            self.trace.recorder, self.trace.listeners, gaps[-1] if gaps else None
        )

    def set_focus(self, focus: Focus) -> None:
        """Change the focus. The selected step stays selected if it is still in focus.

        In a long trace, ``place_more`` places the rest of the rows that a narrow focus has.
        """
        self.focus = focus
        kept = self._kept
        if kept is not None and focus == Focus() and kept[0].mask is self.mask:
            self._show_table(*kept)
            self._select_chosen()
        else:
            self._show_table(Table(self.trace, focus, mask=self.mask, gradually=True))
            self.place_more(_AT_ONCE)

    def set_masked(self, masked: bool) -> None:
        """Hide or show cookie values."""
        client_id = self.selection.client_id
        self.masked = masked
        self._show_table(self.table.with_mask(self.mask))
        self._kept = None
        self._select_chosen()
        self.selection = msgspec.structs.replace(self.selection, client_id=client_id)

    def set_trace(self, trace: Trace, begun: frozenset[str]) -> None:
        """Show the capture as it was read again, with fresh browsers from these exchanges on."""
        self.trace = trace
        self.begun = begun
        self.notices = NoticeBoard(trace, self._lost)
        self.notices.update()
        table = Table(trace, self.focus, mask=self.mask, gradually=True)
        self._show_table(table, Boards(table))
        self._kept = None
        self.place_more(_AT_ONCE)

    @property
    def placing(self) -> Progress | None:
        """How many exchanges a new focus has looked at; None once that is all of them."""
        table = self.table
        return Progress(table.looked_at, len(self.trace.exchanges)) if table.behind else None

    def place_more(self, limit: int) -> Change:
        """Look at some more exchanges for the focus."""
        was_behind, before = self.table.behind, self.selection.step
        change = self.table.catch_up(limit)
        if was_behind and not self.table.behind:  # the boards need a table without holes
            self.boards = Boards(self.table, self.boards.histories.board)
        self._select_chosen()
        moved = self.selection.step != before
        return Change(self.trace.position, change, moved)

    def _show_table(self, table: Table, boards: Boards | None = None) -> None:
        """Show another table; its boards share the histories unless they are given.

        That of the default focus is kept: to make it and its boards again reads the whole trace.
        """
        if self.table.focus == Focus():
            self._kept = self.table, self.boards
        self._chosen = self.table.trace_row(self.step) if self.step else None
        self.table = table
        self.boards = boards or Boards(table, self.boards.histories.board)
        self.set_problems(())
        self.new_problem = None
        self.finder.restart()
        self._selected = self.selection
        self._moved = False

    def _select_chosen(self) -> None:
        """Select the step that was selected in the last table, as soon as its row is placed."""
        if self.selection is not self._selected:
            self._moved = True
        if self._moved:
            self.selection = self.selection.grown(self.count)
        elif self.selection.following or self._chosen is None:
            self.selection = self.selection.follow(self.count)
        else:
            chosen = self._chosen
            steps = self.table.steps_of(chosen.exchange_id)
            same = (step for step in steps if self.table.trace_row(step) == chosen)
            step = next(same, steps[0] if steps else min(1, self.count))
            self.selection = msgspec.structs.replace(self.selection, step=step, seen=self.count)
        self._selected = self.selection
