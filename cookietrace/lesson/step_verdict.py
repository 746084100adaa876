"""The verdict on one step: what happened to which cookie, why, and what to do about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange
from cookietrace.lesson.display_text import capitalized, clip, listed, some
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

ROOM: Final = 400
"""How many characters an answer and the fix have together before the rest of the answer: about
six lines of 74 cells, which is what a detail pane shows on the smallest usual screen."""

_LEAST: Final = 150

_REPLY = re.compile(r"(?:Yes|No|It does not look like it)\. |Because (?=\S)")
"""What an answer begins with that says nothing without its question."""

_ASIDE: Final = "The client keeps "
"""What a sentence begins with that is told after the others, since nothing went wrong there."""

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
"""Words with which a reason goes on after the name of the cookie, without a colon."""

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
    sentences[1:] = sorted(sentences[1:], key=lambda sentence: sentence.startswith(_ASIDE))
    count, length = 1, len(sentences[0])
    while count < len(sentences) and length + 1 + len(sentences[count]) <= room:
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
        why = refused_because(result, method)
        return f"refused{f': {why}' if why else condition}"
    if result.outcome in (Outcome.IGNORED, Outcome.DELETED) and not is_deletion(result):
        return "not kept: expired when it arrived"
    missed = missed_deletion(result)
    if missed is not None:
        return f"not deleted: that needs {missed.needed}"
    return f"{_EFFECTS[result.outcome]}{condition}"


def refused_because(result: StoreResult, method: str) -> str:
    """Return why a cookie was refused, in a few words; empty as long as that is not certain.

    ``method`` is the request's.
    """
    if not result.reasons or proviso((result,)):
        return ""
    return short_reason(result.reasons[0], method)


_EFFECTS: Final = {
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "replaced",
    Outcome.REFRESHED: "set again, unchanged",
    Outcome.DELETED: "deleted",
    Outcome.IGNORED: "not deleted: no such cookie here",
}


def _names(names: Iterable[str]) -> str:
    return some(dict.fromkeys(map(named, names)))
