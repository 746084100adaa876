"""The verdict on one step: what happened to which cookie, why, and what to do about it."""

from __future__ import annotations

import re
from typing import Final

from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.browser_says import settled
from cookietrace.lesson.display_text import capitalized, clip, listed
from cookietrace.lesson.happenings import everything, of_request, of_results
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.moments.grades import Severity
from cookietrace.lesson.moments.writing import Moment
from cookietrace.lesson.prose import named
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sections import FIX, Line, Section, Weight

SEVERITY_MARKS: Final = {Severity.PROBLEM: Mark.PROBLEM, Severity.WARNING: Mark.WARNING}
"""The mark of each severity that a row shows."""

ROOM: Final = 400
"""How many characters an answer and the fix have together before the rest of the answer: about
six lines of 74 cells, which is what a detail pane shows on the smallest usual screen."""

_LEAST: Final = 150

_REPLY = re.compile(r"(?:Yes|No|It does not look like it)\. |Because (?=\S)")
"""What an answer begins with that says nothing without its question."""

_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z'])")


_VERBS: Final = {
    "refused": "refused",
    "withheld": "withheld",
    "wrong-host": "withheld",
    "other-host": "withheld",
}
"""What happened to the cookie, for rules whose reason does not say it."""

_GOES_ON: Final = frozenset(
    {"not", "evicted", "expired", "accepted", "had", "came", "should", "belongs"}
)
"""Words with which a reason continues after the name of the cookie, without a colon."""

_NAME_CELLS: Final = 24
"""The most cells of a name in a headline."""

_MOST_NAMES: Final = 2


def headline(moment: Moment) -> str:
    """Return what happened to which cookie, and why, in one line."""
    grade = moment.grade
    if not grade.brief:
        return moment.question
    names = [_short_name(name) for name in dict.fromkeys(grade.cookies)]
    if len(names) > _MOST_NAMES + 1:
        names = [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]
    if not names:
        return capitalized(grade.brief)
    brief = grade.brief
    if len(names) > 1 and brief.endswith(" it"):
        brief = f"{brief.removesuffix('it')}them"
    if brief.partition(" ")[0].rstrip(":,") in _GOES_ON:
        return f"{listed(names)} {brief}"
    if moment.rule in _VERBS:
        return f"{listed(names)} {_VERBS[moment.rule]}: {brief.replace(': ', ', ', 1)}"
    return f"{listed(names)}: {brief}"


def _short_name(name: str) -> str:
    text = named(name)
    shorter = clip(text, _NAME_CELLS)
    return text if shorter == text else f"{shorter}'"


def problem_section(moment: Moment) -> Section:
    """Return a problem or warning: what happened, why in a few lines, and the fix.

    What else there is to say about it comes after the fix.
    """
    reply = _REPLY.match(moment.answer)
    answer = capitalized(moment.answer[reply.end() if reply is not None else 0 :])
    why, more = _divided(answer, max(_LEAST, ROOM - len(moment.advice)))
    lines = [Line(why)]
    if moment.advice:
        lines.append(Line(f"{FIX}{moment.advice}"))
    if more:
        lines.append(Line(more, indent=1))
    mark = SEVERITY_MARKS.get(moment.severity)
    what = headline(moment)
    title = f"{capitalized(moment.severity.value)}: {what}" if mark is not None else what
    return Section(title, tuple(lines), Weight.VERDICT, mark)


def _divided(answer: str, room: int) -> tuple[str, str]:
    """Return an answer's first sentences, in about ``room`` characters, and the rest."""
    sentences = _SENTENCE_END.split(answer)
    count, length = 1, len(sentences[0])
    while count < len(sentences) and length + 1 + len(sentences[count]) <= room:
        length += 1 + len(sentences[count])
        count += 1
    return " ".join(sentences[:count]), " ".join(sentences[count:])


def happened_section(
    exchange: Exchange, word: BrowserWord | None = None, mask: Mask = unmasked
) -> Section:
    """Return what happened to the cookies of an exchange, a line for each kind of event.

    ``word`` is what browsers said beside the exchanges.
    """
    part, response = exchange.request, exchange.response
    found = list(
        of_request(part, everything, word, Hiding(exchange, mask).text, said=exchange.browser)
    )
    if response is not None:
        found += of_results(settled(exchange), part.method, everything)
    lines = tuple(Line(happening.text, happening.mark) for happening in found)
    return Section("What happened", lines, Weight.VERDICT)
