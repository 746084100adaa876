"""Mode 5, the key moments: questions that this trace raises, answered from it."""

from cookietrace.lesson.moments.board import MomentBoard, key_moments
from cookietrace.lesson.moments.grades import Grade, Severity
from cookietrace.lesson.moments.rules import RULES
from cookietrace.lesson.moments.writing import Moment

__all__ = ["RULES", "Grade", "Moment", "MomentBoard", "Severity", "key_moments"]
