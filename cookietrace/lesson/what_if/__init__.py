"""What if: a capture told again with other cookies, another browser, another time or place."""

from cookietrace.edits import LineChange
from cookietrace.lesson.what_if.differences import Difference
from cookietrace.lesson.what_if.moves import Move
from cookietrace.lesson.what_if.offers import (
    Offer,
    offers,
    only_here,
    place_of,
    subjects,
    typed_change,
)
from cookietrace.lesson.what_if.retelling import Retelling, Retold, retold
from cookietrace.lesson.what_if.scenario import CookiePlace, Scenario
from cookietrace.lesson.what_if.wording import what_if_entry, what_if_lines

__all__ = [
    "CookiePlace",
    "Difference",
    "LineChange",
    "Move",
    "Offer",
    "Retelling",
    "Retold",
    "Scenario",
    "offers",
    "only_here",
    "place_of",
    "retold",
    "subjects",
    "typed_change",
    "what_if_entry",
    "what_if_lines",
]
