"""Looks for problems in the background, and goes from one to the next."""

from __future__ import annotations

import time
from typing import Final

from cookietrace.lesson.moments import Moment, Severity
from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.modes.base import SLICE
from tui.state.story import Story

_AT_ONCE: Final = 50
"""How many exchanges the board reads before the clock is looked at."""

_BREAK: Final = 0.01
"""Seconds for keys and drawing between two slices."""

PAUSE: Final = 0.3
"""The least seconds between two searches while traffic flows."""

_SHARE: Final = 4
"""The pause after a search is this many times as long as the search was."""


class Problems:
    """Reads ``story.boards.problems`` bit by bit whenever the story has changed."""

    def __init__(self, host: Host, story: Story, stepping: Stepping) -> None:
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
        """What the user knows of; None until the first search has ended."""

    @property
    def at_rest(self) -> bool:
        """True if everything known so far has been searched."""
        return not self._due

    def story_changed(self) -> None:
        """Search again soon."""
        self._changed = True
        self._schedule(max(_BREAK, self._rest_until - time.monotonic()))

    def table_replaced(self) -> None:
        """Search the new table now: what it shows has other steps."""
        self._rest_until = 0.0
        self._grading = False
        self._search()

    def go_on(self, direction: int) -> None:
        """Go to the next row with a problem, or to the previous one if negative; then around.

        To a new problem first, as the notice line says.
        """
        story = self._story
        rows = sorted({moment.row for moment in story.problems()})
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

    def _schedule(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self._host.set_timer(seconds, self._continue)

    def _continue(self) -> None:
        self._due = False
        self._search()

    def _search(self) -> None:
        """Search for one slice of time; show what was found once nothing is left."""
        begun = time.monotonic()
        done = self._step_on()
        while not done and time.monotonic() - begun < SLICE:
            done = self._step_on()
        found = self._story.boards.problems.board.problems() if done else None
        self._used += time.monotonic() - begun
        if found is None:
            self._schedule(_BREAK)
            return
        self._rest_until = time.monotonic() + max(PAUSE, _SHARE * self._used)
        self._used = 0.0
        self._grading = False
        self._show(found)
        if self._changed:
            self.story_changed()

    def _step_on(self) -> bool:
        """Read a little, or grade one of what was found; return True if nothing is left.

        Nothing is read while grading goes on: it would have to begin again.
        """
        problems = self._story.boards.problems
        if self._grading:
            return problems.board.grade(1)
        self._grading = problems.catch_up(_AT_ONCE)
        self._changed = self._changed and not self._grading
        return False

    def _show(self, every: tuple[Moment, ...]) -> None:
        """Show what was found; a finished capture opens on the worst, a live one names a new."""
        story, before = self._story, self._story.problems()
        story.set_problems(every)
        found = story.problems()
        if story.new_problem is not None:  # it may have occurred again since
            named = _key(story.new_problem)
            story.new_problem = next((each for each in found if _key(each) == named), None)
        known = {_key(moment) for moment in found}
        if self._known is not None and story.recording.open:
            new = (moment for moment in found if _key(moment) not in self._known)
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


def _key(moment: Moment) -> object:
    """Return what a problem keeps when it occurs again, and in another table."""
    return moment.rule, moment.grade.code, moment.grade.cookies, moment.host
