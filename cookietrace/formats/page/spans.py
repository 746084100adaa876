"""Runs of steps: during which steps something on the page is to be seen."""

from __future__ import annotations

from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> str:
    """Return ascending numbers as the page's script reads them: ``1-3 5``."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def steps_in_words(numbers: Iterable[int]) -> str:
    """Return ascending steps for people: ``step 5``, ``steps 1–3, 5``."""
    told = ranges(numbers).replace("-", "–").split()
    noun = "step" if len(told) == 1 and "–" not in told[0] else "steps"
    return f"{noun} {', '.join(told)}"
