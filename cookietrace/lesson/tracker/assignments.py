"""Which step assigned which value to which variable: the variable tracker's index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence

Change = tuple[int, str]
"""A step, and the value that a variable had after it."""


class Assignments:
    """Values by variable and step; a step can be recorded again, or late.

    ``start`` returns the value that a variable has before any step; ``known`` are
    variables that exist from the start. Looking up a step takes logarithmic time.
    """

    def __init__(self, start: Callable[[str], str], known: Iterable[str] = ()) -> None:
        self._start = start
        self._values: dict[str, list[Change]] = {name: [] for name in known}
        self._moved: dict[str, list[int]] = {}
        self._given: dict[int, dict[str, str]] = {}
        self._changed_by_step: dict[int, dict[str, None]] = {}
        self._steps: list[int] = []

    # --- recording

    def record(self, step: int, given: dict[str, str]) -> None:
        """Set everything that a step assigned, replacing what was recorded for it."""
        before = self._given.get(step)
        if before == given:
            return
        for name in before or ():
            if name not in given:
                self._forget(name, step)
        for name, value in given.items():
            self.note(name, step, value)
        self._given[step] = given

    def note(self, name: str, step: int, value: str) -> None:
        """Record that a step assigned a value to a variable; a step's last value counts."""
        changes = self._values.setdefault(name, [])
        index = bisect_left(changes, step, key=_step_of)
        if index < len(changes) and changes[index][0] == step:
            changes[index] = (step, value)
        else:
            changes.insert(index, (step, value))
        self._compare(name, index)
        self._compare(name, index + 1)

    def _forget(self, name: str, step: int) -> None:
        changes = self._values[name]
        index = bisect_left(changes, step, key=_step_of)
        del changes[index]
        self._mark(name, step, moved=False)
        self._compare(name, index)

    def _compare(self, name: str, index: int) -> None:
        """Update whether an assignment changed its variable."""
        changes = self._values[name]
        if index < len(changes):
            before = changes[index - 1][1] if index else self._start(name)
            self._mark(name, changes[index][0], moved=changes[index][1] != before)

    def _mark(self, name: str, step: int, *, moved: bool) -> None:
        steps = self._moved.setdefault(name, [])
        index = bisect_left(steps, step)
        known = index < len(steps) and steps[index] == step
        if moved and not known:
            steps.insert(index, step)
            if step not in self._changed_by_step:
                insort(self._steps, step)
            self._changed_by_step.setdefault(step, {})[name] = None
        elif known and not moved:
            del steps[index]
            del self._changed_by_step[step][name]
            if not self._changed_by_step[step]:
                del self._changed_by_step[step]
                del self._steps[bisect_left(self._steps, step)]

    # --- reading

    @property
    def names(self) -> Sequence[str]:
        """Every variable, in the order of first assignment."""
        return tuple(self._values)

    def __len__(self) -> int:
        """The number of variables."""
        return len(self._values)

    def steps(self, upto: int) -> Sequence[int]:
        """Return the steps up to ``upto`` in which some variable changed, in order."""
        return self._steps[: bisect_right(self._steps, upto)]

    def changed(self, step: int) -> Iterable[str]:
        """Return the variables that a step changed."""
        return tuple(self._changed_by_step.get(step, ()))

    def known(self, name: str, upto: int) -> bool:
        """Return whether a step up to ``upto`` assigned the variable."""
        changes = self._values.get(name, [])
        return bool(changes) and changes[0][0] <= upto

    def within(self, name: str, first: int, last: int) -> tuple[Change, ...]:
        """Return the changes that determine a variable from step ``first`` - 1 to ``last``.

        Empty if no step up to ``last`` assigned it.
        """
        changes = self._values.get(name, [])
        end = bisect_right(changes, last, key=_step_of)
        begin = bisect_right(changes, max(0, first - 1), key=_step_of)
        return tuple(changes[max(0, begin - 1) : end])

    def moves(self, name: str, upto: int) -> int:
        """Return how often a variable changed up to a step."""
        return bisect_right(self._moved.get(name, ()), upto)

    def latest(self, name: str, upto: int, most: int) -> tuple[Change, ...]:
        """Return the last ``most`` changes of a variable up to a step, the newest first."""
        steps, changes = self._moved.get(name, []), self._values.get(name, [])
        end = bisect_right(steps, upto)
        return tuple(
            changes[bisect_left(changes, step, key=_step_of)]
            for step in reversed(steps[max(0, end - most) : end])
        )

    def before(self, name: str, step: int) -> int | None:
        """Return the last step before ``step`` that changed the variable; None if there is none."""
        steps = self._moved.get(name, ())
        index = bisect_left(steps, step)
        return steps[index - 1] if index else None

    def after(self, name: str, step: int) -> int | None:
        """Return the first step after ``step`` that changed the variable; None if there is none."""
        steps = self._moved.get(name, ())
        index = bisect_right(steps, step)
        return steps[index] if index < len(steps) else None


def _step_of(change: Change) -> int:
    return change[0]
