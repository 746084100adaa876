"""The key moments of a table: which rules matched where; texts are written on demand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping

import msgspec

from cookietrace.fold.exchange import Note, TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.moments.rules import RULE_MARKS, RULES
from cookietrace.lesson.moments.scene import RuleMatch, Scene
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table

MOST_ALIKE = 4
"""How many moments of a rule in ``HARMLESS`` are shown; the last one counts the others."""

HARMLESS = frozenset({"none-at-first", "sent-back", "set-every-time", "third-party"})
"""Rules that match nearly every cookie: a few examples teach as much as all."""

MOST_STEPS = 24
"""How many steps a moment lists at most; ``count`` has the true number."""


_Key = tuple[str, Hashable]
"""A rule, and the subject that it matched."""


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


class MomentBoard:
    """The moments of a growing table.

    Each exchange is read once, and again when it changes. ``write`` makes the
    texts, one per rule and subject. An update makes them all again, since later
    events can change what there is to say about earlier ones.
    """

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """Use a table; ``histories`` can be shared with other boards of the same trace."""
        self._table = table
        self._histories = histories if histories is not None else CookieHistories(table.trace)
        self._matches: PlaceIndex[_Key] = PlaceIndex()
        self._seen = 0
        self._notes: dict[int, list[Note]] = defaultdict(list)
        self._seen_notes = 0
        self._written: dict[_Key, Moment] = {}
        self._unwritten: list[_Key] = []
        self._changed = False
        self._latest: tuple[str, int, Scene, dict[Hashable, RuleMatch]] | None = None
        """A rule, an exchange, and the matches by subject that were needed last."""
        self._found: tuple[Moment, ...] | None = ()
        """What ``moments`` returned last; None if more has been written since."""

    @property
    def seen(self) -> int:
        """How many steps have been read."""
        return self._seen

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new steps, so that a screen can catch up with a
        long trace bit by bit. Returns True if none is left.
        """
        self._latest = None
        ready = self._histories.update(update, limit)
        trace, table = self._table.trace, self._table
        while self._seen_notes < len(trace.notes):
            note = trace.notes[self._seen_notes]
            self._notes[note.position].append(note)
            self._seen_notes += 1
        changed = {
            trace.exchange(exchange_id).number
            for exchange_id in (update.exchanges if update is not None else ())
            if any(step <= self._seen for step in table.steps_of(exchange_id)[:1])
        }
        last = len(table) if limit is None else min(len(table), self._seen + limit)
        while ready and self._seen < last:
            self._seen += 1
            changed.add(table.exchange(self._seen).number)
        for number in sorted(changed):
            scene = self._scene(number)
            rules = () if scene.is_quiet else RULES.items()
            self._matches.record(
                number,
                dict.fromkeys(
                    (name, match.subject) for name, rule in rules for match in rule(scene)
                ),
            )
        self._changed = self._changed or bool(changed) or update is not None
        return ready and last == len(table)

    def write(self, limit: int | None = None) -> bool:
        """Write, or rewrite, the texts of at most ``limit`` matches.

        Returns True if every moment is up to date with the last update.
        """
        if not self._unwritten and self._changed:
            self._changed = False
            self._unwritten = list(self._matches)[::-1]  # the first match is written first
            for key in self._written.keys() - set(self._unwritten):
                del self._written[key]
                self._found = None
        left = 0 if limit is None else max(0, len(self._unwritten) - limit)
        if len(self._unwritten) > left:
            self._found = None
        while len(self._unwritten) > left:
            key = self._unwritten.pop()
            moment = self._moment(*key) if key in self._matches else None
            if moment is not None:
                self._written[key] = moment
            else:
                self._written.pop(key, None)
        if limit is None and self._changed:
            return self.write()
        return not self._unwritten and not self._changed

    def moments(self) -> tuple[Moment, ...]:
        """Return the moments written so far, in the order in which they occurred."""
        if self._found is None:
            order = {name: place for place, name in enumerate(RULES)}
            found = sorted(
                self._written.values(),
                key=lambda moment: (moment.step, order[moment.rule], moment.question),
            )
            self._found = tuple(_some_of_each(found))
        return self._found

    def _moment(self, name: str, subject: Hashable) -> Moment | None:
        numbers = self._matches.places((name, subject))
        scene, matches = self._matches_in(name, numbers[0])
        match = matches.get(subject)
        text = match.write() if match is not None else None
        if text is None:
            return None
        steps = dict.fromkeys(text.steps)
        for number in numbers[: MOST_STEPS + 1]:
            exchange = self._table.trace.exchanges[number - 1]
            if number != scene.number:
                steps.update(dict.fromkeys(self._table.steps_of(exchange.exchange_id)[:1]))
        return Moment(
            rule=name,
            question=text.question,
            answer=text.answer,
            advice=text.advice,
            mark=RULE_MARKS.get(name),
            step=scene.request_step()[0],
            steps=tuple(steps)[:MOST_STEPS] or scene.request_step(),
            count=len(numbers),
        )

    def _matches_in(self, name: str, number: int) -> tuple[Scene, Mapping[Hashable, RuleMatch]]:
        """Return an exchange and what a rule finds in it, of each subject the first match."""
        latest = self._latest
        if latest is None or latest[:2] != (name, number):
            scene, matches = self._scene(number), dict[Hashable, RuleMatch]()
            for match in RULES[name](scene):
                matches.setdefault(match.subject, match)
            latest = self._latest = name, number, scene, matches
        return latest[2:]

    def _scene(self, number: int) -> Scene:
        exchange = self._table.trace.exchanges[number - 1]
        notes = self._notes.get(exchange.request.position, ())
        return Scene(self._table, self._histories, exchange, tuple(notes))


def _some_of_each(moments: list[Moment]) -> Iterator[Moment]:
    """Yield the moments, but only the first few of each harmless rule."""
    left = Counter(moment.rule for moment in moments if moment.rule in HARMLESS)
    yielded: Counter[str] = Counter()
    for moment in moments:
        yielded[moment.rule] += 1
        others = left[moment.rule] - MOST_ALIKE
        if others <= 0 or yielded[moment.rule] < MOST_ALIKE:
            yield moment
        elif yielded[moment.rule] == MOST_ALIKE:
            more = f" The same question applies to {plural(others, 'more cookie')}."
            yield msgspec.structs.replace(moment, answer=moment.answer + more)


def key_moments(table: Table, histories: CookieHistories | None = None) -> tuple[Moment, ...]:
    """Return the key moments of a table as it is now; a screen keeps a ``MomentBoard``."""
    board = MomentBoard(table, histories)
    board.update()
    board.write()
    return board.moments()
