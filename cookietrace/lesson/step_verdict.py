"""The verdict on one step: what happened to which cookie, why, and what to do about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange
from cookietrace.lesson.display_text import capitalized, some
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.moments.grades import Severity
from cookietrace.lesson.moments.writing import Moment
from cookietrace.lesson.prose import named
from cookietrace.lesson.row_marks import Mark, result_mark
from cookietrace.lesson.sections import FIX, Line, Section, Weight
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.standing import proviso

SEVERITY_MARKS: Final = {Severity.PROBLEM: Mark.PROBLEM, Severity.WARNING: Mark.WARNING}
"""The mark of each severity that a row shows."""

CORE: Final = 230
"""About how many characters of an answer come before what to do: three lines of 80 cells."""

_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z'])")


def problem_section(moment: Moment) -> Section:
    """Return a problem or warning: what happened, why in a few lines, and the fix.

    What else there is to say about it comes after the fix.
    """
    why, more = _divided(moment.answer)
    lines = [Line(why)]
    if moment.advice:
        lines.append(Line(f"{FIX}{moment.advice}"))
    if more:
        lines.append(Line(more, indent=1))
    mark = SEVERITY_MARKS.get(moment.severity)
    what = moment.grade.brief or moment.question
    title = f"{capitalized(moment.severity.value)}: {what}" if mark is not None else what
    return Section(title, tuple(lines), Weight.VERDICT, mark)


def _divided(answer: str) -> tuple[str, str]:
    """Return an answer's first sentences, about ``CORE`` characters of them, and the rest."""
    sentences = _SENTENCE_END.split(answer)
    count, length = 1, len(sentences[0])
    while count < len(sentences) and length + 1 + len(sentences[count]) <= CORE:
        length += 1 + len(sentences[count])
        count += 1
    return " ".join(sentences[:count]), " ".join(sentences[count:])


def happened_section(exchange: Exchange) -> Section:
    """Return what happened to the cookies of an exchange, a line for each kind of event."""
    return Section("What happened", tuple(_happened(exchange)), Weight.VERDICT)


def _happened(exchange: Exchange) -> Iterator[Line]:
    part = exchange.request
    odd = CookieStatus.UNEXPLAINED
    sent = [cookie.name for cookie in part.cookies if cookie.status is not odd]
    unexplained = [cookie.name for cookie in part.cookies if cookie.status is odd]
    missing = [
        absent.cookie.name for absent in part.missing if absent.status is CookieStatus.MISSING
    ]
    if sent:
        yield Line(f"{_names(sent)} sent", Mark.SENT)
    elif not part.cookies:
        yield Line("no cookies sent")
    if unexplained:
        yield Line(f"{_names(unexplained)} sent, but not as the jar held it", Mark.UNEXPLAINED)
    if missing:
        yield Line(f"{_names(missing)} expected, but not sent", Mark.MISSING)
    withheld: dict[str, list[str]] = defaultdict(list)
    for held in part.withheld:
        withheld[short_reason(held.reasons[0], part.method)].append(held.cookie.name)
    for why, names in withheld.items():
        yield Line(f"{_names(names)} withheld: {why}", Mark.WITHHELD)
    if exchange.response is not None:
        yield from _set(exchange.response.set_cookies, part.method)


def _set(results: Iterable[StoreResult], method: str) -> Iterator[Line]:
    told: dict[tuple[str, Mark | None], list[str]] = defaultdict(list)
    for result in results:
        told[_effect(result, method), result_mark(result)].append(result.name)
    for (what, mark), names in told.items():
        yield Line(f"{_names(names)} {what}", mark)


def _effect(result: StoreResult, method: str) -> str:
    condition = proviso((result,))
    if result.outcome is Outcome.REJECTED:
        why = short_reason(result.reasons[0], method) if result.reasons else ""
        return f"refused{condition or f': {why}'}"
    if result.outcome in (Outcome.IGNORED, Outcome.DELETED) and not is_deletion(result):
        return "not kept: expired when it arrived"
    missed = missed_deletion(result)
    if missed is not None:
        return f"not deleted: that needs {missed.needed}"
    return f"{_EFFECTS[result.outcome]}{condition}"


_EFFECTS: Final = {
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "replaced",
    Outcome.REFRESHED: "set again, unchanged",
    Outcome.DELETED: "deleted",
    Outcome.IGNORED: "not deleted: no such cookie here",
}


def _names(names: Iterable[str]) -> str:
    return some(dict.fromkeys(map(named, names)))
