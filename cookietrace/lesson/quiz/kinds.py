"""The KINDS table: every kind of quiz question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cookietrace.lesson.quiz import changed_responses, reading, sending, storing
from cookietrace.lesson.quiz.question import Question, QuestionContext

Kind = Callable[[QuestionContext], Question | None]
"""Returns a question about a step, or None if the step is not suitable."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "server-reads": reading.reads,
        "first-sent": reading.first_sent,
        "stops-setting": changed_responses.stops_setting,
        "which-sent": sending.which_sent,
        "why-refused": storing.why_refused,
        "why-withheld": sending.why_withheld,
        "which-of-two": reading.which_of_two,
        "expires": storing.expires,
        "outcome": storing.outcome,
        "jar-value": storing.jar_value,
        "sent-where": sending.sent_where,
        "which-fixes": changed_responses.which_fixes,
        "how-many": storing.how_many,
    }
)
"""Names and kinds. To add one: a function in its family's file, a line here, and a check."""

PREDICTIONS = ("server-reads", "which-sent", "outcome", "jar-value", "how-many")
"""The kinds that can be asked about a step before it is shown, the most instructive first."""
