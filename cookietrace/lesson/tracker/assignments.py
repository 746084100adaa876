"""Which step gave which variable which value: the memory of the variable tracker."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence

Change = tuple[int, str]
"""A step, and the value that a variable had after it."""


class Assignments:
    """Values by variable; what a step gave may be told again, or be told late.

    ``start`` names the value that a variable has before any step; ``known`` are
    variables that are there from the start. Looking at a step takes time in
    proportion to the logarithm of what came before it.
    """

    def __init__(self, start: Callable[[str], str], known: Iterable[str] = ()) -> None:
        self._start = start
        self._values: dict[str, list[Change]] = {name: [] for name in known}
        self._moved: dict[str, list[int]] = {}
        self._given: dict[int, dict[str, str]] = {}
        self._busy: dict[int, dict[str, None]] = {}
        self._steps: list[int] = []

    # --- telling

    def record(self, step: int, given: dict[str, str]) -> None:
        """Say all that an exchange's step gave, in the stead of what was said of it before."""
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
        """Take in that a step gave a variable a value; the latest word of a step counts."""
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
        """See whether an assignment changed its variable."""
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
            if step not in self._busy:
                insort(self._steps, step)
            self._busy.setdefault(step, {})[name] = None
        elif known and not moved:
            del steps[index]
            del self._busy[step][name]
            if not self._busy[step]:
                del self._busy[step]
                del self._steps[bisect_left(self._steps, step)]

    # --- asking

    @property
    def names(self) -> Sequence[str]:
        """Every variable, in the order in which they came."""
        return tuple(self._values)

    def __len__(self) -> int:
        """The number of variables."""
        return len(self._values)

    def steps(self, upto: int) -> Sequence[int]:
        """Return the steps up to ``upto`` at which some variable changed, in order."""
        return self._steps[: bisect_right(self._steps, upto)]

    def changed(self, step: int) -> Iterable[str]:
        """Return the variables that a step changed."""
        return tuple(self._busy.get(step, ()))

    def known(self, name: str, upto: int) -> bool:
        """Say whether a step up to ``upto`` assigned the variable."""
        changes = self._values.get(name, [])
        return bool(changes) and changes[0][0] <= upto

    def within(self, name: str, first: int, last: int) -> tuple[Change, ...]:
        """Return what decides a variable's value from the step before ``first`` to ``last``.

        Empty where no step up to ``last`` assigned it.
        """
        changes = self._values.get(name, [])
        end = bisect_right(changes, last, key=_step_of)
        begin = bisect_right(changes, max(0, first - 1), key=_step_of)
        return tuple(changes[max(0, begin - 1) : end])

    def moves(self, name: str, upto: int) -> int:
        """Return how often a variable has changed up to a step."""
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
        """Return the last step before ``step`` that changed the variable; None without one."""
        steps = self._moved.get(name, ())
        index = bisect_left(steps, step)
        return steps[index - 1] if index else None

    def after(self, name: str, step: int) -> int | None:
        """Return the first step after ``step`` that changed the variable; None without one."""
        steps = self._moved.get(name, ())
        index = bisect_right(steps, step)
        return steps[index] if index < len(steps) else None


def _step_of(change: Change) -> int:
    return change[0]
