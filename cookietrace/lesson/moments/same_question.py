"""Moments that ask the same of several cookies: one question, with a list of the others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence

import msgspec

from cookietrace.lesson.display_text import some
from cookietrace.lesson.moments.grades import Severity
from cookietrace.lesson.moments.writing import MOST_STEPS, Moment, Written
from cookietrace.lesson.prose import named

_QUOTED = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"\d+")


def merged(written: Iterable[Written], *, by_recorder: bool = False) -> list[Moment]:
    """Return the moments, with those that ask the same joined to the worst of them.

    Two ask the same if their questions differ only in the cookie's name, and their answers only in
    names, values and numbers; notes also if their rule says that they are alike. Others keep their
    order. With ``by_recorder``, those of different recorders stay apart.
    """
    by_words: dict[Hashable, list[Written]] = {}
    for entry in written:
        moment = entry.moment
        name = _name(moment)
        words = moment.question.replace(name, "…") if name else moment.question
        whose = moment.recorder if by_recorder else None
        shape = moment.rule, words, _shape(moment.answer), _shape(moment.advice), whose
        by_words.setdefault(shape, []).append(entry)
    groups: dict[Hashable, list[Moment]] = {}
    for key, entries in by_words.items():
        alike = {entry.alike for entry in entries}
        notes = all(entry.moment.severity is Severity.NOTE for entry in entries)
        if notes and len(alike) == 1 and None not in alike:
            whose = entries[0].moment.recorder if by_recorder else None
            key = (entries[0].moment.rule, "alike", whose, *alike)
        groups.setdefault(key, []).extend(entry.moment for entry in entries)
    return [_joined(moments) if len(moments) > 1 else moments[0] for moments in groups.values()]


def _joined(moments: Sequence[Moment]) -> Moment:
    lead = min(moments, key=lambda moment: moment.rank)
    own = _name(lead)
    names = dict.fromkeys(_name(moment) for moment in moments if moment is not lead)
    names.pop(own, None)
    names.pop("", None)
    also = f" The same question applies to {some(names)}." if names else ""
    equal = [lead, *(one for one in moments if one.severity is lead.severity)]
    cookies = dict.fromkeys(name for one in equal for name in one.grade.cookies)
    steps = dict.fromkeys([*lead.steps, *(step for one in moments for step in one.steps)])
    return msgspec.structs.replace(
        lead,
        answer=f"{lead.answer}{also}",
        steps=tuple(steps)[:MOST_STEPS],
        count=max(moment.count for moment in moments),
        grade=msgspec.structs.replace(lead.grade, cookies=tuple(cookies)),
    )


def _shape(text: str) -> str:
    """Return a text without what differs from cookie to cookie."""
    return _NUMBER.sub("0", _QUOTED.sub("'…'", text))


def _name(moment: Moment) -> str:
    """Return the cookie that a question is about, as it is written there; empty if none."""
    for cookie in moment.grade.cookies[:1]:
        if named(cookie) in moment.question:
            return named(cookie)
    match = _QUOTED.search(moment.question)
    return match[0] if match is not None else ""
