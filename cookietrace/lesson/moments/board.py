"""Mode 5, the key moments of a table: which rules fired where, told when they are asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator

import msgspec

from cookietrace.fold.exchange import Note, TraceUpdate
from cookietrace.lesson.lives import Lives
from cookietrace.lesson.moments.rules import RULES
from cookietrace.lesson.moments.scene import Scene, Spot
from cookietrace.lesson.occurrences import Occurrences
from cookietrace.lesson.table import Table
from cookietrace.lesson.words import plural

MOST_ALIKE = 4
"""How many moments of one rule in ``HARMLESS`` are told; the last one counts the others."""

HARMLESS = frozenset({"none-at-first", "came-back", "set-every-time", "third-party"})
"""Rules that fire for nearly every cookie: a few examples teach as much as all."""

MOST_STEPS = 24
"""How many steps a moment names at most; ``count`` has the true number."""


class Moment(msgspec.Struct, frozen=True):
    """A question that this trace raises, answered from it; every text is display text."""

    rule: str
    """A key of ``RULES``."""
    question: str
    answer: str
    advice: str
    """What to do about it; empty where nothing needs to be done."""
    step: int
    """The request's step at which it first came up: where to go."""
    steps: tuple[int, ...]
    """All to look at: the steps that the answer speaks of, then where it came up again."""
    count: int
    """In how many exchanges it came up."""


class MomentBoard:
    """The moments of a growing table.

    Exchanges are looked at once, and again when they change. The words are made
    only when ``moments`` is asked for, once a rule and subject.
    """

    def __init__(self, table: Table, lives: Lives | None = None) -> None:
        """Look at a table; ``lives`` may be shared with others that look at the same trace."""
        self._table = table
        self._lives = lives if lives is not None else Lives(table.trace)
        self._spots: Occurrences[tuple[str, Hashable]] = Occurrences()
        self._seen_steps = 0
        self._notes: dict[int, list[Note]] = defaultdict(list)
        self._seen_notes = 0

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in what changed; the table has taken it in before.

        Looks at no more than ``limit`` new steps, so that a screen can catch up
        with a long trace bit by bit. Returns True where none is left.
        """
        ready = self._lives.update(update, limit)
        trace, table = self._table.trace, self._table
        while self._seen_notes < len(trace.notes):
            note = trace.notes[self._seen_notes]
            self._notes[note.position].append(note)
            self._seen_notes += 1
        changed = {
            trace.exchange(exchange_id).number
            for exchange_id in (update.exchanges if update is not None else ())
            if table.steps_of(exchange_id)
        }
        last = len(table) if limit is None else min(len(table), self._seen_steps + limit)
        while ready and self._seen_steps < last:
            self._seen_steps += 1
            changed.add(table.exchange(self._seen_steps).number)
        for number in sorted(changed):
            scene = self._scene(number)
            rules = () if scene.is_quiet else RULES.items()
            self._spots.tell(
                number,
                dict.fromkeys((name, spot.subject) for name, rule in rules for spot in rule(scene)),
            )
        return ready and last == len(table)

    def moments(self) -> tuple[Moment, ...]:
        """Return the moments so far, in the order in which they came up.

        Takes time in proportion to the moments, not to the trace.
        """
        self.update()
        order = {name: place for place, name in enumerate(RULES)}
        found = []
        for name, subject in self._spots:
            moment = self._moment(name, subject)
            if moment is not None:
                found.append(moment)
        found.sort(key=lambda moment: (moment.step, order[moment.rule], moment.question))
        return tuple(_some_of_each(found))

    def _moment(self, name: str, subject: Hashable) -> Moment | None:
        numbers = self._spots.places((name, subject))
        scene = self._scene(numbers[0])
        spot = self._spot(name, subject, scene)
        told = spot.tell() if spot is not None else None
        if told is None:
            return None
        steps = dict.fromkeys(told.steps)
        for number in numbers[: MOST_STEPS + 1]:
            exchange = self._table.trace.exchanges[number - 1]
            if number != scene.number:
                steps.update(dict.fromkeys(self._table.steps_of(exchange.exchange_id)[:1]))
        return Moment(
            rule=name,
            question=told.question,
            answer=told.answer,
            advice=told.advice,
            step=scene.asked()[0],
            steps=tuple(steps)[:MOST_STEPS] or scene.asked(),
            count=len(numbers),
        )

    @staticmethod
    def _spot(name: str, subject: Hashable, scene: Scene) -> Spot | None:
        return next((spot for spot in RULES[name](scene) if spot.subject == subject), None)

    def _scene(self, number: int) -> Scene:
        exchange = self._table.trace.exchanges[number - 1]
        notes = self._notes.get(exchange.request.position, ())
        return Scene(self._table, self._lives, exchange, tuple(notes))


def _some_of_each(moments: list[Moment]) -> Iterator[Moment]:
    """Yield the moments, of each harmless rule only the first few."""
    left = Counter(moment.rule for moment in moments if moment.rule in HARMLESS)
    told: Counter[str] = Counter()
    for moment in moments:
        told[moment.rule] += 1
        others = left[moment.rule] - MOST_ALIKE
        if others <= 0 or told[moment.rule] < MOST_ALIKE:
            yield moment
        elif told[moment.rule] == MOST_ALIKE:
            more = f" The same can be asked of {plural(others, 'more cookie')}."
            yield msgspec.structs.replace(moment, answer=moment.answer + more)


def key_moments(table: Table) -> tuple[Moment, ...]:
    """Return the key moments of a table as it is now; a screen keeps a ``MomentBoard``."""
    return MomentBoard(table).moments()
