"""What changed between two captures of the same journey, the first difference first."""

from cookietrace.lesson.changes.alignment import Alignment, align
from cookietrace.lesson.changes.divergences import Comparison, Divergence, compare
from cookietrace.lesson.changes.wording import changes_entry, changes_lines

__all__ = [
    "Alignment",
    "Comparison",
    "Divergence",
    "align",
    "changes_entry",
    "changes_lines",
    "compare",
]
