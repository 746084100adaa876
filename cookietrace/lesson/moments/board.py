"""The key moments of a table: which rules matched where; texts are written on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.moments.rules import RULES
from cookietrace.lesson.moments.same_question import merged
from cookietrace.lesson.moments.writing import Key, Moment, Writer, Written
from cookietrace.lesson.needed import Needs
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.table import Table

MOST_ALIKE = 4
"""How many moments of a rule in ``HARMLESS`` are shown; the last one counts the others."""

HARMLESS = frozenset({"none-at-first", "sent-back", "set-every-time", "third-party"})
"""Rules that match nearly every cookie: a few examples teach as much as all."""


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
        self._needs = Needs(table.trace)
        self._writer = Writer(table, self._histories, self._needs)
        self._matches: PlaceIndex[Key] = PlaceIndex()
        self._seen = 0
        self._written: dict[Key, Written] = {}
        self._unwritten: list[Key] = []
        self._changed = False
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
        ready = self._histories.update(update, limit)
        self._needs.update(update)
        trace, table = self._table.trace, self._table
        self._writer.read_notes()
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
            scene = self._writer.scene(number)
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
            numbers = self._matches.places(key)
            written = self._writer.moment(key, numbers) if numbers else None
            if written is not None:
                self._written[key] = written
            else:
                self._written.pop(key, None)
        if limit is None and self._changed:
            return self.write()
        return not self._unwritten and not self._changed

    def moments(self) -> tuple[Moment, ...]:
        """Return the moments written so far, in the order in which they occurred."""
        if self._found is None:
            order = {name: place for place, name in enumerate(RULES)}
            written = sorted(
                self._written.values(),
                key=lambda one: (one.moment.step, order[one.moment.rule], one.moment.question),
            )
            found = sorted(merged(written), key=lambda one: (one.row, order[one.rule]))
            self._found = tuple(_some_of_each(found))
        return self._found


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
