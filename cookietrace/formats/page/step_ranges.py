"""Step numbers as ranges: compact for the page's script, and in words for the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def ranges(numbers: Iterable[int]) -> str:
    """Return ascending numbers in the form that the page's script reads: ``1-3 5``."""
    if isinstance(numbers, range) and numbers.step == 1:  # one run, however long
        return _run(numbers[0], numbers[-1]) if numbers else ""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return " ".join(_run(first, last) for first, last in runs)


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def steps_in_words(steps: Iterable[int], label: Callable[[int], str]) -> str:
    """Return ascending steps for the reader: ``step 5``, ``steps 1–3, 5``.

    ``label`` returns what texts call a step. A run has no other step of the table within.
    """
    runs = ["–".join(label(int(end)) for end in run.split("-")) for run in ranges(steps).split()]
    noun = "step" if len(runs) == 1 and "–" not in runs[0] else "steps"
    return f"{noun} {', '.join(runs)}"
