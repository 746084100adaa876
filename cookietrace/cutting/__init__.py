"""Parts of captures: a beginning removed, a stretch copied, several captures made one."""

from cookietrace.cutting.beginning import Beginning, begin
from cookietrace.cutting.compacting import compact, is_younger, none_before
from cookietrace.cutting.merge import merge
from cookietrace.cutting.places import chosen_stretch
from cookietrace.cutting.stretch import Stretch, stretch

__all__ = [
    "Beginning",
    "Stretch",
    "begin",
    "chosen_stretch",
    "compact",
    "is_younger",
    "merge",
    "none_before",
    "stretch",
]
