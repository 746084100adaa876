"""Parts of captures: a beginning removed, a stretch copied, several captures made one."""

from cookietrace.cutting.beginning import Beginning, begin
from cookietrace.cutting.compacting import compact, is_younger, none_before
from cookietrace.cutting.stretch import Stretch, stretch

__all__ = ["Beginning", "Stretch", "begin", "compact", "is_younger", "none_before", "stretch"]
