"""What changed between two captures of the same journey, the first difference first."""

from cookietrace.lesson.changes.alignment import Alignment, align
from cookietrace.lesson.changes.columns import (
    Block,
    Cause,
    Cell,
    Pair,
    blocks,
    cause,
    cells,
    first_shown,
    pairs,
)
from cookietrace.lesson.changes.divergences import (
    Comparison,
    Divergence,
    Lonely,
    Side,
    compare,
    compare_journeys,
)
from cookietrace.lesson.changes.journey import Asking, Journey, Step, TraceJourney
from cookietrace.lesson.changes.wording import (
    NAMES,
    Outgoing,
    changes_entry,
    changes_lines,
    of_either,
    order_text,
)

__all__ = [
    "NAMES",
    "Alignment",
    "Asking",
    "Block",
    "Cause",
    "Cell",
    "Comparison",
    "Divergence",
    "Journey",
    "Lonely",
    "Outgoing",
    "Pair",
    "Side",
    "Step",
    "TraceJourney",
    "align",
    "blocks",
    "cause",
    "cells",
    "changes_entry",
    "changes_lines",
    "compare",
    "compare_journeys",
    "first_shown",
    "of_either",
    "order_text",
    "pairs",
]
