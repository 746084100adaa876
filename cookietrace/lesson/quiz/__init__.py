"""Mode 6, the visual quiz: questions about this trace, with answers checked by the fold."""

from cookietrace.lesson.quiz.board import QuizBoard, quiz
from cookietrace.lesson.quiz.choice import best_questions
from cookietrace.lesson.quiz.kinds import KINDS, PREDICTIONS
from cookietrace.lesson.quiz.question import Option, Question

__all__ = ["KINDS", "PREDICTIONS", "Option", "Question", "QuizBoard", "best_questions", "quiz"]
