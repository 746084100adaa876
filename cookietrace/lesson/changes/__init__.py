"""What changed between two captures of the same journey, the first difference first."""

from cookietrace.lesson.changes.alignment import Alignment, align
from cookietrace.lesson.changes.divergences import (
    Comparison,
    Divergence,
    Lonely,
    Side,
    compare,
    compare_journeys,
)
from cookietrace.lesson.changes.journey import Asking, Journey, Step, TraceJourney
from cookietrace.lesson.changes.wording import changes_entry, changes_lines

__all__ = [
    "Alignment",
    "Asking",
    "Comparison",
    "Divergence",
    "Journey",
    "Lonely",
    "Side",
    "Step",
    "TraceJourney",
    "align",
    "changes_entry",
    "changes_lines",
    "compare",
    "compare_journeys",
]
