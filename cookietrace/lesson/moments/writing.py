"""Writes moments: the worst of a rule's matches on one subject, with its text."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import msgspec

from cookietrace.events import recorder_of
from cookietrace.fold.exchange import Note
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.moments.by_hand import made_by_hand
from cookietrace.lesson.moments.grades import ORDER, Grade, Severity, worse
from cookietrace.lesson.moments.rules import OF_LINES, RULE_MARKS, RULES
from cookietrace.lesson.moments.scene import RuleMatch, Scene
from cookietrace.lesson.needed import Needs
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table

MOST_STEPS = 24
"""How many steps a moment lists at most; ``count`` has the true number."""

MOST_GRADED = 200
"""How many of the exchanges in which a moment occurred are compared to find the worst."""

_MOST_KEPT = MOST_GRADED
"""How many exchanges' matches are kept: subjects of one rule are graded in the same exchanges."""

Key = tuple[str, Hashable] | tuple[str, Hashable, str]
"""A rule, and the subject that it matched; the recorder, if those of several are told apart."""


class Moment(msgspec.Struct, frozen=True):
    """A question that this trace raises, with its answer; every text is display text."""

    rule: str
    """A key of ``RULES``."""
    question: str
    answer: str
    advice: str
    """What to do about it; empty if nothing needs to be done."""
    mark: Mark | None
    """The rule's mark in ``RULE_MARKS``."""
    step: int
    """The step of the request where it first occurred: where to go."""
    steps: tuple[int, ...]
    """The steps that the answer refers to, then those where it occurred again."""
    count: int
    """In how many exchanges it occurred."""
    exchange_id: str
    """The exchange that it describes: the worst one in which it occurred, or else the first."""
    host: str
    """The host of that exchange's request; empty if it has none."""
    grade: Grade
    recorder: str | None = None
    """The recorder of that exchange, in a trace of several; wire text."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.grade.severity

    @property
    def row(self) -> int:
        """The step whose row shows it, by which every text calls it."""
        return self.step if self.grade.row is None else self.grade.row

    @property
    def lasting(self) -> tuple[object, ...]:
        """What stays the same when it occurs again, and in another table or telling."""
        return self.rule, self.grade.code, self.grade.cookies, self.host

    @property
    def rank(self) -> tuple[int, tuple[int, ...], int]:
        """What sorts moments, the worst first; the earlier one of two that are equally bad."""
        return ORDER[self.severity], self.grade.weight, self.step


class Written(msgspec.Struct, frozen=True):
    """A moment, and what makes it the same question as others."""

    moment: Moment
    alike: Hashable | None
    """As in ``RuleMatch``."""


_Found = tuple[Scene, Mapping[Hashable, RuleMatch]]
"""An exchange, and the matches of a rule in it by subject."""


class Writer:
    """Makes scenes and moments of one table."""

    def __init__(self, table: Table, histories: CookieHistories, needs: Needs) -> None:
        self._table = table
        self._histories = histories
        self._needs = needs
        self._notes: dict[int, list[Note]] = defaultdict(list)
        self._seen_notes = 0
        self._found: OrderedDict[tuple[str, int], _Found] = OrderedDict()
        """What was found last, by rule and exchange; the trace has not changed since."""

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_found": OrderedDict()}

    def read_notes(self) -> tuple[Note, ...]:
        """Read the trace's notes since the last time, and return them.

        To be called whenever the trace has changed.
        """
        self._found.clear()
        notes = self._table.trace.notes
        new = tuple(notes[self._seen_notes :])
        for note in new:
            self._notes[note.position].append(note)
        self._seen_notes += len(new)
        return new

    def scene(self, number: int) -> Scene:
        """Return the scene of an exchange."""
        exchange = self._table.trace.exchanges[number - 1]
        notes = self._notes.get(exchange.request.position, ())
        return Scene(self._table, self._histories, exchange, tuple(notes), self._needs)

    def worst(self, key: Key, numbers: Sequence[int]) -> tuple[Scene, RuleMatch | None, Grade]:
        """Return the worst of a rule's matches; the first one of those that are equally bad."""
        found = None
        for number in numbers[:MOST_GRADED]:
            scene, matches = self._matches_in(key[0], number)
            match = matches.get(key[1])
            graded = match.grade() if match is not None and match.grade is not None else None
            grade = graded if graded is not None else Grade(severity=Severity.NOTE, code=key[0])
            if found is None or worse(grade, found[2]):
                found = scene, match, grade
            if graded is None:
                break
        assert found is not None
        return found

    def moment(self, key: Key, numbers: Sequence[int], *, notes: bool = True) -> Written | None:
        """Return the moment of a rule and a subject, given the exchanges where it matched.

        None if the rest of the trace leaves nothing to say, or, without ``notes``, if it is a note.
        """
        scene, match, grade = self.worst(key, numbers)
        if not notes and grade.severity is Severity.NOTE:
            return None
        text = match.write() if match is not None else None
        if match is None or text is None:
            return None
        grade, text = made_by_hand(scene, grade, text, of_lines=key[0] in OF_LINES)
        steps = dict.fromkeys(text.steps)
        for number in numbers[: MOST_STEPS + 1]:
            exchange = self._table.trace.exchanges[number - 1]
            if number != scene.number:
                steps.update(dict.fromkeys(self._table.steps_of(exchange.exchange_id)[:1]))
        moment = Moment(
            rule=key[0],
            question=text.question,
            answer=text.answer,
            advice=text.advice,
            mark=RULE_MARKS.get(key[0]),
            step=scene.request_step()[0],
            steps=tuple(steps)[:MOST_STEPS] or scene.request_step(),
            count=len(numbers),
            exchange_id=scene.exchange.exchange_id,
            host=scene.part.target.host or "",
            grade=grade,
            recorder=recorder_of(scene.part.event),
        )
        return Written(moment, match.alike)

    def _matches_in(self, name: str, number: int) -> _Found:
        """Return an exchange and what a rule finds in it, of each subject the first match."""
        found = self._found.get((name, number))
        if found is None:
            scene, matches = self.scene(number), dict[Hashable, RuleMatch]()
            for match in RULES[name](scene):
                matches.setdefault(match.subject, match)
            found = self._found[name, number] = scene, matches
            if len(self._found) > _MOST_KEPT:
                self._found.popitem(last=False)
        return found
