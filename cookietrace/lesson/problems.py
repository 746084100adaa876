"""What went wrong in a trace: the problems and warnings among its key moments, the worst first.

The same rules as for the key moments grade them; here, only those are tried that can find more
than a note, and only on exchanges that could hold one. Texts are written for what was found.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.events import recorder_of
from cookietrace.fold.exchange import NoteKind, TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.moments import Moment, Severity
from cookietrace.lesson.moments.rules import FOLLOWED, GRADED, LATER, OF_LINES
from cookietrace.lesson.moments.same_question import merged
from cookietrace.lesson.moments.suspicion import Suspect, Suspicion
from cookietrace.lesson.moments.writing import Key, Writer, Written
from cookietrace.lesson.needed import Needs
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.table import Table

_ALL = frozenset(GRADED)
_BY_SUSPECT = {
    Suspect.LINES: OF_LINES,
    Suspect.REFUSED: frozenset({"refused"}),
    Suspect.REQUEST: _ALL - OF_LINES,
    Suspect.LINES | Suspect.REQUEST: _ALL,
    Suspect.REFUSED | Suspect.REQUEST: _ALL - OF_LINES | {"refused"},
}
_TOGETHER = 256
"""How many exchanges are read together."""

_RULES = {
    suspect: tuple((name, rule) for name, rule in GRADED.items() if name in names)
    for suspect, names in _BY_SUSPECT.items()
}
"""The rules to try, by what is suspected."""


class Tally(msgspec.Struct, frozen=True):
    """How many problems and warnings there are."""

    problems: int = 0
    warnings: int = 0

    @property
    def text(self) -> str:
        """Return e.g. ``2 problems · 1 warning``; empty if there are none."""
        parts = ((self.problems, "problem"), (self.warnings, "warning"))
        return " · ".join(plural(count, noun) for count, noun in parts if count)


class ProblemBoard:
    """The problems and warnings of a growing table.

    An exchange without any cost next to nothing. What was found is graded and written when it
    is asked for, since later traffic can change both.
    """

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """Use a table; ``histories`` can be shared with other boards of the same trace."""
        self._table = table
        self._own = histories is None
        self._histories = (
            histories if histories is not None else CookieHistories(table.trace, sparing=True)
        )
        self._needs = Needs(table.trace)
        self._writer = Writer(table, self._histories, self._needs)
        self._suspicion = Suspicion(table.trace, self._histories)
        self._matches: PlaceIndex[Key] = PlaceIndex()
        self._seen = 0
        """How many exchanges have been read."""
        self._suspects: dict[int, Suspect] = {}
        """The exchanges that the rules wait for until it is known what all requests did."""
        self._written: dict[Key, Written | None] = {}
        """What was written of each match; None for notes."""
        self._stale: frozenset[str] = _ALL
        """The rules whose matches have to be graded again."""
        self._ungraded: list[Key] = []
        """What the grading that has begun still has to grade, the next one last."""
        self._found: tuple[Moment, ...] = ()
        self._rows: dict[int, Moment] = {}

    @property
    def table(self) -> Table:
        """The table whose problems these are."""
        return self._table

    @property
    def histories(self) -> CookieHistories:
        """The index of the trace that it uses."""
        return self._histories

    @property
    def version(self) -> tuple[object, ...]:
        """What differs after every change of it, of its table, and of the index of the trace."""
        own = self._seen, len(self._ungraded), self._stale
        return self._table.version, self._histories.version, own

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new exchanges; returns True if none is left.
        """
        trace, histories = self._table.trace, self._histories
        numbers = map(trace.exchanges.number, update.exchanges if update is not None else ())
        again = {number for number in numbers if number is not None and number <= self._seen}
        for note in self._writer.read_notes():
            if note.kind is NoteKind.TWO_JARS:
                self._suspicion.noted.add(note.position)
        last = len(trace.exchanges)
        if limit is not None:
            last = min(last, self._seen + limit)
        exchanges, eventful, of = trace.exchanges, self._suspicion.eventful, self._suspicion.of
        if again:
            changed = eventful([exchanges[number - 1] for number in again])
            self._stale |= _ALL if changed else FOLLOWED
        histories.correct(update)
        self._needs.update(update, 0)
        for number in sorted(again):
            suspect = of(exchanges[number - 1])
            if suspect:
                self._suspects[number] = suspect
            else:
                self._suspects.pop(number, None)
                self._read(number, suspect)
        while self._seen < last:
            end = min(last, self._seen + _TOGETHER)
            if self._seen < histories.seen:  # another board has read them
                end = min(end, histories.seen)
            new = exchanges[self._seen : end]
            some = eventful(new)
            self._stale |= _ALL if some else FOLLOWED
            if self._seen == histories.seen:
                histories.read_some(new, some)
            self._seen = end
            self._needs.read_some(new, some)
            for exchange in some:
                suspect = of(exchange)
                if suspect:
                    self._suspects[exchange.number] = suspect
        if self._suspects and not self._own and not histories.record_requests(limit):
            return False  # a rule that asked would have to wait for all of them
        suspects, self._suspects = self._suspects, {}
        for number, suspect in suspects.items():
            self._read(number, suspect)
        return last == len(trace.exchanges)

    def grade(self, limit: int | None = None) -> bool:
        """Grade at most ``limit`` of what was found; return True if nothing is left.

        Then the other methods cost next to nothing until the next update. An update before that
        makes another grading necessary, which begins after this one.
        """
        if not self._ungraded:
            if not self._stale:
                return True
            self._begin_grading()
        left = len(self._ungraded)
        for _ in range(left if limit is None else min(limit, left)):
            key = self._ungraded.pop()
            places = self._matches.places(key)
            self._written[key] = self._writer.moment(key, places, notes=False) if places else None
        if self._ungraded:
            return False
        written = [one for one in self._written.values() if one is not None]
        written.sort(key=lambda one: (one.moment.step, one.moment.rule, one.moment.question))
        self._found = ranked(merged(written, by_recorder=True))
        self._rows = {moment.row: moment for moment in reversed(self._found)}
        return not self._stale

    def problems(self) -> tuple[Moment, ...]:
        """Return the problems, then the warnings; the worst first."""
        self._grade_all()
        return self._found

    def at(self, step: int) -> Moment | None:
        """Return the worst problem or warning that a step's row shows; None if it shows none."""
        self._grade_all()
        return self._rows.get(step)

    @property
    def tally(self) -> Tally:
        """How many there are."""
        return tally(self.problems())

    def _read(self, number: int, suspect: Suspect) -> None:
        """Enter what the rules find in an exchange, without what cannot be more than a note."""
        keys: dict[Key, None] = {}
        exchange = self._table.trace.exchanges[number - 1]
        if suspect and self._table.steps_of(exchange.exchange_id):
            scene = self._writer.scene(number)
            whose = recorder_of(exchange.request.event)
            for name, rule in () if scene.is_quiet else _RULES[suspect]:
                for match in rule(scene):
                    grade = match.grade
                    if name in LATER or (
                        grade is not None and grade().severity is not Severity.NOTE
                    ):
                        subject = name, match.subject
                        keys[subject if whose is None else (*subject, whose)] = None
        self._matches.record(number, keys)

    def _grade_all(self) -> None:
        while not self.grade():
            pass

    def _begin_grading(self) -> None:
        """List what has to be graded again."""
        before, self._written = self._written, {}
        for key in self._matches:
            if key[0] in self._stale or key not in before:
                self._ungraded.append(key)
            else:
                self._written[key] = before[key]
        self._ungraded.reverse()
        self._stale = frozenset()


def ranked(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Return the problems and warnings among moments, the worst first."""
    found = (moment for moment in moments if moment.severity is not Severity.NOTE)
    return tuple(sorted(found, key=lambda one: (one.rank, one.rule, one.question)))


def tally(moments: Iterable[Moment]) -> Tally:
    """Count the problems and warnings among moments."""
    severities = [moment.severity for moment in moments]
    return Tally(severities.count(Severity.PROBLEM), severities.count(Severity.WARNING))


def problems(table: Table, histories: CookieHistories | None = None) -> tuple[Moment, ...]:
    """Return the problems and warnings of a table as it is now; a screen keeps a board."""
    board = ProblemBoard(table, histories)
    board.update()
    return board.problems()
