"""Looks for problems in the background, and goes from one to the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from cookietrace.lesson.moments import Moment, Severity
from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.app.turns import TURN
from tui.state.story import Story

_AT_ONCE: Final = 100
"""How many exchanges the board reads before the clock is looked at."""

PAUSE: Final = 0.3
"""The least seconds between two searches while traffic flows."""

_SHARE: Final = 4
"""The pause after a search is this many times as long as the search was."""


class Problems:
    """Reads ``story.boards.problems`` bit by bit whenever the story has changed."""

    def __init__(
        self,
        host: Host,
        story: Story,
        stepping: Stepping,
        found: Callable[[], object] | None = None,
    ) -> None:
        """``found`` is called whenever everything known then has been searched."""
        self._found = found
        self._host = host
        self._story = story
        self._stepping = stepping
        self._due = False
        self._used = 0.0
        """Seconds that this search has taken so far."""
        self._rest_until = 0.0
        self._grading = False
        """Whether everything known then was read, and what was found is being graded."""
        self._changed = False
        """Whether there is more to read once that is done."""
        self._known: set[object] | None = None
        """What the user knows about; None until the first search has ended."""

    @property
    def at_rest(self) -> bool:
        """True if everything known so far has been searched."""
        return not self._due

    def story_changed(self) -> None:
        """Search again soon."""
        self._changed = True
        if self._due or self._story.table.behind:
            return
        self._due = True
        rest = self._rest_until - time.monotonic()
        if rest > 0 and self._story.loading is None:
            self._host.set_timer(rest, self._begin)
        else:
            self._begin()

    def table_replaced(self) -> None:
        """Search the new table now: what it shows has other steps."""
        self._rest_until = 0.0
        self._grading = False
        if not self._search(time.monotonic() + TURN):
            self._begin()

    def go_on(self, direction: int) -> None:
        """Go to the next row with a problem, or to the previous one if negative; then around.

        To a new problem first, as the notice line says.
        """
        story = self._story
        rows = sorted({moment.row for moment in story.problems()})
        if not rows and (story.loading is not None or story.table.behind):
            self._host.notify("Problems are looked for once everything is read.", timeout=4)
            return
        story.asked_for_problems = not rows
        screen = self._host.ready_screen
        if not rows:
            if screen is not None:
                screen.refresh_bars()
            return
        after = [row for row in rows if row > story.step]
        before = [row for row in rows if row < story.step]
        row = (after or rows)[0] if direction > 0 else (before or rows)[-1]
        if direction > 0 and story.new_problem is not None:
            row = story.new_problem.row
        if row == story.step:
            self._host.notify("There is no other problem.", timeout=2)
        self._stepping.go_to(row)

    # The search ---------------------------------------------------------------------------

    def _begin(self) -> None:
        self._host.take_turns(self._search)

    def _search(self, end: float) -> bool:
        """Search until about a time; show what was found once nothing is left."""
        if self._story.table.behind:  # the search begins when the table is there
            self._due = False
            return True
        begun = time.monotonic()
        self._due = True
        done = self._step_on()
        while not done and time.monotonic() < end and not self._host.key_waiting:
            done = self._step_on()
        self._used += time.monotonic() - begun
        if not done:
            return False
        self._due = False
        if self._grading:
            self._rest_until = time.monotonic() + max(PAUSE, _SHARE * self._used)
            self._used = 0.0
            self._grading = False
            self._show(self._story.boards.problems.board.problems())
            if self._found is not None:
                self._found()
            if self._changed:
                self.story_changed()
        return True

    def _step_on(self) -> bool:
        """Read a little, or grade one of what was found; return True if nothing is left.

        Nothing is read while grading continues: it would have to begin again. Nothing is graded
        while the capture is being loaded: what is read next changes it.
        """
        problems = self._story.boards.problems
        if self._grading:
            return problems.board.grade(1)
        caught_up = problems.catch_up(_AT_ONCE)
        self._changed = self._changed and not caught_up
        self._grading = caught_up and self._story.loading is None
        return caught_up and not self._grading

    def _show(self, every: tuple[Moment, ...]) -> None:
        """Show what was found; a finished capture opens on the worst, a live one names a new."""
        story, before = self._story, self._story.problems()
        story.set_problems(every)
        found = story.problems()
        if story.new_problem is not None:  # it may have occurred again since
            named = story.new_problem.lasting
            story.new_problem = next((each for each in found if each.lasting == named), None)
        known = {moment.lasting for moment in found}
        if self._known is not None and story.recording.open:
            new = (moment for moment in found if moment.lasting not in self._known)
            worst = next(new, None)
            if worst is not None and worst.severity is Severity.PROBLEM:
                story.new_problem = worst
        self._known = known | (self._known or set())
        if found:
            story.asked_for_problems = False
            self._stepping.open_at(found[0].row)
        screen = self._host.ready_screen
        if screen is not None and found != before:
            screen.problems_changed()
