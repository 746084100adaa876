"""Questions about what each step will do, to be asked before the page shows it."""

from __future__ import annotations

import msgspec

from cookietrace.lesson.quiz import Question, QuizBoard


class Prediction(msgspec.Struct, frozen=True, array_like=True):
    """One question, for the page's script: each text is an index of ``Predictions.texts``."""

    prompt: int
    options: tuple[int, ...]
    right: int
    """The index of the right one in ``options``."""
    hint: int
    feedback: int


class Predictions(msgspec.Struct, frozen=True):
    """The questions about all steps; texts that occur again are kept once."""

    texts: tuple[str, ...]
    """Display text."""
    steps: tuple[Prediction | None, ...]
    """For each step from the first on; None if there is nothing worth asking."""

    @property
    def there(self) -> bool:
        """Whether any step can be asked about."""
        return any(prediction is not None for prediction in self.steps)


NONE = Predictions((), ())
"""For a page that does not ask."""


def predictions(board: QuizBoard, steps: int) -> Predictions:
    """Return the questions about a table of so many steps. The first step needs none."""
    texts: dict[str, int] = {}

    def place(text: str) -> int:
        return texts.setdefault(text, len(texts))

    def placed(question: Question | None) -> Prediction | None:
        if question is None:
            return None
        return Prediction(
            prompt=place(question.prompt),
            options=tuple(place(option.text) for option in question.options),
            right=question.right,
            hint=place(question.hint),
            feedback=place(question.feedback),
        )

    asked = [placed(board.predict(step)) for step in range(2, steps + 1)]
    return Predictions(tuple(texts), (None, *asked)) if any(asked) else NONE
