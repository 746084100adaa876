"""Mode 6, the visual quiz: questions made from this very trace, answers checked by the fold."""

from cookietrace.lesson.quiz.board import QuizBoard, quiz
from cookietrace.lesson.quiz.kinds import KINDS, PREDICTIONS
from cookietrace.lesson.quiz.question import Option, Question

__all__ = ["KINDS", "PREDICTIONS", "Option", "Question", "QuizBoard", "quiz"]
